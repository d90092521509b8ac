/**
 * The cookie `visitor_choices` as it comes: a query string without an identifier. Pure.
 * `v=1&p=12&e=3&d=2026-11-22&a=custom&on=analytics,-matomo,%2Bmeta&g=`, the plus sign written as query strings demand.
 */
import { days } from './registry.js';

export const NAME = 'visitor_choices';
const DAY = 864e5;

/** Made for each use: one that is kept is compiled to machine code, 7 kB of it, on its first. */
const form = () =>
  /^=v=1&p=(\d+)&e=\d+&d=([\d-]+)&a=(?:accept_all|reject_all|custom|withdraw|signal|imported)&on=((?:[+-]?[a-z\d][\w-]*(?:,[+-]?[a-z\d][\w-]*)*)?)&g=(1?)$/;

/** @param {number} time */
export const day = (time) => new Date(time).toISOString().slice(0, 10);

/**
 * Each copy taken apart; none where one is malformed or no longer in force. A path-scoped one can shadow another, so all
 * of them count.
 * @param {string} cookies  document.cookie
 * @param {number} now
 * @returns {string[][]|false}  [whole, policy, date, what is on, whether express]
 */
export function copies(cookies, now) {
  const found = cookies
    .split('; ')
    .filter((pair) => pair.startsWith(NAME + '='))
    .map((pair) => /** @type {string[]} */ (form().exec(pair.slice(NAME.length).replaceAll('%2B', '+')) || []));
  const valid = found.every(([, , date]) => {
    const time = Date.parse(date);
    return time <= now + DAY && time + days * DAY > now && day(time) === date;
  });
  return valid && found;
}
