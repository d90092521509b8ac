/**
 * A decision: in effect at once, then painted, then the gates, then the server.
 */
import { everything, grants, same } from './choice.js';
import { clear } from './clear.js';
import { run } from './gate.js';
import { mint } from './id.js';
import { ready, show } from './layer.js';
import { hide } from './leave.js';
import { emit, painted } from './page.js';
import { quietly } from './parts.js';
import { mark, queue, resume, store } from './record.js';
import { config } from './registry.js';
import { minors } from './script.js';
import { asked, choice, current, load, save, signals, stored, unkept, wire } from './state.js';
import { shownNotice } from './wording.js';

/**
 * @typedef {import('./types.js').Decision} Decision
 * @typedef {import('./types.js').Action} Action
 * @typedef {import('./choice.js').Choice} Choice
 * @typedef {Decision['surface']} Surface
 */

/**
 * @param {Action} action
 * @param {Choice} wanted
 * @param {Surface} surface
 * @param {string} [notice]  the one it was made under
 * @returns {Decision}
 */
export const note = (action, wanted, surface, notice = shownNotice) => ({
  event_id: mint(),
  action,
  ...wire(wanted),
  surface,
  notice,
  decided_at: new Date().toISOString().slice(0, 19) + 'Z',
  signals: signals(),
  page: location.origin + (config.page ? location.pathname : ''),
});

/**
 * @param {Action} action
 * @param {Choice} wanted
 * @param {Surface} surface
 */
export async function decide(action, wanted, surface) {
  const before = current();
  const kept = save(action, wanted);
  mark('waiting');
  const notice = shownNotice;
  // Written down once the visitor has seen it done, or goes on to another page: storage takes its time.
  let written = false;
  // A grant that the browser will not keep is not in force, and not recorded as if it were.
  const write = () => (written ||= store([...queue(), note(action, kept ? wanted : everything(false), surface, notice)]));
  addEventListener('pagehide', write);
  const after = await settle(before, write);
  quietly('say', kept && !unkept, wanted);
  resume();
  return after;
}

/** A refusal never needs anything. @param {Surface} surface */
export const rejectAll = (surface) => decide('reject_all', everything(false), surface);

/**
 * A grant needs a person. One that comes without is recorded as such, and not applied.
 * @param {Action} action
 * @param {Choice} wanted
 * @param {Surface} surface
 * @param {Event} [event]
 */
export async function ask(action, wanted, surface, event) {
  if (!grants(wanted) || (!minors && (event?.isTrusted || navigator.userActivation?.isActive))) return decide(action, wanted, surface);
  quietly('suspect', action, wanted);
  return current();
}

/** @param {Surface} surface @param {Event} [event] */
export const acceptAll = (surface, event) => ask('accept_all', everything(true), surface, event);

/**
 * Everything that follows when what is in effect has changed, here or in another tab.
 * @param {import('./state.js').Current} before
 * @param {() => unknown} [then]  done before anything else that can wait
 */
export async function settle(before, then) {
  if (asked()) ready(show);
  else hide();
  await painted();
  then?.();
  if (unkept) load();
  const after = current();
  const was = { ...before.categories, ...before.providers };
  if (before.answer !== after.answer || !same(was, choice)) emit('change', before);
  run();
  const withdrawn = Object.keys(was).filter((name) => was[name] && !choice[name]);
  if (withdrawn[0] || (before.answer === 'none' && after.answer !== 'all')) clear(withdrawn);
  return after;
}

/** Another tab, or the choices page, may have changed the cookie. */
export function refresh() {
  const before = current();
  const raw = stored?.raw;
  load();
  if (raw !== stored?.raw) settle(before);
}
