/**
 * The cookie `visitor_choices`: a query string without an identifier. Pure.
 * `v=1&p=12&e=3&d=2026-11-22&a=custom&on=analytics,-matomo,%2Bmeta&g=`, the plus sign written as query strings demand.
 */
import { exceptions, make } from './choice.js';
import { categories, changes, days, domains, epoch, policy } from './registry.js';

/**
 * @typedef {import('./choice.js').Choice} Choice
 * @typedef {Object} Stored  what the cookie says, as far as it is in force
 * @property {Choice} choice
 * @property {boolean} express  said while a signal was on
 * @property {number} policy
 * @property {boolean} [news]  whether something material has changed since
 * @property {boolean} [again]  whether that is about something it allowed, which is off until it is allowed anew
 * @property {string} date
 * @property {string} raw  the cookie itself, all copies
 */

const NAME = 'visitor_choices';
const DAY = 864e5;
const FORM =
  /^=v=1&p=(\d+)&e=\d+&d=([\d-]+)&a=(?:accept_all|reject_all|custom|withdraw|signal|imported)&on=((?:[+-]?[a-z\d][\w-]*(?:,[+-]?[a-z\d][\w-]*)*)?)&g=(1?)$/;

/** @param {number} time */
const day = (time) => new Date(time).toISOString().slice(0, 10);

/**
 * What the cookie says; null where it is malformed or no longer in force. A path-scoped copy can shadow another, so all
 * copies count, and only what every one of them allows is allowed.
 * @param {string} cookies  document.cookie
 * @param {number} now
 * @returns {Stored|null}
 */
export function read(cookies, now) {
  const pairs = cookies.split('; ').filter((pair) => pair.startsWith(NAME + '='));
  const copies = pairs.map((pair) => /** @type {string[]} */ (FORM.exec(pair.slice(NAME.length).replace(/%2B/g, '+')) || []));
  const valid = copies.every(([, , date]) => {
    const time = Date.parse(date);
    return time <= now + DAY && time + days * DAY > now && day(time) === date;
  });
  if (!copies[0] || !valid) return null;
  const lists = copies.map((copy) => copy[3].split(','));
  const since = Math.min(...copies.map((copy) => +copy[1]));
  const news = /** @type {unknown[]} */ (changes.filter(([number]) => number > since).flat());
  let again = false;
  return {
    choice: make((key, of) => {
      const on = lists.every((on) => (of ? !on.includes('-' + key) && (on.includes('+' + key) || on.includes(of)) : on.includes(key)));
      const anew = on && news.includes(key);
      again ||= anew;
      return on && !anew;
    }),
    news: !!news[0],
    again,
    express: copies.every((copy) => copy[4]),
    policy: since,
    date: copies[0][2],
    raw: '' + pairs,
  };
}

/**
 * @param {import('./types.js').Action} action
 * @param {Choice} choice
 * @param {boolean} express
 * @param {number} now
 */
export function format(action, choice, express, now) {
  const on = categories.filter((key) => choice[key]);
  const other = exceptions(choice);
  for (const key in other) on.push((other[key] ? '%2B' : '-') + key);
  return `v=1&p=${policy}&e=${epoch}&d=${day(now)}&a=${action}&on=${on}&g=${express ? 1 : ''}`;
}

/**
 * What to assign to document.cookie, one after the other. A copy of this host alone would shadow the one for all hosts.
 * @param {string} value  empty: remove it
 * @param {{hostname: string, protocol: string}} location
 */
export function assignments(value, { hostname, protocol }) {
  const domain = domains.find((name) => ('.' + hostname).endsWith('.' + name));
  const rest = `; Path=/; SameSite=Lax${protocol === 'https:' ? '; Secure' : ''}; Max-Age=`;
  const set = NAME + '=' + value + rest + (value ? days * 86400 : 0);
  return domain ? [NAME + '=' + rest + 0, set + '; Domain=' + domain] : [set];
}
