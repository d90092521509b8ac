/**
 * What is said in a line at the edge of the page, and read aloud: it stays until it is dismissed. An element of its own,
 * since whoever comes back has decided, and for them the first layer is never built.
 */
import { element } from '../element.js';
import { attempt } from '../storage.js';
import css from './line.css';
import { answered } from './messages.js';

/** @typedef {import('../core.js').Core} Core */

/** Says, where nothing is open, that a signal took back what was allowed. @param {Core} core */
export async function honored(core) {
  const notice = await core.words();
  write(notice, answered(core, notice.first), false);
}

/**
 * Says what could not be removed.
 * @param {Core} core
 * @param {string[]} names
 */
export async function leftover(core, names) {
  const notice = await core.words();
  // Names begin with all kinds of signs: from right to left these would be read as part of the sentence.
  const list = notice.first.dir === 'rtl' ? names.map((name) => `\u2068${name}\u2069`) : names;
  const words = notice.dialog.leftover.replace('{count}', '' + names.length).replace('{names}', () => list.join(', '));
  write(notice, words, !core.stored);
}

/** Takes the line that is there away. */
let dismiss = () => {};

/**
 * @param {import('../types.js').Notice} notice  whose language the words are in
 * @param {string} words
 * @param {boolean} top  at the top of the page, where the first layer has the bottom
 */
function write({ first, dialog }, words, top) {
  dismiss();
  const { lang, dir, title } = first;
  const attributes = { lang, dir, role: 'region', 'aria-label': title, popover: 'manual', 'data-nosnippet': '' };
  const host = element('visitor-choices-line', attributes);
  host.toggleAttribute('data-top', top);
  const text = element('p', { role: 'status' });
  const button = element('button', { type: 'button' }, dialog.close);
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  root.append(text, button);
  document.body.append(host);
  attempt(() => host.showPopover());
  settle(host, button);
  // A place has to be known before it speaks.
  setTimeout(() => {
    text.append(words);
    if (!top) room(host.offsetHeight + 9 + 'px');
  }, 100);
}

/** The focus does not go behind the line, not even at the very end of the page. @param {string} height */
function room(height) {
  const { style } = document.documentElement;
  style.scrollPaddingBottom = style.paddingBottom = height;
}

/**
 * How the line goes again: by its button or by Esc, the focus back where it was.
 * @param {HTMLElement} host
 * @param {HTMLButtonElement} button
 */
function settle(host, button) {
  /** @type {HTMLElement|null} */
  let before = null;
  const leave = (/** @type {KeyboardEvent} */ { key }) => key === 'Escape' && dismiss();
  button.onfocus = ({ relatedTarget }) => (before = /** @type {HTMLElement|null} */ (relatedTarget));
  button.onclick = dismiss = () => {
    const focused = host.contains(document.activeElement);
    host.remove();
    room('');
    removeEventListener('keydown', leave);
    dismiss = () => {};
    if (focused) before?.focus({ preventScroll: true });
  };
  addEventListener('keydown', leave);
}
