import assert from 'node:assert/strict';
import { test } from 'node:test';
import './config.js';

const { readSignals, ruleFor } = await import('../src/signals.js');

test('what the browser says', () => {
  assert.deepEqual(readSignals({}), { dnt: null, gpc: false });
  for (const [said, dnt] of /** @type {any[]} */ ([['1', '1'], ['0', '0'], ['yes', null], ['unspecified', null], ['no', null], [null, null], ['', null]])) {
    assert.equal(readSignals({ doNotTrack: said }).dnt, dnt, String(said));
  }
  for (const [said, gpc] of /** @type {any[]} */ ([[true, true], [false, false], ['1', false], [1, false], [undefined, false]])) {
    assert.equal(readSignals({ globalPrivacyControl: said }).gpc, gpc);
  }
});

test('what the rules of the configuration make of it: Do Not Track is recorded, Global Privacy Control refuses marketing', () => {
  for (const [dnt, gpc, rule] of /** @type {any[]} */ ([[null, false, 0], ['0', false, 0], ['1', false, 0], [null, true, 1], ['1', true, 1]])) {
    assert.equal(ruleFor({ dnt, gpc }), rule);
  }
});
