/* global cookieconsent */
// It knows no categories and reads no tags: one answer for all, and the site's own code loads what was held back.
const release = (popup) => {
  if (!popup.hasConsented()) return;
  for (const key of ['video', 'ga', 'ads']) {
    const script = document.createElement('script');
    script.src = `http://trackers.localhost:${location.port}/trackers/${key}.js`;
    document.head.append(script);
  }
};

cookieconsent.initialise({
  type: 'opt-in',
  palette: { popup: { background: '#ffffff', text: '#1f2430' }, button: { background: '#1c4a7e', text: '#ffffff' } },
  content: {
    message:
      'We use cookies to make this site work. If you agree, we also use optional cookies to play videos, to count visits and for marketing. You can change your choice at any time.',
    allow: 'Accept all',
    deny: 'Reject all',
    link: 'Privacy policy',
    href: '/ala/policy',
    policy: 'Your choices',
  },
  onInitialise() {
    release(this);
  },
  onStatusChange() {
    release(this);
  },
});
