/**
 * Telling the server: a queue that outlives the page, sent in order, one tab at a time, until each decision is recorded.
 */
import { verdict } from './answer.js';
import { site } from './config.js';
import { told } from './decide.js';
import { mint } from './id.js';
import { QUEUE, attempt, keep, recall } from './storage.js';

/** @typedef {import('./types.js').Decision} Decision */

/** What this page knows to be waiting, should the browser not keep it. @type {Decision[]} */
let mine = [];

/** What this page knows to be settled, should the browser not forget it. @type {string[]} */
const settled = [];

/** @returns {Decision[]} */
function queue() {
  /** @type {Decision[]} */
  const kept = attempt(() => [].concat(JSON.parse(recall(QUEUE) || '[]'))) || [];
  return [...kept, ...mine.filter((one) => !kept.some((other) => other?.event_id === one.event_id))]
    .filter((one) => one?.event_id && !settled.includes(one.event_id))
    .slice(-20);
}

/** @param {Decision[]} all */
function store(all) {
  mine = all;
  keep(QUEUE, all[0] ? JSON.stringify(all) : '');
}

/** A signal, or what a script did without a visitor, is on record and nothing more. @param {Decision} decision */
const counts = ({ action, automated }) => action !== 'signal' && !automated;

export const waiting = () => queue().some(counts);

/** @param {Decision} decision */
export const enqueue = (decision) => store([...queue(), decision]);

/**
 * @param {string} id
 * @param {Decision[]} instead
 */
function settle(id, ...instead) {
  const all = queue().flatMap((one) => (one.event_id === id ? instead : [one]));
  settled.push(id);
  store(all);
}

/** Set when the server asked for patience: this page does not try again by itself. */
let patience = false;

async function drain() {
  let renewed = '';
  for (let decision; (decision = queue()[0]); ) {
    const { event_id } = decision;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), 10000);
    let status = 0;
    let body;
    try {
      const answer = await fetch(site + 'consents', {
        method: 'POST',
        body: JSON.stringify(decision),
        credentials: counts(decision) ? 'include' : 'omit',
        keepalive: true,
        signal: abort.signal,
      });
      status = answer.status;
      body = await answer.json();
    } catch {}
    clearTimeout(timer);
    patience = status === 429;
    const result = verdict(decision, status, body);
    if (result === 'again' && event_id !== renewed) {
      renewed = mint(Date.parse(body?.now) || Date.now());
      settle(event_id, { ...decision, event_id: renewed });
      continue;
    }
    // What is asked for twice in a row waits for another page, unless it is a duplicate that will always be one.
    const over = result !== 'keep' && (result !== 'again' || status === 409);
    if (over) settle(event_id);
    told(result, decision, body, counts(decision) && !waiting());
    if (!over) return;
  }
}

/** @type {Promise<unknown>} */
let turn = Promise.resolve();

/** Sends what waits. Tabs take turns, so that a first decision in two of them makes one visitor. */
export function flush() {
  const safe = () => drain().catch(() => {});
  turn = turn.then(() => navigator.locks?.request('visitor_choices', safe).catch(safe) || safe());
}

/** Tries again, unless the server asked not to. */
export const retry = () => patience || (queue()[0] && flush());
