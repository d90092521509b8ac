/**
 * What we do to the page around us.
 */
import { whole } from './whole.js';

/** @typedef {import('./state.js').Current} Current */

/**
 * Tells the page, always after the fact. Where nothing has changed, what is in effect is looked up by whoever reads it.
 * @param {string} name
 * @param {Current} [before]
 */
export function emit(name, before) {
  const after = before && whole().current();
  const detail = {
    get before() {
      return before || whole().current();
    },
    get after() {
      return after || whole().current();
    },
  };
  document.dispatchEvent(new CustomEvent('visitorchoices:' + name, { detail }));
}

/**
 * The next moment after something was painted; a page in the background paints nothing and is not waited for.
 * @returns {Promise<unknown>}
 */
export const painted = () =>
  new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, 250);
  });
