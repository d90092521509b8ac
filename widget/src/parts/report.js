/**
 * The page's self-check: what ran and should not have is told to the consent host, as names of hosts and cookies,
 * without anything that says whose page it was. Once a page, on the page of a decision.
 */
import { cookies } from '../storage.js';
import { names } from './leftovers.js';
import { registry } from './published.js';
import { sightings } from './sightings.js';

/** @typedef {import('../core.js').Core} Core */

/** What is withdrawn has been cleared by then, and what comes late has come. */
const LATER = 3000;

let reported = false;

/** @param {Core} core @param {import('../types.js').Decision} decision */
export function report(core, decision) {
  if (reported) return;
  reported = true;
  setTimeout(() => tell(core, decision).catch(() => {}), LATER);
}

/** @param {Core} core @param {import('../types.js').Decision} decision */
async function tell(core, { decided_at, page, surface }) {
  const { config, choice } = core;
  const seen = {
    entries: /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType('resource')).filter(({ name }) => /^https?:/.test(name)),
    cookies: names(cookies()),
    own: [location.hostname, new URL(import.meta.url).hostname],
    domains: [...config.domains, location.hostname],
  };
  const moment = { at: Date.parse(decided_at) - performance.timeOrigin, first: surface === 'banner' && !config.changes[0] };
  const found = sightings(await registry(core), seen, choice, moment);
  if (!Object.values(found).some(({ hosts, cookies }) => hosts[0] || cookies[0])) return;
  await fetch(new URL(`/v1/sites/${config.site}/findings`, import.meta.url), {
    method: 'POST',
    body: JSON.stringify({ page, ...found }),
    credentials: 'omit',
    keepalive: true,
  });
}
