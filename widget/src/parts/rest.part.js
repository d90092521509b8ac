/**
 * The rest of the script: what the first layer does not need until someone has decided, wants to choose, or has allowed
 * something. Each act takes what the first file hands over (`core.js`).
 */
export { resume } from './resumption.js';
export { follow, land } from './focus.js';
export { say, tell } from './messages.js';
export { run } from './gates.js';
export { choose, open, prepare, suspect } from './dialog.js';
export { clear, signal } from './withdrawal.js';
export { carryOver } from './others.js';
export { inspect } from './inspection.js';
