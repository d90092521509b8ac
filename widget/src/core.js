/**
 * What may be used of the whole: by the first layer, and by the parts, which come later and alone.
 */
import { api } from './api.js';
import { holdBack } from './block.js';
import { ask, note, settle } from './decide.js';
import { allows, ran, run } from './gate.js';
import { reveal, root } from './layer.js';
import { press } from './open.js';
import { emit } from './page.js';
import { notice, quietly, soon, words } from './parts.js';
import { back, begin, tell } from './return.js';
import { mark, queue, store } from './record.js';
import { config } from './registry.js';
import { minors } from './script.js';
import { choice, current, save, stored } from './state.js';

/** @typedef {typeof core} Core */

export const core = {
  allows,
  api,
  ask,
  back,
  begin,
  config,
  current,
  emit,
  holdBack,
  mark,
  minors,
  note,
  notice,
  press,
  queue,
  quietly,
  ran,
  reveal,
  run,
  save,
  settle,
  soon,
  store,
  tell,
  words,
  get root() {
    return root;
  },
  get choice() {
    return choice;
  },
  get stored() {
    return stored;
  },
};
