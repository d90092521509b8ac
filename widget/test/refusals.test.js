import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refused } from '../src/parts/refusals.js';

const json = (/** @type {unknown} */ value) => encodeURIComponent(JSON.stringify(value));
const oneTrust = (/** @type {string} */ groups, more = '&interactionCount=1&landingPath=NotLandingPage') =>
  `OptanonConsent=isGpcEnabled=0&datestamp=Sat+Nov+21+2026&version=202304.1.0&isIABGlobal=false&hosts=&groups=${encodeURIComponent(groups)}${more}`;
const cookiebot = (/** @type {string} */ rest) =>
  'CookieConsent=' + encodeURIComponent(`{stamp:'a+b/c==',necessary:true,${rest},ver:1,utc:1700000000000,region:'de'}`);
const off = 'preferences:false,statistics:false,marketing:false';

const REFUSALS = {
  'vanilla 3': 'cc_cookie=' + json({ categories: ['necessary'], revision: 0, data: null, services: { necessary: ['session'], analytics: [] } }),
  'vanilla 3, nothing at all': 'cc_cookie=' + json({ categories: [] }),
  'vanilla 2': 'cc_cookie=' + json({ categories: ['necessary'], revision: 0, rfc_cookie: false }),
  'vanilla 2.0, not encoded': 'cc_cookie={"level":["necessary"],"revision":0}',
  klaro: 'klaro=' + json({ matomo: false, youtube: false }),
  'klaro, one that is necessary': 'klaro=' + json({ essential: true, youtube: false }),
  cookiebot: cookiebot(off + ",method:'explicit'"),
  'cookiebot, older': cookiebot(off),
  'cookiebot, not encoded': `CookieConsent={stamp:'x',necessary:true,${off},method:'explicit',ver:1}`,
  onetrust: oneTrust('C0001:1,C0002:0,C0003:0,C0004:0'),
  'onetrust, numbers': oneTrust('1:1,2:0,3:0'),
  'onetrust, closed': oneTrust('C0001:1,C0002:0', '&interactionCount=0') + '; OptanonAlertBoxClosed=2026-11-21T10:00:00.000Z',
  drupal: 'cookie-agreed=0',
  'drupal, agreed to what is necessary': 'cookie-agreed=2; cookie-agreed-categories=' + json(['necessary']) + '; cookie-agreed-version=1.0.0',
  'drupal, agreed to nothing': 'cookie-agreed=2; cookie-agreed-categories=' + json([]),
};

const OTHERS = {
  'no cookie': '',
  'somebody else’s': 'klaro_x=' + json({ a: false }) + '; xcc_cookie={}; cookie-agreed-version=1',
  'vanilla, agreed': 'cc_cookie=' + json({ categories: ['necessary', 'analytics'] }),
  'vanilla, a category we do not know': 'cc_cookie=' + json({ categories: ['basic'] }),
  'vanilla, a service alone': 'cc_cookie=' + json({ categories: ['necessary'], services: { analytics: ['ga'] } }),
  'vanilla, no list': 'cc_cookie=' + json({ categories: 'necessary' }),
  'vanilla, null': 'cc_cookie=null',
  'klaro, agreed': 'klaro=' + json({ matomo: true, youtube: false }),
  'klaro, empty': 'klaro=' + json({}),
  'klaro, not yes or no': 'klaro=' + json({ matomo: 0 }),
  'klaro, a list': 'klaro=' + json([]),
  'cookiebot, agreed': cookiebot("preferences:false,statistics:true,marketing:false,method:'explicit'"),
  'cookiebot, silent': cookiebot(off + ",method:'implied'"),
  'cookiebot, another region': 'CookieConsent=-1',
  'cookiebot, one missing': cookiebot("statistics:false,marketing:false,method:'explicit'"),
  'cookiebot, no boolean': cookiebot('preferences:falsely,statistics:false,marketing:false'),
  'onetrust, agreed': oneTrust('C0001:1,C0002:1,C0003:0'),
  'onetrust, undecided': oneTrust('C0001:1,C0002:0', '&interactionCount=0&landingPath=NotLandingPage'),
  'onetrust, landing': oneTrust('C0001:1,C0002:0', '&landingPath=' + encodeURIComponent('https://www.ala.org/')),
  'onetrust, to be asked again': oneTrust('C0001:1,C0002:0', '&interactionCount=1&AwaitingReconsent=true'),
  'onetrust, no groups': 'OptanonConsent=interactionCount=1',
  'onetrust, nothing optional': oneTrust('C0001:1'),
  'onetrust, half a group': oneTrust('C0001:1,C0002'),
  'drupal, agreed': 'cookie-agreed=2',
  'drupal, agreed, not thanked': 'cookie-agreed=1',
  'drupal, agreed to more': 'cookie-agreed=2; cookie-agreed-categories=' + json(['necessary', 'marketing']),
  'drupal, something else': 'cookie-agreed=3; cookie-agreed-categories=' + json([]),
  'drupal, categories alone': 'cookie-agreed-categories=' + json([]),
  'drupal, two copies': 'cookie-agreed=2; cookie-agreed-categories=' + json([]) + '; cookie-agreed-categories=' + json(['all']),
};

