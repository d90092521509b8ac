/**
 * What the page's own security policy has stopped, also before the inspector came where the browser still knows.
 */
import { attempt } from '../../storage.js';

/** @typedef {{directive: string, blocked: string, sample: string}} Violation  `blocked`: an origin, or a word */

/** What a policy would have to name. Some of what is blocked has no address. @param {string} address */
const originOf = (address) => attempt(() => new URL(address).origin) || address;

/**
 * @param {(violation: Violation) => void} then
 * @returns {() => void} stops it
 */
export function watch(then) {
  const seen = new Set();
  /** @param {any} report  an event or the body of a report: they name the blocked address differently */
  const take = ({ disposition, effectiveDirective: directive, blockedURI, blockedURL = blockedURI, sample }) => {
    const blocked = originOf(blockedURL || '');
    if (disposition !== 'enforce' || seen.has(directive + blocked)) return;
    seen.add(directive + blocked);
    then({ directive, blocked, sample: sample || '' });
  };
  document.addEventListener('securitypolicyviolation', take);
  /** @type {any} */
  const Observer = window.ReportingObserver;
  const observer = Observer && new Observer((/** @type {any[]} */ reports) => reports.forEach(({ body }) => take(body)), { types: ['csp-violation'], buffered: true });
  observer?.observe();
  return () => {
    document.removeEventListener('securitypolicyviolation', take);
    observer?.disconnect();
  };
}
