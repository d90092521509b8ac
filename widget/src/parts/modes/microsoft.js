/**
 * Microsoft's two tags, which are told apart from each other.
 */
import { queue, state } from './queue.js';

/**
 * Universal Event Tracking. Its array takes commands as several entries in a row, and what comes first is the default.
 * https://learn.microsoft.com/advertising/msa-help/hlp_ba_conc_uet_consent
 * @type {import('../modes.part.js').Adapter}
 */
export function uet(allowed) {
  const uetq = queue('uetq');
  if (Array.isArray(uetq) && !uetq[0]) uetq.push('consent', 'default', { ad_storage: 'denied' });
  uetq.push('consent', 'update', { ad_storage: state(allowed()) });
}

/**
 * Clarity. Where its tag has not come, its own way of waiting is set up: the tag takes over what it finds.
 * https://learn.microsoft.com/clarity/setup-and-installation/clarity-consent-api-v2
 * @type {import('../modes.part.js').Adapter}
 */
export function clarity(allowed) {
  const page = /** @type {any} */ (window);
  page.clarity ||= function () {
    (page.clarity.q ||= []).push(arguments);
  };
  page.clarity('consentv2', { ad_Storage: state(allowed('marketing')), analytics_Storage: state(allowed('analytics')) });
}
