/**
 * Opening the choices: the dialog on demand, and what the buttons of the first layer do.
 */
import { acceptAll, rejectAll } from './decide.js';
import { raise, ready } from './layer.js';
import { later } from './parts.js';
import { choicesPage } from './script.js';

/** Opens the dialog; where it cannot be had, the page that does without. */
export const open = () =>
  ready(() => {
    raise();
    later('open').catch(() => (location.href = choicesPage));
  });

/**
 * @param {string} action  of a button
 * @param {MouseEvent} event
 */
export const press = (action, event) =>
  action === 'reject-all' ? rejectAll('banner')
  : action === 'accept-all' ? acceptAll('banner', event)
  : open();
