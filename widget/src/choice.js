/**
 * A choice: the key of every optional category and of every provider, each on or off. Pure.
 * No provider has the key of a category (`consent_server/registry/schemas.py`).
 * @typedef {Object<string, boolean>} Choice
 * @typedef {0|1|2} Rule  what a signal switches off: nothing, what sells or shares, everything
 */
import { categories, config, providers } from './registry.js';

/** Stands for the category of a provider that staff have put on hold: nobody can allow it. */
const HELD = '-';

/**
 * @param {(key: string, category: string|undefined, made: Choice) => unknown} on  asked for the categories first, without
 *   the rest
 * @returns {Choice}
 */
export function make(on) {
  const made = /** @type {Choice} */ ({});
  for (const [key, of] of [...categories.map((key) => [key]), ...providers]) made[key] = of !== HELD && !!on(key, of, made);
  return made;
}

export const everything = (/** @type {boolean} */ on) => make(() => on);

/** @param {Choice} choice */
export const grants = (choice) => Object.values(choice).includes(true);

/** Whether two choices are the same. @param {Choice} a @param {Choice} b */
export const same = (a, b) => '' + Object.values(a) === '' + Object.values(b);

/**
 * What is left of a choice while a signal acts.
 * @param {Choice} choice
 * @param {Rule} rule
 */
export const limit = (choice, rule) => make((key) => choice[key] && rule < 2 && !(rule && config.sale.includes(key)));

/**
 * Providers that do not follow their category.
 * @param {Choice} choice
 */
export function exceptions(choice) {
  const found = /** @type {Choice} */ ({});
  for (const [key, of] of providers) if (of !== HELD && choice[key] !== choice[of]) found[key] = choice[key];
  return found;
}

/**
 * @param {Choice} choice
 * @param {string[]} keys
 * @returns {Choice}
 */
export const pick = (choice, keys) => Object.fromEntries(keys.map((key) => [key, choice[key]]));
