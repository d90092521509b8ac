/**
 * What is fetched when it is needed, once: parts of the script, and notices. Asked for again where it could not be had.
 */
import { config, server, site } from './config.js';

/** @type {Object<string, Promise<any>>} */
const had = {};

/**
 * @param {string} key
 * @param {() => Promise<any>} get
 */
const once = (key, get) =>
  (had[key] ||= get().catch((error) => {
    delete had[key];
    throw error;
  }));

/** `import()` passes strict policies that a script element does not. @param {'preferences'|'withdrawal'} name */
export const part = (name) => once(name, () => import(server + config.parts[name]));

/** @type {(sha: string) => Promise<import('./types.js').Notice>} */
export const notice = (sha) => once(sha, () => fetch(`${site}notices/${sha}`).then((answer) => answer.json()));
