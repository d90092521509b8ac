/**
 * Matomo. `setConsentGiven` serves both kinds of tag, those with `requireConsent` and those with `requireCookieConsent`,
 * and stores nothing, unlike `rememberConsentGiven`: the choice is ours to keep. Taken back, `forgetConsentGiven` would
 * keep a cookie for 30 years to say so. `forgetCookieConsentGiven` removes Matomo's cookies and leaves none, and
 * `requireConsent` stops what is still being sent.
 * https://developer.matomo.org/guides/tracking-consent
 */
import { queue } from './queue.js';

/** @type {import('../modes.part.js').Adapter} */
export function matomo(allowed) {
  const commands = allowed() ? [['setConsentGiven']] : [['requireConsent'], ['forgetCookieConsentGiven']];
  for (const command of commands) queue('_paq').push(command);
}
