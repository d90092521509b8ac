/**
 * What is said to the visitor: read aloud after a click, or written above the text.
 */
import { element } from '../element.js';
import { changes } from './changes.js';

/** @typedef {import('../core.js').Core} Core */

/** Whether the visitor has yet to be told that the server cannot be reached: once for each decision. */
let news = false;

/**
 * Reads something aloud, from a place outside the host, which is not there any more by then. A new place has to be known
 * before it speaks.
 * @param {import('../types.js').FirstLayer} first
 * @param {string} words
 */
export function announce(first, words) {
  const region = element('div', { role: 'status', lang: first.lang });
  region.style.cssText = 'all:initial!important;position:fixed!important;top:0!important;clip-path:inset(50%)!important';
  document.body.append(region);
  setTimeout(() => region.append(words), 100);
  setTimeout(() => region.remove(), 9000);
}

/**
 * After a decision.
 * @param {Core} core
 * @param {boolean} kept  whether the browser kept it
 * @param {import('../choice.js').Choice} wanted
 */
export async function say(core, kept, wanted) {
  news = true;
  const grant = Object.values(wanted).includes(true);
  const { first } = await core.words();
  if (!kept && grant) return tell(core, true);
  announce(first, !kept ? first.blocked : grant ? first.saved : first.rejected);
}

/** The server could not be told. @param {Core} core */
export async function unrecorded(core) {
  if (!news) return;
  news = false;
  const { first } = await core.words();
  announce(first, first.unrecorded);
}

/**
 * What a signal of the browser did here; empty where there is nothing to say of it.
 * @param {Core} core
 * @param {import('../types.js').FirstLayer} first
 */
export function answered({ config, current }, first) {
  const { gpc, dnt } = current().signals;
  return gpc && config.gpc ? first.gpc : dnt === '1' ? first.dnt : '';
}

/**
 * Says above the text what the browser told us, or that it keeps nothing.
 * @param {Core} core
 * @param {boolean} [blocked]  whether it keeps nothing
 */
export async function tell(core, blocked = !navigator.cookieEnabled) {
  const { first } = await core.words();
  const about = core.root.querySelector('section > header');
  // The dialog alone is open: above the text once there is one.
  if (!about) return document.addEventListener('visitorchoices:open', () => tell(core, blocked), { once: true });
  const line = about.querySelector('[role=status]') || element('p', { role: 'status' });
  about.prepend(line);
  line.textContent = blocked ? first.blocked : answered(core, first);
  if (!core.stored?.again) return;
  const { lang, dir, again, sentences } = await changes(core);
  // What a later version has undone is nothing to be told of.
  if (sentences[0]) line.append(element('span', { lang, dir }, ' ' + again.replace('{changes}', () => sentences.join(' '))));
}
