import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdict } from '../src/answer.js';

/** @type {any} */
const no = { event_id: 'x', choices: { analytics: false }, providers: {} };
const yes = { ...no, choices: { analytics: true } };
const exception = { ...no, providers: { matomo: true } };

test('recorded is what names the same event', () => {
  for (const status of [200, 201]) {
    assert.equal(verdict(no, status, { event_id: 'x' }), 'done');
    for (const body of [null, undefined, {}, { event_id: 'y' }, 'x', []]) assert.equal(verdict(no, status, body), 'keep');
  }
});

test('what ends it, and what is tried again', () => {
  for (const status of [400, 403, 410, 413, 415, 422]) for (const body of [null, {}, { type: 5 }, { type: '/about' }]) assert.equal(verdict(yes, status, body), 'end');
  for (const status of [0, 202, 204, 301, 304, 401, 404, 405, 408, 429, 500, 502, 503]) assert.equal(verdict(yes, status, null), 'keep');
});

test('problems with a way out', () => {
  const problem = (/** @type {string} */ name) => ({ type: 'https://privacy.ala.org/problems/' + name });
  for (const decision of [no, yes]) assert.equal(verdict(decision, 422, problem('clock')), 'again');
  for (const decision of [yes, exception]) assert.equal(verdict(decision, 422, problem('stale-notice')), 'stale');
  assert.equal(verdict(no, 422, problem('stale-notice')), 'end');
  assert.equal(verdict(no, 409, null), 'again');
  for (const decision of [yes, exception]) assert.equal(verdict(decision, 409, null), 'end');
  assert.equal(verdict(yes, 400, problem('clock')), 'end');
});
