/**
 * A decision: in effect at once, then painted, then the gates, then the server.
 */
import { everything, grants, same } from './choice.js';
import { clear } from './clear.js';
import { run } from './gate.js';
import { mint } from './id.js';
import { hide, show } from './layer.js';
import { ready } from './open.js';
import { emit, painted } from './page.js';
import { later } from './parts.js';
import { flush, queue, store } from './record.js';
import { pageRule } from './registry.js';
import { minors } from './script.js';
import { choice, current, load, save, signals, stored, wire } from './state.js';
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
 * @returns {Decision}
 */
export const note = (action, wanted, surface) => ({
  event_id: mint(),
  action,
  ...wire(wanted),
  surface,
  notice: shownNotice,
  decided_at: new Date().toISOString().slice(0, 19) + 'Z',
  signals: signals(),
  page: location.origin + (pageRule ? location.pathname : ''),
});

/**
 * @param {Action} action
 * @param {Choice} wanted
 * @param {Surface} surface
 */
export async function decide(action, wanted, surface) {
  const before = current();
  const kept = save(action, wanted);
  // A grant that the browser will not keep is not in force, and not recorded as if it were.
  store([...queue(), note(action, kept ? wanted : everything(false), surface)]);
  const after = await settle(before);
  later('say', kept, wanted).catch(() => {});
  flush();
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
  later('suspect', action, wanted).catch(() => {});
  return current();
}

/** @param {Surface} surface @param {Event} [event] */
export const acceptAll = (surface, event) => ask('accept_all', everything(true), surface, event);

/**
 * Everything that follows when what is in effect has changed, here or in another tab.
 * @param {import('./state.js').Current} before
 */
export async function settle(before) {
  const after = current();
  if (stored) hide();
  else if (!minors) ready(show);
  await painted();
  const was = { ...before.categories, ...before.providers };
  if (before.answer !== after.answer || !same(was, choice)) emit('change', before);
  run();
  const withdrawn = Object.keys(was).filter((name) => was[name] && !choice[name]);
  if (withdrawn[0] || (before.answer === 'none' && after.answer !== 'all')) clear(withdrawn);
  return current();
}

/** Another tab, or the choices page, may have changed the cookie. */
export function refresh() {
  const before = current();
  const raw = stored?.raw;
  load();
  if (raw !== stored?.raw) settle(before);
}
