/**
 * Everything the browser keeps for us. It may refuse at any time; nothing here throws.
 */
import { config } from './config.js';
import { assignments } from './cookie.js';

/** Names in localStorage. */
export const QUEUE = 'visitor_choices_queue';
export const CLEAR = 'visitor_choices_clear';
export const SIGNAL = 'visitor_choices_signal';

/**
 * @template T
 * @param {() => T} act
 * @returns {T|undefined}
 */
export function attempt(act) {
  try {
    return act();
  } catch {}
}

/** @param {string} key */
export const recall = (key) => attempt(() => localStorage.getItem(key));

/**
 * @param {string} key
 * @param {string} value  empty: forget it
 */
export const keep = (key, value) => attempt(() => (value ? localStorage.setItem(key, value) : localStorage.removeItem(key)));

export const cookies = () => attempt(() => document.cookie) || '';

/** @param {string} value  of our cookie; empty: remove it */
export const write = (value) => attempt(() => assignments(config, value, location).forEach((line) => (document.cookie = line)));

/** Whether anything is kept that is not ours: something a first refusal may have to clear. */
export const strangers = () =>
  /(^|; )(?!visitor_choices|; |$)/.test([cookies(), ...(attempt(() => Object.keys(localStorage)) || [])].join('; '));
