/**
 * Tags that wait for a choice. Nothing has to be done for them to wait; what lets them go is a part, fetched once
 * something is allowed, where a frame that waits leaves a hole in the page, or where the provider list belongs in it.
 */
import { grants } from './choice.js';
import { quietly } from './parts.js';
import { choice } from './state.js';

/** Categories and providers of which something has run on this page. @type {Set<string>} */
export const ran = new Set();

/**
 * Whether a category or a provider is allowed. What is not known is never allowed; the inspector names it.
 * @param {string} name
 */
export const allows = (name) => choice[name] === true;

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
