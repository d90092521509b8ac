/**
 * What is in effect on this page, from the cookie, the signals and the site's rules.
 */
import { everything, exceptions, grants, limit, pick } from './choice.js';
import { assignments, format, read } from './cookie.js';
import { day } from './copies.js';
import { fate, queue } from './record.js';
import { categories, policy, providers } from './registry.js';
import { minors } from './script.js';
import { readSignals, ruleFor } from './signals.js';
import { attempt, cookies } from './storage.js';

/**
 * @typedef {import('./choice.js').Choice} Choice
 * @typedef {Object} Current  what `visitorChoices.current` shows
 * @property {'none'|'all'|'rejected'|'some'} answer
 * @property {Object<string, boolean>} categories
 * @property {Object<string, boolean>} providers
 * @property {number} policy
 * @property {string|null} decidedAt
 * @property {import('./types.js').Signals} signals
 * @property {'server'|'waiting'|'never'} recorded
 */

export const signals = () => readSignals(navigator);

/** What the signals switch off here. */
export const rule = () => ruleFor(signals());

const none = everything(false);

/** A refusal made here, as long as the browser is not seen to keep it: it holds for this page. @type {import('./cookie.js').Stored|null} */
export let unkept = null;

/** What the visitor decided; null while undecided. @type {import('./cookie.js').Stored|null} */
export let stored = null;

/** What is allowed now. @type {Choice} */
export let choice = none;

/** Whether the visitor is to be asked: for the first time, or about what has changed since. */
export const asked = () => !minors && (!stored || stored.again);

/** Reads the cookie, again. */
export function load(now = cookies()) {
  if (unkept && now.includes(unkept.raw)) unkept = null;
  stored = unkept || read(now, Date.now());
  choice = stored && !minors ? limit(stored.choice, stored.express || !grants(stored.choice) ? 0 : rule()) : none;
}

/**
 * Keeps a choice. A grant is read back; a refusal holds in any case, and reading takes time: that is for `load`, later.
 * @param {import('./types.js').Action} action
 * @param {Choice} [wanted]  without it: back to undecided
 * @returns {boolean} false where the browser would not keep a grant
 */
export function save(action, wanted) {
  const now = Date.now();
  const raw = wanted ? format(action, wanted, !!rule(), now) : '';
  attempt(() => assignments(raw, location).forEach((line) => (document.cookie = line)));
  unkept = wanted && !grants(wanted) ? { choice: wanted, policy, date: day(now), raw } : null;
  load(unkept ? '' : cookies());
  return !!unkept || cookies().includes(raw);
}

/** @returns {Current} */
export const current = () =>
  ({
    answer:
      !stored ? 'none'
      : !grants(choice) ? 'rejected'
      : Object.values(choice).includes(false) ? 'some'
      : 'all',
    categories: pick(choice, categories),
    providers: pick(choice, providers.map(([key]) => key)),
    policy: stored ? stored.policy : policy,
    decidedAt: stored && stored.date,
    get signals() {
      return signals();
    },
    get recorded() {
      return fate || (queue()[0] ? 'waiting' : stored ? 'server' : 'never');
    },
  });

/** The shape of a choice on the wire. @param {Choice} of */
export const wire = (of) => ({ choices: pick(of, categories), providers: exceptions(of) });
