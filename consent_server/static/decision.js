/**
 * The form of a decision as its leaf commits to it: every member is there, and is what it may be.
 */
import { HASH, has, must } from './strict.js';

const MEMBERS =
  'action agent automated choices decided_at event_id expires_at notice page policy providers recorded_at signals site ' +
  'surface visitor';
const WORDS = {
  action: ['accept_all', 'reject_all', 'custom', 'withdraw', 'signal', 'imported'],
  surface: ['banner', 'preferences', 'page', 'api'],
  automated: ['human', 'declared', 'suspected'],
};
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const KEY = /^[a-z][a-z0-9_-]*$/;
const TIME = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const matches = (value, form) => typeof value === 'string' && form.test(value);
export const isId = (value) => matches(value, UUID);
const isText = (value) => value === null || (typeof value === 'string' && !value.includes('\0'));
const isTime = (value) => matches(value, TIME) && !isNaN(Date.parse(value)) && new Date(value).toISOString() === value;
const isOnOff = (value) => typeof value === 'boolean';

/** @param {any} event */
export function checkForm(event) {
  must(has(event, ...MEMBERS.split(' ')), 'members');
  for (const [name, words] of Object.entries(WORDS)) must(words.includes(event[name]), name);
  must(isId(event.event_id), 'event_id');
  for (const name of ['notice', 'policy']) must(matches(event[name], HASH), name);
  must(matches(event.site, KEY), 'site');
  must(event.visitor === null || (matches(event.visitor, HASH) && event.action !== 'signal'), 'visitor');
  must(has(event.agent, 'browser', 'device', 'os'), 'agent');
  must([event.page, ...Object.values(event.agent)].every(isText), 'text');
  for (const name of ['choices', 'providers']) checkAllowed(event[name]);
  must(has(event.signals, 'dnt', 'gpc'), 'signals');
  const { dnt, gpc } = event.signals;
  for (const signal of [dnt, gpc]) must(has(signal, 'acted_on', 'header', 'js') && isOnOff(signal.acted_on), 'signals');
  must([dnt.header, dnt.js].every((seen) => [null, '0', '1'].includes(seen)), 'signals');
  must([gpc.header, gpc.js].every(isOnOff), 'signals');
  for (const name of ['decided_at', 'expires_at', 'recorded_at']) must(isTime(event[name]), name);
}

function checkAllowed(names) {
  must(typeof names === 'object' && names !== null && !Array.isArray(names), 'members');
  must(Object.entries(names).every(([name, on]) => KEY.test(name) && isOnOff(on)), 'members');
}

/** Whether it allows anything. @param {any} event */
export const grants = ({ choices, providers }) => [choices, providers].some((names) => Object.values(names).includes(true));
