/**
 * The dialog: a switch for each category, what it is for, what stops working without it.
 */
import { choose } from './dialog.js';
import css from './preferences.css';

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} name
 * @param {string} style  class
 * @param {...(string|Node)} content
 */
function element(name, style, ...content) {
  const made = document.createElement(name);
  if (style) made.className = style;
  made.append(...content);
  return made;
}

/**
 * @param {string} words
 * @param {(event: Event) => void} act
 * @param {string} [style]
 */
function button(words, act, style = '') {
  const made = element('button', style, words);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

/**
 * @param {import('../types.js').DialogCategory} category
 * @param {import('../types.js').Dialog} words
 * @param {boolean} on
 */
function row(category, words, on) {
  const { key, required, name, purpose, without, providers } = category;
  const group = element('fieldset', '');
  const about = element('div', '', element('p', '', purpose));
  about.id = 'about-' + key;
  if (without) about.append(element('p', 'less', words.without + ' ' + without));
  if (providers.length) about.append(element('p', 'less', words.providers + ' ' + providers.map((one) => one.name).join(', ')));
  if (required) {
    group.append(element('div', 'always', name, element('span', '', words.always)), about);
  } else {
    const input = element('input', '');
    Object.assign(input, { type: 'checkbox', name: key, checked: on });
    input.setAttribute('role', 'switch');
    input.setAttribute('aria-describedby', about.id);
    group.append(element('label', '', name, input), about);
  }
  return group;
}

let styled = false;

/**
 * @param {import('../core.js').Core} core
 * @param {import('../types.js').Notice} words
 */
export function show(core, words) {
  const { root } = core;
  const current = core.current();
  const { first, dialog: text } = words;
  if (!styled) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    styled = true;
  }
  const dialog = element('dialog', '');
  const title = element('h2', '', text.title);
  title.id = 'title';
  title.tabIndex = -1;
  const body = element('div', 'body', element('p', '', text.intro));
  if (current.recorded === 'waiting') body.append(element('p', 'less', first.unrecorded));
  for (const category of text.categories) body.append(row(category, text, current.categories[category.key]));

  /** @param {Event} event */
  const done = (event) => {
    const wish = /** @type {Object<string, boolean>} */ ({});
    for (const input of body.querySelectorAll('input')) wish[input.name] = input.checked;
    choose(core, wish, 'preferences', event);
  };
  const form = element(
    'form',
    '',
    element('div', 'head', title, button(text.close, () => dialog.close())),
    body,
    element(
      'div',
      'foot',
      ...first.buttons
        .filter(([action]) => action !== 'choose')
        .map(([action, label]) =>
          button(label, (event) => (action === 'reject-all' ? core.rejectAll('preferences') : core.acceptAll('preferences', event))),
        ),
      button(text.save, done, 'save'),
    ),
  );
  form.addEventListener('submit', (event) => event.preventDefault());
  dialog.append(form);
  dialog.setAttribute('aria-labelledby', title.id);
  dialog.addEventListener('close', () => {
    dialog.remove();
    core.leave();
  });
  root.append(dialog);
  dialog.showModal();
  title.focus();
}
