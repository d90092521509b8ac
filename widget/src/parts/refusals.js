/**
 * Choices that other consent tools have kept in cookies or in localStorage. Only a refusal of everything optional counts;
 * whatever else there is, an agreement or something that cannot be read, is asked again. Pure.
 */
import { necessary } from './meanings.js';

/** @typedef {(value: string, others: Object<string, string[]>, now: number) => boolean|undefined} Reader  undefined: not decided yet */

/** @param {unknown} list  of names that are allowed */
function onlyNecessary(list) {
  if (!Array.isArray(list)) throw TypeError();
  return list.every(necessary);
}

/** vanilla-cookieconsent: JSON with `categories` (2, 3) or `level` (before), and `services` (3) by category. @type {Reader} */
function vanilla(value, _, now) {
  const { categories, level, services = {}, expirationTime } = JSON.parse(value);
  // In localStorage nothing else ends it.
  if (expirationTime < now) return;
  const spared = Object.keys(services).filter((category) => !necessary(category));
  return onlyNecessary(categories || level) && spared.every((category) => !services[category].length);
}

/** Klaro: JSON, by name of a service. @type {Reader} */
function klaro(value) {
  const services = Object.entries(JSON.parse(value));
  const readable = services.length > 0 && services.every(([, on]) => typeof on === 'boolean');
  return readable && services.every(([name, on]) => !on || necessary(name));
}

/** Cookiebot: what looks like an object in JavaScript. @type {Reader} */
function cookiebot(value) {
  const said = (/** @type {string} */ name) => new RegExp(`[{,]\\s*'?${name}'?:(true|false)\\b`).exec(value)?.[1];
  return !/method:'implied'/.test(value) && ['preferences', 'statistics', 'marketing'].every((name) => said(name) === 'false');
}

/** OneTrust: a query string, there before anybody has decided. @type {Reader} */
function oneTrust(value, { OptanonAlertBoxClosed }) {
  const said = new URLSearchParams(value);
  const landing = said.get('landingPath') || 'NotLandingPage';
  if (!OptanonAlertBoxClosed && (said.get('interactionCount') === '0' || landing !== 'NotLandingPage')) return;
  if (said.get('AwaitingReconsent') === 'true') return;
  const groups = (said.get('groups') || '').split(',').map((group) => group.split(':'));
  const optional = groups.filter(([name]) => !/^(C000)?1$/.test(name));
  return optional.length > 0 && optional.every(([, on]) => on === '0');
}

/** Drupal's EU Cookie Compliance: 0 refused, 1 and 2 agreed, to the categories in a cookie of their own. @type {Reader} */
function compliance(value, { 'cookie-agreed-categories': categories }) {
  if (value === '0') return true;
  return /^[12]$/.test(value) && !!categories && categories.every((one) => onlyNecessary(JSON.parse(one)));
}

/**
 * Usercentrics 2: JSON, the history of each service. It does not tell which of them are essential: what is on has to have
 * come so with the page. Its third version keeps what was never asked as it keeps what was refused: that is asked again.
 * @type {Reader}
 */
function usercentrics(value, { uc_user_interaction = [] }) {
  if (!uc_user_interaction.includes('true')) return;
  const services = JSON.parse(value).services.map((/** @type {any} */ { status, history }) => {
    const { action } = history.reduce((/** @type {any} */ last, /** @type {any} */ one) => (one.timestamp >= last.timestamp ? one : last));
    return { on: status !== false, action };
  });
  const off = services.filter((/** @type {any} */ one) => !one.on);
  return (
    off.length > 0 &&
    off.every((/** @type {any} */ { action }) => action === 'onDenyAllServices') &&
    services.every((/** @type {any} */ { action }) => !/Accept|Update/.test(action))
  );
}

/** @type {Object<string, Reader>} */
const READERS = {
  cc_cookie: vanilla,
  klaro,
  CookieConsent: cookiebot,
  OptanonConsent: oneTrust,
  'cookie-agreed': compliance,
  uc_settings: usercentrics,
};

/**
 * Whether everything optional was refused, in every copy of everything that is kept.
 * @param {string} cookies  document.cookie
 * @param {Object<string, string>} [items]  of localStorage
 * @param {number} [now]
 */
export function refused(cookies, items = {}, now = Date.now()) {
  const all = jar(cookies);
  for (const name of ['cc_cookie', 'klaro', 'uc_settings', 'uc_user_interaction']) {
    // Klaro's is encoded there too; the others' may have a percent sign of its own.
    if (items[name]) (all[name] ||= []).push(decode(items[name]) || items[name]);
  }
  const verdicts = Object.entries(READERS).flatMap(([name, reader]) =>
    (all[name] || []).map((value) => {
      try {
        return reader(value, all, now);
      } catch {
        return false;
      }
    }),
  );
  const said = verdicts.filter((verdict) => verdict !== undefined);
  return said.length > 0 && said.every(Boolean);
}

/**
 * Every value of every name.
 * @param {string} cookies
 */
function jar(cookies) {
  const all = /** @type {Object<string, string[]>} */ (Object.create(null));
  for (const pair of cookies.split('; ')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    // OneTrust's is a query string, decoded there; a value that cannot be decoded is malformed for its reader too.
    if (at > 0) (all[name] ||= []).push(name === 'OptanonConsent' ? pair.slice(at + 1) : decode(pair.slice(at + 1)));
  }
  return all;
}

/** @param {string} value */
function decode(value) {
  try {
    return decodeURIComponent(value);
  } catch {
    return '';
  }
}
