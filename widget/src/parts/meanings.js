/**
 * What the markers of other consent tools mean in the words of a site. Pure.
 *
 * vanilla-cookieconsent 2 `data-cookiecategory`, 3 `data-category` with `data-service`; Klaro `data-name`; Cookiebot
 * `data-cookieconsent`; OneTrust class `optanon-category-C0002`; Usercentrics `data-usercentrics`.
 * @typedef {{categories: string[], providers: string[]}} Marks  as they are written
 */

/** Words that mean the same. What sites call otherwise has to be marked anew. */
const MEANINGS = [
  ['functional', 'functionality', 'preferences', 'preference', 'personalization', 'personalisation', 'experience', 'c0003'],
  ['analytics', 'analytical', 'statistics', 'statistic', 'performance', 'measurement', 'c0002'],
  ['marketing', 'advertising', 'advertisement', 'ads', 'targeting', 'social', 'c0004', 'c0005'],
];

const NECESSARY = /^(necessary|essentials?|strictly[ _-]?necessary|required|technical|c0001)$/;

/** Whether a word stands for what needs no choice. @param {string} word */
export const necessary = (word) => NECESSARY.test(plain(word));

/** @param {string} word */
const plain = (word) => word.trim().toLowerCase();

/** A name as keys are written. @param {string} name */
const slug = (name) => plain(name).replace(/[^a-z\d]+/g, '-');

/**
 * The optional categories of a site that a word stands for; none where nobody can say.
 * @param {string[]} categories
 * @param {string} word
 */
export function categoriesFor(categories, word) {
  const named = categories.filter((key) => plain(key) === plain(word));
  if (named[0]) return named;
  const alike = MEANINGS.find((words) => words.includes(plain(word))) || [];
  return categories.filter((key) => alike.includes(plain(key)));
}

/**
 * The provider that a key or a display name stands for.
 * @template {[key: string, ...rest: any[]]} Provider
 * @param {Provider[]} providers
 * @param {{key: string, name: string}[]} names
 * @param {string} word
 */
export function providerFor(providers, names, word) {
  const named = names.find(({ key, name }) => [key, name].some((one) => plain(one) === plain(word)))?.key;
  return providers.find(([key]) => key === (named || plain(word))) || providers.find(([key]) => key === slug(word));
}

/**
 * What a tag says, and no tool's words where there is nothing.
 * @param {Object<string, string|undefined>} dataset
 * @param {string} classes
 * @returns {Marks}
 */
export function read({ category, service, cookiecategory, cookieconsent, usercentrics, name, provider }, classes) {
  const groups = /(?:^|\s)optanon-category-([\w-]+)/.exec(classes)?.[1].split('-') || [];
  const categories = [
    ...[category, cookiecategory].flatMap((word) => word || []),
    ...(cookieconsent || '').split(',').filter(Boolean),
    // Older sites number the groups.
    ...groups.map((group) => (/^\d$/.test(group) ? 'C000' + group : group)),
  ];
  const providers = [service, usercentrics, provider].flatMap((word) => word || []);
  return categories[0] || providers[0] ? { categories, providers } : { categories, providers: name ? [name] : [] };
}

/**
 * The same in the words of a site, all of it needed; a string where a word means nothing to it.
 * @param {Marks} marks
 * @param {Pick<import('../types.js').Config, 'categories'|'providers'>} config
 * @param {{key: string, name: string}[]} names  of its providers
 * @returns {{categories: string[], provider?: string}|string}
 */
export function mean(marks, config, names) {
  const providers = new Set();
  const categories = new Set();
  for (const word of marks.categories) {
    const found = categoriesFor(config.categories, word);
    if (!found[0]) return word;
    found.forEach((key) => categories.add(key));
  }
  for (const word of marks.providers) {
    const [key, of] = providerFor(config.providers, names, word) || [];
    if (!key || (providers.size && !providers.has(key))) return word;
    providers.add(key);
    if (!marks.categories[0]) categories.add(of);
  }
  const [provider] = providers;
  return { categories: [...categories], provider };
}
