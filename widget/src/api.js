/**
 * What pages may call: `visitorChoices`. Nothing in it says who the visitor is.
 */
import { acceptAll, rejectAll } from './decide.js';
import { allows, ran } from './gate.js';
import { hide } from './layer.js';
import { closeDialog, open } from './open.js';
import { later } from './parts.js';
import { current } from './state.js';

/** Takes the place of the queue that pages may have made, and runs what is in it. */
export function publish() {
  const queued = window.visitorChoices;
  const ready = Promise.resolve(current());
  const api = {
    ready,
    get current() {
      return current();
    },
    allows,
    /**
     * @param {string} name
     * @param {() => void} then  called once
     */
    whenAllowed(name, then) {
      const look = () => {
        if (!off || !allows(name)) return;
        off();
        ran.add(name);
        then();
      };
      const cancel = api.on('change', look);
      /** @type {(() => void)|undefined} */
      let off = () => {
        off = undefined;
        cancel();
      };
      ready.then(look);
      return off;
    },
    acceptAll: () => acceptAll('api'),
    rejectAll: () => rejectAll('api'),
    /** @param {Object<string, boolean>} wish */
    choose: (wish) => later('choose', wish, 'api'),
    open,
    close() {
      closeDialog();
      hide();
    },
    /**
     * @param {string} name  of an event; `ready` is told to late listeners too
     * @param {(detail: any) => void} listener
     */
    on(name, listener) {
      const type = 'visitorchoices:' + name;
      const call = (/** @type {any} */ event) => listener(event.detail);
      if (name === 'ready') ready.then((after) => listener({ after }));
      else document.addEventListener(type, call);
      return () => document.removeEventListener(type, call);
    },
    /** @param {(choices: any) => void} command */
    push: (command) => void ready.then(() => command(api)),
  };
  window.visitorChoices = api;
  if (Array.isArray(queued)) queued.forEach(api.push);
}
