/**
 * Choices, for the parts: each knows the registry only by what it is handed. Pure.
 * @typedef {import('../choice.js').Choice} Choice
 * @typedef {import('../types.js').Config} Config
 */

/** @param {Choice} choice */
export const grants = (choice) => Object.values(choice).includes(true);

/**
 * @param {Config} config
 * @param {boolean} on
 */
export const everything = (config, on) =>
  /** @type {Choice} */ (Object.fromEntries([...config.categories, ...config.providers.map(([key]) => key)].map((key) => [key, on])));

/**
 * A choice, and what is wished to be different. A category that changes takes its providers along; what is named most
 * exactly counts.
 * @param {Config} config
 * @param {Choice} choice
 * @param {Object<string, unknown>} wish  keys of categories or providers
 * @returns {Choice}
 */
export function merge(config, choice, wish) {
  const made = /** @type {Choice} */ ({});
  for (const key of config.categories) made[key] = key in wish ? wish[key] === true : choice[key];
  for (const [key, of] of config.providers) {
    made[key] =
      key in wish ? wish[key] === true
      : made[of] !== choice[of] ? made[of]
      : choice[key];
  }
  return made;
}

/**
 * What is left of a choice where the server allows less.
 * @param {Config} config
 * @param {Choice} choice
 * @param {{choices?: Object<string, boolean>, providers?: Object<string, boolean>}} answer
 * @returns {Choice}
 */
export function obey(config, choice, { choices = {}, providers = {} }) {
  const left = /** @type {Choice} */ ({});
  for (const key of config.categories) left[key] = choice[key] && choices[key] !== false;
  for (const [key, of] of config.providers) left[key] = choice[key] && (providers[key] ?? choices[of]) !== false;
  return left;
}
