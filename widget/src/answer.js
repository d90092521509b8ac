/**
 * What an answer of the server means for the decision it answers. Pure.
 */
import { grants } from './choice.js';

/**
 * done: recorded. again: send once more under a new id. stale: a grant for a policy that is no longer in force.
 * end: never to be recorded. keep: try later.
 * @typedef {'done'|'again'|'stale'|'end'|'keep'} Verdict
 */

/**
 * @param {import('./types.js').Decision} decision
 * @param {number} status
 * @param {any} body  what the answer said, where it was JSON
 * @returns {Verdict}
 */
export function verdict(decision, status, body) {
  if (/^20[01]$/.test('' + status)) return body?.event_id === decision.event_id ? 'done' : 'keep';
  if (!/^4(0[039]|1[035]|22)$/.test('' + status)) return 'keep';
  const grant = grants({ categories: decision.choices, providers: decision.providers });
  const type = status + String(body?.type);
  if (grant ? /^422.*\/clock$/.test(type) : /^(409|422.*\/clock$)/.test(type)) return 'again';
  return grant && /^422.*\/stale-notice$/.test(type) ? 'stale' : 'end';
}
