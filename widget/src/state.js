/**
 * What is in effect on this page, from the cookie, the signals and the site's rules.
 */
import { answer, everything, exceptions, grants, limit } from './choice.js';
import { config } from './config.js';
import { format, read } from './cookie.js';
import { waiting } from './record.js';
import { readSignals, ruleFor } from './signals.js';
import { cookies, write } from './storage.js';

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

export const signals = Object.freeze(readSignals(navigator, window));

/** What the signals switch off here. */
export const rule = ruleFor(config, signals);

/** A refusal that the browser would not keep: it holds for this page. @type {import('./cookie.js').Stored|null} */
let unkept = null;

/** What the visitor decided; null while undecided. @type {import('./cookie.js').Stored|null} */
export let stored = null;

/** What is allowed now. @type {Choice} */
export let choice;

/** Reads the cookie again. */
export function load() {
  stored = read(config, cookies(), Date.now()) || unkept;
  choice = stored ? limit(config, stored.choice, stored.express ? '' : rule) : everything(config, false);
}

/**
 * Keeps a choice and reads it back.
 * @param {import('./types.js').Action} action
 * @param {Choice} wanted
 * @returns {boolean} whether the browser kept it
 */
export function save(action, wanted) {
  const raw = format(config, action, wanted, !!rule, Date.now());
  write(raw);
  const kept = cookies().includes(raw);
  unkept = kept || grants(wanted) ? null : { choice: wanted, express: true, policy: config.policy, date: '', raw };
  load();
  return kept;
}

/** Back to undecided. */
export function forget() {
  write('');
  unkept = null;
  load();
}

/** Set once the server has turned a decision of this page away for good. */
let lost = false;
export const lose = () => (lost = true);

/** @returns {Current} */
export const current = () =>
  Object.freeze({
    answer: stored ? answer(choice) : 'none',
    categories: Object.freeze({ ...choice.categories }),
    providers: Object.freeze({ ...choice.providers }),
    policy: stored ? stored.policy : config.policy,
    decidedAt: stored && stored.date,
    signals,
    recorded: waiting() ? 'waiting' : stored && !lost ? 'server' : 'never',
  });

/** The shape of a choice on the wire. @param {Choice} of */
export const wire = (of) => ({ choices: of.categories, providers: exceptions(config, of) });
