/* global tarteaucitron */
// The options its README shows, as a bar at the bottom. It reads no tags of the page: services are declared in code.
tarteaucitron.init({
  privacyUrl: '/ala/policy',
  orientation: 'bottom',
  showIcon: false,
  showAlertSmall: false,
  removeCredit: true,
  highPrivacy: true,
  DenyAllCta: true,
  AcceptAllCta: true,
});

for (const [key, type, name, cookies] of [
  ['video', 'video', 'Video player', ['sample_video_prefs']],
  ['ga', 'analytic', 'Google Analytics', ['_ga', '_gid']],
  ['ads', 'ads', 'Advertising network', ['_sample_ads']],
]) {
  tarteaucitron.services[key] = {
    key,
    type,
    name,
    cookies,
    uri: '/ala/providers',
    needConsent: true,
    js: () => tarteaucitron.addScript(`http://trackers.localhost:${location.port}/trackers/${key}.js`),
  };
  (tarteaucitron.job = tarteaucitron.job || []).push(key);
}

var tarteaucitronForceLanguage = 'en';
var tarteaucitronCustomText = {
  alertBigPrivacy:
    'We use cookies to make this site work. If you agree, we also use optional cookies to play videos, to count visits and for marketing. You can change your choice at any time.',
  acceptAll: 'Accept all',
  denyAll: 'Reject all',
  personalize: 'Choose',
};
