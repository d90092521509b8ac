import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sightings } from '../src/parts/sightings.js';

/** @param {string} key @param {string} category @param {string[]} hosts @param {string} [cookie] */
const provider = (key, category, hosts, cookie) => ({ key, category, hosts, trackers: cookie ? [{ kind: 'cookie', name: cookie, host: '' }] : [] });

/** @type {import('../src/parts/undeclared.js').Registry} */
const registry = {
  policy: { number: 1 },
  categories: [{ key: 'necessary', required: true }, { key: 'analytics', required: false }, { key: 'marketing', required: false }],
  providers: [
    provider('ala', 'necessary', ['static.example']),
    provider('counter', 'analytics', ['counter.example', 'shared.example'], '_c*'),
    provider('ads', 'marketing', ['ads.example', 'shared.example'], '_a*'),
  ],
  notices: {},
};

/** @param {[host: string, startTime: number][]} loaded @param {string[]} [cookies] */
const page = (loaded, cookies = []) => ({
  entries: loaded.map(([host, startTime]) => ({ name: `https://${host}/x.js`, initiatorType: 'script', startTime })),
  cookies,
  own: ['www.ala.org'],
  domains: ['ala.org'],
});

const FIRST = { at: 1000, first: true };
const nothing = { hosts: [], cookies: [] };

test('a page on which all is as it should be', () => {
  const seen = page([['www.ala.org', 1], ['static.example', 2], ['counter.example', 1500]], ['_c1']);
  assert.deepEqual(sightings(registry, seen, { analytics: true, marketing: false }, FIRST), { undeclared: nothing, not_allowed: nothing });
});

test('what nobody declares is named once', () => {
  const seen = page([['stranger.example', 1], ['stranger.example', 2000]], ['sid', 'visitor_choices']);
  assert.deepEqual(sightings(registry, seen, {}, FIRST).undeclared, { hosts: ['stranger.example'], cookies: ['sid'] });
});

test('what ran before the first decision was not allowed, whatever was decided', () => {
  const seen = page([['counter.example', 999]]);
  assert.deepEqual(sightings(registry, seen, { analytics: true }, FIRST).not_allowed.hosts, ['counter.example']);
  assert.deepEqual(sightings(registry, seen, { analytics: true }, { at: 1000, first: false }).not_allowed.hosts, []);
});

test('what runs after a refusal was not allowed', () => {
  const seen = page([['ads.example', 1200]], ['_a1', '_c1']);
  const found = sightings(registry, seen, { analytics: true, marketing: false }, { at: 1000, first: false });
  assert.deepEqual(found.not_allowed, { hosts: ['ads.example'], cookies: ['_a1'] });
});

test('a host of two providers is allowed where one of them is, and an exception counts', () => {
  const seen = page([['shared.example', 1200]]);
  assert.deepEqual(sightings(registry, seen, { analytics: true }, FIRST).not_allowed.hosts, []);
  assert.deepEqual(sightings(registry, seen, { ads: true }, FIRST).not_allowed.hosts, []);
  assert.deepEqual(sightings(registry, seen, { analytics: true, counter: false }, FIRST).not_allowed.hosts, ['shared.example']);
});

test('a report holds no more than it may', () => {
  const many = page(Array.from({ length: 80 }, (_, n) => [`h${n}.example`, 1]));
  assert.equal(sightings(registry, many, {}, FIRST).undeclared.hosts.length, 50);
});
