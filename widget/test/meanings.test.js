import assert from 'node:assert/strict';
import { test } from 'node:test';
import { categoriesFor, mean, necessary, providerFor, read } from '../src/parts/meanings.js';
import { config } from './config.js';

const names = [
  { key: 'youtube', name: 'YouTube' },
  { key: 'matomo', name: 'Matomo (our own)' },
  { key: 'google-analytics', name: 'Google Analytics' },
  { key: 'meta', name: 'Meta Pixel' },
];

/** @param {Object<string, string>} dataset @param {string} [classes] */
const meant = (dataset, classes = '') => mean(read(dataset, classes), config, names);

test('words of other tools for what a site has', () => {
  const table = /** @type {const} */ ([
    ['analytics', 'analytics'], ['Statistics', 'analytics'], [' performance ', 'analytics'], ['C0002', 'analytics'],
    ['preferences', 'functional'], ['FUNCTIONALITY', 'functional'], ['C0003', 'functional'],
    ['targeting', 'marketing'], ['advertising', 'marketing'], ['ads', 'marketing'], ['c0004', 'marketing'], ['C0005', 'marketing'],
  ]);
  for (const [word, key] of table) assert.deepEqual(categoriesFor(config.categories, word), [key], word);
  for (const word of ['', 'unclassified', '!analytics', 'ignore', 'C0009', 'constructor', '__proto__']) assert.deepEqual(categoriesFor(config.categories, word), [], word);
});

test('a site that calls its categories otherwise, or has several of a kind: all are needed', () => {
  assert.deepEqual(categoriesFor(['statistics', 'Targeting'], 'analytics'), ['statistics']);
  assert.deepEqual(categoriesFor(['ads', 'targeting'], 'marketing'), ['ads', 'targeting']);
  assert.deepEqual(categoriesFor(['ads', 'marketing'], 'marketing'), ['marketing']);
  assert.deepEqual(categoriesFor(['ads'], 'statistics'), []);
});

test('providers by key, by name, and by a name written like a key', () => {
  const table = /** @type {const} */ ([
    ['youtube', 'youtube'], ['YouTube', 'youtube'], ['MATOMO (our own)', 'matomo'], ['Google Analytics', 'google-analytics'],
    ['Google Ads', 'google-ads'], ['meta pixel', 'meta'], ['HubSpot', 'hubspot'],
  ]);
  for (const [word, key] of table) assert.equal(providerFor(config.providers, names, word)?.[0], key, word);
  for (const word of ['', 'You', 'analytics', 'constructor']) assert.equal(providerFor(config.providers, names, word), undefined, word);
});

test('what each tool writes', () => {
  const table = /** @type {[Object<string, string>, string, string, string|undefined][]} */ ([
    [{ cookiecategory: 'analytics' }, '', 'analytics', undefined],
    [{ category: 'ads', service: 'Meta Pixel' }, '', 'marketing', 'meta'],
    [{ name: 'matomo' }, '', 'analytics', 'matomo'],
    [{ cookieconsent: 'statistics,marketing' }, '', 'analytics,marketing', undefined],
    [{ cookieconsent: 'preferences, statistics' }, '', 'functional,analytics', undefined],
    [{}, 'lazy optanon-category-C0002', 'analytics', undefined],
    [{}, 'optanon-category-C0002-C0004', 'analytics,marketing', undefined],
    [{}, 'optanon-category-4', 'marketing', undefined],
    [{ usercentrics: 'Google Analytics' }, '', 'analytics', 'google-analytics'],
    [{ provider: 'youtube' }, '', 'functional', 'youtube'],
    // Two tools' marks on one tag: both are needed. A data-name beside them is not Klaro's.
    [{ cookieconsent: 'marketing', usercentrics: 'youtube' }, '', 'marketing', 'youtube'],
    [{ cookieconsent: 'marketing', name: 'anything' }, 'optanon-category-C0002', 'marketing,analytics', undefined],
  ]);
  for (const [dataset, classes, categories, provider] of table) {
    const answer = meant(dataset, classes);
    assert.ok(typeof answer === 'object', JSON.stringify([dataset, classes, answer]));
    assert.deepEqual([answer.categories.join(), answer.provider], [categories, provider]);
  }
});

test('what means nothing here', () => {
  const table = /** @type {[Object<string, string>, string, string][]} */ ([
    [{ cookiecategory: '!analytics' }, '', '!analytics'],
    [{ category: '!analytics', service: 'matomo' }, '', '!analytics'],
    [{ category: 'analytics', service: 'Hotjar' }, '', 'Hotjar'],
    [{ cookieconsent: 'statistics,unclassified' }, '', 'unclassified'],
    [{ cookieconsent: 'necessary' }, '', 'necessary'],
    [{ cookieconsent: 'ignore' }, '', 'ignore'],
    [{ name: 'a gallery' }, '', 'a gallery'],
    [{ usercentrics: 'Vimeo' }, '', 'Vimeo'],
    [{ usercentrics: 'youtube', provider: 'matomo' }, '', 'matomo'],
    [{}, 'optanon-category-C0002-V2', 'V2'],
  ]);
  for (const [dataset, classes, word] of table) assert.equal(meant(dataset, classes), word);
  assert.deepEqual(meant({}), { categories: [], provider: undefined }, 'a tag of no tool');
  assert.ok(necessary('C0001') && necessary(' Essential ') && !necessary('functional') && !necessary('unnecessary'));
});

test('nothing but whole, known words is ever meant', () => {
  const words = ['analytics', 'necessary', 'x', '', ' ', '!marketing', 'C0002', 'statistics;', 'analytics marketing', 'toString'];
  const known = new Set(['analytics', 'C0002']);
  for (const a of words) {
    for (const b of words) {
      const answer = mean({ categories: [a, b], providers: [] }, config, names);
      assert.equal(typeof answer === 'object', known.has(a) && known.has(b), `${a},${b}`);
    }
  }
});
