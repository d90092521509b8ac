/**
 * Withdrawal: what a provider left behind goes, and if it has run here, the page starts afresh without it.
 */
import { quietly } from './parts.js';
import { CLEAR, keep } from './storage.js';

/**
 * Noted before it is tried, so that the next page does what this one could not: the rest of the script did not come, or
 * what was still running wrote its cookies once more.
 * @param {string[]} withdrawn  categories and providers
 */
export function clear(withdrawn) {
  keep(CLEAR, '1');
  quietly('clear', withdrawn);
}
