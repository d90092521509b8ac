/**
 * Taking the first layer away.
 */
import { host, panel, root } from './layer.js';
import { emit } from './page.js';
import { quietly } from './parts.js';

/** Takes all of it out of the layout, and gives the focus back if it was here. */
export function hide() {
  if (!host || host.hidden) return;
  root.querySelector('dialog')?.close();
  if (host.contains(document.activeElement)) quietly('land');
  host.hidden = true;
  panel.remove();
  emit('close');
}

/** After the dialog: the first layer is there again if it was. */
export const leave = () => panel.isConnected || hide();
