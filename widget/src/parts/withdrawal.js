/**
 * Withdrawal: the vendors are told, what providers that are not allowed have left in this browser goes, the page starts
 * afresh if one of them has run on it, and what is still there a little later is said.
 */
import { post } from './sending.js';
import { mint } from '../id.js';
import { CLEAR, SIGNAL, attempt, keep, recall } from '../storage.js';
import { verdict } from './answers.js';
import { inform } from './gates.js';
import { condemned } from './leftovers.js';
import { registry } from './published.js';
import { honored, leftover } from './line.js';
import { traces } from './traces.js';

/** @typedef {import('../core.js').Core} Core */

/** What is still running has written its cookies again by then. */
const LATER = 2000;

/** A second at the most is waited for what would be good to have. @param {Promise<unknown>|undefined} promise */
const soon = (promise) => Promise.race([Promise.resolve(promise).catch(() => {}), new Promise((late) => setTimeout(late, 1000))]);

/** @type {ReturnType<typeof setTimeout>|undefined} */
let checking;

/**
 * The first file has noted that this is to be done (`CLEAR`); the note goes when it is done, so that the next page does
 * what this one could not.
 * @param {Core} core
 * @param {string[]} withdrawn  categories and providers
 */
export async function clear(core, withdrawn) {
  const again = withdrawn.some((name) => core.ran.has(name));
  await soon(inform(core));
  const removed = remove(core);
  if (again) {
    await soon(removed);
    return location.reload();
  }
  // Nothing was there: the next page has nothing to do.
  if (!(await removed)) keep(CLEAR, '');
  clearTimeout(checking);
  checking = setTimeout(() => check(core).catch(() => {}), LATER);
}

/** How much there was. @param {Core} core */
async function remove(core) {
  const found = await leftovers(core);
  for (const trace of found) attempt(trace.remove);
  return found.length;
}

/** What is still there is said once, and truly: what the visitor has allowed meanwhile is not part of it. @param {Core} core */
async function check(core) {
  const left = await leftovers(core);
  keep(CLEAR, '');
  if (left[0]) await leftover(core, [...new Set(left.map(({ name }) => name))]);
}

/** What providers that are not allowed have left. Where there is nothing at all, nothing is asked. @param {Core} core */
async function leftovers(core) {
  const found = await traces();
  if (!found[0]) return found;
  const list = await registry(core);
  // Not before: what was allowed while the list was on its way stays.
  const { config, choice } = core;
  const goes = { cookie: condemned(list, choice, config.domains, 'cookie'), storage: condemned(list, choice, config.domains, 'storage') };
  return found.filter(({ kind, name }) => goes[kind](name));
}

/**
 * A signal takes back what was stored: said, cleared, and recorded once, without a visitor.
 * @param {Core} core
 */
export async function signal(core) {
  const { stored } = core;
  const once = async () => {
    if (!stored || recall(SIGNAL) === stored.raw) return;
    honored(core).catch(() => {});
    keep(CLEAR, '1');
    clear(core, []).catch(() => {});
    if (await report(core)) keep(SIGNAL, stored.raw);
  };
  // Tabs take turns, so that one of them reports it.
  await (navigator.locks ? navigator.locks.request(SIGNAL, once) : once()).catch(() => {});
}

/** @param {Core} core @returns {Promise<boolean>} whether there is nothing left to report */
async function report(core) {
  let decision = core.note('signal', core.choice, 'banner');
  for (const last of [false, true]) {
    const answer = await post(core, decision, 'omit');
    const body = await answer.json().catch(() => {});
    const result = verdict(decision, answer.status, body);
    if (result !== 'again' || last) return result !== 'keep';
    decision = { ...decision, event_id: mint(Date.parse(body?.now) || Date.now()) };
  }
  return false;
}
