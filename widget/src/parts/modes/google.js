/**
 * Google's tags and Tag Manager. That everything is denied was said first (`src/modes.js`). Google keeps nothing of it, so
 * this is said on every page.
 * https://developers.google.com/tag-platform/security/guides/consent
 */
import { queue, state } from './queue.js';

/** Google reads `arguments`, not arrays. @type {(...command: any[]) => IArguments} */
function command() {
  return arguments;
}

/** @type {import('../modes.part.js').Adapter} */
export function google(allowed, { config, choice }) {
  const analytics = state(allowed('analytics'));
  const ads = state(allowed('marketing'));
  const functional = state(!!choice.functional);
  const layer = queue('dataLayer');
  layer.push(
    command('consent', 'update', {
      analytics_storage: analytics,
      ad_storage: ads,
      ad_user_data: ads,
      ad_personalization: ads,
      functionality_storage: functional,
      personalization_storage: functional,
    }),
  );
  // For triggers of Tag Manager. After the update, so that what they let go knows of it.
  layer.push({ event: 'visitor_choices', visitor_choices: Object.fromEntries(config.categories.map((key) => [key, choice[key]])) });
}
