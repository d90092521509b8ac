/**
 * What stands for a frame that waits: a box of the same size in the same place, which says whose content it is and lets
 * the visitor load it.
 */
import { element } from '../element.js';
import { box, measured } from './box.js';
import { merge } from './choices.js';
import css from './embeds.css';

/**
 * @typedef {import('../core.js').Core} Core
 * @typedef {import('../types.js').Notice} Notice
 * @typedef {import('../types.js').Config['providers'][number]} Provider
 */

/** A frame smaller than this is not there to be looked at. */
const LEAST = 40;

/** What a box shows, as far as there is room: everything, the buttons, one button, one without words. */
const SIZES = ['whole', 'small', 'single', 'tiny'];

/** How to put the box of a frame where the frame is. @type {WeakMap<Element, () => void>} */
const boxes = new WeakMap();

/**
 * @param {Core} core
 * @param {HTMLIFrameElement} frame
 * @param {Provider|undefined} provider  of what it shows, where it is registered
 * @param {() => void} once  loads the frame
 */
export async function show(core, frame, provider, once) {
  const words = await core.words();
  if (!frame.isConnected || !frame.dataset.src) return;
  if (!boxes.has(frame)) boxes.set(frame, stand(frame, compose(core, frame, provider, words, once)));
  boxes.get(frame)?.();
}

/** @param {Notice} words @param {string|undefined} key @param {string} address */
function nameOf({ dialog }, key, address) {
  const named = dialog.categories.flatMap(({ providers }) => providers).find((one) => one.key === key);
  return named ? named.name : new URL(address, document.baseURI).hostname;
}

/**
 * The element, with all that may be said in it.
 * @param {Core} core
 * @param {HTMLIFrameElement} frame
 * @param {Provider|undefined} provider
 * @param {Notice} words
 * @param {() => void} once
 * @returns {HTMLElement}
 */
function compose(core, frame, provider, words, once) {
  const { category = '', src = '' } = frame.dataset;
  const [key = '', of] = provider || [];
  const { first, embed } = words;
  const name = nameOf(words, key, src);
  const say = (/** @type {string} */ text) => text.split('{provider}').join(name);
  const label = say(embed.label) + (frame.title && ': ' + frame.title);
  const content = element('div', {}, element('p', { class: 'about label' }, label));
  const host = element('visitor-embed', { role: 'group', 'aria-label': label, lang: first.lang, dir: first.dir, 'data-nosnippet': '' });

  /** @param {string} text @param {(event: MouseEvent) => void} act */
  const button = (text, act) => {
    const made = element('button', { type: 'button', title: text }, element('span', {}, text));
    // Like any grant, it takes a person.
    made.onclick = (/** @type {MouseEvent} */ event) => event.isTrusted && act(event);
    return made;
  };
  const always = (/** @type {Event} */ event) => core.ask('custom', merge(core.config, core.choice, { [key]: true }), 'preferences', event);

  if (core.minors) content.append(element('p', {}, embed.off));
  else {
    content.append(element('p', { class: 'about' }, say(embed.text)), button(say(embed.once), once));
    // Only where that is enough for the frame to be loaded.
    if (key && (category === of || core.choice[category])) content.append(button(say(embed.always), always));
  }
  host.attachShadow({ mode: 'open' }).append(element('section', {}, content));
  return host;
}

/** Whether a frame is there to be seen. @param {Element} frame */
function visible(frame) {
  const { width, height, right, bottom } = frame.getBoundingClientRect();
  return Math.min(width, height) >= LEAST && right + scrollX > 0 && bottom + scrollY > 0 && getComputedStyle(frame).visibility === 'visible';
}

/**
 * Has a box stand for a frame until that has an address, whenever the frame would be seen.
 * @param {HTMLIFrameElement} frame
 * @param {HTMLElement} host
 * @returns {() => void} puts the box where the frame is
 */
function stand(frame, host) {
  const sheet = new CSSStyleSheet();
  const looks = new CSSStyleSheet();
  looks.replaceSync(css);
  const root = /** @type {ShadowRoot} */ (host.shadowRoot);
  root.adoptedStyleSheets = [looks, sheet];
  const section = /** @type {HTMLElement} */ (root.firstChild);
  // The page uncovers what has the focus; under a pointer that would pull the button away before it is pressed.
  root.addEventListener('focusin', (event) => root.querySelector(':focus-visible') || event.stopPropagation());

  // A copy of the page, as some scripts keep one, has a box without content before a frame that was hidden for it.
  const copy = frame.previousElementSibling;
  if (copy?.localName === host.localName && !copy.shadowRoot) {
    copy.remove();
    frame.style.removeProperty('display');
  }
  const { style } = frame;
  const own = [style.getPropertyValue('display'), style.getPropertyPriority('display')];
  const bare = () => style.setProperty('display', own[0], own[1]);

  const fit = () => {
    const focused = /** @type {HTMLElement|null} */ (root.activeElement);
    // Rules of the page may look at what comes before a frame.
    host.remove();
    bare();
    if (!visible(frame)) return;
    const { width, height } = frame.getBoundingClientRect();
    const { display, transform } = getComputedStyle(frame);
    style.setProperty('display', 'none', 'important');
    // What the frame was told, percentages included, is there to be read only while it has no box.
    sheet.replaceSync(box(getComputedStyle(frame), display, transform));
    frame.before(host);
    const { width: w, height: h } = host.getBoundingClientRect();
    if (Math.abs(width - w) > 0.5 || Math.abs(height - h) > 0.5) sheet.insertRule(measured(width, height), sheet.cssRules.length);
    for (const size of SIZES) {
      section.className = size;
      if (section.scrollHeight <= section.clientHeight && section.scrollWidth <= section.clientWidth) break;
    }
    focused?.focus({ preventScroll: true });
  };

  // What is told in percentages follows the window by itself; what depends on its width has to be read again.
  let across = innerWidth;
  const resized = () => {
    if (across !== innerWidth) fit();
    across = innerWidth;
  };

  const leave = () => {
    const focused = host.matches(':focus-within');
    changes.disconnect();
    appears.disconnect();
    removeEventListener('resize', resized);
    host.remove();
    boxes.delete(frame);
    bare();
    if (focused) follow(frame);
  };

  const changes = new MutationObserver(() => (frame.hasAttribute('src') || !frame.isConnected) && leave());
  const appears = new ResizeObserver(() => host.isConnected || fit());
  addEventListener('resize', resized);
  changes.observe(frame, { attributeFilter: ['src'] });
  appears.observe(frame);
  return () => {
    if (frame.parentNode) changes.observe(frame.parentNode, { childList: true });
    if (host.isConnected && host.nextSibling !== frame) fit();
  };
}

/** The focus goes where the visitor wanted to go. @param {HTMLIFrameElement} frame */
function follow(frame) {
  frame.focus({ preventScroll: true });
  const loaded = () => {
    if (document.activeElement !== frame) return;
    // Given to what was there before, which is gone: the frame has to be entered anew.
    frame.blur();
    frame.focus({ preventScroll: true });
  };
  frame.addEventListener('load', loaded, { once: true });
}
