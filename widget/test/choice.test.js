import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, everything, exceptions, grants, limit, make, merge, obey, same } from '../src/choice.js';
import { config } from './config.js';

/** @param {...string} on */
const only = (...on) => make(config, (key) => on.includes(key), (key, of) => on.includes(key) || on.includes(of));

test('a choice names every category and provider', () => {
  const none = everything(config, false);
  assert.deepEqual(none.categories, { functional: false, analytics: false, marketing: false });
  assert.deepEqual(Object.keys(none.providers), config.providers.map(([key]) => key));
  assert.equal(grants(none), false);
  assert.equal(grants(only('matomo')), true);
});

test('one word for a choice', () => {
  assert.equal(answer(everything(config, false)), 'rejected');
  assert.equal(answer(everything(config, true)), 'all');
  assert.equal(answer(only('analytics')), 'some');
  assert.equal(answer(only('matomo')), 'some');
});

test('a wish changes what it names and nothing else', () => {
  const before = merge(config, everything(config, false), { analytics: true, matomo: false });
  assert.deepEqual(before, merge(config, before, {}));
  assert.equal(before.categories.analytics, true);
  assert.equal(before.providers['google-analytics'], true);
  assert.equal(before.providers.matomo, false);
  assert.deepEqual(exceptions(config, before), { matomo: false });
  const same = merge(config, before, { analytics: true, marketing: true });
  assert.equal(same.providers.matomo, false, 'an exception stays while its category does not change');
  const off = merge(config, before, { analytics: false });
  assert.deepEqual(off, everything(config, false));
});

test('only true grants', () => {
  for (const value of ['yes', 1, {}, [], null]) assert.equal(grants(merge(config, everything(config, false), { analytics: value })), false);
});

test('names of object methods are nothing special', () => {
  assert.equal(grants(merge(config, everything(config, false), { constructor: true, toString: true })), false);
});

test('a signal switches off whoever sells, and marketing', () => {
  const rest = limit(config, everything(config, true), 'marketing');
  assert.deepEqual(rest.categories, { functional: true, analytics: true, marketing: false });
  assert.deepEqual(Object.keys(rest.providers).filter((key) => !rest.providers[key]), ['meta', 'google-ads', 'hubspot']);
  assert.equal(grants(limit(config, everything(config, true), 'all')), false);
  const all = everything(config, true);
  assert.equal(limit(config, all, ''), all);
});

test('a signal switches off a category of which all sell, and no other', () => {
  /** @type {Pick<import('../src/types.js').Config, 'categories'|'providers'>} */
  const registry = { categories: ['ads', 'video', 'empty'], providers: [['a', 'ads', 1, []], ['b', 'ads', 1, []], ['c', 'video', 1, []], ['d', 'video', 0, []]] };
  const rest = limit(registry, everything(registry, true), 'marketing');
  assert.deepEqual(rest.categories, { ads: false, video: true, empty: true });
  assert.deepEqual(rest.providers, { a: false, b: false, c: false, d: true });
});

test('a signal never switches anything on', () => {
  for (const rule of /** @type {const} */ (['', 'marketing', 'all'])) assert.equal(grants(limit(config, everything(config, false), rule)), false);
});

test('where the server allows less, less is left; where it allows more, no more', () => {
  const all = everything(config, true);
  assert.ok(same(obey(config, all, {}), all));
  assert.ok(same(obey(config, all, { choices: { functional: true, analytics: true, marketing: true } }), all));
  const less = obey(config, all, { choices: { marketing: false }, providers: { matomo: false } });
  assert.equal(less.categories.marketing, false);
  assert.equal(less.providers.meta, false);
  assert.equal(less.providers.matomo, false);
  assert.equal(less.providers['google-analytics'], true);
  assert.equal(grants(obey(config, everything(config, false), { choices: { marketing: true }, providers: { meta: true } })), false);
});
