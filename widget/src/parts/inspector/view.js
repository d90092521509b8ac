/**
 * Findings as the panel shows them. A state is always a word, never colour alone.
 */
import { element } from '../../element.js';
import { attempt } from '../../storage.js';
import { names } from '../leftovers.js';
import { server } from './installation.js';
import { explain } from './tags.js';
import * as undeclared from '../undeclared.js';

/**
 * @typedef {import('../../core.js').Core} Core
 * @typedef {import('./installation.js').Line} Line
 * @typedef {import('./installation.js').Known} Known
 * @typedef {import('./tags.js').Facts} Facts
 */

const STATES = { '': '', ok: 'OK', check: 'Check', problem: 'Problem' };

/** @param {string} kind @param {string} word */
const badge = (kind, word) => (word ? [element('strong', { class: kind }, word), ' '] : []);

/** @param {Line[]} all */
export const lines = (all) =>
  element('dl', {}, ...all.map(([state, about, words]) => element('div', {}, element('dt', {}, about), element('dd', {}, ...badge(state, STATES[state]), words))));

/** @param {string[]} all @param {string} none */
const list = (all, none) => (all[0] ? element('ul', {}, ...all.map((one) => element('li', {}, element('code', {}, one)))) : element('p', {}, none));

/** @param {Facts[]} all */
export function waiting(all) {
  if (!all[0]) return element('p', {}, 'No tag on this page waits for a choice, or did.');
  const entries = all.map((facts) => {
    const { element: name, address, category, provider, owner } = facts;
    const [state, reason, wrong] = explain(facts);
    const whose = [category, provider || owner?.[0]].filter(Boolean).join(' · ') || 'not marked by us';
    return element(
      'li',
      {},
      element('p', {}, element('code', {}, `${name} ${address}`)),
      element('p', {}, ...badge(wrong ? 'problem' : 'plain', state), whose),
      element('p', {}, reason),
    );
  });
  return element('ul', {}, ...entries);
}

/** @param {Core} core @param {Known} known */
export function strangers({ config }, { registry }) {
  if (!registry) return [element('p', {}, registry === null ? 'The list of providers could not be had from the consent host.' : 'The list of providers is on its way.')];
  const own = [location.hostname, server.hostname];
  const domains = [...config.domains, location.hostname];
  const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType('resource'));
  const hosts = undeclared.hosts(registry, entries, own).map(([host, kinds]) => `${host} (${kinds.join(', ')})`);
  const keys = [() => localStorage, () => sessionStorage].flatMap((get) => attempt(() => Object.keys(get())) || []);
  const cookies = undeclared.names(registry, names(attempt(() => document.cookie) || ''), domains, 'cookie');
  const stored = undeclared.names(registry, [...new Set(keys)], domains, 'storage');
  return [
    element('h4', {}, 'Hosts'),
    list(hosts, 'None.'),
    element('h4', {}, 'Cookies'),
    list(cookies, 'None.'),
    element('h4', {}, 'Local and session storage'),
    list(stored, 'None.'),
    element('p', {}, 'Not declared: no provider of the site file has them. What is loaded inside frames, and cookies that scripts cannot read, do not show here.'),
  ];
}

/** @param {Line[]} all @param {Facts[]} facts */
export function sum(all, facts) {
  const found = facts.map(explain);
  const count = (/** @type {number} */ of, /** @type {string} */ one, /** @type {string} */ many) => (of ? [of === 1 ? `1 ${one}` : `${of} ${many}`] : []);
  const problems = all.filter(([state]) => state === 'problem').length + found.filter(([, , wrong]) => wrong).length;
  const said = [
    ...count(problems, 'problem', 'problems'),
    ...count(all.filter(([state]) => state === 'check').length, 'thing to check', 'things to check'),
    ...count(found.filter(([state]) => state === 'Waiting' || state === 'Held back').length, 'tag waits', 'tags wait'),
    ...count(found.filter(([state]) => state === 'Released').length, 'tag released', 'tags released'),
  ];
  return `${problems ? '' : 'No problem seen. '}${said.join(', ')}${said[0] ? '.' : ''}`.trim();
}

/** Puts something in its place, unless it is there: what has not changed keeps its place on the screen. @param {Element} place @param {...Node} content */
export function put(place, ...content) {
  const fresh = element('div', {}, ...content);
  if (!fresh.isEqualNode(place)) place.replaceChildren(...fresh.childNodes);
}
