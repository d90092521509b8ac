/**
 * Tags that wait: scripts of `type="text/plain"`, and anything with its address in `data-src` and the like, each with
 * its `data-category`. A script that may run is replaced by a fresh one in the same place; other tags get their address
 * back. Order is kept within a provider, never across providers.
 */
import embeds from 'part:embeds';
import markers from 'part:markers';
import modes from 'part:modes';
import { element } from '../element.js';

/** @typedef {import('../core.js').Core} Core */

const ADDRESSES = ['src', 'srcset', 'href', 'data', 'poster'];
const GATED = `[data-category]:is([type="text/plain"],[data-${ADDRESSES.join('],[data-')}])`;

/** What other tools' users have written, to be translated first. */
const FOREIGN = '[type="text/plain"]:not([data-category]),[data-category][data-service],[data-name][data-src],[data-cookieconsent],[data-usercentrics]';

/** @param {string} name  of another part, beside this one */
const part = (name) => import(new URL(`./${name}.js`, import.meta.url).href);

/**
 * The provider that has declared the host of an address.
 * @param {Core} core
 * @param {string} address
 */
export function owner({ config }, address) {
  if (!address) return;
  try {
    const { href } = new URL(address, document.baseURI);
    return config.providers.find(([, , hosts]) => hosts && RegExp(`^\\w+://(${hosts})[:/]`).test(href));
  } catch {}
}

/**
 * Whom a tag is for, and whether it may run. Its provider is the one it names, or else the one its host belongs to: that
 * one has to be allowed as well as the category. A provider that is not registered follows the category.
 * @param {Core} core
 * @param {HTMLElement} tag
 * @returns {[name: string, allowed: boolean]}
 */
export function judge(core, tag) {
  const { choice, config } = core;
  const { category = '', provider } = tag.dataset;
  const on = core.allows(category);
  const [key, of] = config.providers.find(([key]) => key === provider) || owner(core, addressOf(tag)) || [];
  return key && config.categories.includes(category) ? [key, choice[key] && (on || of === category)] : [category, on];
}

/** @param {HTMLElement} tag */
export const addressOf = (tag) => ADDRESSES.map((name) => tag.dataset[name]).find(Boolean) || tag.getAttribute('src') || '';

/** @type {ReturnType<NonNullable<Window['trustedTypes']>['createPolicy']>|null|undefined} */
let policy;

/** The one policy of ours, made when the first tag is let go. Where the page forbids it, nothing runs, and that is said once. */
function trusted() {
  const same = (/** @type {string} */ text) => text;
  const rules = { createScript: same, createScriptURL: same };
  if (policy === undefined) {
    policy = null;
    policy = window.trustedTypes ? window.trustedTypes.createPolicy('visitor-choices', rules) : rules;
  }
  return policy;
}

/**
 * Lets a tag go, whoever it is for.
 * @param {Core} core
 * @param {HTMLElement} tag
 * @returns {Promise<unknown>|undefined} settles when the next tag of the provider may follow
 */
export function release(core, tag) {
  const policy = trusted();
  if (!policy) return;
  core.ran.add(judge(core, tag)[0]);
  if (tag.localName === 'script') return replace(/** @type {HTMLScriptElement} */ (tag), policy);
  for (const name of ADDRESSES) {
    const address = tag.dataset[name];
    if (!address) continue;
    delete tag.dataset[name];
    tag.setAttribute(name, /** @type {any} */ (policy.createScriptURL(address)));
  }
}

/**
 * A script that was parsed as something else never runs: a fresh one does, in its place.
 * @param {HTMLScriptElement} tag
 * @param {NonNullable<typeof policy>} policy
 */
function replace(tag, policy) {
  const { type, src = tag.getAttribute('src') } = tag.dataset;
  const fresh = element('script', {});
  if (src) fresh.src = policy.createScriptURL(src);
  else fresh.text = policy.createScript(tag.text);
  for (const { name, value } of tag.attributes) {
    if (!/^(data-)?(type|src)$/.test(name)) fresh.setAttribute(name, value);
  }
  if (type) fresh.type = type;
  fresh.nonce = tag.nonce;
  const loaded = new Promise((done) => ['load', 'error'].forEach((event) => fresh.addEventListener(event, done)));
  tag.replaceWith(fresh);
  if (src && !tag.hasAttribute('async')) return loaded;
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

/** What the next tag of a provider waits for. @type {Object<string, Promise<unknown>>} */
const order = {};

/** Tags that are on their way (true), and those that something stands for meanwhile (false). @type {WeakMap<Element, boolean>} */
const taken = new WeakMap();

/**
 * @param {Core} core
 * @param {HTMLElement} tag
 */
function consider(core, tag) {
  const allowed = judge(core, tag)[1];
  if (!allowed) return hold(core, tag);
  if (taken.get(tag)) return;
  taken.set(tag, true);
  const key = tag.dataset.provider || tag.dataset.category || '';
  order[key] = Promise.all([order[key], inform(core)])
    .then(() => {
      if (tag.isConnected && judge(core, tag)[1]) return release(core, tag);
      taken.delete(tag);
    })
    .catch((error) => console.warn('visitor choices:', error));
}

/**
 * A frame that waits leaves a hole in the page: something stands for it.
 * @param {Core} core
 * @param {HTMLElement} tag
 */
function hold(core, tag) {
  if (tag.localName !== 'iframe' || taken.has(tag)) return;
  taken.set(tag, false);
  part(embeds)
    .then(({ show }) => show(core, tag, release))
    .catch(() => taken.delete(tag));
}

/**
 * Lets go what may run below a node. One bad node does not stop the rest.
 * @param {Core} core
 * @param {any} node
 */
export async function run(core, node) {
  inform(core);
  const all = (/** @type {string} */ selector) => [...(node.matches?.(selector) ? [node] : []), ...(node.querySelectorAll?.(selector) || [])];
  const foreign = all(FOREIGN).filter((tag) => !taken.has(tag));
  if (foreign[0]) {
    const { translate } = await part(markers);
    for (const tag of foreign) translate(core, tag);
  }
  for (const tag of all(GATED)) {
    try {
      consider(core, tag);
    } catch {}
  }
}
