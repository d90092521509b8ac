/**
 * Opening the choices: the first layer when undecided, the dialog on demand.
 */
import { choicesPage } from './config.js';
import { acceptAll, choose, rejectAll } from './decide.js';
import { build, hide, link, root, shown, tell, unhide } from './layer.js';
import { emit } from './page.js';
import { notice, part } from './parts.js';
import { current } from './state.js';
import { first, shownNotice, worded } from './wording.js';

/** @type {{close: () => void}|null} */
let dialog = null;

export const load = () => Promise.all([part('preferences'), notice(shownNotice)]);

/**
 * Calls back once the element exists, in the words of the page.
 * @param {() => void} then
 */
export const ready = (then) =>
  worded(() => {
    build();
    then();
  });

/** Opens the dialog; where it cannot be had, the first layer says where else to choose. */
export const open = () =>
  ready(async () => {
    try {
      const [{ show }, words] = await load();
      if (dialog) return;
      unhide();
      dialog = show({
        root,
        words,
        current: current(),
        decide: { rejectAll, acceptAll, choose },
        closed() {
          dialog = null;
          if (!shown) hide();
        },
      });
      emit('open');
    } catch {
      tell(first.unavailable, ' ', link(first.reopen, choicesPage));
    }
  });

export function closeDialog() {
  const open = dialog;
  dialog = null;
  open?.close();
}
