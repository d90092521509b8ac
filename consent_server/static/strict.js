/**
 * One spelling for every value: bytes, base64, hashes, JSON (RFC 8785).
 */

/** Something is not as it must be. */
export class Wrong extends Error {}
/** Whether it is cannot be told. */
export class Unknown extends Error {}

/** @param {unknown} condition @param {string} why */
export function must(condition, why) {
  if (!condition) throw new Wrong(why);
}

export const HASH = /^[0-9a-f]{64}$/;
const DECIMAL = /^(0|[1-9][0-9]{0,18})$/;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** @param {string} text */
export const isWellFormed = (text) => !LONE.test(text);

export const utf8 = (text) => new TextEncoder().encode(text);
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
export const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** A size or an index. @param {string} text */
export function decimal(text) {
  must(DECIMAL.test(text), 'decimal');
  return BigInt(text);
}

/** RFC 4648 §4, canonical: no other text stands for the same bytes. @param {string} text */
export function unbase64(text) {
  let raw;
  try {
    raw = atob(text);
  } catch {
    throw new Wrong('base64');
  }
  must(btoa(raw) === text, 'base64');
  return Uint8Array.from(raw, (character) => character.charCodeAt(0));
}

/** @param {...(Uint8Array|number[])} parts */
export async function sha256(...parts) {
  const all = Uint8Array.from(parts.length === 1 ? parts[0] : parts.flatMap((part) => [...part]));
  return new Uint8Array(await crypto.subtle.digest('SHA-256', all));
}

const STRING = /"(?:[^"\\]|\\.)*"/g;

/**
 * JSON whose objects name each member once (where one is there twice, two readers may see two different things), and
 * whose numbers are whole. @param {string} text
 */
export function parse(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Wrong('json');
  }
  const bare = text.replace(STRING, '');
  must(!/\d[.eE]/.test(bare), 'number');
  // Outside of texts every colon ends the name of a member.
  must((bare.match(/:/g) ?? []).length === members(value), 'twice');
  return value;
}

function members(value) {
  if (value === null || typeof value !== 'object') return 0;
  const inner = Object.values(value).reduce((count, one) => count + members(one), 0);
  return Array.isArray(value) ? inner : inner + Object.keys(value).length;
}

/** Whether it is an object with exactly these members. @param {unknown} value @param {...string} names */
export const has = (value, ...names) =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).sort().join() === names.sort().join();

/** RFC 8785 of a value without numbers. */
export function canonical(value) {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') {
    must(isWellFormed(value) && !value.includes('\0'), 'text');
    return JSON.stringify(value);
  }
  must(typeof value === 'object', 'number');
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${canonical(name)}:${canonical(value[name])}`).join()}}`;
}
