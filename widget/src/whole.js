/**
 * What most pages never need: decisions, what pages may call, the choices of other tools. The build puts each module that
 * nothing else leads to inside this function (`build.mjs`), so that a browser compiles it when it is first called for.
 */
import { start } from './start.js';

/** @type {import('./core.js').Core|undefined} */
export let made;

/** @returns {import('./core.js').Core} */
export const whole = () => (made ||= start());
