/**
 * The language of the page, and the words in it. What counts is what was on screen, so words never change once shown.
 */
import { config } from './config.js';
import { notice } from './parts.js';

/** The first layer as it is or will be shown, and the notice it belongs to. */
export let { first, notice: shownNotice } = config;

/** @param {string} language */
const find = (language) => Object.keys(config.notices).find((locale) => locale.toLowerCase() === language);

/** Calls that wait for the words; null once they are settled. @type {(() => void)[]|null} */
let calls = [];

function settle() {
  const waiting = calls || [];
  calls = null;
  for (const call of waiting) call();
}

/**
 * Calls back once it is settled which words are shown: at once in the site's default language, within a second in another.
 * @param {() => void} then
 */
export function worded(then) {
  if (!calls) return then();
  if (calls.push(then) > 1) return;
  const language = document.documentElement.lang.toLowerCase();
  const locale = find(language) || find(language.split('-')[0]) || config.locale;
  if (locale === config.locale) return settle();
  const sha = config.notices[locale];
  setTimeout(settle, 1000);
  notice(sha)
    .then((words) => {
      if (calls && words.first.buttons) [first, shownNotice] = [words.first, sha];
    })
    .catch(() => {})
    .then(settle);
}
