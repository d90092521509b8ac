/**
 * The queues that vendors' tags read: an array until the tag has come, something with a `push` of its own from then on.
 */

/**
 * @param {string} name  of the global
 * @returns {{push: (...commands: any[]) => unknown}}
 */
export const queue = (name) => (/** @type {any} */ (window)[name] ||= []);

/** How vendors name the two. @param {boolean} on */
export const state = (on) => (on ? 'granted' : 'denied');
