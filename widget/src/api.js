/**
 * What pages may call: `visitorChoices`. Nothing in it says who the visitor is.
 */
import { acceptAll, rejectAll } from './decide.js';
import { allows, ran } from './gate.js';
import { hide } from './leave.js';
import { open } from './open.js';
import { later } from './parts.js';
import { current } from './state.js';

/** Settles at once, as it was when the page first asked. */
const state = Promise.resolve().then(current);

export const api = {
  ready: state,
  get current() {
    return current();
  },
  allows,
  /**
   * @param {string} name
   * @param {() => void} then  called once
   */
  whenAllowed(name, then) {
    let waits = true;
    const look = () => {
      if (!waits || !allows(name)) return;
      waits = false;
      ran.add(name);
      then();
    };
    api.on('change', look);
    state.then(look);
    return () => {
      waits = false;
    };
  },
  acceptAll: () => acceptAll('api'),
  rejectAll: () => rejectAll('api'),
  /** @param {Object<string, boolean>} wish */
  choose: (wish) => later('choose', wish, 'api'),
  open,
  close: hide,
  /**
   * @param {string} name  of an event; `ready` is told to late listeners too
   * @param {(detail: any) => void} listener
   */
  on(name, listener) {
    const type = 'visitorchoices:' + name;
    const call = (/** @type {any} */ event) => listener(event.detail);
    if (name === 'ready') state.then((after) => listener({ after }));
    document.addEventListener(type, call);
    return () => document.removeEventListener(type, call);
  },
  /** @param {(choices: any) => void} command */
  push: (command) => void state.then(() => command(api)),
};
