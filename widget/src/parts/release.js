/**
 * Letting a tag go: a script is replaced by a fresh one in the same place, other tags get their addresses back.
 */
import { element } from '../element.js';

const ADDRESSES = ['src', 'srcset', 'href', 'data', 'poster'];

/** Selector of a tag that has something to wait with. */
export const WAITING = `:is([type="text/plain"],[data-${ADDRESSES.join('],[data-')}])`;

/** Whatever a tag would ask the network for. @param {HTMLElement} tag */
export const addresses = (tag) => [...ADDRESSES.map((name) => tag.dataset[name]), tag.getAttribute('src')].flatMap((one) => one || []);

/** A script's own type, where the browser runs it: with any other nothing is loaded, and nothing tells of it. */
const RUNS = /^(module|(text|application)\/(x-)?(java|ecma)script)?$/i;

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
 * @param {import('../core.js').Core} core
 * @param {HTMLElement} tag
 * @param {string} name  of its provider, or of its category
 * @returns {Promise<unknown>|undefined} settles when the next script of the provider may follow
 */
export function release(core, tag, name) {
  const policy = trusted();
  if (!policy) return;
  core.ran.add(name);
  if (tag.localName === 'script') return replace(/** @type {HTMLScriptElement} */ (tag), policy);
  const { type = '' } = tag.dataset;
  if (tag.getAttribute('type') === 'text/plain') tag.setAttribute('type', type);
  for (const name of ADDRESSES) {
    const address = tag.dataset[name];
    if (!address) continue;
    delete tag.dataset[name];
    // Not `setAttribute`: where the registry holds tags back, that would hold this one too.
    tag.setAttributeNS(null, name, /** @type {any} */ (policy.createScriptURL(address)));
  }
  // A player that found none of its sources does not look again by itself.
  if (tag.localName === 'source') /** @type {any} */ (tag.parentNode)?.load?.();
}

/**
 * A script that was parsed as something else never runs: a fresh one does, in its place.
 * @param {HTMLScriptElement} tag
 * @param {NonNullable<typeof policy>} policy
 */
function replace(tag, policy) {
  const { type = '', src = tag.getAttribute('src') } = tag.dataset;
  const fresh = element('script', {});
  for (const attribute of tag.attributes) {
    const { name, value } = attribute;
    if (/^on/.test(name)) fresh.setAttribute(name, policy.createScript(value));
    // A copy: the parser takes names that `setAttribute` does not.
    else if (!/^(data-)?(type|src)$/.test(name)) fresh.setAttributeNode(attribute.cloneNode());
  }
  if (src) fresh.src = policy.createScriptURL(src);
  else fresh.text = policy.createScript(tag.textContent || '');
  if (type) fresh.type = type;
  fresh.nonce = tag.nonce;
  const loaded = new Promise((done) => ['load', 'error'].forEach((event) => fresh.addEventListener(event, done)));
  tag.replaceWith(fresh);
  if (src && !tag.hasAttribute('async') && !fresh.noModule && RUNS.test(type)) return loaded;
}
