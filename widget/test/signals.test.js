import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSignals, ruleFor } from '../src/signals.js';

/** @param {any} [navigator] @param {any} [window] */
const read = (navigator = {}, window = {}) => readSignals(navigator, window);

test('what the browser says', () => {
  assert.deepEqual(read(), { dnt: null, gpc: false });
  for (const [said, dnt] of [['1', '1'], ['0', '0'], ['yes', '1'], ['unspecified', null], ['no', null], [null, null], [undefined, null], ['', null]]) {
    assert.equal(read({ doNotTrack: said }).dnt, dnt, String(said));
  }
  assert.equal(read({ doNotTrack: null }, { doNotTrack: '1' }).dnt, '1');
  assert.equal(read({ msDoNotTrack: '1' }).dnt, '1');
  assert.equal(read({ doNotTrack: '0' }, { doNotTrack: '1' }).dnt, '0');
  for (const [said, gpc] of [[true, true], [false, false], ['1', false], [1, false], [undefined, false]]) {
    assert.equal(read({ globalPrivacyControl: said }).gpc, gpc);
  }
});

test('what the rules make of it', () => {
  for (const dnt of /** @type {const} */ (['record', 'refuse'])) {
    for (const gpc of /** @type {const} */ (['record', 'refuse-marketing', 'refuse-all'])) {
      for (const signals of [{ dnt: null, gpc: false }, { dnt: '0', gpc: false }, { dnt: '1', gpc: false }, { dnt: null, gpc: true }, { dnt: '1', gpc: true }]) {
        const all = (signals.dnt === '1' && dnt === 'refuse') || (signals.gpc && gpc === 'refuse-all');
        const marketing = signals.gpc && gpc === 'refuse-marketing';
        assert.equal(ruleFor({ dnt, gpc }, signals), all ? 'all' : marketing ? 'marketing' : '');
      }
    }
  }
});
