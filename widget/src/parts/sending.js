/**
 * Sending decisions, in order and one tab at a time, until each is recorded or has to wait.
 */
import { take } from './answers.js';

/**
 * @typedef {import('../core.js').Core} Core
 * @typedef {import('../types.js').Decision} Decision
 */

/**
 * @param {Core} core
 * @param {Decision} decision
 * @param {RequestCredentials} [credentials]
 */
export const post = ({ config }, decision, credentials = 'include') =>
  fetch(new URL(`/v1/sites/${config.site}/consents`, import.meta.url), {
    method: 'POST',
    body: JSON.stringify(decision),
    credentials,
    keepalive: true,
    signal: AbortSignal.timeout?.(10000),
  });

/** @type {Promise<unknown>} */
let turn = Promise.resolve();

/**
 * Sends what waits. Tabs take turns, so that a first decision in two of them makes one visitor.
 * @param {Core} core
 */
export function send(core) {
  const drain = () => take(core, post).catch(() => core.emit('unrecorded'));
  turn = turn.then(() => navigator.locks?.request('visitor_choices', drain).catch(drain) || drain());
  return turn;
}
