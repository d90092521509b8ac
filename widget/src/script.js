/**
 * Where this file came from, and what the page says on its tag.
 */
import { key } from './registry.js';

/**
 * Pages may shadow `document.currentScript` with an element of that name, so the getter of the prototype is asked; where
 * it knows nothing, the tag is found by its address. Without one nothing can follow.
 * @type {HTMLScriptElement}
 */
const script =
  /** @type {any} */ (Reflect.get(Document.prototype, 'currentScript', document)) ||
  document.querySelector(`script[src*="/${key}/choices."]`);

/** Whether untagged tags are to be held back. */
export const block = script?.getAttribute('data-block');

/** A page for people under 16: everything optional stays off, and nobody is asked. */
export const minors = script?.getAttribute('data-audience') === 'under-16';

/** The consent host. */
export const server = script?.src.split('/', 3).join('/');

/** Start of every address of this site's API. */
export const api = `${server}/v1/sites/${key}/`;

/** The page that does without this script. */
export const choicesPage = `${server}/${key}/choices`;
