// Its own defaults, but for: "accept all" on the first layer. It reads the page's own tags.
var klaroConfig = {
  version: 1,
  lang: 'en',
  acceptAll: true,
  privacyPolicy: '/ala/policy',
  translations: {
    en: {
      consentNotice: {
        title: 'Cookies on ala.org',
        description:
          'We use cookies to make this site work. If you agree, we also use optional cookies to play videos, to count visits and for marketing. You can change your choice at any time.',
        learnMore: 'Choose',
      },
      ok: 'Accept all',
      acceptAll: 'Accept all',
      decline: 'Reject all',
      purposes: { functional: 'Functional', analytics: 'Analytics', marketing: 'Marketing' },
    },
  },
  services: [
    {
      name: 'sample-video',
      title: 'Video player',
      description: 'Plays videos embedded in our pages.',
      purposes: ['functional'],
      cookies: ['sample_video_prefs'],
    },
    {
      name: 'google-analytics',
      title: 'Google Analytics',
      description: 'Counts visits and shows how our pages are used.',
      purposes: ['analytics'],
      cookies: [/^_ga/, '_gid'],
    },
    {
      name: 'sample-ads',
      title: 'Advertising network',
      description: 'Shows ads that match your interests.',
      purposes: ['marketing'],
      cookies: ['_sample_ads'],
    },
  ],
};
