/**
 * Do Not Track and Global Privacy Control. Pure.
 */
import { config } from './registry.js';

/**
 * What the browser says, as it says it. Browsers that say it in other places are too old for this script.
 * @param {{doNotTrack?: string|null, globalPrivacyControl?: boolean}} navigator
 * @returns {import('./types.js').Signals}
 */
export const readSignals = ({ doNotTrack, globalPrivacyControl }) => ({
  dnt: /^[01]$/.test('' + doNotTrack) ? /** @type {string} */ (doNotTrack) : null,
  gpc: globalPrivacyControl === true,
});

/**
 * What the site's rules make of it.
 * @param {import('./types.js').Signals} signals
 * @returns {import('./choice.js').Rule}
 */
export const ruleFor = ({ dnt, gpc }) => (config.dnt && +(/** @type {string} */ (dnt)) ? 2 : gpc ? config.gpc : 0);
