import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { config } from './config.js';

const { deny } = await import('../src/modes.js');
const { tell } = await import('../src/parts/modes.part.js');
const { everything } = await import('../src/choice.js');
const { merge } = await import('../src/parts/choices.js');

/** What vendors' tags, and pages, keep in the window. @type {any} */
let page;

beforeEach(() => {
  page = /** @type {any} */ (globalThis).window = {};
});

const providers = /** @type {import('../src/types.js').Config['providers']} */ ([
  ['google-analytics', 'analytics', '', 'google'],
  ['google-ads', 'marketing', '', 'google'],
  ['uet', 'marketing', '', 'microsoft-uet'],
  ['clarity', 'analytics', '', 'clarity'],
  ['clarity-ads', 'marketing', '', 'clarity'],
  ['meta', 'marketing', '', 'meta'],
  ['tiktok', 'marketing', '', 'tiktok'],
  ['matomo', 'analytics', '', 'matomo'],
  ['hubspot', 'marketing', '', 'hubspot'],
  ['plain', 'marketing', ''],
]);

/** Has only these told, a choice of these allowed. @param {string} mode @param {...string} on */
function only(mode, ...on) {
  const some = { ...config, providers: providers.filter((one) => one[3] === mode) };
  const none = Object.fromEntries([...some.categories, ...some.providers.map(([key]) => key)].map((key) => [key, false]));
  tell({ config: some, choice: merge(some, none, Object.fromEntries(on.map((key) => [key, true]))) });
}

/** A vendor's queue of `arguments`, as plain arrays. @param {ArrayLike<any>[]} queue */
const plain = (queue) => queue.map((command) => Array.from(command));

/** An object that records what it is pushed: what queues become once their tag has come. */
const loaded = () => {
  const got = /** @type {any[][]} */ ([]);
  return { got, push: (/** @type {any[]} */ ...entries) => void got.push(entries) };
};

const DENIED = {
  ad_storage: 'denied',
  ad_user_data: 'denied',
  ad_personalization: 'denied',
  analytics_storage: 'denied',
  functionality_storage: 'denied',
  personalization_storage: 'denied',
};

test('Google: everything is denied first, whatever the page did before', () => {
  const before = [{ event: 'gtm.js' }, ['config', 'G-1']];
  for (const layer of [undefined, [], [...before]]) {
    page.dataLayer = layer;
    deny();
    assert.equal(Object.prototype.toString.call(page.dataLayer[0]), '[object Arguments]');
    assert.deepEqual(Array.from(page.dataLayer[0]), ['consent', 'default', DENIED]);
    assert.deepEqual(page.dataLayer.slice(1), layer?.[1] ? before : []);
  }
});

test('Google: what is allowed, by category', () => {
  for (const [on, granted] of /** @type {[string[], string[]][]} */ ([
    [['google-analytics'], ['analytics_storage']],
    [['google-ads'], ['ad_storage', 'ad_user_data', 'ad_personalization']],
    [['functional'], ['functionality_storage', 'personalization_storage']],
    [['analytics', 'marketing', 'functional'], Object.keys(DENIED)],
    [['plain', 'meta'], []],
    [[], []],
  ])) {
    page.dataLayer = [];
    only('google', ...on);
    const [update, event, ...more] = page.dataLayer;
    assert.equal(Object.prototype.toString.call(update), '[object Arguments]');
    assert.deepEqual(Array.from(update), ['consent', 'update', { ...DENIED, ...Object.fromEntries(granted.map((type) => [type, 'granted'])) }]);
    assert.equal(event.event, 'visitor_choices');
    assert.deepEqual(more, []);
  }
});

test('Google: Tag Manager learns of the categories in one event, after the update', () => {
  page.dataLayer = loaded();
  only('google', 'analytics');
  const [[update], [event]] = page.dataLayer.got;
  assert.equal(update[1], 'update');
  assert.deepEqual(event, { event: 'visitor_choices', visitor_choices: { functional: false, analytics: true, marketing: false } });
});

test('Microsoft UET: the default first, then what is allowed', () => {
  only('microsoft-uet', 'uet');
  assert.deepEqual(page.uetq, ['consent', 'default', { ad_storage: 'denied' }, 'consent', 'update', { ad_storage: 'granted' }]);
});

