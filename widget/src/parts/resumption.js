/**
 * What was left to do: by a decision just made, by an earlier page, by another tab.
 */
import { CLEAR, recall } from '../storage.js';
import { changed } from './line.js';
import { report } from './report.js';
import { send } from './sending.js';
import { clear } from './withdrawal.js';

/** @typedef {import('../core.js').Core} Core */

/** @param {Core} core */
export async function resume(core) {
  if (recall(CLEAR)) clear(core, []).catch(() => {});
  if (core.stored?.news && !core.stored.again) changed(core).catch(() => {});
  const [decision] = core.queue();
  await send(core);
  if (decision) report(core, decision);
}
