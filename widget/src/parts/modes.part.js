/**
 * Tells vendors what is allowed, each in its own way: before their tags run, after every decision, and before the page
 * starts afresh without them. Which one wants to be told how, the registry says (`consent_mode`).
 *
 * A vendor that is off and has nothing on this page is not told: its queue would have to be made first.
 */
import { attempt } from '../storage.js';
import { clarity, uet } from './modes/microsoft.js';
import { google } from './modes/google.js';
import { hubspot } from './modes/hubspot.js';
import { matomo } from './modes/matomo.js';
import { meta } from './modes/meta.js';
import { tiktok } from './modes/tiktok.js';

/**
 * @typedef {(category?: string) => boolean} Allowed  whether a provider of the mode is allowed: any, or one of the category
 * @typedef {(allowed: Allowed, core: Pick<import('../core.js').Core, 'config'|'choice'>) => void} Adapter
 */

/** What each mode goes by in the registry, the global that its vendor's tag makes, and how it is told. */
const ADAPTERS = /** @type {Object<string, [global: string, tell: Adapter]>} */ ({
  google: ['dataLayer', google],
  'microsoft-uet': ['uetq', uet],
  clarity: ['clarity', clarity],
  meta: ['fbq', meta],
  tiktok: ['ttq', tiktok],
  matomo: ['_paq', matomo],
  hubspot: ['_hsp', hubspot],
});

/** One vendor that fails does not keep the others from being told. @param {Pick<import('../core.js').Core, 'config'|'choice'>} core */
export function tell(core) {
  const { config, choice } = core;
  for (const mode in ADAPTERS) {
    const ofMode = config.providers.filter((provider) => provider[3] === mode);
    /** @type {Allowed} */
    const allowed = (category) => ofMode.some(([key, of]) => choice[key] && (!category || of === category));
    const [global, adapter] = ADAPTERS[mode];
    if (ofMode[0] && (allowed() || global in window)) attempt(() => adapter(allowed, core));
  }
}
