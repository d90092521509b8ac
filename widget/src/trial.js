/**
 * Goes before the script of a draft that is tried on the real site: answers what the server does not know yet, sends no
 * decision, and says at the top of the page that this is a trial.
 */

/**
 * What the server writes in here.
 * @typedef {Object} Trial
 * @property {string} end  where the trial is ended
 * @property {string} words
 * @property {string} link
 * @property {Object<string, string>} locales  SHA-256 of the notice of each locale
 * @property {Object<string, import('./types.js').Notice>} notices
 */

/** @type {Trial} */
const trial = __TRIAL__;

const { fetch } = window;

/** @param {unknown} body */
const answer = (body, status = 200) => Promise.resolve(new Response(JSON.stringify(body), { status }));

/** The locale that is nearest to a language. @param {string} language */
const nearest = (language) =>
  Object.keys(trial.locales).find((locale) => locale.toLowerCase() === language.toLowerCase()) ||
  Object.keys(trial.locales).find((locale) => locale.split('-')[0] === language.split('-')[0].toLowerCase()) ||
  Object.keys(trial.locales)[0];

/** @type {typeof fetch} */
window.fetch = (input, init) => {
  const [, what, name, language] = /\/v1\/sites\/[^/]+\/(consents|findings|notices)(?:\/(\w+))?(?:\/(.+))?$/.exec(String(input)) || [];
  if (what === 'notices' && name in trial.notices) {
    const sha256 = trial.locales[nearest(language || '')];
    return answer(language ? { notice: trial.notices[sha256], sha256 } : trial.notices[name]);
  }
  // As if it were recorded: the page is to behave as it will.
  if (what === 'consents') return answer(JSON.parse(String(init?.body)), 201);
  if (what === 'findings') return answer({}, 201);
  return fetch.call(window, input, init);
};

addEventListener('DOMContentLoaded', say);
if (document.readyState !== 'loading') say();

function say() {
  if (document.querySelector('visitor-choices-trial')) return;
  const host = document.createElement('visitor-choices-trial');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    ':host{all:initial!important;display:block!important;position:sticky!important;top:0!important;z-index:2147483646!important;' +
      'padding:.5em 1em!important;font:medium/1.5 system-ui!important;color:#000!important;background:#ffd54f!important}a{color:inherit}',
  );
  root.adoptedStyleSheets = [sheet];
  const link = document.createElement('a');
  link.href = trial.end;
  link.textContent = trial.link;
  const line = document.createElement('p');
  line.style.margin = '0';
  line.append(trial.words + ' ', link);
  root.append(line);
  host.setAttribute('role', 'region');
  host.setAttribute('aria-label', trial.words);
  host.setAttribute('lang', 'en');
  document.body.prepend(host);
}

export {};
