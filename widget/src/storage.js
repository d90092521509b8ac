/**
 * Everything the browser keeps for us. It may refuse at any time; nothing here throws.
 */
/** Names in localStorage. */
export const QUEUE = 'visitor_choices_queue';
export const CLEAR = 'visitor_choices_clear';
export const SIGNAL = 'visitor_choices_signal';
export const TOLD = 'visitor_choices_told';

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
 * @param {string|undefined} value  empty: forget it
 */
export const keep = (key, value) => attempt(() => (value ? localStorage.setItem(key, value) : localStorage.removeItem(key)));

export const cookies = () => attempt(() => document.cookie) || '';

/** The cookies as they were when the script ran: what it did rests on them. */
export let seen = '';
export const look = () => (seen = cookies());

