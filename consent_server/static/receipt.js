/**
 * The button "Verify" on the page of a receipt: fetches the receipt, and says of each check how it went.
 */
import { isKey, verdictOf, verifyReceipt, verifySignature } from './verify.js';

const section = /** @type {HTMLElement} */ (document.querySelector('[data-receipt]'));
const { receipt: address, key: keyAddress, rotations: rotationsAddress } = section.dataset;
const form = /** @type {HTMLFormElement} */ (section.querySelector('form'));
const field = /** @type {HTMLInputElement} */ (form.elements.namedItem('key'));
const fault = /** @type {HTMLElement} */ (document.getElementById('key-fault'));
const list = /** @type {HTMLElement} */ (section.querySelector('[data-checks]'));
const result = /** @type {HTMLElement} */ (section.querySelector('[role="status"]'));

async function ask(url) {
  const answer = await fetch(url, { cache: 'no-store' });
  if (answer.status !== 200) throw new Error(String(answer.status));
  return answer;
}

/** Texts are public, and checked against their hash: it does not matter from which name of this server they come. */
const fetchText = async (url) => new Uint8Array(await (await ask(new URL(url).pathname)).arrayBuffer());

async function verify(given) {
  const text = await (await ask(address)).text();
  const published = (await (await ask(keyAddress)).text()).trim();
  const rotations = await (await ask(rotationsAddress)).json();
  const { checks } = await verifyReceipt(text, published, fetchText, rotations);
  if (given && checks.log) checks.own = await verifySignature(text, given, rotations);
  return { verdict: verdictOf(checks), checks };
}

/** In words why a check is not good. */
function reason({ state, why }) {
  if (state === 'good') return '';
  return list.dataset[`why_${why}`] ?? list.dataset[state === 'bad' ? 'why' : 'why_open'];
}

function show({ verdict, checks }) {
  for (const item of list.querySelectorAll('[data-check]')) {
    const check = checks[item.dataset.check];
    item.hidden = !check;
    if (!check) continue;
    item.dataset.state = check.state;
    item.querySelector('[data-state-word]').textContent = list.dataset[check.state];
    item.querySelector('[data-why]').textContent = reason(check);
  }
  list.hidden = false;
  result.textContent = section.dataset[verdict];
  result.dataset.verdict = verdict;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const given = field.value.trim();
  const mistyped = Boolean(given) && !(await isKey(given));
  fault.hidden = !mistyped;
  field.setAttribute('aria-invalid', String(mistyped));
  delete result.dataset.verdict;
  if (mistyped) {
    list.hidden = true;
    result.textContent = '';
    field.focus();
    return;
  }
  result.textContent = section.dataset.working;
  try {
    show(await verify(given));
  } catch {
    list.hidden = true;
    result.textContent = section.dataset.away;
  }
});
// What needs this script is shown by it, and what says that it is missing goes.
document.getElementById('no-script').remove();
section.hidden = false;
