/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} name
 * @param {Object<string, string>} attributes
 * @param {...(string|Node)} content
 */
export function element(name, attributes, ...content) {
  const made = document.createElement(name);
  set(made, attributes);
  made.append(...content);
  return made;
}

/**
 * @param {Element} element
 * @param {Object<string, string>} attributes
 */
export function set(element, attributes) {
  for (const key in attributes) element.setAttribute(key, attributes[key]);
}
