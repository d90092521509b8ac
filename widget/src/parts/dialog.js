/**
 * The dialog, and decisions that name what they allow.
 */
import { grants, merge } from './choices.js';
import { show } from './preferences.js';
import { post } from './sending.js';

/** @typedef {import('../core.js').Core} Core */

/** All that the dialog needs. @param {Core} core */
export const prepare = (core) => core.words();

/** @param {Core} core */
export async function open(core) {
  const words = await core.words();
  if (core.root.querySelector('dialog')) return;
  core.reveal();
  show(core, words);
  core.emit('open');
}

/**
 * @param {Core} core
 * @param {Object<string, unknown>} wish  categories and providers; what is not named stays as it is
 * @param {import('../types.js').Decision['surface']} surface
 * @param {Event} [event]
 */
export function choose(core, wish, surface, event) {
  const wanted = merge(core.config, core.choice, wish);
  const withdrawn = core.stored && grants(core.stored.choice) && !grants(wanted);
  return core.ask(withdrawn ? 'withdraw' : 'custom', wanted, surface, event);
}

/**
 * A grant that came without a person: on record as such, and nothing more.
 * @param {Core} core
 * @param {import('../types.js').Action} action
 * @param {import('../choice.js').Choice} wanted
 */
export async function suspect(core, action, wanted) {
  const answer = await post(core, { ...core.note(action, wanted, 'api'), automated: 'suspected' }, 'omit');
  // An answer that nobody reads keeps its connection.
  await answer.text();
}
