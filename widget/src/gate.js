/**
 * Tags that wait for a choice. Nothing has to be done for them to wait; what lets them go is a part, fetched once
 * something is allowed, where a frame that waits leaves a hole in the page, or where the provider list belongs in it.
 */
import { grants } from './choice.js';
import { quietly } from './parts.js';
import { choice } from './state.js';

/** Categories and providers of which something has run on this page. @type {Set<string>} */
export const ran = new Set();

/** What was said to be unknown. @type {Object<string, boolean>} */
const unknown = {};

/**
 * Whether a category or a provider is allowed. What is not known is never allowed, and said once.
 * @param {string} name
 */
export function allows(name) {
  const on = choice[name];
  if (on === !!on) return on;
  unknown[name] ||= !(/** @type {any} */ (console.warn('visitor-choices: unknown', name)));
  return false;
}

/** Whether something had to be done about a tag of this page. */
let busy = false;

/**
 * Lets go what may run in the page.
 */
export function run() {
  // What other tools have marked has no one shape; a frame that waits has no address.
  busy ||= grants(choice) || !!document.querySelector('iframe:not([src]),visitor-providers');
  if (busy) quietly('run', document);
}
