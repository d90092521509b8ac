/**
 * TikTok Pixel. Its tag keeps an array that exists and gives it the methods; what it defers are entries of the form
 * [method].
 */
import { queue } from './queue.js';

/** @type {import('../modes.part.js').Adapter} */
export function tiktok(allowed) {
  const ttq = /** @type {any} */ (queue('ttq'));
  const method = allowed() ? 'grantConsent' : 'revokeConsent';
  if (ttq[method]) ttq[method]();
  else ttq.push([method]);
}
