/**
 * What happens when the script runs: it looks, denies, asks where nobody was asked, watches the page, tells it. Whoever is
 * new or has refused needs no more; for all else the whole is called for.
 */
import { others, particular } from './browser.js';
import { copies } from './copies.js';
import { element } from './element.js';
import { link, place, raise, ready, show } from './layer.js';
import { deny } from './modes.js';
import { emit } from './page.js';
import { policy } from './registry.js';
import { block, choicesPage, minors, server } from './script.js';
import { CLEAR, QUEUE, attempt, cookies, look, recall, seen } from './storage.js';
import { made, whole } from './whole.js';
import { first, worded } from './wording.js';

const OPEN = '[data-choices=open]';

/** A page without a link to the choices gets one at its end, also when its content has been exchanged. */
function addLink() {
  if (document.readyState === 'loading') return;
  worded(() => {
    if (document.querySelector(OPEN)) return;
    const { reopen, lang } = first;
    const added = link(reopen, choicesPage);
    added.dataset.choices = 'open';
    added.style.cssText = 'display:inline-block!important;padding:1em';
    document.body?.append(element('section', { lang, 'aria-label': reopen }, added));
  });
}

/** @param {MouseEvent} event */
function follow(event) {
  const [target] = /** @type {Element[]} */ (event.composedPath());
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented || !target.closest?.(OPEN)) return;
  // Where it cannot be opened, the link leads on.
  whole().api.open();
  event.preventDefault();
}

/**
 * Whether the whole can wait: a visitor without a choice and without signals, or one refusal of this very policy. Whatever
 * reads otherwise is for the whole to judge.
 */
function plain() {
  const kept = copies(seen, Date.now());
  if (!kept) return false;
  if (kept[0]) return kept.every(([, number, , on]) => !on && +number === policy);
  if (particular() || others()) return false;
  if (!minors) ready(show);
  return true;
}

/** The tag may be there twice, or nowhere to be found. */
function main() {
  const queued = window.visitorChoices;
  if (!server || queued?.rejectAll) return;
  look();
  attempt(deny);
  // What pages write into it has no effect.
  Object.defineProperty(window, 'visitorChoices', { get: () => whole().api, set() {} });
  if (block || !plain()) whole().begin();
  queued?.forEach?.(whole().api.push);
  const watch = () => {
    place();
    addLink();
    // What other tools have marked has no one shape; a frame that waits has no address.
    if (made || document.querySelector('iframe:not([src]),visitor-providers')) whole().run();
  };
  new MutationObserver((records) => {
    if (block) for (const { addedNodes } of records) addedNodes.forEach(whole().holdBack);
    watch();
  }).observe(document, { childList: true, subtree: true });
  watch();
  emit('ready');
  if (document.URL.endsWith('-inspect')) whole().quietly('inspect');
  addEventListener('DOMContentLoaded', addLink);
  addEventListener('click', follow);
  // Once the page has come to rest: for each of these the browser has to ask another of its processes, or to style the page
  // anew, and waits.
  setTimeout(() => {
    const back = () => {
      if (made || recall(QUEUE) || recall(CLEAR) || seen !== cookies()) whole().back();
    };
    addEventListener('storage', back);
    addEventListener('visibilitychange', back);
    back();
    raise();
  }, 3000);
}

// Not within the script itself: reading cookies has the browser read again all that has called for them.
Promise.resolve().then(main).catch(console.warn);
