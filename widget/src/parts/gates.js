/**
 * Tags that wait: scripts of `type="text/plain"`, and anything with its address in `data-src` and the like, each with
 * its `data-category`. Scripts keep their order within a provider, never across providers.
 */
import embeds from 'part:embeds';
import markers from 'part:markers';
import modes from 'part:modes';
import providers from 'part:providers';
import { WAITING, addresses, release } from './release.js';

/** @typedef {import('../core.js').Core} Core */

/** A tag that names another tool's service is that tool's, unless it has been translated. */
const GATED = `[data-category]${WAITING}:not([data-service]:not([data-provider]))`;

/** What other tools' users have written, to be translated first. */
const FOREIGN =
  `${WAITING}:not([data-category]):is([type="text/plain"],[data-name],[data-cookiecategory],[data-cookieconsent],[data-usercentrics],[class*="optanon-category-"]),` +
  `[data-cookieblock-src]:not([data-category]),${WAITING}[data-category][data-service]:not([data-provider])`;

/** @param {string} name  of another part, beside this one */
const part = (name) => import(new URL(`./${name}.js`, import.meta.url).href);

/**
 * The provider that has declared the host of an address.
 * @param {Core} core
 * @param {string} address
 */
export function owner({ config }, address) {
  try {
    const { href } = new URL(address, document.baseURI);
    return config.providers.find(([, , hosts]) => hosts && RegExp(`^\\w+://(${hosts})[:/]`).test(href));
  } catch {}
}

/**
 * Whom a tag is for: the provider it names, or else the one a host of its belongs to.
 * @param {Core} core
 * @param {HTMLElement} tag
 */
export function providerOf(core, tag) {
  const named = core.config.providers.find(([key]) => key === tag.dataset.provider);
  return named || addresses(tag).map((address) => owner(core, address)).find(Boolean);
}

/** The categories a tag names: usually one, else all of them are needed. @param {HTMLElement} tag */
export const categoriesOf = ({ dataset: { category = '' } }) => category.split(',').map((one) => one.trim());

/** What was said to be unknown. @type {Set<string>} */
const unknown = new Set();

/**
 * Whether a name that a tag gives is allowed. What is not known is said once.
 * @param {Core} core
 * @param {string} name
 */
function allows({ allows, choice }, name) {
  if (!(name in choice) && !unknown.has(name)) console.warn('visitor-choices: unknown', name);
  unknown.add(name);
  return allows(name);
}

/**
 * Whom a tag is for, and whether it may run. Its provider has to be allowed, and its category too unless that is the
 * provider's own. A provider that is not registered follows the category.
 * @param {Core} core
 * @param {HTMLElement} tag
 * @returns {[name: string, allowed: boolean]}
 */
export function judge(core, tag) {
  const [key, of] = providerOf(core, tag) || [];
  const categories = categoriesOf(tag);
  const on = categories.every((one) => (key && one === of) || allows(core, one));
  return [key || categories[0], on && (!key || core.choice[key])];
}

/** What a tag that may run waits for: its vendor knows by then what is allowed. @type {Promise<unknown>|undefined} */
let informed;

/** Choice that the vendors were told. */
let told = '';

/** Tells the vendors that want to know; there is nothing to tell before something was ever allowed. @param {Core} core */
export function inform(core) {
  const { choice, config } = core;
  const now = Object.values(choice).join();
  if (now === told || (!informed && !config.providers.some(([key, , , mode]) => mode && choice[key]))) return informed;
  told = now;
  return (informed = part(modes)
    .then(({ tell }) => tell(core))
    .catch(() => {}));
}

/** What the next script of a row waits for. @type {Object<string, Promise<unknown>>} */
const order = {};

/** The row of the last script with an address, by category. @type {Object<string, string>} */
const latest = {};

/**
 * Scripts of one row run one after the other: those of a provider, or of a host nobody has declared. An inline one that
 * does not say whose it is goes with the one before it.
 * @param {Core} core
 * @param {HTMLElement} tag
 */
function rowOf(core, tag) {
  const { category = '', provider } = tag.dataset;
  const [address] = addresses(tag);
  if (provider) return provider;
  if (!address) return latest[category] || category;
  return (latest[category] = owner(core, address)?.[0] || new URL(address, document.baseURI).host);
}

/** Tags that are on their way. @type {WeakSet<Element>} */
const taken = new WeakSet();

/**
 * @param {Core} core
 * @param {HTMLElement} tag
 */
function consider(core, tag) {
  if (!judge(core, tag)[1]) return hold(core, tag);
  if (taken.has(tag)) return;
  taken.add(tag);
  const row = tag.localName === 'script' && rowOf(core, tag);
  const turn = Promise.all([row && order[row], inform(core)])
    .then(() => {
      const [name, allowed] = judge(core, tag);
      if (tag.isConnected && allowed) return release(core, tag, name);
      taken.delete(tag);
    })
    .catch((error) => console.warn('visitor choices:', error));
  if (row) order[row] = turn;
}

/**
 * A frame that waits leaves a hole in the page: something stands for it.
 * @param {Core} core
 * @param {HTMLElement} tag
 */
function hold(core, tag) {
  if (tag.localName !== 'iframe') return;
  const once = () => guarded(() => release(core, tag, judge(core, tag)[0]));
  part(embeds)
    .then(({ show }) => show(core, tag, providerOf(core, tag), once))
    .catch(() => {});
}

/** One bad node does not stop the rest. @param {() => unknown} act */
function guarded(act) {
  try {
    act();
  } catch (error) {
    console.warn('visitor choices:', error);
  }
}

/**
 * Lets go what may run below a node.
 * @param {Core} core
 * @param {any} node
 */
export async function run(core, node) {
  inform(core);
  if (document.querySelector('visitor-providers')) part(providers).then(({ list }) => list(core)).catch(() => {});
  const all = (/** @type {string} */ selector) => [...(node.matches?.(selector) ? [node] : []), ...(node.querySelectorAll?.(selector) || [])];
  for (const tag of all(GATED)) guarded(() => consider(core, tag));
  const foreign = all(FOREIGN);
  if (!foreign[0]) return;
  await (await part(markers)).translate(core, foreign);
  for (const tag of foreign) if (tag.matches(GATED)) guarded(() => consider(core, tag));
}
