import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain as explainAnswer } from '../src/parts/inspector/answer.js';
import { explain } from '../src/parts/inspector/tags.js';
import { hosts, names } from '../src/parts/undeclared.js';

/** @type {import('../src/parts/undeclared.js').Registry} */
const registry = {
  policy: { number: 1 },
  categories: [{ key: 'necessary', required: true }, { key: 'analytics', required: false }],
  providers: [
    { key: 'ala', category: 'necessary', hosts: ['privacy.ala.org'], trackers: [{ kind: 'cookie', name: 'SESS*', host: '' }] },
    {
      key: 'counter',
      category: 'analytics',
      hosts: ['*.counter.example'],
      trackers: [
        { kind: 'cookie', name: '_c_*', host: '.ala.org' },
        { kind: 'cookie', name: 'id', host: 'counter.example' },
        { kind: 'storage', name: 'c.*', host: '' },
        { kind: 'pixel', name: 'p', host: 'pixel.example' },
      ],
    },
  ],
  notices: {},
};

test('hosts that nobody has declared', () => {
  const entries = [
    { name: 'https://a.counter.example/x.js', initiatorType: 'script' },
    { name: 'https://pixel.example/p.gif', initiatorType: 'img' },
    { name: 'https://www.ala.org/x.css', initiatorType: 'link' },
    { name: 'data:image/gif,x', initiatorType: 'img' },
    { name: 'https://counter.example/y.js', initiatorType: 'script' },
    { name: 'https://evilpixel.example/?x=1', initiatorType: 'fetch' },
    { name: 'https://evilpixel.example/', initiatorType: 'beacon' },
  ];
  assert.deepEqual(hosts(registry, entries, ['www.ala.org']), [
    ['counter.example', ['script']],
    ['evilpixel.example', ['fetch', 'beacon']],
  ]);
});

test('names that nobody has declared for this site', () => {
  const seen = ['SESS1', '_c_1', '_c', 'id', 'visitor_choices', 'c.a'];
  assert.deepEqual(names(registry, seen, ['ala.org'], 'cookie'), ['_c', 'id', 'c.a']);
  assert.deepEqual(names(registry, ['c.a', 'visitor_choices_queue', 'b'], ['ala.org'], 'storage'), ['b']);
});

test('each answer in words, and what becomes of the decision', () => {
  const origin = 'https://www.example.org';
  for (const status of [200, 201, 400, 403, 409, 410, 413, 415, 422, 429, 503, 500, 404]) {
    const [[state, , words], [, , said]] = explainAnswer({ status, result: status < 300 ? 'done' : 'end', title: 'Title' }, origin, true);
    assert.equal(state, status < 300 ? 'ok' : 'problem');
    assert.ok(words.length > 20 && !words.includes('{'), words);
    assert.equal(said, `${status} Title`);
  }
  const unread = (/** @type {boolean} */ reached) => explainAnswer({ status: 0, result: 'keep' }, origin, reached)[0][2];
  assert.match(unread(true), /most likely .* https:\/\/www\.example\.org$/i);
  assert.match(unread(false), /connect-src/);
  assert.match(explainAnswer({ status: 403, result: 'end' }, origin, true)[0][2], /site file.*https:\/\/www\.example\.org/);
  assert.equal(explainAnswer(undefined, origin, true).length, 1);
});

/** @type {import('../src/parts/inspector/tags.js').Facts} */
const facts = {
  element: 'script',
  address: 'a.example/x.js',
  category: 'analytics',
  provider: 'counter',
  tool: '',
  waiting: true,
  unknown: [],
  translated: true,
  owner: ['counter', 'analytics'],
  allowed: false,
  name: 'counter',
  ran: false,
  held: false,
  why: 'undecided',
};

test('a state and a reason for each tag', () => {
  const cases = /** @type {[Partial<typeof facts>, string, RegExp][]} */ ([
    [{}, 'Waiting', /^The visitor has not decided yet\.$/],
    [{ why: 'refused' }, 'Waiting', /not allowed counter/],
    [{ why: 'signal' }, 'Waiting', /signal/],
    [{ why: 'minors' }, 'Waiting', /under 16/],
    [{ held: true }, 'Held back', /^data-block found a host that counter declares\. The visitor/],
    [{ allowed: true }, 'On its way', /trusted-types/],
    [{ waiting: false, ran: true, allowed: true }, 'Released', /allowed counter/],
    [{ waiting: false, ran: true }, 'Released', /one time/],
    [{ waiting: false }, 'Not held back', /data-src/],
    [{ unknown: ['statistic'] }, 'Unknown category', /“statistic”/],
    [{ category: '!stats', unknown: ['!stats'] }, 'Not understood', /“stats”/],
    [{ tool: 'Klaro', category: '', translated: false }, 'Not understood', /Klaro/],
    [{ category: '', translated: false }, 'No category', /never runs/],
    [{ tool: 'Klaro' }, 'Waiting', /Read from the marks of Klaro/],
    [{ provider: '' }, 'Waiting', /host belongs to counter/],
    [{ provider: 'nobody', owner: undefined }, 'Waiting', /No provider .*“nobody”/],
    [{ category: 'marketing' }, 'Waiting', /under another category .*analytics/],
  ]);
  for (const [more, state, reason] of cases) {
    const [found, words] = explain({ ...facts, ...more });
    assert.equal(found, state, JSON.stringify(more));
    assert.match(words, reason);
    assert.doesNotMatch(words, /[{}]|undefined/);
  }
});
