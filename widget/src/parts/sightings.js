/**
 * What was seen on a page and should not have been there. Pure.
 */
import { condemned } from './leftovers.js';
import { hosts, hostsOf, names } from './undeclared.js';

/**
 * @typedef {import('../choice.js').Choice} Choice
 * @typedef {import('./undeclared.js').Registry} Registry
 * @typedef {{name: string, initiatorType: string, startTime: number}} Entry  of the page's resources
 * @typedef {Object} Page
 * @property {Entry[]} entries
 * @property {string[]} cookies  their names
 * @property {string[]} own  host names that need no declaring
 * @property {string[]} domains  the site's own
 * @typedef {Object} Moment  of the decision
 * @property {number} at  in the time of the entries
 * @property {boolean} first  whether nothing can have been allowed before
 */

/** As many names as one report may hold. */
const MOST = 50;

/** @param {Registry} registry @param {Page} page @param {Choice} choice  since the decision @param {Moment} moment */
export function sightings(registry, { entries, cookies, own, domains }, choice, { at, first }) {
  // Where something may have been allowed before, what ran before the decision says nothing.
  const before = first ? unwanted(registry, entries.filter(({ startTime }) => startTime < at), {}) : [];
  const since = unwanted(registry, entries.filter(({ startTime }) => startTime >= at), choice);
  const strangers = hosts(registry, entries, own).map(([host]) => host);
  return {
    undeclared: { hosts: some(strangers), cookies: some(names(registry, cookies, domains, 'cookie')) },
    not_allowed: { hosts: some([...before, ...since]), cookies: some(cookies.filter(condemned(registry, choice, domains, 'cookie'))) },
  };
}

/** @param {string[]} names */
const some = (names) => [...new Set(names)].slice(0, MOST);

/** Hosts of providers that were not allowed, unless one that was has them too. @param {Registry} registry @param {Entry[]} entries @param {Choice} choice */
function unwanted({ categories, providers }, entries, choice) {
  const required = categories.filter((category) => category.required).map(({ key }) => key);
  const allowed = (/** @type {Registry['providers'][number]} */ { key, category }) => required.includes(category) || (choice[key] ?? choice[category]) === true;
  const may = providers.filter(allowed).flatMap(hostsOf);
  const mayNot = providers.filter((provider) => !allowed(provider)).flatMap(hostsOf);
  const seen = entries.map(({ name }) => new URL(name).hostname);
  return seen.filter((host) => mayNot.some((one) => one.test(host)) && !may.some((one) => one.test(host)));
}
