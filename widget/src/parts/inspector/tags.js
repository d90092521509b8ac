/**
 * The tags that wait for a choice, or did: what each is, in what state, and why.
 */

/**
 * @typedef {import('../../core.js').Core} Core
 * @typedef {import('../inspection.js').Tools} Tools
 * @typedef {Object} Facts  what is known of a tag
 * @property {string} element
 * @property {string} address  host and path, or what stands for one
 * @property {string} category  as it is written
 * @property {string} provider  as it is written
 * @property {string} tool  whose marks it bears, if not ours
 * @property {boolean} waiting
 * @property {string[]} unknown  categories that the site does not have, or that need no choice
 * @property {boolean} translated  whether it bears marks of ours
 * @property {[key: string, category: string]|undefined} owner  the provider it belongs to
 * @property {boolean} allowed
 * @property {string} name  what has to be allowed
 * @property {boolean} ran  whether something of that name was let go
 * @property {boolean} held  whether `data-block` has marked it
 * @property {'minors'|'undecided'|'signal'|'refused'} why  what is not allowed is not
 * @typedef {[state: string, reason: string, wrong?: boolean]} Finding
 */

const NAMES = ['src', 'srcset', 'href', 'data', 'poster'];
const WAITS = NAMES.map((name) => `[data-${name}]`).join();
const LOADS = 'script,iframe,img,link,object,embed,video,audio,source,track,input';

/** Tools whose marks are understood. @type {[name: string, marks: string][]} */
const TOOLS = [
  ['Cookiebot', '[data-cookieconsent],[data-cookieblock-src]'],
  ['OneTrust', '[class*="optanon-category-"]'],
  ['Usercentrics', '[data-usercentrics]'],
  ['vanilla-cookieconsent', '[data-cookiecategory],[data-category][data-service]'],
  ['Klaro', 'script[type="text/plain"][data-name],[data-src][data-name]'],
];

const MARKED = `:is(${LOADS},${WAITS})[data-category],script[type="text/plain"],${TOOLS.map(([, marks]) => marks)}`;

/** How a tag that `data-block` has marked ends: what a page writes has another order, and only these two are told apart. */
const HELD = / data-provider data-category data-src( data-type)?( type)?$/;

/** @param {ParentNode} page @returns {HTMLElement[]} */
export const find = (page) => [...page.querySelectorAll(MARKED)].map((tag) => /** @type {HTMLElement} */ (tag));

/** @param {HTMLElement} tag @param {string} base */
function addressOf(tag, base) {
  const written = [...NAMES.map((name) => tag.dataset[name]), tag.dataset.cookieblockSrc, ...NAMES.map((name) => tag.getAttribute(name))];
  const address = written.find(Boolean);
  if (!address) return { address: tag.localName === 'script' ? 'inline' : 'no address', full: '' };
  try {
    const { href, host, pathname } = new URL(address.trim().split(/\s/)[0], base);
    return { address: host ? host + pathname : href.slice(0, 40), full: href };
  } catch {
    return { address: 'an address that cannot be read', full: '' };
  }
}

/** Why what is not allowed is not. @param {Core} core @param {string} name @returns {Facts['why']} */
const whyNot = ({ minors, stored }, name) =>
  minors ? 'minors'
  : !stored ? 'undecided'
  : stored.choice[name] ? 'signal'
  : 'refused';

/**
 * @param {Core} core
 * @param {Tools} tools
 * @param {boolean} blocking  whether the page's tag has `data-block`
 * @param {HTMLElement} tag
 * @returns {Facts}
 */
