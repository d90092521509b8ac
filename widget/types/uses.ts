/** What pages may write, and what they may not. Never run: `tsc` reads it. */
import type { Command, Current, VisitorChoices } from '../visitor-choices';

/** Before the script has loaded. */
(window.visitorChoices = window.visitorChoices || []).push((choices) => {
  choices.whenAllowed('functional', () => import('https://maps.example.org/map.js' as string));
});
(window.visitorChoices ||= []).push((choices) => choices.open());
const later: Command = ({ allows }) => void allows('analytics');
window.visitorChoices?.push(later);
// @ts-expect-error  it may be a queue still
window.visitorChoices?.allows('analytics');

/** Afterwards. */
const allowed: boolean = visitorChoices.allows('analytics');
const cancel: () => void = visitorChoices.whenAllowed('sample-video', () => {});
const now: Current = await visitorChoices.ready;
const chosen: Promise<Current> = visitorChoices.choose({ analytics: allowed, meta: false });
for (const act of [visitorChoices.acceptAll, visitorChoices.rejectAll]) (await act()).categories.marketing satisfies boolean;
visitorChoices.open();
visitorChoices.close();
visitorChoices.push(later);
cancel();
await chosen;

// @ts-expect-error  a name has to be said
visitorChoices.allows();
// @ts-expect-error  on or off, no words
visitorChoices.choose({ analytics: 'yes' });
// @ts-expect-error  only the visitor changes it
visitorChoices.current = now;
// @ts-expect-error  frozen
now.categories.analytics = true;
// @ts-expect-error  nobody is told who the visitor is
now.visitor;
// @ts-expect-error  there is no such answer
now.answer === 'accepted';
// @ts-expect-error  the button that accepts says so
visitorChoices.accept();

/** What is said. */
const stop: () => void = visitorChoices.on('change', ({ before, after }) => {
  if (before.answer === 'none') after.recorded satisfies 'server' | 'waiting' | 'never';
});
stop();
visitorChoices.on('ready', ({ after }) => after.signals.dnt === '1' || after.signals.gpc);
// @ts-expect-error  who comes late to `ready` is told of no before
visitorChoices.on('ready', ({ before }) => before.answer);
// @ts-expect-error  there is no such event
visitorChoices.on('accept', () => {});
document.addEventListener('visitorchoices:recorded', ({ detail: { after } }) => after.decidedAt?.slice(0, 4));
// @ts-expect-error  details have no such thing
document.addEventListener('visitorchoices:open', ({ detail }) => detail.visitor);

/** Elements. */
document.querySelector('visitor-choices')?.hidden satisfies boolean | undefined;
document.createElement('visitor-providers').setAttribute('category', 'marketing');

/** Of one's own. */
export const stub: Pick<VisitorChoices, 'allows'> = { allows: (name) => name === 'functional' };
