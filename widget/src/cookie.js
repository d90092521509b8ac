/**
 * What the cookie `visitor_choices` says, and how it is written. Pure.
 */
import { exceptions, make } from './choice.js';
import { NAME, copies, day } from './copies.js';
import { categories, config, days, policy } from './registry.js';

/**
 * @typedef {import('./choice.js').Choice} Choice
 * @typedef {Object} Stored  what the cookie says, as far as it is in force
 * @property {Choice} choice
 * @property {boolean} [express]  said while a signal was on
 * @property {number} policy
 * @property {boolean} [news]  whether something material has changed since
 * @property {boolean} [again]  whether that is about something it allowed, which is off until it is allowed anew
 * @property {string} date
 * @property {string} raw  all copies, to tell whether they have changed
 */

/**
 * What the cookie says; null where it is malformed or no longer in force. Only what every copy allows is allowed.
 * @param {string} cookies  document.cookie
 * @param {number} now
 * @returns {Stored|null}
 */
export function read(cookies, now) {
  const kept = copies(cookies, now);
  if (!kept || !kept[0]) return null;
  const lists = kept.map((copy) => copy[3].split(','));
  const since = Math.min(...kept.map((copy) => +copy[1]));
  const news = /** @type {unknown[]} */ (config.changes.filter(([number]) => number > since).flat());
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
    express: kept.every((copy) => copy[4]),
    policy: since,
    date: kept[0][2],
    raw: '' + kept,
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
  return `v=1&p=${policy}&e=${config.epoch}&d=${day(now)}&a=${action}&on=${on}&g=${express ? 1 : ''}`;
}

/**
 * What to assign to document.cookie, one after the other. A copy of this host alone would shadow the one for all hosts.
 * @param {string} value  empty: remove it
 * @param {{hostname: string, protocol: string}} location
 */
export function assignments(value, { hostname, protocol }) {
  const domain = config.domains.find((name) => ('.' + hostname).endsWith('.' + name));
  const rest = `; Path=/; SameSite=Lax${protocol === 'https:' ? '; Secure' : ''}; Max-Age=`;
  const set = NAME + '=' + value + rest + (value ? days * 86400 : 0);
  return domain ? [NAME + '=' + rest + 0, set + '; Domain=' + domain] : [set];
}
