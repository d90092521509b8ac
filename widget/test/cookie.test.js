import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, everything, make, merge } from '../src/choice.js';
import { assignments, format, read } from '../src/cookie.js';
import { config } from './config.js';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const none = everything(config, false);

/** @param {...string} values */
const cookies = (...values) => ['a=1', ...values.map((value) => 'visitor_choices=' + value), 'zz=v=1'].join('; ');
/** @param {Partial<Record<'v'|'p'|'e'|'d'|'a'|'on'|'g', string>>} [part] */
const value = (part) =>
  Object.entries({ v: '1', p: '12', e: '1', d: '2026-11-22', a: 'custom', on: 'analytics', g: '', ...part }).map((pair) => pair.join('=')).join('&');
/** @param {Partial<Record<'v'|'p'|'e'|'d'|'a'|'on'|'g', string>>} [part] */
const one = (part) => read(config, cookies(value(part)), NOW);

test('what is written is what is read', () => {
  for (const wish of [{}, { analytics: true }, { analytics: true, matomo: false }, { meta: true }, { functional: true, analytics: true, marketing: true }]) {
    for (const express of [true, false]) {
      const choice = merge(config, none, wish);
      const stored = read(config, cookies(format(config, 'custom', choice, express, NOW)), NOW);
      assert.deepEqual(stored?.choice, choice);
      assert.equal(stored?.express, express);
    }
  }
});

test('the form is fixed', () => {
  assert.equal(format({ ...config, policy: 12, epoch: 3 }, 'reject_all', none, false, NOW), 'v=1&p=12&e=3&d=2026-11-22&a=reject_all&on=&g=');
  const some = merge(config, none, { analytics: true, matomo: false, meta: true });
  assert.equal(format(config, 'custom', some, true, NOW), 'v=1&p=1&e=1&d=2026-11-22&a=custom&on=analytics,-matomo,%2Bmeta&g=1');
});

test('what the cookie says', () => {
  const stored = one({ on: 'analytics,-matomo,+meta', g: '1' });
  assert.equal(stored?.policy, 12);
  assert.equal(stored?.date, '2026-11-22');
  assert.equal(stored?.express, true);
  assert.equal(stored?.choice.providers.matomo, false);
  assert.equal(stored?.choice.providers['google-analytics'], true);
  assert.equal(stored?.choice.providers.meta, true);
  assert.equal(stored?.choice.categories.marketing, false);
});

test('a plus sign may come either way', () => {
  assert.deepEqual(one({ on: 'analytics,%2Bmeta' })?.choice, one({ on: 'analytics,+meta' })?.choice);
});

test('none, or malformed: undecided', () => {
  assert.equal(read(config, '', NOW), null);
  assert.equal(read(config, 'visitor_choices_queue=v', NOW), null);
  for (const part of [
    { v: '2' }, { p: '' }, { p: '-1' }, { p: '1e3' }, { e: 'x' }, { d: '' }, { d: '22-11-2026' }, { d: '2026-02-31' }, { d: '2026-13-01' }, { d: '2026-11' }, { d: '2026-11-22T00:00' },
    { a: 'yes' }, { a: '' }, { on: ',' }, { on: 'analytics,' }, { on: 'a b' }, { on: 'Analytics' }, { on: '+-x' }, { on: '+' }, { on: 'a%2Cb' }, { g: '0' }, { g: 'true' },
  ]) {
    assert.equal(one(part), null, JSON.stringify(part));
  }
  for (const raw of ['', 'v=1', value() + '&x=1', value() + ' ', '"' + value() + '"', value().toUpperCase(), 'visitor_choices=' + value()]) assert.equal(read(config, cookies(raw), NOW), null, raw);
});

test('a long malformed list is turned away at once', () => {
  const start = Date.now();
  assert.equal(one({ on: 'a'.repeat(50_000) + '!' }), null);
  assert.equal(one({ on: 'a,'.repeat(2_000) + '!' }), null);
  assert.ok(Date.now() - start < 1000);
});

test('unknown names are not granted and do no harm', () => {
  const stored = one({ on: 'analytics,older,+gone,-lost,constructor' });
  assert.deepEqual(stored?.choice, merge(config, none, { analytics: true }));
});

test('a choice is kept for so many days', () => {
  assert.ok(one({ d: '2026-05-27' }));
  assert.equal(one({ d: '2026-05-26' }), null);
  assert.ok(one({ d: '2026-11-23' }), 'clocks and time zones differ by a day');
  assert.equal(one({ d: '2026-11-24' }), null);
});

test('a material change asks again, but never whoever refused', () => {
  const changed = { ...config, epoch: 2 };
  const at = (/** @type {string} */ e, /** @type {string} */ on) => read(changed, cookies(value({ e, on })), NOW);
  assert.equal(at('1', 'analytics'), null);
  assert.equal(at('1', '+matomo'), null);
  assert.equal(at('1', '-matomo,functional'), null);
  assert.ok(at('1', ''));
  assert.ok(at('1', '-matomo'));
  assert.ok(at('2', 'analytics'));
  assert.ok(at('3', 'analytics'), 'a script from a cache is older than the cookie');
});

test('of several copies only what all of them allow', () => {
  const stored = read(config, cookies(value({ on: 'analytics,marketing', g: '1' }), value({ on: 'marketing,+matomo,-meta' })), NOW);
  assert.deepEqual(stored?.choice, merge(config, make(config, (key) => key === 'marketing', (key, of) => of === 'marketing' && key !== 'meta'), { matomo: true }));
  assert.equal(stored?.express, false);
  assert.equal(read(config, cookies(value(), 'junk'), NOW), null);
  assert.equal(read(config, cookies(value(), value({ d: '2020-01-01' })), NOW), null);
  assert.equal(stored && answer(stored.choice), 'some');
});

test('where the cookie is set', () => {
  const set = (/** @type {string} */ hostname, protocol = 'https:') => assignments(config, 'x', { hostname, protocol });
  assert.deepEqual(set('www.ala.org'), [
    'visitor_choices=; Path=/; SameSite=Lax; Secure; Max-Age=0',
    'visitor_choices=x; Path=/; SameSite=Lax; Secure; Max-Age=15552000; Domain=ala.org',
  ]);
  assert.match(set('ala.org')[1], /Domain=ala\.org$/);
  assert.deepEqual(set('notala.org', 'http:'), ['visitor_choices=x; Path=/; SameSite=Lax; Max-Age=15552000']);
  for (const line of assignments(config, '', { hostname: 'www.ala.org', protocol: 'https:' })) assert.match(line, /^visitor_choices=; .*Max-Age=0/);
});
