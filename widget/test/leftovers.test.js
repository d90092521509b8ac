import assert from 'node:assert/strict';
import { test } from 'node:test';
import { config } from './config.js';
import { condemned, matcher, names, ours, removals } from '../src/parts/leftovers.js';
import { merge } from '../src/parts/choices.js';

/** @type {any} */
const declared = {
  categories: [{ key: 'necessary', required: true }, { key: 'functional', required: false }, { key: 'analytics', required: false }, { key: 'marketing', required: false }],
  providers: [
    { key: 'ala', category: 'necessary', trackers: [{ kind: 'cookie', name: 'visitor_choices', host: '' }, { kind: 'cookie', name: 'SESS*', host: '' }] },
    { key: 'google-analytics', category: 'analytics', trackers: [{ kind: 'cookie', name: '_ga*', host: '.ala.org' }, { kind: 'script', name: 'x*', host: 'g.com' }] },
    { key: 'matomo', category: 'analytics', trackers: [{ kind: 'cookie', name: '_pk_*', host: 'www.ala.org' }, { kind: 'storage', name: 'mtm.*', host: '' }] },
    { key: 'meta', category: 'marketing', trackers: [{ kind: 'cookie', name: '*', host: '' }, { kind: 'cookie', name: 'id', host: 'facebook.com' }] },
    { key: 'other', category: 'marketing', trackers: [{ kind: 'cookie', name: 'id', host: 'doubleclick.net' }] },
  ],
};
const none = merge(config, {}, {});

test('patterns', () => {
  assert.ok(matcher('_ga*').test('_ga_ABC'));
  assert.ok(matcher('a*c*').test('abbbc'));
  assert.ok(!matcher('_ga').test('_gat'));
  assert.ok(!matcher('a.c').test('abc'));
  assert.ok(matcher('x[1]+(2)').test('x[1]+(2)'));
});

test('ours', () => {
  assert.deepEqual(['visitor_choices', 'visitor_choices_clear', '__Host-visitor', '__Host-visitors', 'visitor', ''].filter(ours), [
    'visitor_choices',
    'visitor_choices_clear',
    '__Host-visitor',
  ]);
});

test('what goes, and what stays', () => {
  const slim = { ...declared, providers: declared.providers.filter((/** @type {any} */ { key }) => key !== 'meta') };
  const gone = condemned(slim, none, config.domains, 'cookie');
  assert.deepEqual(['_ga', '_ga_1', '_pk_id', 'id', 'SESS1', 'x1', 'other', 'visitor_choices'].filter(gone), ['_ga', '_ga_1', '_pk_id']);
  const storage = condemned(slim, none, config.domains, 'storage');
  assert.deepEqual(['mtm.a', 'mtm', 'visitor_choices_queue', '_ga'].filter(storage), ['mtm.a']);
});

test('what somebody else may keep stays, and ours always', () => {
  const gone = condemned(declared, merge(config, none, { matomo: true }), config.domains, 'cookie');
  assert.deepEqual(['_ga', '_pk_id', 'SESS1', 'any', 'visitor_choices', 'visitor_choices_queue', '__Host-visitor'].filter(gone), ['_ga', 'any']);
  const all = merge(config, none, { functional: true, analytics: true, marketing: true });
  assert.deepEqual(['_ga', '_pk_id', 'any'].filter(condemned(declared, all, config.domains, 'cookie')), []);
});

test('a provider that this script does not know follows its category', () => {
  const gone = (/** @type {any} */ wish) => condemned(declared, merge(config, none, wish), config.domains, 'cookie')('any');
  const fresh = { ...config, providers: config.providers.filter(([key]) => key !== 'meta') };
  assert.equal(condemned(declared, merge(fresh, none, { marketing: true }), config.domains, 'cookie')('any'), false);
  assert.equal(gone({ marketing: true, meta: false }), true);
});

test('names of cookies', () => {
  assert.deepEqual(names('a=1; b=x=y; a=2; c'), ['a', 'b', 'c']);
  assert.deepEqual(names(''), []);
});

test('every place a cookie can have been set for', () => {
  const lines = removals('a', { hostname: 'www.ala.org', pathname: '/x/y/', protocol: 'https:' });
  assert.equal(new Set(lines).size, lines.length);
  for (const path of ['/', '/x', '/x/', '/x/y', '/x/y/']) {
    for (const domain of ['', '; Domain=www.ala.org', '; Domain=ala.org', '; Domain=org']) {
      for (const jar of ['', '; Partitioned']) assert.ok(lines.includes(`a=; Max-Age=0; Path=${path}${domain}; Secure${jar}`), path + domain + jar);
    }
  }
  const plain = removals('a', { hostname: 'localhost', pathname: '/', protocol: 'http:' });
  assert.ok(plain.includes('a=; Max-Age=0; Path=/'));
});
