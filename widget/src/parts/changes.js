/**
 * What has changed since the visitor's own choice.
 */

/** @typedef {import('../core.js').Core} Core */

/**
 * What `GET /v1/sites/{site}/changes/{since}/{language}` answers.
 * @typedef {Object} Changes
 * @property {string} lang
 * @property {'ltr'|'rtl'} dir
 * @property {string[]} sentences  of what is new
 * @property {string} line  "What changed since your choice: …"
 * @property {string} again  the same for whoever is asked again
 * @property {string} dismiss
 * @property {string} more
 * @property {string} href  where all of it can be read, relative to the consent host
 */

/** Since the visitor's own choice, in the words of the page. @param {Core} core @returns {Promise<Changes>} */
export async function changes({ config, stored, words }) {
  const { first } = await words();
  const address = `/v1/sites/${config.site}/changes/${stored?.policy}/${first.lang}`;
  return (await fetch(new URL(address, import.meta.url))).json();
}
