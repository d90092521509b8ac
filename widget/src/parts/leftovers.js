/**
 * Which cookies and storage keys of a page belong to providers that are not allowed, and how a cookie is reached. Pure.
 */

/**
 * A name with `*` for any run of characters.
 * @param {string} pattern
 */
export function matcher(pattern) {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

/**
 * What /v1/sites/{site}/config says, as far as it matters here.
 * @typedef {Object} Declared
 * @property {{key: string, required: boolean}[]} categories
 * @property {{key: string, category: string, trackers: import('../types.js').Tracker[]}[]} providers
 */

/**
 * Whether a name is one of our own: it stays, and needs no list to tell.
 * @param {string} name
 */
export const ours = (name) => /^(__Host-visitor$|visitor_choices)/.test(name);

/**
 * A function that tells whether a name is to go: declared by a provider that is not allowed, by none that stays, and not
 * our own. Cookies of other sites are out of reach; one of ours that bears the same name is not touched.
 * @param {Declared} declared
 * @param {import('../choice.js').Choice} choice
 * @param {string[]} domains  the site's own
 * @param {'cookie'|'storage'} kind
 * @returns {(name: string) => boolean}
 */
export function condemned(declared, choice, domains, kind) {
  const required = declared.categories.filter((category) => category.required).map((category) => category.key);
  const stays = /** @type {RegExp[]} */ ([]);
  const goes = /** @type {RegExp[]} */ ([]);
  for (const { key, category, trackers } of declared.providers) {
    const allowed = required.includes(category) || (choice[key] ?? choice[category]) === true;
    for (const tracker of trackers) {
      if (tracker.kind !== kind) continue;
      if (allowed) stays.push(matcher(tracker.name));
      else if (own(tracker.host, domains)) goes.push(matcher(tracker.name));
    }
  }
  return (name) => !ours(name) && goes.some((one) => one.test(name)) && !stays.some((one) => one.test(name));
}

/**
 * @param {string} host  empty: the site itself
 * @param {string[]} domains
 */
const own = (host, domains) => !host || domains.some((domain) => ('.' + host).endsWith('.' + domain));

/** @param {string} cookies  document.cookie */
export const names = (cookies) => [...new Set(cookies.split('; ').map((pair) => pair.split('=')[0]))].filter(Boolean);

/**
 * Every place a cookie seen here can have been set for: this host and its parents, this path and its parents, and the
 * jar that browsers keep apart for `Partitioned` (CHIPS).
 * @param {string} name
 * @param {{hostname: string, pathname: string, protocol: string}} location
 */
export function removals(name, { hostname, pathname, protocol }) {
  const labels = hostname.split('.');
  const domains = ['', ...labels.map((_, at) => '; Domain=' + labels.slice(at).join('.'))];
  const folders = pathname.split('/').slice(1);
  const above = folders.map((_, at) => '/' + folders.slice(0, at + 1).join('/'));
  const paths = new Set(['/', ...above.flatMap((path) => [path, path + '/'])]);
  const jars = [protocol === 'https:' ? '; Secure' : '', '; Secure; Partitioned'];
  return domains.flatMap((domain) =>
    [...paths].flatMap((path) => jars.map((jar) => `${name}=; Max-Age=0; Path=${path}${domain}${jar}`)),
  );
}
