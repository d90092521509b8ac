import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mint } from '../src/id.js';

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const time = (/** @type {string} */ id) => parseInt(id.replace(/-/g, '').slice(0, 12), 16);

test('a UUIDv7 of about that time, each another', () => {
  const now = Date.parse('2026-11-22T10:00:00Z');
  const ids = Array.from({ length: 1000 }, () => mint(now));
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) {
    assert.match(id, FORM);
    assert.ok(Math.abs(time(id) - now) < 65536);
  }
  assert.ok(new Set(ids.map((id) => id.slice(9, 13))).size > 900, 'the low 16 time bits are random');
  assert.equal(new Set(ids.map((id) => id[19])).size, 4);
});

test('at the ends of time', () => {
  assert.notEqual(mint(0), mint(0));
  assert.match(mint(0), FORM);
  assert.match(mint(2 ** 48 - 1), FORM);
});
