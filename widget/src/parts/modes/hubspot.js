/**
 * HubSpot, for sites whose banner is not its own. It keeps nothing of it, so this is said on every page.
 * https://developers.hubspot.com/docs/api/events/cookie-banner
 */
import { queue } from './queue.js';

/** @type {import('../modes.part.js').Adapter} */
export function hubspot(allowed, { choice }) {
  const categories = { analytics: allowed('analytics'), advertisement: allowed('marketing'), functionality: !!choice.functional };
  queue('_hsp').push(allowed() ? ['setHubSpotConsent', categories] : ['revokeCookieConsent']);
}