test('Microsoft UET: a queue that has commands, and one that bat.js has taken over', () => {
  page.uetq = ['consent', 'default', { ad_storage: 'denied' }, 'event', 'click', {}];
  only('microsoft-uet', 'uet');
  assert.deepEqual(page.uetq.slice(6), ['consent', 'update', { ad_storage: 'granted' }]);
  page.uetq = loaded();
  only('microsoft-uet');
  assert.deepEqual(page.uetq.got, [['consent', 'update', { ad_storage: 'denied' }]]);
});

test('Clarity: waits in the form that its tag takes over', () => {
  only('clarity', 'clarity');
  // As in the vendor's tag.
  page.clarity = page.clarity || assert.fail();
  assert.deepEqual(plain(page.clarity.q), [['consentv2', { ad_Storage: 'denied', analytics_Storage: 'granted' }]]);
});

test('Clarity: a function that exists is called', () => {
  const said = /** @type {any[][]} */ ([]);
  page.clarity = (/** @type {any[]} */ ...command) => said.push(command);
  only('clarity', 'clarity-ads');
  only('clarity');
  assert.deepEqual(said, [
    ['consentv2', { ad_Storage: 'granted', analytics_Storage: 'denied' }],
    ['consentv2', { ad_Storage: 'denied', analytics_Storage: 'denied' }],
  ]);
});

test('Meta: `fbq` is never made, since its tag would then do nothing', () => {
  only('meta', 'meta');
  assert.deepEqual(page, {});
});

test('Meta: granted and revoked where it exists', () => {
  const said = /** @type {any[][]} */ ([]);
  page.fbq = (/** @type {any[]} */ ...command) => said.push(command);
  only('meta', 'meta');
  only('meta');
  assert.deepEqual(said, [['consent', 'grant'], ['consent', 'revoke']]);
});

test('TikTok: an entry before its tag, a method after', () => {
  only('tiktok', 'tiktok');
  assert.deepEqual(page.ttq, [['grantConsent']]);
  // As the vendor's tag does with the array it finds.
  for (const method of ['holdConsent', 'revokeConsent', 'grantConsent']) page.ttq[method] = (/** @type {any[]} */ ...given) => page.ttq.push([method, ...given]);
  only('tiktok');
  assert.deepEqual([...page.ttq], [['grantConsent'], ['revokeConsent']]);
  const said = /** @type {string[]} */ ([]);
  page.ttq = { grantConsent: () => said.push('grant'), revokeConsent: () => said.push('revoke') };
  only('tiktok', 'tiktok');
  only('tiktok');
  assert.deepEqual(said, ['grant', 'revoke']);
});

test('Matomo: given without being remembered, taken back without a cookie that says so', () => {
  page._paq = [['requireConsent'], ['trackPageView']];
  only('matomo', 'matomo');
  assert.deepEqual(page._paq.slice(2), [['setConsentGiven']]);
  page._paq = loaded();
  only('matomo');
  assert.deepEqual(page._paq.got, [[['requireConsent']], [['forgetCookieConsentGiven']]]);
});

test('HubSpot: its own three categories, or revoked', () => {
  only('hubspot', 'hubspot', 'functional');
  assert.deepEqual(page._hsp, [['setHubSpotConsent', { analytics: false, advertisement: true, functionality: true }]]);
  page._hsp = loaded();
  only('hubspot');
  assert.deepEqual(page._hsp.got, [[['revokeCookieConsent']]]);
});

test('nothing is made for a vendor that is off, or that is not registered', () => {
  tell({ config: { ...config, providers }, choice: everything(false) });
  assert.deepEqual(page, {});
  tell({ config: { ...config, providers: [['plain', 'marketing', '']] }, choice: { plain: true, marketing: true } });
  assert.deepEqual(page, {});
});

test('one that fails does not keep the others from being told', () => {
  page.dataLayer = 'not a queue';
  page.fbq = () => {
    throw Error('no');
  };
  page._hsp = [];
  tell({ config: { ...config, providers }, choice: everything(false) });
  assert.deepEqual(page._hsp, [['revokeCookieConsent']]);
});
