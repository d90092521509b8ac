/**
 * Do Not Track and Global Privacy Control. Pure.
 */

/**
 * What the browser says, as it says it.
 * @param {Pick<Navigator, 'globalPrivacyControl'|'msDoNotTrack'> & {doNotTrack?: string|null}} navigator
 * @param {{doNotTrack?: string|null}} window
 * @returns {import('./types.js').Signals}
 */
export function readSignals(navigator, window) {
  const said = String(navigator.doNotTrack ?? window.doNotTrack ?? navigator.msDoNotTrack);
  return {
    dnt: said === 'yes' ? '1' : /^[01]$/.test(said) ? said : null,
    gpc: navigator.globalPrivacyControl === true,
  };
}

/**
 * What the site's rules make of it.
 * @param {Pick<import('./types.js').Config, 'dnt'|'gpc'>} config
 * @param {import('./types.js').Signals} signals
 * @returns {import('./choice.js').Rule}
 */
export function ruleFor(config, { dnt, gpc }) {
  if ((dnt === '1' && config.dnt === 'refuse') || (gpc && config.gpc === 'refuse-all')) return 'all';
  return gpc && config.gpc === 'refuse-marketing' ? 'marketing' : '';
}
