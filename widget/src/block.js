/**
 * `data-block="registry"`: tags nobody has marked are held back where their host belongs to a declared provider. A tag
 * that the page writes is caught before it is run, one that a script makes before it has an address.
 */
import { ran } from './gate.js';
import { providers } from './registry.js';
import { choice } from './state.js';
import { attempt } from './storage.js';

/**
 * Marks a tag as one that waits.
 * @param {any} tag
 * @param {string} address
 * @returns {true|undefined} whether it is to wait
 */
const hold = (tag, address) =>
  attempt(() => {
    const { dataset } = tag;
    const { href } = new URL(address, document.baseURI);
    // What is allowed is run by the browser, and is known to have run.
    const found = providers.find(
      ([key, , hosts]) => hosts && RegExp(`^\\w+://(${hosts})[:/]`).test(href) && !(choice[key] && ran.add(key)),
    );
    if (!found || tag.type === 'text/plain') return;
    [dataset.provider, dataset.category] = found;
    dataset.src = address;
    if (tag.text != null) {
      if (tag.type) dataset.type = tag.type;
      tag.type = 'text/plain';
    }
    return true;
  });

/** @param {any} root */
export function holdBack(root) {
  for (const tag of [root, ...(root.querySelectorAll?.('[src]') || [])]) if (tag.src && hold(tag, tag.src)) tag.removeAttribute('src');
}

/** What scripts make is not in the page yet when it asks for its address. */
export function guard() {
  for (const name of ['Script', 'IFrame', 'Image']) {
    const { prototype } = /** @type {any} */ (window)[`HTML${name}Element`];
    const src = /** @type {any} */ (Object.getOwnPropertyDescriptor(prototype, 'src'));
    Object.defineProperty(prototype, 'src', {
      ...src,
      set(address) {
        hold(this, address) || src.set.call(this, address);
      },
    });
    /** @param {string} name @param {string} value */
    prototype.setAttribute = function (name, value) {
      (/^src$/i.test(name) && hold(this, value)) || Element.prototype.setAttribute.call(this, name, value);
    };
  }
}
