/**
 * Opening the choices: the first layer when undecided, the dialog on demand.
 */
import { build } from './layer.js';
import { later } from './parts.js';
import { choicesPage } from './script.js';
import { worded } from './wording.js';

/** Fetches what the dialog needs before it is asked for. */
export const prepare = () => void later('prepare').catch(() => {});

/**
 * Calls back once the element exists, in the words of the page.
 * @param {() => void} then
 */
export const ready = (then) =>
  worded(() => {
    build();
    then();
  });

/** Opens the dialog; where it cannot be had, the page that does without. */
export const open = () => ready(() => later('open').catch(() => (location.href = choicesPage)));
