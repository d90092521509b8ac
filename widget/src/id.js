/**
 * Identity of an event: a UUIDv7 whose low 16 time bits are random, so that it tells the minute and not the moment.
 */

/** @param {number} time  milliseconds */
export function mint(time) {
  let bytes = new Uint8Array(12);
  try {
    crypto.getRandomValues(bytes);
  } catch {
    bytes = bytes.map(() => Math.random() * 256);
  }
  /** @param {number} number @param {number} length */
  const hex = (number, length) => number.toString(16).padStart(length, '0');
  const random = [...bytes].map((byte) => hex(byte, 2)).join('');
  const at = hex(Math.floor(time / 65536), 8);
  return `${at}-${random.slice(0, 4)}-7${random.slice(4, 7)}-${'89ab'[bytes[11] & 3]}${random.slice(7, 10)}-${random.slice(10, 22)}`;
}
