/**
 * Withdrawal: what a provider left behind goes, and if it has run here, the page starts afresh without it.
 */
import { config, site } from './config.js';
import { ran } from './gate.js';
import { say } from './page.js';
import { notice, part } from './parts.js';
import { choice } from './state.js';
import { CLEAR, keep } from './storage.js';
import { shownNotice } from './wording.js';

/**
 * Noted before it is tried, so that the next page does what this one could not: the part did not come, or what was
 * still running wrote its cookies once more.
 * @param {string[]} withdrawn  categories and providers
 */
export async function clear(withdrawn) {
  const again = withdrawn.some((name) => ran.has(name));
  keep(CLEAR, '1');
  const work = part('withdrawal')
    .then(({ clear }) => clear({ site, choice, domains: config.domains, words: () => notice(shownNotice) }))
    .then((left) => {
      if (!again) keep(CLEAR, '');
      if (left) say(left);
    });
  await Promise.race([work.catch(() => {}), new Promise((late) => setTimeout(late, 3000))]);
  if (again) location.reload();
}
