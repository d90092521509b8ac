/**
 * The first layer: host element fixed at the bottom, buttons in the light DOM, text and layout in an open shadow root.
 */
import { config, server } from './config.js';
import { acceptAll, rejectAll } from './decide.js';
import { element, set } from './element.js';
import css from './first.css';
import { load, open } from './open.js';
import { emit, refocus, voice } from './page.js';
import { signals } from './state.js';
import { first } from './wording.js';

/** @type {HTMLElement} */
let host;

/** @type {ShadowRoot} */
export let root;

/** @type {HTMLElement} */
let panel;

/** Line above the text: a signal, or what went wrong. @type {HTMLElement} */
let line;

/** Where the focus was before it came to us. @type {HTMLElement|undefined} */
let outside;

/** Whether the first layer is to be seen. */
export let shown = false;

/**
 * @param {string} words
 * @param {string} path  on the consent host
 */
export const link = (words, path) => element('a', { href: server + path }, words);

const soon = () => load().catch(() => {});

/** @param {[action: string, words: string]} of */
function button([action, words]) {
  const made = element('button', { type: 'button', 'data-action': action }, words);
  made.onclick = (event) => {
    if (action === 'reject-all') rejectAll('banner');
    else if (action === 'accept-all') acceptAll('banner', event);
    else open();
  };
  if (action === 'choose') made.onpointerenter = made.onfocus = made.ontouchstart = soon;
  return made;
}

/** Makes the element, once. */
export function build() {
  if (host) return;
  const { lang, dir, title, text, links, buttons } = first;
  host = document.querySelector('visitor-choices') || document.createElement('visitor-choices');
  set(host, { lang, dir, role: 'region', 'aria-label': title, 'data-nosnippet': '', hidden: '' });
  host.replaceChildren(...buttons.map(button));
  host.addEventListener('focusin', ({ relatedTarget }) => {
    const from = /** @type {HTMLElement|null} */ (relatedTarget);
    if (from && !host.contains(from)) outside = from;
  });

  const heard =
    !navigator.cookieEnabled ? first.blocked
    : signals.gpc && config.gpc !== 'record' ? first.gpc
    : signals.dnt === '1' ? first.dnt
    : '';
  line = element('p', { role: 'status' }, heard);
  const more = links.flatMap(([path, words], at) => [at ? ' · ' : ' ', link(words, path)]);
  const content = element('div', {}, line, element('h2', {}, title), element('p', {}, text, ...more));
  panel = element('section', { hidden: '' }, content, element('slot', {}));
  root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  root.append(panel);
  new ResizeObserver(() => {
    room('scroll-padding-bottom');
    if (!shown) room('padding-bottom');
  }).observe(panel);
  addEventListener('focusin', uncover);
}

/** Puts the element first in the page, now and whenever the page has replaced its body. */
export function place() {
  if (!host || host.hidden || host.isConnected || !document.body) return;
  document.body.prepend(host);
  voice();
}

/**
 * What the page scrolls to does not end up behind us.
 * @param {string} property
 */
function room(property) {
  const height = panel.offsetHeight;
  document.documentElement.style.setProperty(property, height ? height + 'px' : '');
}

/** At the very end of a page there is nothing left to scroll: room is made when the focus goes there. @param {FocusEvent} event */
function uncover({ target }) {
  const focused = /** @type {HTMLElement} */ (target);
  if (!shown || focused === host || focused.getBoundingClientRect().bottom <= panel.getBoundingClientRect().top) return;
  room('padding-bottom');
  focused.scrollIntoView({ block: 'nearest' });
}

/** Shows the first layer. */
export function show() {
  if (shown) return;
  shown = true;
  panel.hidden = false;
  unhide();
  // Privacy tools that came too early look again when an attribute changes.
  for (const time of [800, 1600]) setTimeout(() => host.setAttribute('data-shown', '' + time), time);
  emit('open');
}

/** The host alone: what the dialog needs to be seen. */
export function unhide() {
  host.hidden = false;
  place();
}

/** Takes all of it out of the layout, and gives the focus back if it was here. */
export function hide() {
  if (!host || host.hidden) return;
  const focused = host.contains(document.activeElement);
  host.hidden = panel.hidden = true;
  shown = false;
  if (focused) refocus(outside);
  emit('close');
}

/** Says something above the text. @param {...(string|Node)} content */
export function tell(...content) {
  show();
  line.replaceChildren(...content);
}
