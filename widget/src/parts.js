/**
 * What is fetched when it is needed, once: the rest of the script, and notices. Asked for again where it could not be
 * had.
 */
import rest from 'part:rest';
import { core } from './core.js';
import { api, server } from './script.js';

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

/** @type {(path: string) => Promise<any>} */
export const notice = (path) => once(api + 'notices/' + path, (address) => fetch(address).then((answer) => answer.json()));
