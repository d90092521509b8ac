/**
 * Telling the server: a queue that outlives the page. A decision is sent at once; what the answer means, and what was
 * waiting before, is the matter of a part.
 */
import { emit } from './page.js';
import { later } from './parts.js';
import { api } from './script.js';
import { QUEUE, attempt, keep, recall } from './storage.js';

/** @typedef {import('./types.js').Decision} Decision */

/** What waits, where the browser would not keep it. @type {Decision[]} */
let mine = [];

/** @returns {Decision[]} */
export const queue = () => attempt(() => JSON.parse('' + recall(QUEUE)).filter((/** @type {any} */ one) => one.event_id)) || mine;

/** @param {Decision[]} all */
export function store(all) {
  mine = all.slice(-20);
  keep(QUEUE, mine[0] && JSON.stringify(mine));
}

/** @param {Decision} decision @param {RequestCredentials} credentials */
export const post = (decision, credentials) =>
  fetch(api + 'consents', {
    method: 'POST',
    body: JSON.stringify(decision),
    credentials,
    keepalive: true,
    signal: AbortSignal.timeout?.(10000),
  });

/** @type {Promise<unknown>} */
let turn = Promise.resolve();

/** Sends what waits. Tabs take turns, so that a first decision in two of them makes one visitor. */
export function flush() {
  const safe = async () => {
    const [decision] = queue();
    if (!decision) return;
    const answer = await post(decision, 'include').catch(() => {});
    await later('take', decision, answer).catch(() => emit('unrecorded'));
  };
  turn = turn.then(() => navigator.locks?.request('visitor_choices', safe).catch(safe) || safe());
}
