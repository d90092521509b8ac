/**
 * A decision: in effect at once, then painted, then the gates, then the server.
 */
import { everything, grants, merge, obey, same } from './choice.js';
import { clear } from './clear.js';
import { config, source } from './config.js';
import { run } from './gate.js';
import { mint } from './id.js';
import { hide, show, tell } from './layer.js';
import { closeDialog, ready } from './open.js';
import { emit, painted, say } from './page.js';
import { enqueue, flush } from './record.js';
import { choice, current, forget, load, lose, save, signals, stored, wire } from './state.js';
import { strangers } from './storage.js';
import { wake } from './watch.js';
import { first, shownNotice } from './wording.js';

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
 * @param {Partial<Decision>} [more]
 */
export const note = (action, wanted, surface, more) =>
  enqueue({
    event_id: mint(Date.now()),
    action,
    ...wire(wanted),
    surface,
    notice: shownNotice,
    decided_at: new Date().toISOString().slice(0, 19) + 'Z',
    signals,
    page: location.origin + (config.page === 'path' ? location.pathname : ''),
    ...more,
  });

/** Whether the visitor has yet to be told that the server cannot be reached: once for each decision. */
let news = false;

/**
 * @param {Action} action
 * @param {Choice} wanted
 * @param {Surface} surface
 */
function apply(action, wanted, surface) {
  const before = current();
  const kept = save(action, wanted);
  // A grant that the browser will not keep is not in force, and not recorded as if it were.
  note(action, kept ? wanted : everything(config, false), surface);
  news = true;
  const done = settle(before);
  if (!kept && grants(wanted)) ready(() => tell(first.blocked));
  else say(!kept ? first.blocked : action === 'reject_all' ? first.rejected : first.saved);
  done.then(flush);
  return done;
}

/** A refusal never needs anything. @param {Surface} surface */
export const rejectAll = (surface) => apply('reject_all', everything(config, false), surface);

/**
 * A grant needs a person. One that comes without is recorded as such, and not applied.
 * @param {Action} action
 * @param {Choice} wanted
 * @param {Surface} surface
 * @param {Event} [event]
 */
async function ask(action, wanted, surface, event) {
  if (!grants(wanted) || event?.isTrusted || navigator.userActivation?.isActive) return apply(action, wanted, surface);
  note(action, wanted, 'api', { automated: 'suspected' });
  flush();
  return current();
}

/** @param {Surface} surface @param {Event} [event] */
export const acceptAll = (surface, event) => ask('accept_all', everything(config, true), surface, event);

/**
 * @param {Object<string, unknown>} wish  categories and providers; what is not named stays as it is
 * @param {Surface} surface
 * @param {Event} [event]
 */
export function choose(wish, surface, event) {
  const wanted = merge(config, choice, wish);
  return ask(stored && grants(stored.choice) && !grants(wanted) ? 'withdraw' : 'custom', wanted, surface, event);
}

/**
 * Everything that follows when what is in effect has changed, here or in another tab.
 * @param {import('./state.js').Current} before
 */
export async function settle(before) {
  const after = current();
  closeDialog();
  if (stored) hide();
  else ready(show);
  await painted();
  if (before.answer !== after.answer || !same(before, after)) emit('change', before);
  run(document);
  wake();
  const is = { ...after.categories, ...after.providers };
  const was = Object.entries({ ...before.categories, ...before.providers });
  const withdrawn = was.flatMap(([name, on]) => (on && !is[name] ? name : []));
  if (withdrawn[0] || (before.answer === 'none' && after.answer !== 'all' && strangers())) clear(withdrawn);
  return current();
}

/** Another tab, or the choices page, may have changed the cookie. */
export function refresh() {
  const before = current();
  const raw = stored?.raw;
  load();
  if (raw !== stored?.raw) settle(before);
}

/**
 * The server has answered, or has not.
 * @param {import('./answer.js').Verdict} verdict
 * @param {Decision} decision
 * @param {any} body
 * @param {boolean} last  whether it is the visitor's latest decision
 */
export function told(verdict, { action }, body, last) {
  const before = current();
  const less = last && stored && verdict === 'done' && obey(config, stored.choice, body);
  if (less && stored && !same(less, stored.choice)) {
    save(action, less);
    settle(before);
  }
  if (last && verdict === 'stale') {
    forget();
    settle(before);
    fetch(source, { cache: 'reload' }).catch(() => {});
  } else if (last && verdict !== 'done') lose();
  if (verdict === 'keep' && news) {
    news = false;
    say(first.unrecorded);
  }
  emit(verdict === 'done' ? 'recorded' : 'unrecorded', before);
}
