/**
 * `<visitor-providers category="marketing">`: the live provider list inside a page, in its light DOM, so that the page's own
 * styles and links into it hold. What the tag held before is there until the list is, and where it cannot be had.
 */
import { element } from '../element.js';

/** @typedef {import('../core.js').Core} Core */

/** What has been filled already. @type {WeakSet<Element>} */
const filled = new WeakSet();

/** @typedef {[tag: string, attributes: Object<string, string>, ...children: any[]]} Markup */

/** An id the page has given to something of its own stays there. @param {string|Markup} of @returns {string|HTMLElement} */
function build(of) {
  if (typeof of === 'string') return of;
  const [tag, { id, ...attributes }, ...children] = of;
  const made = element(tag, attributes, ...children.map(build));
  if (id && !document.getElementById(id)) made.id = id;
  return made;
}

/** @param {Core} core */
export async function list({ config }) {
  const places = [...document.querySelectorAll('visitor-providers')].filter((place) => !filled.has(place));
  if (!places[0]) return;
  for (const place of places) filled.add(place);
  const language = document.documentElement.lang || 'und';
  const answer = await fetch(new URL(`/v1/sites/${config.site}/providers/${language}`, import.meta.url));
  const { lang, dir, categories } = await answer.json();
  for (const place of places) {
    const category = place.getAttribute('category');
    const markup = category ? categories[category] : Object.values(categories).flat();
    if (!markup) continue;
    place.setAttribute('lang', lang);
    place.setAttribute('dir', dir);
    place.textContent = '';
    place.append(...markup.map(build));
  }
  // The page was looked through for it before it was there.
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && places.some((place) => place.contains(target))) target.scrollIntoView();
}
