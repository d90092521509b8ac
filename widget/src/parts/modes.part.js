/**
 * Tells vendors what is allowed, each in its own way.
 */

/** @param {import('../core.js').Core} core */
export async function tell(core) {}
