/**
 * What this page's scripts can see of what is kept in this browser. Cookies that are HttpOnly are not among it: of those
 * nothing is known here, and nothing said.
 */
import { attempt, cookies } from '../storage.js';
import { names, ours, removals } from './leftovers.js';

/**
 * @typedef {Object} Trace
 * @property {'cookie'|'storage'} kind
 * @property {string} name
 * @property {() => unknown} remove
 */

/** All of it that is not ours. @returns {Promise<Trace[]>} */
export async function traces() {
  const found = [...inCookies(), ...inStorage('localStorage'), ...inStorage('sessionStorage'), ...(await inDatabases())];
  return found.filter(({ name }) => !ours(name));
}

/** @returns {Trace[]} */
const inCookies = () =>
  names(cookies()).map((name) => ({
    kind: 'cookie',
    name,
    remove: () => removals(name, location).forEach((line) => (document.cookie = line)),
  }));

/** @param {'localStorage'|'sessionStorage'} which @returns {Trace[]} */
const inStorage = (which) =>
  attempt(() => {
    const storage = window[which];
    return Object.keys(storage).map((name) => ({ kind: /** @type {const} */ ('storage'), name, remove: () => storage.removeItem(name) }));
  }) || [];

/** @returns {Promise<Trace[]>} */
async function inDatabases() {
  // Chromium answers a sandbox without an origin with two errors, and only one can be caught.
  if (origin === 'null') return [];
  try {
    const all = await indexedDB.databases();
    return all.map(({ name = '' }) => ({ kind: 'storage', name, remove: () => indexedDB.deleteDatabase(name) }));
  } catch {
    return [];
  }
}
