/**
 * The language of the page, and the words in it. What counts is what was on screen, so words never change once shown.
 */
import { notice } from './parts.js';
import { defaultFirst, defaultNotice } from './registry.js';

/** The first layer as it is or will be shown, and the notice it belongs to. */
export let first = defaultFirst;
export let shownNotice = defaultNotice;

let settled = false;

/**
 * Calls back once it is settled which words are shown: at once in the site's default language, within a second in
 * another. The server knows which of its locales is nearest to the page's.
 * @param {() => void} then
 */
export function worded(then) {
  const { lang } = document.documentElement;
  settled ||= !lang || lang.startsWith(defaultFirst.lang);
  if (settled) return then();
  const nearest = notice(defaultNotice + '/' + lang).then((nearest) => {
    if (!settled) [first, shownNotice] = [nearest.notice.first, nearest.sha256];
  });
  soon(nearest).then(() => {
    settled = true;
    then();
  });
}

/** A second at the most is waited for what would be good to have. @param {Promise<unknown>} promise */
export const soon = (promise) => Promise.race([promise.catch(() => {}), new Promise((late) => setTimeout(late, 1000))]);

/** The whole notice that is or will be shown. @returns {Promise<import('./types.js').Notice>} */
export const words = () => new Promise(/** @type {any} */ (worded)).then(() => notice(shownNotice));
