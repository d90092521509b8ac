/**
 * Identity of an event: a UUIDv7 (RFC 9562) whose low 16 time bits are random, so that it tells the minute and not the
 * moment. The browser's own random UUID is the end of a blob's address: that is there on http too, `crypto.randomUUID`
 * is not.
 * @param {number} [time]  milliseconds
 */
export function mint(time = Date.now()) {
  const random = URL.createObjectURL(new Blob()).slice(-36);
  // Eight digits, also where the clock stands in the last century.
  return (2 ** 32 + time / 65536).toString(16).slice(1, 9) + random.slice(8, 14) + 7 + random.slice(15);
}
