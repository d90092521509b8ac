/**
 * What we do to the page around us: events, messages read aloud, focus.
 */
import { element } from './element.js';
import { current } from './state.js';
import { first } from './wording.js';

/**
 * Tells the page, always after the fact.
 * @param {string} name
 * @param {import('./state.js').Current} [before]
 */
export function emit(name, before) {
  const after = current();
  document.dispatchEvent(new CustomEvent('visitorchoices:' + name, { detail: { before: before || after, after } }));
}

/** @param {unknown} words */
export const warn = (words) => console.warn('visitor choices:', words);

/**
 * The next moment after something was painted; a page in the background paints nothing and is not waited for.
 * @returns {Promise<unknown>}
 */
export const painted = () =>
  new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, 250);
  });

/** @type {HTMLElement|undefined} */
let region;

/** The place for messages: outside the host, which is not there any more when something is said. */
export function voice() {
  if (!region) {
    region = element('div', { role: 'status', lang: first.lang });
    region.style.cssText = 'all:initial!important;position:fixed!important;top:0!important;clip-path:inset(50%)!important';
  }
  if (!region.isConnected) document.body.append(region);
  return region;
}

/** Said a moment later, so that a new place is known by then. @param {string} words */
export function say(words) {
  voice().textContent = '';
  setTimeout(() => (voice().textContent = words), 100);
}

/**
 * Puts the focus back, or on the first heading where that is gone.
 * @param {HTMLElement|null|undefined} to
 */
export function refocus(to) {
  to?.focus({ preventScroll: true });
  if (to && document.activeElement === to) return;
  const heading = /** @type {HTMLElement|null} */ (document.querySelector('h1,h2,h3'));
  if (heading?.tabIndex === -1) heading.tabIndex = -1;
  heading?.focus({ preventScroll: true });
}
