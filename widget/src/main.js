/**
 * What happens when the script runs, in this order: read, publish, ask, let go what is allowed, tell the server.
 */
// First, so that it is made last: it collects from modules that import each other.
import './core.js';
import { publish } from './api.js';
import { guard, holdBack } from './block.js';
import { same } from './choice.js';
import { refresh } from './decide.js';
import { element } from './element.js';
import { run } from './gate.js';
import { link, place, show } from './layer.js';
import { deny } from './modes.js';
import { open, ready } from './open.js';
import { emit, painted } from './page.js';
import { later } from './parts.js';
import { queue, resume } from './record.js';
import { block, choicesPage, minors } from './script.js';
import { asked, choice, load, stored } from './state.js';
import { CLEAR, attempt, cookies, recall } from './storage.js';
import { first, soon, worded } from './wording.js';

const OPEN = '[data-choices="open"]';

/** A page without a link to the choices gets one at its end, also when its content has been exchanged. */
function addLink() {
  if (document.readyState === 'loading') return;
  worded(() => {
    if (document.querySelector(OPEN)) return;
    const { reopen, lang } = first;
    const made = link(reopen, choicesPage);
    made.dataset.choices = 'open';
    made.style.cssText = 'display:inline-block!important;padding:1em';
    document.body?.append(element('section', { lang, 'aria-label': reopen }, made));
  });
}

/** @param {MouseEvent} event */
function follow(event) {
  const { ctrlKey, metaKey, shiftKey, defaultPrevented } = event;
  const [target] = /** @type {Element[]} */ (event.composedPath());
  if (ctrlKey || metaKey || shiftKey || defaultPrevented || !target.closest?.(OPEN)) return;
  // Where it cannot be opened, the link leads on.
  open();
  event.preventDefault();
}

/** What other pages have decided, and what they could not do. */
function back() {
  refresh();
  if (queue()[0] || recall(CLEAR) || stored?.news) resume();
}

/** Other tools may have kept a refusal: theirs is looked at before ours is asked for. */
function ask() {
  if (!/(cc_cookie|klaro|Consent|agreed)=/.test(cookies())) return ready(show);
  soon(later('carryOver')).then(() => asked() && ready(show));
}

if (!window.visitorChoices?.rejectAll) {
  load();
  attempt(deny);
  publish();
  if (asked()) ask();
  if (block) guard();
  new MutationObserver((records) => {
    place();
    addLink();
    if (block) for (const { addedNodes } of records) addedNodes.forEach(holdBack);
    run();
  }).observe(document, { childList: true, subtree: true });
  run();
  emit('ready');
  if (/-inspect$/.test(location.hash)) later('inspect').catch(() => {});

  addLink();
  document.addEventListener('DOMContentLoaded', addLink);
  document.addEventListener('click', follow);
  // A signal takes back what was stored.
  if (stored && !minors && !same(stored.choice, choice)) painted().then(() => later('signal')).catch(() => {});
  // Once the page has come to rest: for each of these the browser has to ask another of its processes, and waits.
  setTimeout(() => {
    addEventListener('storage', refresh);
    document.addEventListener('visibilitychange', back);
    back();
  }, 3000);
}
