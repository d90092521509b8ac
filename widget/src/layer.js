/**
 * The first layer: host element fixed at the bottom, buttons in the light DOM, text and layout in an open shadow root.
 */
import { element } from './element.js';
import css from './first.css';
import { emit, painted } from './page.js';
import { server } from './script.js';
import { attempt } from './storage.js';
import { made, whole } from './whole.js';
import { first, worded } from './wording.js';

/** @type {HTMLElement} */
export let host;

/** @type {ShadowRoot} */
export let root;

/** All of the first layer but its buttons. In the shadow root while it is to be seen. @type {HTMLElement} */
export let panel;

/**
 * @param {string} words
 * @param {string} href
 */
export const link = (words, href) => element('a', { href }, words);

/** Fetches what the dialog needs before it is asked for. */
const prepare = () => whole().quietly('prepare');

/** @param {[action: string, words: string]} of */
function button([action, words]) {
  const made = element('button', { type: 'button', 'data-action': action }, words);
  made.onclick = (/** @type {MouseEvent} */ event) => whole().press(action, event);
  // A click finds compiled what it needs.
  made.onpointerdown = whole;
  if (action === 'choose') made.onpointerenter = made.onfocus = prepare;
  return made;
}

/** Makes the element, once. */
function build() {
  if (host) return;
  const { lang, dir, title, text, links } = first;
  const attributes = { lang, dir, role: 'region', 'aria-label': title, hidden: '', popover: 'manual' };
  host = element(document.querySelector('visitor-choices') || 'visitor-choices', attributes);
  const more = links.map(([path, words]) => link(words, server + path));
  const about = element('header', {}, element('h2', { part: 'title' }, title), element('p', {}, text + ' ', ...more));
  panel = element('section', { part: 'panel' }, about, element('slot', {}));
  root = host.attachShadow({ mode: 'open' });
  // Constructed, so that no policy of the page forbids it.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  // Whence the focus comes matters, if from anywhere.
  addEventListener('focusin', (event) => (event.relatedTarget || !host.contains(/** @type {Node} */ (event.target))) && whole().quietly('follow', event));
  // While nothing is made there is nothing to tell either (`main.js`).
  made?.tell();
}

/**
 * Calls back once the element exists, in the words of the page.
 * @param {() => void} then
 */
export const ready = (then) =>
  worded(() => {
    build();
    then();
  });

/** As a popover it lies above everything else, whatever the page transforms, stacks, or opens later. */
export const raise = () => attempt(() => host.showPopover());

/** Puts the element first in the page, now and whenever the page has replaced its body. */
export function place() {
  if (!host || host.hidden || host.isConnected || !document.body) return;
  // Whoever exchanged the page has ended a dialog in it; whoever wrote it anew has taken the listeners.
  root.querySelector('dialog')?.remove();
  host.replaceChildren(...first.buttons.map(button));
  document.body.prepend(host);
  // At once only where the page hides it, moves it or lies above it: the page would have to be styled once more.
  painted().then(() => (host.contains(document.elementFromPoint(9, innerHeight - 9)) && host.checkVisibility?.({ checkOpacity: true })) || raise());
}

/** Shows the first layer. */
export function show() {
  if (panel.isConnected) return;
  root.prepend(panel);
  reveal();
  // Privacy tools that came too early look again when an attribute changes.
  for (const time of [800, 1600]) setTimeout(() => (host.dataset.shown = /** @type {any} */ (time)), time);
  emit('open');
}

/** The host alone: what the dialog needs to be seen. */
export function reveal() {
  host.hidden = false;
  place();
}
