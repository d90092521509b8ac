/**
 * Google's tags ask for a choice themselves: what has to come before any of them is that everything is denied. The rest,
 * and the other vendors, are in a part.
 * https://developers.google.com/tag-platform/security/guides/consent
 */
import { providers } from './registry.js';

/** Comes first in the queue, whatever the page has put there. */
export function deny() {
  if (!providers.some((one) => one[3] === 'google')) return;
  const queue = (window.dataLayer ||= []);
  const denied = {
    ad_storage: 'denied',
    analytics_storage: 'denied',
    functionality_storage: 'denied',
    personalization_storage: 'denied',
    ad_user_data: 'denied',
    ad_personalization: 'denied',
  };
  queue[queue[0] ? 'unshift' : 'push'](command('consent', 'default', denied));
}

/** Google reads `arguments`, not arrays. @type {(...command: any[]) => IArguments} */
function command() {
  return arguments;
}
