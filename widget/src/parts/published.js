/**
 * The registry as it is published: asked for once a page, and only where it is needed.
 */

/** @typedef {import('./undeclared.js').Registry} Registry */

/** @type {Registry|undefined} */
let known;

/** @param {import('../core.js').Core} core @returns {Promise<Registry>} */
export async function registry({ config }) {
  if (known) return known;
  const answer = await fetch(new URL(`/v1/sites/${config.site}/config`, import.meta.url));
  const body = await answer.json();
  if (!body.providers) throw Error('no list of providers');
  return (known = body);
}