for (const [name, cookies] of Object.entries(REFUSALS)) test(`${name}: refused`, () => assert.equal(refused('a=b; ' + cookies), true));
for (const [name, cookies] of Object.entries(OTHERS)) test(`${name}: asked`, () => assert.equal(refused(cookies), false));

test('two tools: a refusal counts only where nobody was told otherwise', () => {
  const refusal = REFUSALS['vanilla 3'];
  for (const name of /** @type {const} */ (['no cookie', 'somebody else’s', 'onetrust, undecided', 'drupal, categories alone'])) {
    assert.equal(refused(`${OTHERS[name]}; ${refusal}`), true, name);
  }
  for (const [name, cookies] of Object.entries(OTHERS).filter(([name]) => /, (agreed|null|silent|empty)/.test(name))) {
    assert.equal(refused(`${refusal}; ${cookies}`), false, name);
    assert.equal(refused(`${cookies}; ${refusal}`), false, name);
  }
});

test('an agreement that was cut short is never a refusal', () => {
  const names = /** @type {const} */ (['vanilla, agreed', 'vanilla, a service alone', 'klaro, agreed', 'cookiebot, agreed', 'drupal, agreed']);
  for (const name of names) {
    const cookies = OTHERS[name];
    for (let at = 0; at < cookies.length; at++) assert.equal(refused(cookies.slice(0, at)), false, cookies.slice(0, at));
  }
});

test('what is not a cookie does no harm', () => {
  for (const text of ['=', ';', 'cc_cookie', 'cc_cookie=', 'klaro=%', 'OptanonConsent=%', 'CookieConsent=%E0%A4%A', '__proto__=1', 'cookie-agreed=']) assert.equal(refused(text), false, text);
});

/** @param {...[on: boolean, ...actions: string[]]} services  of Usercentrics 2, the latest action last */
const usercentrics = (...services) => ({
  uc_user_interaction: 'true',
  uc_settings: JSON.stringify({
    controllerId: 'x',
    services: services.map(([status, ...actions], at) => ({
      id: 'service-' + at,
      status,
      history: actions.map((action, time) => ({ action, status, timestamp: 1e12 + time, type: 'explicit' })),
    })),
    version: '1.2.3',
  }),
});
const LOADED = 'onInitialPageLoad';
const DENIED = 'onDenyAllServices';
/** @type {[on: boolean, ...actions: string[]]} */
const essential = [true, LOADED, 'onEssentialChange'];

/** @type {Object<string, Object<string, string>>} */
const KEPT_REFUSALS = {
  'klaro, encoded': { klaro: json({ matomo: false }) },
  'klaro, plain': { klaro: '{"100%":false}' },
  'vanilla 3': { cc_cookie: JSON.stringify({ categories: ['necessary'], expirationTime: 2e12 }) },
  'usercentrics, all denied': usercentrics(essential, [false, LOADED, DENIED], [false, DENIED]),
  'usercentrics, denied after all': usercentrics([true, DENIED], [false, 'onAcceptAllServices', DENIED]),
};

/** @type {Object<string, Object<string, string>>} */
const KEPT_OTHERS = {
  nothing: {},
  'klaro, agreed': { klaro: json({ matomo: true }) },
  'vanilla 3, ended': { cc_cookie: JSON.stringify({ categories: ['necessary'], expirationTime: 1e12 }) },
  'usercentrics, nobody was there': { ...usercentrics(essential, [false, DENIED]), uc_user_interaction: 'false' },
  'usercentrics, no more known': { uc_settings: usercentrics([false, DENIED]).uc_settings },
  'usercentrics, not decided': usercentrics(essential, [false, LOADED]),
  'usercentrics, agreed': usercentrics(essential, [true, DENIED, 'onAcceptAllServices']),
  'usercentrics, one of them agreed to': usercentrics(essential, [true, LOADED, 'onUpdateServices'], [false, LOADED, DENIED]),
  'usercentrics, switched off one by one': usercentrics(essential, [false, LOADED, 'onUpdateServices']),
  'usercentrics, nothing optional': usercentrics(essential),
  'usercentrics, no history': { uc_user_interaction: 'true', uc_settings: '{"services":[{"id":"a","status":false,"history":[]}]}' },
  'usercentrics, cut short': { uc_user_interaction: 'true', uc_settings: '{"services":[' },
  'usercentrics 3': { ucData: JSON.stringify({ consent: { services: { a: { name: 'Matomo', consent: false } } } }) },
};

for (const [name, items] of Object.entries(KEPT_REFUSALS)) test(`${name}, in localStorage: refused`, () => assert.equal(refused('', items, 15e11), true));
for (const [name, items] of Object.entries(KEPT_OTHERS)) test(`${name}, in localStorage: asked`, () => assert.equal(refused('', items, 15e11), false));

test('a cookie and localStorage both count', () => {
  assert.equal(refused(REFUSALS.klaro, KEPT_REFUSALS['usercentrics, all denied']), true);
  assert.equal(refused(REFUSALS.klaro, KEPT_OTHERS['usercentrics, agreed']), false);
  assert.equal(refused(REFUSALS['vanilla 3'], KEPT_OTHERS['klaro, agreed']), false);
});
