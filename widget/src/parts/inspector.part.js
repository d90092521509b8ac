/**
 * The inspector, for web teams: whether the tag is installed right, what waits and why, what nobody has declared, and
 * what the consent host said. In English.
 */
import { element } from '../element.js';
import css from './inspector.css';
import { explain } from './inspector/answer.js';
import { installation, server, tags } from './inspector/installation.js';
import { find, read } from './inspector/tags.js';
import { lines, put, strangers, sum, waiting } from './inspector/view.js';
import { watch } from './inspector/violations.js';

/**
 * @typedef {import('../core.js').Core} Core
 * @typedef {import('./inspection.js').Tools} Tools
 */

const EVENTS = ['open', 'close', 'change', 'recorded', 'unrecorded'].map((name) => 'visitorchoices:' + name);
const ATTRIBUTES = ['type', 'src', 'data-src', 'data-category', 'data-provider'];
const TITLES = ['Is my tag installed right?', 'Tags that wait for a choice', 'Seen here, and not declared', 'What the consent host said last'];

/** How long the page has to be quiet before it is looked at again, in ms. */
const PAUSE = 150;

/**
 * The empty panel.
 * @param {() => void} again
 * @param {() => void} close
 */
function build(again, close) {
  const host = element('visitor-inspector', { lang: 'en', dir: 'ltr', 'data-nosnippet': '' });
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  const button = (/** @type {string} */ words, /** @type {() => void} */ act) => {
    const made = element('button', { type: 'button' }, words);
    made.addEventListener('click', act);
    return made;
  };
  const summary = element('p', { role: 'status' });
  const places = TITLES.map(() => element('div', {}));
  const sections = TITLES.map((title, at) => element('section', { 'aria-labelledby': `title-${at}` }, element('h3', { id: `title-${at}` }, title), places[at]));
  const head = element('header', {}, element('h2', { id: 'title' }, 'Visitor choices: inspector'), button('Look again', again), button('Close', close));
  // What scrolls can be reached with the keyboard.
  const body = element('div', { class: 'body', tabindex: '0', role: 'group', 'aria-label': 'Findings' }, summary, ...sections);
  root.append(element('section', { class: 'panel', 'aria-labelledby': 'title' }, head, body));
  return { host, summary, places };
}

/**
 * Looks again whenever the page has changed, and is quiet.
 * @param {() => void} look
 * @returns {() => void} stops it
 */
function follow(look) {
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(look, PAUSE);
  };
  const observer = new MutationObserver(soon);
  observer.observe(document, { childList: true, subtree: true, attributeFilter: ATTRIBUTES });
  EVENTS.forEach((name) => document.addEventListener(name, soon));
  addEventListener('resize', soon);
  return () => {
    clearTimeout(timer);
    observer.disconnect();
    EVENTS.forEach((name) => document.removeEventListener(name, soon));
    removeEventListener('resize', soon);
  };
}

/** The site's registry; null where it cannot be had. @param {Core} core */
const fetchRegistry = ({ config }) =>
  fetch(new URL(`/v1/sites/${config.site}/config`, server))
    .then((answer) => answer.json())
    .catch(() => null);

/**
 * @param {Core} core
 * @param {Tools} tools
 */
export function show(core, tools) {
  /** @type {import('./inspector/installation.js').Known} */
  const known = { registry: undefined, last: undefined, violations: [] };
  const look = () => {
    known.last = tools.last();
    const answers = installation(core, known);
    const blocking = !!tags(core)[0]?.dataset.block;
    const facts = find(document).map((tag) => read(core, tools, blocking, tag));
    put(places[0], lines(answers));
    put(places[1], waiting(facts));
    put(places[2], ...strangers(core, known));
    put(places[3], lines(explain(known.last, location.origin, !!known.registry)));
    const said = sum(answers, facts);
    if (summary.textContent !== said) summary.textContent = said;
    // The banner stays in sight, and within reach.
    host.style.setProperty('--bottom', `${core.root?.host.getBoundingClientRect().height || 0}px`);
  };
  const again = async () => {
    known.registry = await fetchRegistry(core);
    look();
  };
  const close = () => {
    ends.forEach((end) => end());
    host.remove();
    outside?.focus();
  };
  const { host, summary, places } = build(again, close);
  /** Where the focus was before it came to us. @type {HTMLElement|null} */
  let outside = null;
  host.addEventListener('focusin', (/** @type {FocusEvent} */ { relatedTarget }) => (outside = /** @type {HTMLElement|null} */ (relatedTarget) || outside));
  host.addEventListener('keydown', (/** @type {KeyboardEvent} */ { key }) => key === 'Escape' && close());
  // Beside <body>, so that nothing the page does to it moves or hides the panel.
  document.documentElement.append(host);
  const ends = [
    follow(look),
    watch((violation) => {
      known.violations.push(violation);
      look();
    }),
  ];
  look();
  again();
}
