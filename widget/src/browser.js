/**
 * What sets a browser apart, as far as it can be told at once.
 */
import { attempt, seen } from './storage.js';

/** A signal, or that it keeps no cookies. */
export const particular = () => navigator.globalPrivacyControl || +(/** @type {string} */ (navigator.doNotTrack)) || !navigator.cookieEnabled;

/** Whether other tools may have kept a choice. */
export const others = () => /cc_cookie|klaro|Consent|agreed|uc_/.test(seen + attempt(() => Object.keys(localStorage)));
