/**
 * What is said in a line at the edge of the page, and read aloud: it stays until it is dismissed. An element of its own,
 * since whoever comes back has decided, and for them the first layer is never built.
 */
import { element } from '../element.js';
import { TOLD, attempt, keep, recall } from '../storage.js';
import { changes } from './changes.js';
import css from './line.css';
import { answered } from './messages.js';

/** @typedef {import('../core.js').Core} Core */

/** Says, where nothing is open, that a signal took back what was allowed. @param {Core} core */
export async function honored(core) {
  const notice = await core.words();
  const { first, dialog } = notice;
  write(first, dialog.close, false, answered(core, first));
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
  write(notice.first, notice.dialog.close, !core.stored, words);
}

/**
 * Says what has changed since the visitor decided, to whom it is nothing to be asked about: once for each version, until it
 * is dismissed.
 * @param {Core} core
 */
export async function changed(core) {
  const latest = '' + core.config.changes.slice(-1)[0][0];
  if (recall(TOLD) === latest) return;
  const { first } = await core.words();
  const found = await changes(core);
  if (!found.sentences[0]) return;
  const [before, after] = found.line.split('{changes}');
  const more = element('a', { href: '' + new URL(found.href, import.meta.url) }, found.more);
  write({ ...first, ...found }, found.dismiss, false, before + found.sentences.join(' ') + after + ' ', more);
  whenDismissed = () => void keep(TOLD, latest);
}

/** Takes the line that is there away. */
let dismiss = () => {};

/** What follows when the visitor has taken the line away. @type {() => void} */
let whenDismissed = () => {};

/**
 * @param {{lang: string, dir: string, title: string}} texts  whose language the words are in
 * @param {string} close
 * @param {boolean} top  at the top of the page, where the first layer has the bottom
 * @param {...(string|Node)} words
 */
function write({ lang, dir, title }, close, top, ...words) {
  dismiss();
  whenDismissed = () => {};
  const attributes = { lang, dir, role: 'region', 'aria-label': title, popover: 'manual', 'data-nosnippet': '' };
  const host = element('visitor-choices-line', attributes);
  host.toggleAttribute('data-top', top);
  const text = element('p', { role: 'status' });
  const button = element('button', { type: 'button' }, close);
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
    text.append(...words);
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
  const leave = (/** @type {KeyboardEvent} */ { key }) => key === 'Escape' && button.click();
  button.onfocus = ({ relatedTarget }) => (before = /** @type {HTMLElement|null} */ (relatedTarget));
  button.onclick = () => {
    dismiss();
    whenDismissed();
  };
  dismiss = () => {
    const focused = host.contains(document.activeElement);
    host.remove();
    room('');
    removeEventListener('keydown', leave);
    dismiss = () => {};
    if (focused) before?.focus({ preventScroll: true });
  };
  addEventListener('keydown', leave);
}
