/**
 * Where the whole begins: with what the page has rested on so far.
 */
// First, so that it is made last: it collects from modules that import each other.
import { core } from './core.js';
import { guard } from './block.js';
import { same } from './choice.js';
import { run } from './gate.js';
import { quietly } from './parts.js';
import { block, minors } from './script.js';
import { choice, load, stored } from './state.js';
import { seen } from './storage.js';

export function start() {
  load(seen);
  if (block) guard();
  run();
  // A signal takes back what was stored.
  if (stored && !minors && !same(stored.choice, choice)) quietly('signal');
  return core;
}
