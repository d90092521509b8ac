/**
 * What pages may call: `visitorChoices`. Nothing in it says who the visitor is.
 */
import { acceptAll, choose, rejectAll } from './decide.js';
import { allows } from './gate.js';
import { hide } from './layer.js';
import { closeDialog, open } from './open.js';
import { current } from './state.js';
import { whenAllowed } from './watch.js';

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
    whenAllowed,
    acceptAll: () => acceptAll('api'),
    rejectAll: () => rejectAll('api'),
    /** @param {Object<string, boolean>} wish */
    choose: (wish) => choose(wish, 'api'),
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
