/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} name
 * @param {Object<string, string>} attributes
 * @param {...(string|Node)} content
 */
export function element(name, attributes, ...content) {
  const made = document.createElement(name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  made.append(...content);
  return made;
}
