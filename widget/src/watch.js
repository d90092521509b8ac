/**
 * Functions of the page that wait until something is allowed.
 */
import { allows, ran } from './gate.js';

/** @type {Map<() => void, string>} */
const watchers = new Map();

/**
 * @param {string} name
 * @param {() => void} then  called once
 * @returns {() => void} cancels
 */
export function whenAllowed(name, then) {
  const call = () => then();
  watchers.set(call, name);
  wake();
  return () => void watchers.delete(call);
}

/** Each is called apart, so that an error in one stays with it. */
export function wake() {
  for (const [call, name] of watchers) {
    if (!allows(name)) continue;
    watchers.delete(call);
    ran.add(name);
    Promise.resolve().then(call);
  }
}
