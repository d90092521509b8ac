/**
 * The first layer: host element fixed at the bottom, buttons in the light DOM, text and layout in an open shadow root.
 */
import { acceptAll, rejectAll } from './decide.js';
import { element } from './element.js';
import css from './first.css';
import { open, prepare } from './open.js';
import { emit, painted } from './page.js';
import { later } from './parts.js';
import { server } from './script.js';
import { signals, stored } from './state.js';
import { first } from './wording.js';

/** @type {HTMLElement} */
let host;

/** @type {ShadowRoot} */
export let root;

/** All of the first layer but its buttons. In the shadow root while it is to be seen. @type {HTMLElement} */
let panel;

/** Where the focus was before it came to us. @type {HTMLElement|undefined} */
let outside;

/**
 * @param {string} words
 * @param {string} href
 */
export const link = (words, href) => element('a', { href }, words);

/** @param {[action: string, words: string]} of */
function button([action, words]) {
  const made = element('button', { type: 'button', 'data-action': action }, words);
  made.onclick = (/** @type {MouseEvent} */ event) =>
    action === 'reject-all' ? rejectAll('banner')
    : action === 'accept-all' ? acceptAll('banner', event)
    : open();
  made.onpointerdown = prepare;
  if (action === 'choose') made.onpointerenter = made.onfocus = prepare;
  return made;
}

/** Makes the element, once. */
export function build() {
  if (host) return;
  const { lang, dir, title, text, links } = first;
  // As a popover it lies above everything else, whatever the page transforms or stacks.
  const attributes = { lang, dir, role: 'region', 'aria-label': title, hidden: '', popover: 'manual' };
  host = element(document.querySelector('visitor-choices') || 'visitor-choices', attributes);
  const more = links.map(([path, words]) => link(words, server + path));
  const about = element('div', {}, element('h2', { part: 'title' }, title), element('p', {}, text + ' ', ...more));
  panel = element('section', { part: 'panel' }, about, element('slot', {}));
  root = host.attachShadow({ mode: 'open' });
  // Constructed, so that no policy of the page forbids it.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  addEventListener('focusin', follow);
  const { gpc, dnt } = signals();
  if (gpc || +(/** @type {string} */ (dnt)) || !navigator.cookieEnabled || stored?.again) later('tell').catch(() => {});
}

/** Puts the element first in the page, now and whenever the page has replaced its body. */
export function place() {
  if (!host || host.hidden || host.isConnected || !document.body) return;
  // Whoever exchanged the page has ended a dialog in it; whoever wrote it anew has taken the listeners.
  root.querySelector('dialog')?.remove();
  host.replaceChildren(...first.buttons.map(button));
  document.body.prepend(host);
  // Once it is painted: before, the browser would have to lay out the page twice.
  painted().then(() => host.showPopover()).catch(() => {});
}

/** Room for the focus, also at the very end of a page, where nothing is left to scroll. @param {string} height */
function room(height) {
  const { style } = document.documentElement;
  style.scrollPaddingBottom = style.paddingBottom = height;
}

/**
 * What has the focus does not stay behind us.
 * @param {FocusEvent} event
 */
function follow({ target, relatedTarget }) {
  const focused = /** @type {HTMLElement} */ (target);
  if (host.contains(focused)) {
    if (!host.contains(/** @type {Node} */ (relatedTarget))) outside = /** @type {HTMLElement} */ (relatedTarget);
  } else if (panel.parentNode && focused.matches(':focus-visible')) {
    const height = panel.offsetHeight + 9;
    if (focused.getBoundingClientRect().bottom > innerHeight - height) {
      room(height + 'px');
      focused.scrollIntoView({ block: 'nearest' });
    }
  }
}

/** Shows the first layer. */
export function show() {
  if (panel.parentNode) return;
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

/** Takes all of it out of the layout, and gives the focus back if it was here. */
export function hide() {
  if (!host || host.hidden) return;
  root.querySelector('dialog')?.close();
  const focused = host.contains(document.activeElement);
  host.hidden = true;
  panel.remove();
  room('');
  // Giving the focus has the page laid out: once what was here is seen to be gone.
  if (focused)
    painted().then(() => {
      outside?.focus({ preventScroll: true });
      later('land', outside).catch(() => {});
    });
  emit('close');
}

/** After the dialog: the first layer is there again if it was. */
export const leave = () => panel.parentNode || hide();
