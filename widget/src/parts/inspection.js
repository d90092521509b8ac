/**
 * The inspector, and what only this part of the script can tell it.
 */
import inspector from 'part:inspector';
import * as answers from './answers.js';
import { judge, owner, run } from './gates.js';

/** @typedef {typeof tools} Tools */

const tools = { judge, owner, last: () => answers.last };

/**
 * A page whose address ends in `#visitor-choices-inspect`.
 * @param {import('../core.js').Core} core
 */
export async function inspect(core) {
  const { show } = await import(new URL(`./${inspector}.js`, import.meta.url).href);
  // What other tools have marked is translated by now, also where nothing is allowed yet.
  await run(core, document).catch(() => {});
  show(core, tools);
}
