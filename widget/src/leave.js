/**
 * Taking the first layer away.
 */
import { host, panel, root } from './layer.js';
import { emit, painted } from './page.js';
import { quietly } from './parts.js';

/** Takes all of it out of the layout, and gives the focus back if it was here. */
export function hide() {
  if (!host || host.hidden) return;
  root.querySelector('dialog')?.close();
  // Giving the focus has the page laid out.
  if (host.contains(document.activeElement)) painted().then(() => quietly('land'));
  host.hidden = true;
  panel.remove();
  emit('close');
}
