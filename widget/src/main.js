/**
 * What happens when the script runs, in this order: read, publish, ask, let go what is allowed, tell the server.
 */
import { publish } from './api.js';
import { same } from './choice.js';
import { clear } from './clear.js';
import { choicesPage } from './config.js';
import { note, refresh } from './decide.js';
import { element } from './element.js';
import { run } from './gate.js';
import { link, place, show } from './layer.js';
import { open, ready } from './open.js';
import { emit, painted } from './page.js';
import { retry } from './record.js';
import { choice, load, stored } from './state.js';
import { CLEAR, QUEUE, SIGNAL, keep, recall } from './storage.js';
import { first, worded } from './wording.js';

const OPEN = '[data-choices="open"]';

/** A page without a link to the choices gets one at its end. */
function addLink() {
  if (document.querySelector(OPEN)) return;
  worded(() => {
    const { reopen, lang, dir } = first;
    const made = link(reopen, choicesPage);
    made.dataset.choices = 'open';
    made.style.cssText = 'display:inline-block!important;padding:10px 16px;font-size:14px';
    document.body.append(element('section', { lang, dir, 'aria-label': reopen }, made));
  });
}

/** @param {MouseEvent} event */
function follow(event) {
  const { button, ctrlKey, metaKey, shiftKey, altKey, defaultPrevented } = event;
  const target = /** @type {Element} */ (event.composedPath()[0]);
  if (button || ctrlKey || metaKey || shiftKey || altKey || defaultPrevented || !target.closest?.(OPEN)) return;
  event.preventDefault();
  open();
}

/** The visitor comes back to this page. */
function back() {
  if (document.hidden) return;
  refresh();
  retry();
}

/** A signal that takes back what was stored: recorded once, and what was left behind is cleared. */
function signal() {
  if (!stored || same(stored.choice, choice) || recall(SIGNAL) === stored.raw) return;
  keep(SIGNAL, stored.raw);
  if (recall(SIGNAL) !== stored.raw) return;
  note('signal', choice, 'banner');
  clear([]);
}

if (!window.visitorChoices?.rejectAll) {
  load();
  publish();

  if (!stored) ready(show);
  new MutationObserver((records) => {
    place();
    for (const { addedNodes } of records) addedNodes.forEach(run);
  }).observe(document, { childList: true, subtree: true });
  run(document);
  emit('ready');

  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', addLink);
  else addLink();
  document.addEventListener('click', follow);
  document.addEventListener('visibilitychange', back);
  addEventListener('pageshow', ({ persisted }) => persisted && back());
  addEventListener('online', retry);
  addEventListener('storage', ({ key }) => key === QUEUE && refresh());
  painted().then(() => {
    signal();
    if (recall(CLEAR)) clear([]);
    retry();
  });
}
