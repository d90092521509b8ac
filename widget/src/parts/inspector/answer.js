/**
 * What the consent host said last, in words. Pure.
 */

/**
 * @typedef {import('./installation.js').Line} Line
 * @typedef {import('../answers.js').last} Last
 */

/** @type {Object<number, string>} */
const STATUSES = {
  200: 'It was recorded before; nothing more was needed.',
  201: 'The decision is on record.',
  400: 'The request could not be read. Something between the page and the consent host may change it.',
  403: 'This page’s origin is not listed. Add it to the origins in the site file, exactly as it is written here: {origin}',
  409: 'Another decision has the same number. A refusal is sent once more under a new one.',
  410: 'The visitor has erased this decision.',
  413: 'The request was too large. Something between the page and the consent host may add to it.',
  415: 'The kind of content was not accepted. Something between the page and the consent host may change it.',
  422: 'A field was not valid. The text that was shown may be out of date: publishing again, or a pinned address of the script, can be the cause.',
  429: 'Too many requests came from one address. It is sent again later; the rate can be raised on the consent host.',
  503: 'The consent host cannot record at the moment. It is sent again later.',
};

/** No answer that the page may read: browsers do not say why. */
const NONE =
  'No answer could be read, and the browser does not say why. Either the consent host cannot be reached; or this origin is not in the site file (it is written {origin}); or connect-src in the page’s policy does not name the consent host.';

const UNLISTED =
  'No answer could be read, though the consent host can be reached. Most likely this origin is not listed: add it to the origins in the site file, exactly as it is written here: {origin}';

/** What becomes of the decision. @type {Object<import('../answers.js').Verdict, string>} */
const RESULTS = {
  done: 'Recorded.',
  again: 'Sent once more under a new number.',
  stale: 'Not recorded. The visitor is asked again, with the present text.',
  end: 'Not recorded, and not sent again.',
  keep: 'Kept in this browser, and sent again later.',
};

/**
 * @param {Last} last
 * @param {string} origin  of the page
 * @param {boolean} reached  whether something else could be fetched from the consent host
 * @returns {Line[]}
 */
export function explain(last, origin, reached) {
  if (!last) return [['', 'Last request', 'None on this page yet. Make a choice in the banner to send one.']];
  const { status, result, title } = last;
  const none = reached ? UNLISTED : NONE;
  const words = status ? STATUSES[status] || (status < 500 ? 'An answer that was not expected.' : 'The consent host has a fault. It is sent again later.') : none;
  const well = result === 'done';
  return [
    [well ? 'ok' : 'problem', 'Last request', words.replace('{origin}', origin)],
    ['', 'Status', status ? [status, title].filter(Boolean).join(' ') : 'none'],
    ['', 'The decision', RESULTS[result]],
  ];
}
