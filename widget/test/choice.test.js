import assert from 'node:assert/strict';
import { test } from 'node:test';
import { config } from './config.js';
import { everything as each, grants as any, merge, obey } from '../src/parts/choices.js';

const { everything, exceptions, grants, limit, make, pick, same } = await import('../src/choice.js');

/** @param {...string} on */
const only = (...on) => make((key, of) => on.includes(key) || on.includes('' + of));
const none = everything(false);

test('a choice names every category and provider', () => {
  assert.deepEqual(Object.keys(none), [...config.categories, ...config.providers.map(([key]) => key)]);
  assert.equal(grants(none), false);
  assert.equal(grants(only('matomo')), true);
  assert.deepEqual(each(config, true), everything(true));
  assert.equal(any(only('matomo')), true);
  assert.deepEqual(pick(only('analytics'), ['analytics', 'meta']), { analytics: true, meta: false });
});

test('whether two are the same', () => {
  assert.ok(same(only('analytics'), only('analytics')));
  assert.ok(!same(only('analytics'), only('matomo')));
});

test('a wish changes what it names and nothing else', () => {
  const before = merge(config, none, { analytics: true, matomo: false });
  assert.deepEqual(before, merge(config, before, {}));
  assert.equal(before.analytics, true);
  assert.equal(before['google-analytics'], true);
  assert.equal(before.matomo, false);
  assert.deepEqual(exceptions(before), { matomo: false });
  const more = merge(config, before, { analytics: true, marketing: true });
  assert.equal(more.matomo, false, 'an exception stays while its category does not change');
  assert.deepEqual(merge(config, before, { analytics: false }), none);
  assert.deepEqual(merge(config, none, { analytics: 'yes', meta: 1 }), none, 'nothing but true allows');
});

test('a signal leaves what does not sell or share', () => {
  const all = everything(true);
  assert.deepEqual(limit(all, 0), all);
  assert.deepEqual(limit(all, 2), none);
  const left = limit(all, 1);
  for (const key in all) assert.equal(left[key], !config.sale.includes(key), key);
  assert.deepEqual(limit(none, 1), none);
});

test('where the server allows less, less is left', () => {
  const all = everything(true);
  assert.deepEqual(obey(config, all, {}), all);
  assert.deepEqual(obey(config, none, { choices: { analytics: true } }), none);
  const left = obey(config, all, { choices: { marketing: false }, providers: { matomo: false } });
  assert.deepEqual(left, { ...all, marketing: false, meta: false, 'google-ads': false, hubspot: false, matomo: false });
});
