/**
 * What the parts may use of the first file: they come later, and alone.
 */
import { ask, note, settle } from './decide.js';
import { allows, ran } from './gate.js';
import { leave, reveal, root } from './layer.js';
import { emit } from './page.js';
import { queue, store } from './record.js';
import { config } from './registry.js';
import { minors } from './script.js';
import { choice, current, lose, save, stored } from './state.js';
import { words } from './wording.js';

/** @typedef {typeof core} Core */

export const core = {
  config,
  minors,
  allows,
  ask,
  note,
  settle,
  ran,
  emit,
  leave,
  reveal,
  queue,
  store,
  current,
  lose,
  save,
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
