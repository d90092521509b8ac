import assert from 'node:assert/strict';
import { test } from 'node:test';
import { config } from './config.js';
import { follow, mixed } from '../src/parts/switches.js';

const off = Object.fromEntries([...config.categories, ...config.providers.map(([key]) => key)].map((key) => [key, false]));

/** @param {Object<string, boolean>} shown */
const on = (shown) => Object.keys(shown).filter((key) => shown[key]);

test('a category takes its providers along, and no other', () => {
  const shown = follow(config, { ...off, analytics: true, meta: true }, 'analytics');
  assert.deepEqual(on(shown), ['analytics', 'google-analytics', 'matomo', 'meta']);
  assert.deepEqual(on(follow(config, { ...shown, analytics: false }, 'analytics')), ['meta']);
});

test('a provider leaves its category as it is', () => {
  const all = follow(config, { ...off, analytics: true }, 'analytics');
  assert.deepEqual(on(follow(config, { ...all, matomo: false }, 'matomo')), ['analytics', 'google-analytics']);
  assert.deepEqual(on(follow(config, { ...off, matomo: true }, 'matomo')), ['matomo']);
});

test('a category goes off with its last provider, and does not come on with it', () => {
  const last = { ...off, analytics: true, matomo: false };
  assert.deepEqual(on(follow(config, last, 'matomo')), []);
  assert.deepEqual(on(follow(config, { ...off, youtube: true }, 'youtube')), ['youtube']);
});

test('what was given is left alone', () => {
  const shown = Object.freeze({ ...off, analytics: true });
  follow(config, shown, 'analytics');
  assert.equal(shown.matomo, false);
});

test('where not all providers follow their category, it is said how many are on', () => {
  assert.equal(mixed(config, off, 'marketing'), '');
  assert.equal(mixed(config, { ...off, meta: true }, 'marketing'), '1/3');
  assert.equal(mixed(config, { ...off, marketing: true, meta: true, hubspot: true }, 'marketing'), '2/3');
  assert.equal(mixed(config, { ...off, youtube: true }, 'functional'), '1/1');
  assert.equal(mixed(config, follow(config, { ...off, marketing: true }, 'marketing'), 'marketing'), '');
  assert.equal(mixed({ ...config, providers: [] }, { ...off, marketing: true }, 'marketing'), '');
});
