/**
 * Decisions that the server has yet to be told: a queue that outlives the page. Sending them is the matter of a part.
 */
import { emit } from './page.js';
import { later } from './parts.js';
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

/** Sends what waits. */
export const flush = () => later('send').catch(() => emit('unrecorded'));
