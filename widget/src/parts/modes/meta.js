/**
 * Meta Pixel. Its tag does nothing where `fbq` exists, so that is never made here: a tag that comes later has not been
 * revoked and need not be told.
 * https://developers.facebook.com/docs/meta-pixel/implementation/gdpr
 * @type {import('../modes.part.js').Adapter}
 */
export function meta(allowed) {
  /** @type {any} */ (window).fbq?.('consent', allowed() ? 'grant' : 'revoke');
}
