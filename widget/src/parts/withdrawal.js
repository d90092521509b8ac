/**
 * Clears what providers that are not allowed have left in this browser. Loaded on demand.
 */
import { condemned, names, removals } from './leftovers.js';

/** @returns {Storage[]} */
function storages() {
  const found = [];
  for (const name of ['localStorage', 'sessionStorage']) {
    try {
      found.push(/** @type {any} */ (window)[name]);
    } catch {}
  }
  return found;
}

/**
 * @param {{site: string, choice: import('../choice.js').Choice, domains: string[], words: () => Promise<import('../types.js').Notice>}} page
 * @returns {Promise<string>} what to tell the visitor, if something could not be removed
 */
export async function clear({ site, choice, domains, words }) {
  const registry = await (await fetch(site + 'config')).json();
  const cookie = condemned(registry, choice, domains, 'cookie');
  const key = condemned(registry, choice, domains, 'storage');
  const found = () => names(document.cookie).filter(cookie);

  for (const storage of storages()) for (const name of Object.keys(storage).filter(key)) storage.removeItem(name);
  for (const name of found()) for (const line of removals(name, location)) document.cookie = line;

  const left = found();
  if (!left[0]) return '';
  const { leftover } = (await words()).dialog;
  return leftover.replace('{count}', '' + left.length).replace('{names}', left.join(', '));
}
