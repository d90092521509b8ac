/**
 * What was seen on a page and no provider declares. Pure.
 */
import { condemned, matcher } from './leftovers.js';

/**
 * @typedef {Object} Registry  as /v1/sites/{site}/config names it
 * @property {{number: number}} policy
 * @property {{key: string, required: boolean}[]} categories
 * @property {{key: string, category: string, hosts: string[], trackers: import('../types.js').Tracker[]}[]} providers
 * @property {Object<string, string>} notices
 */

const OURS = /^(__Host-visitor|visitor_choices.*)$/;

/** Kinds of trackers whose host is one that something is loaded from. */
const LOADED = ['script', 'frame', 'pixel', 'link'];

/**
 * The hosts that something of a provider's is loaded from.
 * @param {Registry['providers'][number]} provider
 */
export const hostsOf = ({ hosts, trackers }) =>
  [...hosts, ...trackers.flatMap(({ kind, host }) => (host && LOADED.includes(kind) ? host : []))].map(matcher);

/**
 * @param {Registry} registry
 * @param {{name: string, initiatorType: string}[]} entries  of the page's resources
 * @param {string[]} own  host names that need no declaring
 * @returns {[host: string, kinds: string[]][]} each with what asked for it
 */
export function hosts({ providers }, entries, own) {
  const declared = providers.flatMap(hostsOf);
  const found = /** @type {Map<string, Set<string>>} */ (new Map());
  for (const { name, initiatorType } of entries) {
    const { hostname, protocol } = new URL(name);
    if (!/^https?:$/.test(protocol) || own.includes(hostname) || declared.some((one) => one.test(hostname))) continue;
    found.set(hostname, (found.get(hostname) || new Set()).add(initiatorType));
  }
  return [...found].map(([host, kinds]) => [host, [...kinds]]);
}

/**
 * @param {Registry} registry
 * @param {string[]} names  of cookies, or of keys in the page's storage
 * @param {string[]} domains  the site's own
 * @param {'cookie'|'storage'} kind
 */
export function names({ providers }, names, domains, kind) {
  // Where nothing is allowed and nothing required, all that is declared would have to go.
  const declared = condemned({ categories: [], providers }, {}, domains, kind);
  return names.filter((name) => !declared(name) && !OURS.test(name));
}
