// c15t's core with the bare prompt of its own guide: it brings no banner.
import { getOrCreateConsentRuntime } from 'c15t';
import { options, TEXT, TITLE } from './c15t.js';

const { consentStore } = getOrCreateConsentRuntime(options);

const prompt = document.createElement('div');
prompt.id = 'consent-prompt';
prompt.setAttribute('role', 'region');
prompt.setAttribute('aria-label', TITLE);
prompt.style.cssText =
  'display:none;position:fixed;inset:auto 0 0;padding:1rem 1.5rem;background:#fff;border-top:1px solid #8a93a3;font:1rem/1.5 system-ui,sans-serif';
prompt.innerHTML = `<h2>${TITLE}</h2><p>${TEXT}</p><p><a href="/ala/providers">Our service providers</a> <a href="/ala/policy">Privacy policy</a></p>
<button id="consent-reject">Reject all</button><button id="consent-accept">Accept all</button><button id="consent-choose">Choose</button>`;
prompt.querySelector('#consent-reject').onclick = () => consentStore.getState().saveConsents('necessary');
prompt.querySelector('#consent-accept').onclick = () => consentStore.getState().saveConsents('all');
prompt.querySelector('#consent-choose').onclick = () => consentStore.getState().setActiveUI('dialog');
document.body.append(prompt);

const render = ({ activeUI }) => {
  prompt.style.display = activeUI === 'banner' ? 'block' : 'none';
};
consentStore.subscribe(render);
render(consentStore.getState());
