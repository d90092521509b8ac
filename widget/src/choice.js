/**
 * A choice: every optional category and every provider, each on or off. Pure.
 * @typedef {{categories: Object<string, boolean>, providers: Object<string, boolean>}} Choice
 * @typedef {Pick<import('./types.js').Config, 'categories'|'providers'>} Registry
 * @typedef {''|'marketing'|'all'} Rule  what a signal switches off
 */

/**
 * @param {Registry} registry
 * @param {(key: string) => unknown} category
 * @param {(key: string, category: string, sells: number, categories: Object<string, boolean>) => unknown} provider  asked after the categories
 * @returns {Choice}
 */
export function make(registry, category, provider) {
  const categories = /** @type {Choice['categories']} */ ({});
  const providers = /** @type {Choice['providers']} */ ({});
  for (const key of registry.categories) categories[key] = !!category(key);
  for (const [key, of, sells] of registry.providers) providers[key] = !!provider(key, of, sells, categories);
  return { categories, providers };
}

/** @type {(registry: Registry, on: boolean) => Choice} */
export const everything = (registry, on) => make(registry, () => on, () => on);

/** @param {Choice} choice */
const values = (choice) => [...Object.values(choice.categories), ...Object.values(choice.providers)];

/** @param {Choice} choice */
export const grants = (choice) => values(choice).includes(true);

/**
 * One word for a choice.
 * @param {Choice} choice
 */
export const answer = (choice) => (!grants(choice) ? 'rejected' : values(choice).includes(false) ? 'some' : 'all');

/** Whether two choices are the same. @param {Choice} a @param {Choice} b */
export const same = (a, b) => '' + values(a) === '' + values(b);

/**
 * A choice, and what is wished to be different. A category that changes takes its providers along; what is named most
 * exactly counts.
 * @param {Registry} registry
 * @param {Choice} choice
 * @param {Object<string, unknown>} wish  keys of categories or providers
 */
export const merge = (registry, choice, wish) =>
  make(
    registry,
    (key) => (key in wish ? wish[key] === true : choice.categories[key]),
    (key, of, _, { [of]: on }) =>
      key in wish ? wish[key] === true : on === choice.categories[of] ? choice.providers[key] : on,
  );

/**
 * What is left of a choice while a signal acts.
 * @param {Registry} registry
 * @param {Choice} choice
 * @param {Rule} rule
 */
export function limit(registry, choice, rule) {
  if (!rule) return choice;
  /** @param {string} category */
  const off = (category) => {
    const members = registry.providers.filter(([, of]) => of === category);
    return rule === 'all' || category === 'marketing' || (members[0] && members.every(([, , sells]) => sells));
  };
  return make(
    registry,
    (key) => choice.categories[key] && !off(key),
    (key, of, sells) => choice.providers[key] && !sells && !off(of),
  );
}

/**
 * What is left of a choice where the server allows less.
 * @param {Registry} registry
 * @param {Choice} choice
 * @param {{choices?: Object<string, boolean>, providers?: Object<string, boolean>}} answer
 */
export const obey = (registry, choice, { choices = {}, providers = {} }) =>
  make(
    registry,
    (key) => choice.categories[key] && choices[key] !== false,
    (key, of) => choice.providers[key] && (providers[key] ?? choices[of]) !== false,
  );

/**
 * Providers that do not follow their category.
 * @param {Registry} registry
 * @param {Choice} choice
 */
export function exceptions(registry, choice) {
  const found = /** @type {Object<string, boolean>} */ ({});
  for (const [key, of] of registry.providers) {
    if (choice.providers[key] !== choice.categories[of]) found[key] = choice.providers[key];
  }
  return found;
}
