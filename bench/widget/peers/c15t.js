// What both of c15t's contestants are set up with: no backend, opt-in, and the texts of the page's site.
import { policyPackPresets } from 'c15t';

/** Its categories have fixed names. */
const TRACKERS = { video: 'functionality', ga: 'measurement', ads: 'marketing' };

export const TITLE = 'Cookies on ala.org';
export const TEXT =
  'We use cookies to make this site work. If you agree, we also use optional cookies to play videos, to count visits and for marketing. You can change your choice at any time.';

export const options = {
  mode: 'offline',
  consentCategories: ['necessary', ...Object.values(TRACKERS)],
  offlinePolicy: { policyPacks: [policyPackPresets.europeOptIn()] },
  overrides: { country: 'DE' },
  i18n: {
    locale: 'en',
    messages: {
      en: {
        common: { acceptAll: 'Accept all', rejectAll: 'Reject all', customize: 'Choose', save: 'Save choices' },
        cookieBanner: { title: TITLE, description: TEXT },
      },
    },
  },
  scripts: Object.entries(TRACKERS).map(([id, category]) => ({
    id,
    category,
    src: `http://trackers.localhost:${location.port}/trackers/${id}.js`,
  })),
};
