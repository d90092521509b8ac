import { readFileSync } from 'node:fs';

/** @type {import('../src/types.js').Config} */
export const config = JSON.parse(readFileSync(new URL('config.json', import.meta.url), 'utf8'));

// What the server writes into the script. Import this module before any that reads it.
/** @type {any} */ (globalThis).__CONFIG__ = config;
