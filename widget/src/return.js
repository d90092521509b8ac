/**
 * What others have decided, or kept: other pages of this browser, other tools of this site.
 */
import { others, particular } from './browser.js';
import { refresh } from './decide.js';
import { ready, show } from './layer.js';
import { later, quietly, soon } from './parts.js';
import { queue, resume } from './record.js';
import { asked, stored } from './state.js';
import { CLEAR, recall } from './storage.js';

/** Other tools may have kept a refusal: theirs is looked at before ours is asked for. */
export function begin() {
  if (!asked()) return;
  if (!others()) return ready(show);
  soon(later('carryOver')).then(() => asked() && ready(show));
}

/** What other pages have decided, and what they could not do. */
export function back() {
  refresh();
  if (queue()[0] || recall(CLEAR) || stored?.news) resume();
}

/** What the browser said, or will not keep. */
export function tell() {
  if (particular() || stored?.again) quietly('tell');
}
