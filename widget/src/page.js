/**
 * What we do to the page around us: events, messages read aloud, focus.
 */
import { current } from './state.js';

/**
 * Tells the page, always after the fact.
 * @param {string} name
 * @param {import('./state.js').Current} [before]
 */
export function emit(name, before) {
  const after = current();
  document.dispatchEvent(new CustomEvent('visitorchoices:' + name, { detail: { before: before || after, after } }));
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
