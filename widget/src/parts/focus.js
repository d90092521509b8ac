/**
 * Where the focus goes: never behind the first layer, and back to where it was.
 */

/** @typedef {import('../core.js').Core} Core */

/** Where it was before it came to us. @type {HTMLElement|undefined} */
let outside;

/**
 * What has the focus does not stay behind us. There is room for it also at the very end of a page, where nothing is left
 * to scroll.
 * @param {Core} core
 * @param {FocusEvent} event
 */
export async function follow({ root }, { target, relatedTarget }) {
  const { host } = root;
  const focused = /** @type {HTMLElement} */ (target);
  if (host.contains(focused)) {
    if (!host.contains(/** @type {Node} */ (relatedTarget))) outside = /** @type {HTMLElement} */ (relatedTarget);
    return;
  }
  const panel = root.querySelector('section');
  if (!panel || !focused.matches(':focus-visible')) return;
  const height = panel.offsetHeight + 9;
  if (focused.getBoundingClientRect().bottom <= innerHeight - height) return;
  const { style } = document.documentElement;
  const room = (/** @type {string} */ length) => (style.scrollPaddingBottom = style.paddingBottom = length);
  room(height + 'px');
  focused.scrollIntoView({ block: 'nearest' });
  document.addEventListener('visitorchoices:close', () => room(''), { once: true });
}

/**
 * The focus was in the first layer, which is gone: it goes back, or to the first heading of the page. Whoever has gone on
 * meanwhile is left alone.
 * @param {Core} core
 */
export function land({ root }) {
  const now = document.activeElement;
  if (now && now !== document.body && !root.host.contains(now)) return;
  outside?.focus({ preventScroll: true });
  if (outside && document.activeElement === outside) return;
  const heading = /** @type {HTMLElement|null} */ (document.querySelector('h1,h2,h3'));
  if (heading && heading.tabIndex < 0) heading.tabIndex = -1;
  heading?.focus({ preventScroll: true });
}
