/**
 * Whether the tag is installed right, as far as the page shows it.
 */
import { attempt } from '../../storage.js';

/**
 * @typedef {import('../../core.js').Core} Core
 * @typedef {''|'ok'|'check'|'problem'} State
 * @typedef {[state: State, about: string, words: string]} Line
 * @typedef {Object} Known  what the page itself does not show
 * @property {import('../undeclared.js').Registry|null|undefined} registry  null: could not be had; undefined: on its way
 * @property {import('../answers.js').last} last
 * @property {import('./violations.js').Violation[]} violations
 */

/** The consent host, which this part came from. */
export const server = new URL(import.meta.url);

/** The tags that load the script. @param {Core} core */
export const tags = ({ config }) =>
  /** @type {HTMLScriptElement[]} */ ([...document.querySelectorAll('script[src]')]).filter(({ src }) => RegExp(`/${config.site}/choices(\\.\\w+)?\\.js$`).test(src.split(/[?#]/)[0]));

/** @param {string} host @param {string} domain */
const under = (host, domain) => ('.' + host).endsWith('.' + domain);

/** @param {Core} core @returns {Line} */
function tag(core) {
  const about = 'Script tag';
  const all = tags(core);
  const [one] = all;
  if (!one) return ['check', about, 'No longer in the page. A script may have put it there and taken it away.'];
  if (all[1]) return ['problem', about, `${all.length} tags load it. Keep one; the others do nothing.`];
  const later = one.async || one.defer || one.type === 'module';
  if (!one.dataset.block) return later ? ['ok', about, 'There is one, and the page does not wait for it.'] : ['check', about, 'The page waits for it to load. Add async.'];
  if (later) return ['problem', about, 'data-block holds nothing back in a tag that is async, defer or a module. Take that off.'];
  const first = document.querySelector('script[src],link[rel=stylesheet],img[src],iframe[src]') === one;
  return first ? ['ok', about, 'There is one, before everything else that loads, as data-block needs it.'] : ['check', about, 'Put it before everything else that loads: what comes earlier is not held back.'];
}

/** @param {Core} core @returns {Line} */
function address(core) {
  const { config } = core;
  const { hostname, origin, protocol } = server;
  const source = tags(core)[0]?.src || origin;
  const near = config.domains.some((domain) => under(hostname, domain));
  if (origin === location.origin) return ['problem', 'Address', `${source}. The consent host needs a name of its own, apart from the pages.`];
  if (protocol === 'http:' && location.protocol === 'https:') return ['problem', 'Address', `${source}. It has to begin with https.`];
  if (!near) return ['check', 'Address', `${source}. The consent host is not under a cookie domain of the site (${config.domains.join(', ') || 'it has none'}), so browsers may not keep its record of visitors.`];
  return ['ok', 'Address', source];
}

/** @param {Core} core @param {Known} known @returns {Line} */
function policy({ config }, { registry }) {
  const mine = `Policy ${config.policy}, text ${config.notice.slice(0, 8)}.`;
  if (registry === undefined) return ['', 'Policy', mine];
  if (!registry) return ['problem', 'Policy', `${mine} The consent host did not say which is the newest: it cannot be reached, or connect-src in the page’s policy does not name it.`];
  if (registry.policy.number === config.policy) return ['ok', 'Policy', `${mine} It is the newest.`];
  return ['check', 'Policy', `${mine} The newest is ${registry.policy.number}. Browsers keep the script for five minutes; an address with a hash in it keeps this one for ever.`];
}

/** @param {Core} core @param {Known} known @returns {Line} */
function languages({ config }, { registry }) {
  const { lang } = document.documentElement;
  const offered = registry ? Object.keys(registry.notices).join(', ') : `${config.first.lang} and others`;
  if (!lang) return ['check', 'Languages', `${offered}. This page does not say its own: add lang to <html>.`];
  return ['ok', 'Languages', `${offered}. This page is in ${lang}.`];
}

/** @param {Core} core @returns {Line} */
function blocking(core) {
  const mode = tags(core)[0]?.dataset.block;
  return ['', 'Blocking', mode ? 'data-block is on: tags of declared hosts are held back, also without marks.' : 'Only marked tags wait. data-block is off.'];
}

/** @param {Core} core @returns {Line} */
function audience(core) {
  const written = tags(core)[0]?.dataset.audience;
  if (core.minors) return ['', 'Audience', 'A page for people under 16: everything optional stays off, and nobody is asked.'];
  if (written) return ['problem', 'Audience', `data-audience="${written}" means nothing. The one value is under-16.`];
  return ['', 'Audience', 'A page for everyone.'];
}

/** @param {Core} core @returns {Line} */
function layer({ root, minors, stored }) {
  if (root?.host.isConnected) return ['ok', 'Banner', root.host.matches('[hidden]') ? 'Made, and not shown now.' : 'It is on the page.'];
  if (minors || stored) return ['ok', 'Banner', stored ? 'Not needed: the visitor has decided.' : 'Not needed: nobody is asked on this page.'];
  return ['problem', 'Banner', 'It should be shown, but it is not on the page. A script may have taken it away.'];
}

/** @param {Core} core @returns {Line} */
function wayBack({ config }) {
  const found = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll('[data-choices="open"]')]);
  const page = new URL(`/${config.site}/choices`, server).href;
  const without = found.find(({ href }) => href !== page);
  if (!found[0]) return ['problem', 'Way back', 'No link opens the choices again, and none could be added.'];
  if (without) return ['check', 'Way back', `A link that opens the choices does not lead to ${page}, where visitors without JavaScript can choose.`];
  // What we add says for itself how much room it needs.
  const added = found.every(({ style }) => style.padding === '1em');
  return added ? ['check', 'Way back', 'The page has no link that opens the choices, so one was added at its end. Add your own, in the same place on each page.'] : ['ok', 'Way back', 'The page has a link that opens the choices.'];
}

/** @param {Core} _core @param {Known} known @returns {Line} */
function origin(_core, { last, registry }) {
  const { status } = last || {};
  if (status === 403 || (status === 0 && registry)) return ['problem', 'Origin', `${location.origin} is most likely not in the site file. Add it to the origins there.`];
  if (status) return ['ok', 'Origin', `${location.origin} is in the site file.`];
  return ['', 'Origin', `${location.origin}. Whether it is in the site file shows with the next choice made on this page.`];
}

/** @returns {Line} */
const secure = () => (isSecureContext ? ['ok', 'Connection', 'The page is secure.'] : ['problem', 'Connection', 'The page is not loaded over https: browsers keep no record of the visitor.']);

/** @param {Core} core @returns {Line} */
function cookie({ config }) {
  const readable = navigator.cookieEnabled && attempt(() => document.cookie) !== undefined;
  if (!readable) return ['problem', 'Cookies', 'The browser lets this page keep none, so no choice is remembered and everything optional stays off.'];
  const domain = config.domains.find((one) => under(location.hostname, one));
  return domain ? ['ok', 'Cookies', `They work. One choice counts for every website under ${domain}.`] : ['check', 'Cookies', `They work, but no cookie domain of the site covers ${location.hostname}: a choice counts for this host alone.`];
}

/** @returns {Line} */
function storage() {
  return attempt(() => localStorage) ? ['ok', 'Local storage', 'It works.'] : ['check', 'Local storage', 'It does not work: a decision that the consent host misses is lost with the page.'];
}

/** @param {Core} core @returns {Line} */
function signals({ config, current }) {
  const { dnt, gpc } = current().signals;
  const said = [gpc && 'Global Privacy Control' + (config.gpc ? '' : ' (only recorded)'), dnt === '1' && 'Do Not Track' + (config.dnt ? '' : ' (only recorded)')].filter(Boolean);
  return ['', 'Signals', said[0] ? said.join(' and ') : 'The browser sends none.'];
}

const ANSWERS = { none: 'None yet.', all: 'Everything is allowed.', rejected: 'Nothing optional is allowed.', some: 'Allowed: {on}.' };
const RECORDED = { server: 'On record.', waiting: 'Waits to be sent.', never: 'Not on record.' };

/** @param {Core} core @returns {Line} */
function choice({ choice, current }) {
  const { answer, recorded } = current();
  const on = Object.keys(choice).filter((key) => choice[key]);
  return ['', 'Choice', ANSWERS[answer].replace('{on}', on.join(', ')) + (answer === 'none' ? '' : ' ' + RECORDED[recorded])];
}

/** @param {Known} known @returns {Line[]} */
function policies({ violations }) {
  const { origin } = server;
  if (!violations[0]) return [['ok', 'Security policy', 'As far as the browser says, the page’s policy has stopped nothing.']];
  return violations.map(({ directive, blocked, sample }) => {
    if (blocked === origin) return ['problem', 'Security policy', `${directive} stops us. Add ${origin} to it.`];
    if (/^trusted-types/.test(directive) && /visitor-choices/.test(sample)) return ['problem', 'Security policy', 'trusted-types does not have visitor-choices, so no tag is let go. Add it.'];
    return ['check', 'Security policy', `${directive} stops ${blocked}. If a tag that waits needs it, add it.`];
  });
}

const LINES = [tag, address, policy, languages, blocking, audience, layer, wayBack, origin, secure, cookie, storage, signals, choice];

/**
 * @param {Core} core
 * @param {Known} known
 * @returns {Line[]}
 */
export const installation = (core, known) => [...LINES.map((line) => line(core, known)), ...policies(known)];
