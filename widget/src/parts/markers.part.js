/**
 * What other tools' users have written, and kept, in the words of ours.
 */

/**
 * @param {import('../core.js').Core} core
 * @param {HTMLElement} tag
 */
export function translate(core, tag) {}

/** @param {import('../core.js').Core} core */
export async function carryOver(core) {}
