import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { take, verdict } from '../src/parts/answers.js';

/** @type {any} */
const no = { event_id: 'x', choices: { analytics: false }, providers: {} };
const yes = { ...no, choices: { analytics: true } };
const exception = { ...no, providers: { matomo: true } };

test('recorded is what names the same event', () => {
  for (const status of [200, 201]) {
    assert.equal(verdict(no, status, { event_id: 'x' }), 'done');
    for (const body of [null, undefined, {}, { event_id: 'y' }, 'x', []]) assert.equal(verdict(no, status, body), 'keep');
  }
});

test('what ends it, and what is tried again', () => {
  for (const status of [400, 403, 410, 413, 415, 422]) for (const body of [null, {}, { type: 5 }, { type: '/about' }]) assert.equal(verdict(yes, status, body), 'end');
  for (const status of [0, 202, 204, 301, 304, 401, 404, 405, 408, 429, 500, 502, 503]) assert.equal(verdict(yes, status, null), 'keep');
});

const problem = (/** @type {string} */ name) => ({ type: 'https://privacy.ala.org/problems/' + name });

test('problems with a way out', () => {
  for (const decision of [no, yes]) assert.equal(verdict(decision, 422, problem('clock')), 'again');
  for (const decision of [yes, exception]) assert.equal(verdict(decision, 422, problem('stale-notice')), 'stale');
  assert.equal(verdict(no, 422, problem('stale-notice')), 'end');
  assert.equal(verdict(no, 409, null), 'again');
  for (const decision of [yes, exception]) assert.equal(verdict(decision, 409, null), 'end');
  assert.equal(verdict(yes, 400, problem('clock')), 'end');
});

/**
 * What answers.js needs of the first file, with a queue of its own.
 * @param {any[]} waiting
 * @param {Response[]} [answers]  to what is posted, in turn
 */
function page(waiting, answers = []) {
  const posted = /** @type {any[]} */ ([]);
  const told = /** @type {string[]} */ ([]);
  /** @type {any} */
  const core = {
    posted,
    told,
    fate: '',
    queue: () => waiting,
    store: (/** @type {any[]} */ all) => (waiting = all),
    post: async (/** @type {any} */ _, /** @type {any} */ decision) => {
      posted.push(decision);
      return answers.shift() || Promise.reject(Error('down'));
    },
    current: () => ({}),
    stored: null,
    emit: (/** @type {string} */ name) => told.push(name),
    mark: (/** @type {string} */ fate) => (core.fate = fate),
    words: () => Promise.reject(Error('down')),
  };
  return core;
}

const answer = (/** @type {number} */ status, /** @type {any} */ body, headers = {}) => new Response(JSON.stringify(body), { status, headers });

test('what else waits is sent in order, until one has to wait', async () => {
  const [first, second, third] = ['x', 'y', 'z'].map((event_id) => ({ ...no, event_id }));
  const core = page([first, second, third], [answer(201, { event_id: 'x' }), answer(201, { event_id: 'y' })]);
  await take(core, core.post);
  assert.deepEqual(core.posted, [first, second, third]);
  assert.deepEqual(core.queue(), [third]);
  assert.deepEqual(core.told, ['recorded', 'recorded', 'unrecorded']);
});

test('a wrong clock is set right once, then left to another page', async () => {
  const clock = () => answer(422, { ...problem('clock'), now: '2026-11-22T10:00:00Z' });
  const core = page([yes], [clock(), clock()]);
  await take(core, core.post);
  assert.equal(core.posted.length, 2);
  assert.equal(core.queue().length, 1);
  assert.notEqual(core.queue()[0].event_id, 'x');
  const { event_id, ...rest } = core.posted[1];
  assert.deepEqual({ ...rest, event_id: 'x' }, yes);
  assert.ok(Math.abs(parseInt(event_id.replace('-', '').slice(0, 12), 16) - Date.parse('2026-11-22T10:00:00Z')) < 65536);
});

test('a refusal that is taken for another is sent once more, then given up', async () => {
  const core = page([no], [answer(409, {}), answer(409, {})]);
  await take(core, core.post);
  assert.equal(core.posted.length, 2);
  assert.deepEqual(core.queue(), []);
  assert.equal(core.fate, 'never');
});

test('the turn is kept for as long as the server asks for', async () => {
  for (const [status, headers, seconds] of /** @type {[number, any, number][]} */ ([
    [429, { 'Retry-After': '7' }, 7],
    [503, { 'Retry-After': '5' }, 5],
    [429, {}, 60],
    [429, { 'Retry-After': '86400' }, 300],
    [429, { 'Retry-After': 'Sun, 22 Nov 2026 10:00:00 GMT' }, 60],
    [500, {}, 0],
  ])) {
    mock.timers.enable({ apis: ['setTimeout'] });
    let over = false;
    const core = page([no], [answer(status, {}, headers)]);
    const done = take(core, core.post).then(() => (over = true));
    await settled();
    if (seconds) mock.timers.tick(seconds * 1000 - 1);
    await settled();
    assert.equal(over, false, `${status} ${seconds}`);
    mock.timers.tick(1);
    await done;
    assert.deepEqual(core.queue(), [no]);
    mock.timers.reset();
  }
});

/** All that can happen without a timer has happened. */
const settled = () => new Promise((done) => setImmediate(done));
