/**
 * @param {any} name  of a new element, or one that is there
 * @param {Object<string, string>} attributes
 * @param {...(string|Node)} content
 * @returns {any}
 */
export function element(name, attributes, ...content) {
  const made = name.append ? name : document.createElement(name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  made.append(...content);
  return made;
}
