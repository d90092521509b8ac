import assert from 'node:assert/strict';
import { test } from 'node:test';
import { config } from './config.js';
import { merge as mergeIn } from '../src/parts/choices.js';

const { everything, exceptions, make } = await import('../src/choice.js');
const { providers } = await import('../src/registry.js');
const { assignments, format, read } = await import('../src/cookie.js');

/** @param {any} choice @param {any} wish */
const merge = (choice, wish) => mergeIn(config, choice, wish);

const NOW = Date.parse('2026-11-22T10:00:00Z');
const none = everything(false);

/** Keys of a category's providers. @param {string} category */
const of = (category) => providers.filter((one) => one[1] === category).map(([key]) => key);

/** @param {...string} values */
const cookies = (...values) => ['a=1', ...values.map((value) => 'visitor_choices=' + value), 'zz=v=1'].join('; ');
/** @param {Partial<Record<'v'|'p'|'e'|'d'|'a'|'on'|'g', string>>} [part] */
const value = (part) =>
  Object.entries({ v: '1', p: '12', e: '1', d: '2026-11-22', a: 'custom', on: 'analytics', g: '', ...part }).map((pair) => pair.join('=')).join('&');
/** @param {Partial<Record<'v'|'p'|'e'|'d'|'a'|'on'|'g', string>>} [part] */
const one = (part) => read(cookies(value(part)), NOW);

test('what is written is what is read', () => {
  for (const wish of [{}, { analytics: true }, { analytics: true, matomo: false }, { meta: true }, { functional: true, analytics: true, marketing: true }]) {
    for (const express of [true, false]) {
      const choice = merge(none, wish);
      const stored = read(cookies(format('custom', choice, express, NOW)), NOW);
      assert.deepEqual(stored?.choice, choice);
      assert.equal(stored?.express, express);
    }
  }
});

test('the form is fixed', () => {
  assert.equal(format('reject_all', none, false, NOW), 'v=1&p=1&e=1&d=2026-11-22&a=reject_all&on=&g=');
  const some = merge(none, { analytics: true, matomo: false, meta: true });
  assert.equal(format('custom', some, true, NOW), 'v=1&p=1&e=1&d=2026-11-22&a=custom&on=analytics,-matomo,%2Bmeta&g=1');
});

test('what the cookie says', () => {
  const stored = one({ on: 'analytics,-matomo,+meta', g: '1' });
  assert.equal(stored?.policy, 12);
  assert.equal(stored?.date, '2026-11-22');
  assert.equal(stored?.express, true);
  assert.equal(stored?.choice.matomo, false);
  assert.equal(stored?.choice['google-analytics'], true);
  assert.equal(stored?.choice.meta, true);
  assert.equal(stored?.choice.marketing, false);
});

test('a plus sign may come either way', () => {
  assert.deepEqual(one({ on: 'analytics,%2Bmeta' })?.choice, one({ on: 'analytics,+meta' })?.choice);
});

test('none, or malformed: undecided', () => {
  assert.equal(read('', NOW), null);
  assert.equal(read('visitor_choices_queue=v', NOW), null);
  for (const part of [
    { v: '2' }, { p: '' }, { p: '-1' }, { p: '1e3' }, { e: 'x' }, { d: '' }, { d: '22-11-2026' }, { d: '2026-02-31' }, { d: '2026-13-01' }, { d: '2026-11' }, { d: '2026-11-22T00:00' },
    { a: 'yes' }, { a: '' }, { on: ',' }, { on: 'analytics,' }, { on: 'a b' }, { on: 'Analytics' }, { on: '+-x' }, { on: '+' }, { on: 'a%2Cb' }, { g: '0' }, { g: 'true' },
  ]) {
    assert.equal(one(part), null, JSON.stringify(part));
  }
  for (const raw of ['', 'v=1', value() + '&x=1', value() + ' ', '"' + value() + '"', value().toUpperCase(), 'visitor_choices=' + value()]) assert.equal(read(cookies(raw), NOW), null, raw);
});

