/**
 * What is fetched when it is needed, once: the rest of the script, and notices. Asked for again where it could not be
 * had.
 */
import rest from 'part:rest';
import { core } from './core.js';
import { api, server } from './script.js';
import { shownNotice, worded } from './wording.js';

/** @type {Object<string, Promise<any>>} */
const had = {};

/**
 * @param {string} address
 * @param {(address: string) => Promise<any>} get
 */
const once = (address, get) =>
  (had[address] ||= get(address).catch((error) => {
    delete had[address];
    throw error;
  }));

/** `import()` passes strict policies that a script element does not. @param {string} name */
export const part = (name) => once(`${server}/embed/${name}.js`, (address) => import(address));

/**
 * Has the rest of the script do something.
 * @param {string} act  one of its exports
 * @param {...any} given
 * @returns {Promise<any>}
 */
export const later = (act, ...given) => part(rest).then((acts) => acts[act](core, ...given));

/** The same, where the page goes on without. @type {(act: string, ...given: any[]) => void} */
export const quietly = (act, ...given) => void later(act, ...given).catch(() => {});

/** @type {(path: string) => Promise<any>} */
export const notice = (path) => once(api + 'notices/' + path, (address) => fetch(address).then((answer) => answer.json()));

/** A second at the most is waited for what would be good to have. @param {Promise<unknown>} promise */
export const soon = (promise) => Promise.race([promise.catch(() => {}), new Promise((late) => setTimeout(late, 1000))]);

/** The whole notice that is or will be shown. @returns {Promise<import('./types.js').Notice>} */
export const words = () => new Promise(/** @type {any} */ (worded)).then(() => notice(shownNotice));
