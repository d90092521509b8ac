/**
 * Tags that wait: `<script type="text/plain" data-category data-provider data-src>`. A tag that may run is replaced by a
 * fresh one in the same place. Order is kept within a provider, never across providers.
 */
import { config } from './config.js';
import { element } from './element.js';
import { warn } from './page.js';
import { choice } from './state.js';
import { attempt } from './storage.js';

const GATED = 'script[type="text/plain"][data-category]';

/** Categories and providers of which something has run on this page. @type {Set<string>} */
export const ran = new Set();

/** @type {Set<string>} */
const unknown = new Set();

/**
 * Whether a category or a provider is allowed. What is not known is never allowed, and said once.
 * @param {string} name
 */
export function allows(name) {
  const on = choice.categories[name] ?? choice.providers[name];
  if (typeof on === 'boolean') return on;
  if (!unknown.has(name)) warn(`"${name}" is not a category or provider`);
  unknown.add(name);
  return false;
}

/**
 * Whom a tag is for, and whether it may run. A provider that is not registered follows the tag's category; one that is
 * registered elsewhere needs both.
 * @param {HTMLElement} tag
 * @returns {[name: string, allowed: boolean]}
 */
function judge({ dataset: { category = '', provider } }) {
  const on = allows(category);
  const [key, of] = config.providers.find(([key]) => key === provider) || [];
  return key && category in choice.categories ? [key, choice.providers[key] && (on || of === category)] : [category, on];
}

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
 * @param {HTMLScriptElement} tag
 * @returns {Promise<unknown>|undefined} settles when the next tag of the provider may follow
 */
function release(tag) {
  const { type, src } = tag.dataset;
  const fresh = element('script', {});
  const policy = trusted();
  if (!policy) return;
  if (src) fresh.src = policy.createScriptURL(src);
  else fresh.text = policy.createScript(tag.text);
  for (const { name, value } of tag.attributes) {
    if (!/^(data-)?(type|src)$/.test(name)) fresh.setAttribute(name, value);
  }
  if (type) fresh.type = type;
  fresh.nonce = tag.nonce;
  const loaded = new Promise((done) => ['load', 'error'].forEach((event) => fresh.addEventListener(event, done)));
  tag.replaceWith(fresh);
  ran.add(judge(tag)[0]);
  if (src && !tag.hasAttribute('async')) return loaded;
}

/** What the next tag of a provider waits for. @type {Object<string, Promise<unknown>>} */
const order = {};

/** Tags that are on their way. @type {WeakSet<Element>} */
const taken = new WeakSet();

/** @param {HTMLScriptElement} tag */
function consider(tag) {
  if (taken.has(tag) || !judge(tag)[1]) return;
  taken.add(tag);
  const key = tag.dataset.provider || tag.dataset.category || '';
  order[key] = Promise.resolve(order[key])
    .then(() => {
      if (tag.isConnected && judge(tag)[1]) return release(tag);
      taken.delete(tag);
    })
    .catch(warn);
}

/**
 * Lets go what may run below a node. One bad node does not stop the rest.
 * @param {Node} node
 */
export function run(node) {
  const root = /** @type {HTMLScriptElement} */ (node);
  attempt(() => {
    if (root.matches?.(GATED)) consider(root);
    else root.querySelectorAll?.(GATED).forEach((tag) => consider(/** @type {HTMLScriptElement} */ (tag)));
  });
}
