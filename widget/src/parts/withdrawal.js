/**
 * Clears what providers that are not allowed have left in this browser.
 */
import { CLEAR, SIGNAL, keep, recall } from '../storage.js';
import { condemned, names, removals } from './leftovers.js';
import { announce } from './messages.js';

/** @typedef {import('../core.js').Core} Core */

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
 * @param {Core} core
 * @param {string[]} withdrawn  categories and providers
 */
export async function clear(core, withdrawn) {
  const again = withdrawn.some((name) => core.ran.has(name));
  const late = new Promise((done) => setTimeout(done, 3000));
  await Promise.race([remove(core).catch(() => {}), late]);
  if (again) location.reload();
  else keep(CLEAR, '');
}

/** @param {Core} core */
async function remove(core) {
  const { config, choice } = core;
  const registry = await (await fetch(new URL(`/v1/sites/${config.site}/config`, core.source))).json();
  const cookie = condemned(registry, choice, config.domains, 'cookie');
  const key = condemned(registry, choice, config.domains, 'storage');
  const found = () => names(document.cookie).filter(cookie);

  for (const storage of storages()) for (const name of Object.keys(storage).filter(key)) storage.removeItem(name);
  for (const name of found()) for (const line of removals(name, location)) document.cookie = line;

  const left = found();
  if (!left[0]) return;
  const { dialog, first } = await core.words();
  announce(first, dialog.leftover.replace('{count}', '' + left.length).replace('{names}', left.join(', ')));
}

/**
 * A signal that takes back what was stored: recorded once, without a visitor, and what was left behind is cleared.
 * @param {Core} core
 */
export async function signal(core) {
  const { stored } = core;
  if (!stored || recall(SIGNAL) === stored.raw) return;
  const answer = await core.post(core.note('signal', core.choice, 'banner'), 'omit');
  if (answer.ok) keep(SIGNAL, stored.raw);
  await clear(core, []);
}
