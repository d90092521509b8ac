/**
 * The language of the page, and the words in it. What counts is what was on screen, so words never change once shown.
 */
import { config } from './registry.js';
import { whole } from './whole.js';

/** The first layer as it is or will be shown, and the notice it belongs to. */
export let first = config.first;
export let shownNotice = config.notice;

let settled = false;

/**
 * Calls back once it is settled which words are shown: at once in the site's default language, within a second in
 * another. The server knows which of its locales is nearest to the page's.
 * @param {() => void} then
 */
export function worded(then) {
  const { lang } = document.documentElement;
  settled ||= !lang || lang.startsWith(config.first.lang);
  if (settled) return then();
  const { notice, soon } = whole();
  const nearest = notice(config.notice + '/' + lang).then((nearest) => {
    if (!settled) [first, shownNotice] = [nearest.notice.first, nearest.sha256];
  });
  soon(nearest).then(() => {
    settled = true;
    then();
  });
}