export function read(core, { judge, owner }, blocking, tag) {
  const { config } = core;
  const { category = '', provider = '', service } = tag.dataset;
  const { address, full } = addressOf(tag, document.baseURI);
  const translated = !!category && !(service && !provider);
  const [name, allowed] = translated ? judge(core, tag) : ['', false];
  const [key, of] = config.providers.find(([key]) => key === provider) || (full && owner(core, full)) || [];
  return {
    element: tag.localName,
    address,
    category,
    provider,
    tool: TOOLS.find(([, marks]) => tag.matches(marks))?.[0] || '',
    waiting: (tag.localName === 'script' && tag.getAttribute('type') === 'text/plain') || tag.matches(`${WAITS},[data-cookieblock-src]`),
    unknown: category.split(',').map((one) => one.trim()).filter((one) => one && !config.categories.includes(one)),
    translated,
    owner: key && of ? [key, of] : undefined,
    allowed,
    name,
    ran: core.ran.has(name),
    held: blocking && HELD.test(' ' + tag.getAttributeNames().join(' ')),
    why: whyNot(core, name),
  };
}

const WHY = {
  minors: 'Nothing optional runs on a page for people under 16.',
  undecided: 'The visitor has not decided yet.',
  signal: 'The visitor allowed it, but the browser sends a signal that switches it off.',
  refused: 'The visitor has not allowed {name}.',
};

/** The first that applies. @type {[(facts: Facts) => unknown, state: string, words: string, wrong?: boolean][]} */
const RULES = [
  [({ category }) => category.startsWith('!'), 'Not understood', '“{word}” means nothing to this site, so nobody can allow it. Mark the tag with a data-category of the site file.', true],
  [({ translated, tool }) => !translated && tool, 'Not understood', 'It bears the marks of {tool}, but their words are not categories or providers of this site. Mark it with data-category.', true],
  [({ translated, waiting }) => !translated && waiting, 'No category', 'It never runs: type="text/plain" keeps it from running, and without data-category nobody can allow it.', true],
  [({ unknown, waiting }) => waiting && unknown[0], 'Unknown category', '“{word}” is not an optional category of this site, so nobody can allow it. What is necessary needs no marks: take them off.', true],
  [({ waiting, allowed }) => waiting && allowed, 'On its way', 'It is allowed. An earlier script of the same provider may still be loading, or the page’s policy does not have visitor-choices in trusted-types.'],
  [({ waiting, held }) => waiting && held, 'Held back', 'data-block found a host that {owner} declares. {why}'],
  [({ waiting }) => waiting, 'Waiting', '{why}'],
  [({ ran, allowed }) => ran && allowed, 'Released', 'The visitor has allowed {name}.'],
  [({ ran }) => ran, 'Released', 'It was let go one time, or before the choice changed.'],
  [() => true, 'Not held back', 'It loads without asking. A script waits with type="text/plain" and data-src, anything else with data-src and the like.', true],
];

/** What is worth knowing besides. @type {[(facts: Facts) => unknown, words: string][]} */
const NOTES = [
  [({ tool, translated }) => tool && translated, 'Read from the marks of {tool}.'],
  [({ provider, owner }) => provider && owner?.[0] !== provider, 'No provider of the site file has the key “{provider}”; the category decides.'],
  [({ provider, owner }) => !provider && owner, 'Its host belongs to {owner}.'],
  [({ owner, category }) => owner && category && owner[1] !== category, '{owner} is under another category in the site file ({of}): both have to be allowed.'],
];

/**
 * @param {Facts} facts
 * @returns {Finding}
 */
export function explain(facts) {
  const [, state, words, wrong] = /** @type {(typeof RULES)[number]} */ (RULES.find(([applies]) => applies(facts)));
  const notes = wrong ? [] : NOTES.filter(([applies]) => applies(facts)).map(([, note]) => note);
  const [owner = '', of = ''] = facts.owner || [];
  const { tool, provider, name } = facts;
  const said = /** @type {Object<string, string>} */ ({ tool, provider, name, owner, of, word: facts.unknown[0]?.replace(/^!/, '') });
  const fill = (/** @type {string} */ text) => text.replace(/\{(\w+)\}/g, (_, key) => said[key]);
  said.why = fill(WHY[facts.why]);
  return [state, [words, ...notes].map(fill).join(' '), !!wrong];
}
