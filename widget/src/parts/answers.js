/**
 * What the server's answers mean for the decisions they answer.
 */
import { mint } from '../id.js';
import { grants, obey } from './choices.js';
import { unrecorded } from './messages.js';

/**
 * @typedef {import('../core.js').Core} Core
 * @typedef {import('../types.js').Decision} Decision
 * done: recorded. again: send once more under a new id. stale: a grant for a policy that is no longer in force.
 * end: never to be recorded. keep: try later.
 * @typedef {'done'|'again'|'stale'|'end'|'keep'} Verdict
 */

/**
 * @param {Decision} decision
 * @param {number} status
 * @param {any} body  what the answer said, where it was JSON
 * @returns {Verdict}
 */
export function verdict(decision, status, body) {
  if (status === 200 || status === 201) return body?.event_id === decision.event_id ? 'done' : 'keep';
  if (![400, 403, 409, 410, 413, 415, 422].includes(status)) return 'keep';
  const grant = grants({ ...decision.choices, ...decision.providers });
  const type = String(body?.type);
  if ((status === 422 && type.endsWith('/clock')) || (status === 409 && !grant)) return 'again';
  return grant && status === 422 && type.endsWith('/stale-notice') ? 'stale' : 'end';
}

/** What the server said last, for those who ask whether all is well. @type {{status: number, result: Verdict, title?: string}|undefined} */
export let last;

/**
 * Sends what waits and takes the answers, until all is recorded or has to wait.
 * @param {Core} core
 * @param {(core: Core, decision: Decision) => Promise<Response>} post
 */
export async function take(core, post) {
  let renewed = '';
  for (let decision; (decision = core.queue()[0]); ) {
    const { event_id } = decision;
    const answer = await post(core, decision).catch(() => undefined);
    const body = await answer?.json().catch(() => {});
    const result = verdict(decision, answer?.status || 0, body);
    last = { status: answer?.status || 0, result, title: body?.title };
    // What is asked for twice in a row waits for another page, unless it is a duplicate that will always be one.
    const again = result === 'again' && event_id !== renewed;
    const over = result !== 'keep' && (result !== 'again' || answer?.status === 409);
    if (again) renewed = mint(Date.parse(body?.now) || Date.now());
    if (again || over) replace(core, event_id, ...(again ? [{ ...decision, event_id: renewed }] : []));
    if (!again) await follow(core, result, decision, body);
    if (!again && !over) return patience(answer);
  }
}

/** Longest and usual wait, in seconds. */
const PATIENCE = { longest: 300, usual: 60 };

/**
 * As long as the server asks for, nothing more is sent, from no tab: the turn is kept meanwhile.
 * @param {Response|undefined} answer
 */
function patience(answer) {
  const asked = Number(answer?.headers.get('Retry-After')) || (answer?.status === 429 ? PATIENCE.usual : 0);
  return new Promise((done) => setTimeout(done, 1000 * Math.min(asked, PATIENCE.longest)));
}

/**
 * Takes a decision out of the queue, or puts another in its place.
 * @param {Core} core
 * @param {string} id
 * @param {...Decision} instead
 */
const replace = (core, id, ...instead) => core.store(core.queue().flatMap((one) => (one.event_id === id ? instead : [one])));

/**
 * What follows for the page, where it was the visitor's latest decision.
 * @param {Core} core
 * @param {Verdict} result
 * @param {Decision} decision
 * @param {any} body
 */
async function follow(core, result, decision, body) {
  const last = !core.queue()[0];
  const before = core.current();
  if (last && core.stored && result === 'done') {
    const less = obey(core.config, core.stored.choice, body);
    if (Object.keys(less).some((name) => less[name] !== core.stored?.choice[name])) {
      core.save(decision.action, less);
      core.settle(before);
    }
  }
  if (last && result === 'stale') {
    core.save(decision.action);
    core.settle(before);
    fetch(new URL(`/${core.config.site}/choices.js`, import.meta.url), { cache: 'reload' }).catch(() => {});
  } else if (last && result !== 'done' && result !== 'keep') core.mark('never');
  if (result === 'keep') await unrecorded(core).catch(() => {});
  core.emit(result === 'done' ? 'recorded' : 'unrecorded', before);
}
