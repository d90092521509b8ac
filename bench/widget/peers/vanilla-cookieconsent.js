/* global CookieConsent */
// Its own defaults, but for: bots are asked too, and the page stays usable. It reads the page's own tags.
CookieConsent.run({
  hideFromBots: false,
  categories: {
    necessary: { enabled: true, readOnly: true },
    functional: { autoClear: { cookies: [{ name: 'sample_video_prefs' }] } },
    analytics: { autoClear: { cookies: [{ name: /^_ga/ }, { name: '_gid' }] } },
    marketing: { autoClear: { cookies: [{ name: '_sample_ads' }] } },
  },
  language: {
    default: 'en',
    translations: {
      en: {
        consentModal: {
          title: 'Cookies on ala.org',
          description:
            'We use cookies to make this site work. If you agree, we also use optional cookies to play videos, to count visits and for marketing. You can change your choice at any time.',
          acceptAllBtn: 'Accept all',
          acceptNecessaryBtn: 'Reject all',
          showPreferencesBtn: 'Choose',
          footer: '<a href="/ala/providers">Our service providers</a><a href="/ala/policy">Privacy policy</a>',
        },
        preferencesModal: {
          title: 'Your choices',
          acceptAllBtn: 'Accept all',
          acceptNecessaryBtn: 'Reject all',
          savePreferencesBtn: 'Save choices',
          closeIconLabel: 'Close',
          sections: [
            { description: 'Optional cookies are off until you turn them on.' },
            {
              title: 'Necessary',
              description: 'Keeps you signed in and remembers your choice.',
              linkedCategory: 'necessary',
            },
            { title: 'Functional', description: 'Plays videos embedded in our pages.', linkedCategory: 'functional' },
            {
              title: 'Analytics',
              description: 'Counts visits so that we can improve our pages. Provider: Google Analytics.',
              linkedCategory: 'analytics',
            },
            { title: 'Marketing', description: 'Shows ads that match your interests.', linkedCategory: 'marketing' },
          ],
        },
      },
    },
  },
});
