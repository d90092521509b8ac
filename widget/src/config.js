/**
 * What the server wrote into this file, and where this file came from.
 */

export const config = __CONFIG__;

/**
 * The address of this script. Pages may shadow `document.currentScript` with an element of that name, so the getter of
 * the prototype is asked; where it knows nothing, the tag is found by its address. Without one nothing can follow.
 */
const script = Object.getOwnPropertyDescriptor(Document.prototype, 'currentScript')?.get?.call(document);

/** @type {{src: string}} */
export const { src: source } = script?.src ? script : document.querySelector(`script[src*="/${config.site}/choices."]`);

/** The consent host. */
export const server = new URL(source).origin;

/** Start of every address of this site's API. */
export const site = `${server}/v1/sites/${config.site}/`;

/** The page that does without this script. */
export const choicesPage = `/${config.site}/choices`;
