/**
 * Decisions that the server has yet to be told: a queue that outlives the page. Sending them is the matter of a part.
 */
import { emit } from './page.js';
import { later } from './parts.js';
import { QUEUE, attempt, keep, recall } from './storage.js';

/** @typedef {import('./types.js').Decision} Decision */

/** What waits, where the browser would not keep it. @type {Decision[]} */
let mine = [];

/** Of the latest decision, until it is written down, and once the server has turned it away. @type {'waiting'|'never'|''|undefined} */
export let fate;

/** @param {''|'waiting'|'never'} what */
export const mark = (what) => (fate = what);

/** @returns {Decision[]} */
export const queue = () => {
  const kept = recall(QUEUE);
  return (kept && attempt(() => JSON.parse(kept).filter((/** @type {any} */ one) => one.event_id))) || mine;
};

/** @param {Decision[]} all */
export function store(all) {
  mine = all.slice(-20);
  fate = '';
  keep(QUEUE, mine[0] && JSON.stringify(mine));
  return true;
}

/** Does what was left to do: sends what waits, clears what is to go, tells what has changed. */
export const resume = () => later('resume').catch(() => queue()[0] && emit('unrecorded'));
