/**
 * What stands for a frame that waits.
 */

/**
 * @param {import('../core.js').Core} core
 * @param {HTMLIFrameElement} frame
 * @param {typeof import('./gates.js').release} release
 */
export function show(core, frame, release) {}
