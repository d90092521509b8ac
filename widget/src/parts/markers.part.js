/**
 * What other tools' users have written, and kept, in the words of ours.
 */
import { attempt, cookies } from '../storage.js';
import { mean, necessary, read } from './meanings.js';
import { refused } from './refusals.js';

/** @typedef {import('../core.js').Core} Core */

/** What the console was told. @type {Set<string>} */
const told = new Set();

/**
 * Marks tags as ours are marked; what cannot be told stays as it is, and so waits for ever.
 * @param {Core} core
 * @param {HTMLElement[]} tags
 */
export async function translate(core, tags) {
  const names = await core.words().then(
    ({ dialog }) => dialog.categories.flatMap(({ providers }) => providers),
    () => [],
  );
  for (const { dataset, classList } of tags) {
    const marks = read(dataset, classList.value);
    const meant = mean(marks, core.config, names);
    if (typeof meant === 'string') tell(meant);
    else if (meant.categories[0]) {
      dataset.category = meant.categories.join();
      if (meant.provider) dataset.provider = meant.provider;
      if (dataset.cookieblockSrc) dataset.src = dataset.cookieblockSrc;
      delete dataset.cookieblockSrc;
    }
  }
}

/** @param {string} word */
function tell(word) {
  if (told.has(word)) return;
  told.add(word);
  const why = necessary(word) ? 'needs no choice: take its marks off the tag' : 'is not a category or provider of this site; its tags wait';
  console.warn(`visitor choices: "${word}" ${why}`);
}

/**
 * A refusal that another tool was told is one that we are told.
 * @param {Core} core
 */
export async function carryOver(core) {
  if (core.stored || !refused(cookies(), attempt(() => ({ ...localStorage })))) return;
  const nothing = Object.fromEntries(Object.keys(core.choice).map((key) => [key, false]));
  await core.ask('imported', nothing, 'banner');
}
