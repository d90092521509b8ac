import { readFileSync } from 'node:fs';

/** @type {import('../src/types.js').Config} */
export const config = JSON.parse(readFileSync(new URL('config.json', import.meta.url), 'utf8'));
