/**
 * What the parts may use of the first file: they come later, and alone.
 */
import { acceptAll, ask, note, rejectAll, settle } from './decide.js';
import { allows, ran } from './gate.js';
import { leave, reveal, root } from './layer.js';
import { emit } from './page.js';
import { post, queue, store } from './record.js';
import { config } from './registry.js';
import { minors, source } from './script.js';
import { choice, current, lose, save, stored } from './state.js';
import { words } from './wording.js';

/** @typedef {typeof core} Core */

export const core = {
  config,
  minors,
  acceptAll,
  allows,
  ask,
  note,
  rejectAll,
  settle,
  ran,
  emit,
  leave,
  reveal,
  post,
  queue,
  store,
  current,
  lose,
  save,
  source,
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