test('a long malformed list is turned away at once', () => {
  const start = Date.now();
  assert.equal(one({ on: 'a'.repeat(50_000) + '!' }), null);
  assert.equal(one({ on: 'a,'.repeat(2_000) + '!' }), null);
  assert.ok(Date.now() - start < 1000);
});

test('unknown names are not granted and do no harm', () => {
  const stored = one({ on: 'analytics,older,+gone,-lost,constructor' });
  assert.deepEqual(stored?.choice, merge(none, { analytics: true }));
});

test('a choice is kept for so many days', () => {
  assert.ok(one({ d: '2026-05-27' }));
  assert.equal(one({ d: '2026-05-26' }), null);
  assert.ok(one({ d: '2026-11-23' }), 'clocks and time zones differ by a day');
  assert.equal(one({ d: '2026-11-24' }), null);
});

test('a material change asks again whoever had allowed what it is about, and that stays off', () => {
  const since = (/** @type {string} */ p, /** @type {string} */ on) => {
    const { choice, news, again } = /** @type {import('../src/cookie.js').Stored} */ (one({ p, on }));
    return { on: Object.keys(choice).filter((key) => choice[key]), news, again };
  };
  const told = { on: /** @type {string[]} */ ([]), news: true, again: false };
  config.changes.splice(0, 0, [2, 'matomo'], [4, 'marketing', 'meta']);
  assert.deepEqual(since('1', ''), told);
  assert.deepEqual(since('1', 'functional'), { ...told, on: ['functional', ...of('functional')] });
  assert.deepEqual(since('1', 'analytics').again, true);
  assert.ok(!since('1', 'analytics').on.includes('matomo'));
  assert.ok(since('1', 'analytics').on.includes('analytics'));
  assert.deepEqual(since('1', '-matomo,analytics').again, false);
  assert.deepEqual(since('2', 'analytics'), { ...told, on: ['analytics', ...of('analytics')] });
  assert.equal(since('2', 'marketing').again, true);
  assert.ok(!since('2', 'marketing').on.includes('marketing'));
  assert.deepEqual(since('4', 'marketing,analytics').again, false);
  assert.equal(since('9', 'marketing').news, false, 'a script from a cache is older than the cookie');
  config.changes.length = 0;
});

test('nobody can allow a provider that is on hold', () => {
  const [key, category] = providers[0];
  providers[0][1] = '-';
  const on = one({ on: [category, '+' + key].join() })?.choice;
  assert.equal(on?.[key], false);
  assert.equal(on?.[category], true);
  assert.equal(everything(true)[key], false);
  assert.ok(!(key in exceptions(everything(true))));
  providers[0][1] = category;
});

test('of several copies only what all of them allow', () => {
  const stored = read(cookies(value({ on: 'analytics,marketing', g: '1' }), value({ on: 'marketing,+matomo,-meta' })), NOW);
  assert.deepEqual(stored?.choice, merge(make((key, of) => (of || key) === 'marketing' && key !== 'meta'), { matomo: true }));
  assert.equal(stored?.express, false);
  assert.equal(read(cookies(value(), 'junk'), NOW), null);
  assert.equal(read(cookies(value(), value({ d: '2020-01-01' })), NOW), null);
});

test('where the cookie is set', () => {
  const set = (/** @type {string} */ hostname, protocol = 'https:') => assignments('x', { hostname, protocol });
  assert.deepEqual(set('www.ala.org'), [
    'visitor_choices=; Path=/; SameSite=Lax; Secure; Max-Age=0',
    'visitor_choices=x; Path=/; SameSite=Lax; Secure; Max-Age=15552000; Domain=ala.org',
  ]);
  assert.match(set('ala.org')[1], /Domain=ala\.org$/);
  assert.deepEqual(set('notala.org', 'http:'), ['visitor_choices=x; Path=/; SameSite=Lax; Max-Age=15552000']);
  for (const line of assignments('', { hostname: 'www.ala.org', protocol: 'https:' })) assert.match(line, /^visitor_choices=; .*Max-Age=0/);
});
