/**
 * The dialog: a switch for each category and each of its providers, what it is for, what stops working without it.
 */
import { element } from '../element.js';
import { everything } from './choices.js';
import { choose } from './dialog.js';
import css from './preferences.css';
import { follow, mixed } from './switches.js';

/**
 * @typedef {import('../core.js').Core} Core
 * @typedef {import('../types.js').Notice} Notice
 * @typedef {import('../types.js').DialogCategory} Category
 */

/**
 * @param {string} words
 * @param {(event: Event) => void} act
 * @param {'button'|'submit'} [type]
 */
function button(words, act, type = 'button') {
  const made = element('button', { type }, words);
  made.addEventListener('click', act);
  return made;
}

/**
 * @param {string} name
 * @param {boolean} on
 * @param {Object<string, string>} [more]  attributes
 * @returns {HTMLInputElement}
 */
function toggle(name, on, more) {
  const made = element('input', { type: 'checkbox', role: 'switch', name, ...more });
  made.checked = on;
  return made;
}

/**
 * Names are written in whatever script their owners use.
 * @param {string} words
 */
const named = (words) => element('bdi', {}, words);

/**
 * What the visitor is told before choosing.
 * @param {Core} core
 * @param {import('../types.js').FirstLayer} first
 */
function lines({ config, current, stored }, first) {
  const { recorded, signals } = current();
  const express = stored?.express;
  const said = [
    !navigator.cookieEnabled && first.blocked,
    signals.gpc && config.gpc && !express && first.gpc,
    signals.dnt === '1' && !(config.dnt && express) && first.dnt,
    recorded === 'waiting' && first.unrecorded,
  ];
  return said.map((words) => (words ? element('p', { class: 'line' }, words) : ''));
}

/**
 * A category's providers, each with its own switch. Open where they do not all follow the category.
 * @param {Core} core
 * @param {Category} category
 * @param {string} words
 * @param {string} label  id of the category's name
 */
function byProvider({ choice, config }, { key, providers }, words, label) {
  const list = providers.map((one) => element('li', {}, element('label', {}, element('span', {}, named(one.name)), toggle(one.key, choice[one.key]))));
  const made = element('details', {}, element('summary', {}, words), element('ul', { role: 'list', 'aria-labelledby': label }, ...list));
  made.open = !!mixed(config, choice, key);
  return made;
}

/**
 * @param {Core} core
 * @param {Category} category
 * @param {Notice} words
 */
function group(core, category, { first, dialog: text }) {
  const { key, lang, name, purpose, providers, required, without } = category;
  // A site's own words may be in another language than ours.
  const own = (/** @type {string} */ words) => (lang === first.lang ? words : element('bdi', { lang }, words));
  const id = (/** @type {string} */ of) => `${of}-${text.categories.indexOf(category)}`;
  const heading = element('h3', { id: id('name') });
  const about = element('div', { id: id('about') }, element('p', {}, own(purpose)));
  if (without) about.append(element('p', { class: 'less' }, text.without + ' ', own(without)));
  const row = element('div', { class: 'row' }, heading);
  const made = element('div', { class: 'group' }, row, about);
  if (required) {
    heading.append(own(name));
    row.append(element('span', {}, text.always));
    const names = providers.flatMap((one, place) => [place ? ', ' : ' ', named(one.name)]);
    if (names[0]) about.append(element('p', { class: 'less' }, text.providers, ...names));
    return made;
  }
  heading.append(element('label', { for: id('switch') }, own(name)));
  row.append(
    element('span', { id: id('mixed'), 'data-mixed': key }),
    toggle(key, core.choice[key], { id: id('switch'), 'aria-describedby': `${id('about')} ${id('mixed')}` }),
  );
  if (providers[0]) made.append(byProvider(core, category, text.by_provider, id('name')));
  return made;
}

/**
 * Keeps the switches of a form in step, and says where a category's providers differ.
 * @param {Core} core
 * @param {HTMLElement} form
 * @param {string} lead  in to how many are on, for those who do not see what it stands beside
 * @returns {() => Object<string, boolean>} what they say
 */
function join({ config }, form, lead) {
  const inputs = [...form.querySelectorAll('input')];
  const read = () => Object.fromEntries(inputs.map(({ name, checked }) => [name, checked]));
  const tell = () => {
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll('[data-mixed]'))) {
      const count = mixed(config, read(), place.dataset.mixed || '');
      place.replaceChildren(...(count ? [element('span', { class: 'unseen' }, lead + ' '), count] : []));
    }
  };
  form.addEventListener('change', ({ target }) => {
    const shown = follow(config, read(), /** @type {HTMLInputElement} */ (target).name);
    for (const input of inputs) input.checked = shown[input.name];
    tell();
  });
  tell();
  return read;
}

/**
 * @param {Core} core
 * @param {Notice} words
 */
function build(core, words) {
  const { first, dialog: text } = words;
  const title = element('h2', { id: 'title', part: 'title', tabindex: '-1', autofocus: '' }, text.title);
  const dialog = element('dialog', { part: 'dialog', 'aria-labelledby': 'title' });
  const body = element('div', { class: 'body' }, element('p', {}, core.minors ? text.minors : text.intro), ...lines(core, first));
  const form = element('form', {}, element('div', { class: 'head' }, title, button(text.close, () => dialog.close())), body);
  // Where nothing optional can be allowed, nothing is offered.
  for (const category of text.categories) if (category.required || !core.minors) body.append(group(core, category, words));
  const links = first.links.map(([path, words]) => element('a', { href: new URL(path, import.meta.url).href }, words));
  body.append(element('p', { class: 'links' }, ...links));
  const read = join(core, form, text.providers);
  if (!core.minors) {
    const labels = Object.fromEntries(first.buttons);
    const save = button(text.save, (event) => choose(core, read(), 'preferences', event), 'submit');
    form.append(
      element(
        'div',
        { class: 'foot' },
        button(labels['reject-all'], () => core.ask('reject_all', everything(core.config, false), 'preferences')),
        button(labels['accept-all'], (event) => core.ask('accept_all', everything(core.config, true), 'preferences', event)),
        save,
      ),
    );
  }
  // Enter in a switch clicks the button that saves. The event `submit` would be trusted, whoever sent it.
  form.addEventListener('submit', (/** @type {Event} */ event) => event.preventDefault());
  dialog.append(form);
  return { dialog, title };
}

let styled = false;

/**
 * @param {Core} core
 * @param {Notice} words
 */
export function show(core, words) {
  const { root } = core;
  if (!styled) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    styled = true;
  }
  const { dialog, title } = build(core, words);
  dialog.addEventListener('close', () => {
    dialog.remove();
    // The first layer is there again if it was.
    if (!core.root.querySelector('section')) core.api.close();
  });
  root.append(dialog);
  dialog.showModal();
  title.focus();
}
