/**
 * Choices that other tools have kept in this browser.
 */
import markers from 'part:markers';

/** @param {import('../core.js').Core} core */
export const carryOver = async (core) => (await import(new URL(`./${markers}.js`, import.meta.url).href)).carryOver(core);
