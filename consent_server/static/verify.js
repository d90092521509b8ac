/**
 * Verifies a receipt in the visitor's own browser: nothing here asks the server whether the receipt is right.
 *
 * RFC 6962 §2.1, RFC 8032, RFC 8785; C2SP tlog-proof@v1, tlog-checkpoint and signed-note.
 */
import { checkForm, grants, isId } from './decision.js';
import { canonical, decimal, has, HASH, hex, isWellFormed, must, parse, sha256, unbase64, unhex, Unknown, utf8, Wrong } from './strict.js';

const HEADER = 'c2sp.org/tlog-proof@v1';
const MEMBERS = ['event', 'nonce', 'notice', 'policy', 'proof', 'schema', 'verifier_key', 'visitor_id'];

/** The root that a leaf and its path lead to (RFC 9162 §2.1.3.2). */
async function rootOf(leaf, index, size, path) {
  must(index < size, 'index');
  let [here, last, hash] = [index, size - 1n, await sha256([0], utf8(leaf))];
  for (const sibling of path) {
    must(last > 0n, 'path');
    if (here % 2n || here === last) {
      hash = await sha256([1], sibling, hash);
      for (; here && here % 2n === 0n; here /= 2n) last /= 2n;
    } else {
      hash = await sha256([1], hash, sibling);
    }
    here /= 2n;
    last /= 2n;
  }
  must(last === 0n, 'path');
  return hash;
}

/** A tlog-proof@v1: index, path and checkpoint. */
function readProof(text) {
  must(typeof text === 'string' && text.includes('\n\n'), 'proof');
  const end = text.indexOf('\n\n');
  const lines = text.slice(0, end).split('\n');
  must(lines.shift() === HEADER, 'proof');
  if (lines[0]?.startsWith('extra ')) unbase64(lines.shift().slice(6));
  const [, index] = /^index (.*)$/.exec(lines.shift() ?? '') ?? [];
  const path = lines.map(unbase64);
  must(path.length <= 64 && path.every((hash) => hash.length === 32), 'proof');
  return { index: decimal(index), path, checkpoint: readCheckpoint(text.slice(end + 2)) };
}

/** A checkpoint's note: its text, what that says, and whose signatures stand below. */
function readCheckpoint(note) {
  const end = note.lastIndexOf('\n\n');
  must(end >= 0 && note.endsWith('\n') && isWellFormed(note) && !/[\0-\x09\x0b-\x1f]/.test(note), 'checkpoint');
  const text = note.slice(0, end + 1);
  const lines = text.split('\n');
  must(lines.length === 4 && lines[0], 'checkpoint');
  const root = unbase64(lines[2]);
  must(root.length === 32, 'checkpoint');
  const signatures = note.slice(end + 2, -1).split('\n').map(readSignature);
  must(signatures.length <= 100, 'checkpoint');
  return { text, note, origin: lines[0], size: decimal(lines[1]), root, signatures };
}

function readSignature(line) {
  const [, name, encoded] = /^— ([^\s+]+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
  must(name, 'checkpoint');
  const bytes = unbase64(encoded);
  must(bytes.length > 4, 'checkpoint');
  return { name, id: hex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

/** A verifier key, `NAME+HEX+BASE64`, whose id is that of its name and public key. */
async function readKey(text) {
  const [, name, id, encoded] = (typeof text === 'string' && /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text)) || [];
  must(name, 'key');
  const bytes = unbase64(encoded);
  must(bytes.length === 33 && bytes[0] === 1, 'key');
  must(hex((await sha256(utf8(`${name}\n`), bytes)).subarray(0, 4)) === id, 'key');
  return { name, id, publicKey: bytes.subarray(1) };
}

/** A checkpoint is signed by the holder of a key; other signatures count for nothing, a false one of this key spoils it. */
async function checkSigned(checkpoint, key) {
  must(checkpoint.origin === key.name, 'origin');
  const own = checkpoint.signatures.filter(({ name, id }) => name === key.name && id === key.id);
  must(own.length, 'signer');
  let imported;
  try {
    imported = await crypto.subtle.importKey('raw', key.publicKey, 'Ed25519', false, ['verify']);
  } catch {
    throw new Unknown('ed25519');
  }
  for (const { signature } of own) {
    must(await crypto.subtle.verify('Ed25519', imported, signature, utf8(checkpoint.text)), 'signature');
  }
}

async function checkInTree(leaf, { index, path, checkpoint }) {
  must(hex(await rootOf(leaf, index, checkpoint.size, path)) === hex(checkpoint.root), 'root');
}

/** The receipt has the members of its schema, and each is what it may be. */
function readReceipt(text) {
  const receipt = parse(text);
  must(has(receipt, ...MEMBERS) && receipt.schema === 'consent-receipt/1', 'members');
  must(typeof receipt.nonce === 'string' && HASH.test(receipt.nonce), 'nonce');
  must(has(receipt.notice, 'proof', 'sha256', 'url') && has(receipt.policy, 'number', 'proof', 'sha256', 'url'), 'members');
  must(['number', 'string'].includes(typeof receipt.policy.number), 'number');
  checkForm(receipt.event);
  return receipt;
}

/** The event is in the log, to the letter. */
async function checkEvent({ event, nonce, proof }) {
  const commitment = await sha256(utf8('consent-commit/1\0'), unhex(nonce), utf8(canonical(event)));
  await checkInTree(canonical({ c: hex(commitment), t: 'consent/1' }), readProof(proof));
}

/** The checkpoint is signed with the key to trust; the key that the receipt names has at least signed it. */
async function checkKey({ proof, verifier_key: named }, key) {
  const { checkpoint } = readProof(proof);
  await checkSigned(checkpoint, await readKey(key));
  const { name, id } = await readKey(named);
  must(checkpoint.signatures.some((one) => one.name === name && one.id === id), 'named');
}

/** A text is the one the event names, was in the log before the event, and reads as its hash says. */
async function checkText(kind, { event, proof, ...receipt }, key, fetchText) {
  const { sha256: named, url, proof: own, number } = receipt[kind];
  must(event[kind] === named, 'other');
  if (kind === 'notice' && url === null && own === null) {
    // A refusal counts under any text, and nothing else does.
    must(!grants(event), 'granted');
    throw new Unknown('text');
  }
  const [place, above] = [readProof(own), readProof(proof)];
  await checkInTree(canonical({ h: named, t: `${kind}/1` }), place);
  must(place.checkpoint.text === above.checkpoint.text, 'checkpoint');
  if (place.checkpoint.note !== above.checkpoint.note) await checkSigned(place.checkpoint, await readKey(key));
  must(place.index < above.index, 'order');
  must(typeof url === 'string', 'members');
  const bytes = await fetchText(url, named).catch(() => Promise.reject(new Unknown('fetch')));
  must(hex(await sha256(bytes)) === named, 'words');
  const text = Object(parse(new TextDecoder().decode(bytes)));
  const fits = kind === 'policy' ? text.number === String(number) : text.policy === event.policy;
  must(fits && text.site === event.site, 'fits');
}

/** The consent ID is the one the event was recorded for. */
async function checkVisitor({ event, nonce, visitor_id: id }) {
  must(id === null || isId(id), 'visitor');
  const made = id === null ? null : hex(await sha256(utf8('visitor/1\0'), unhex(nonce), utf8(id)));
  must(made === event.visitor, 'visitor');
}

async function judge(check) {
  try {
    await check();
    return { state: 'good' };
  } catch (error) {
    return { state: error instanceof Wrong ? 'bad' : 'unknown', why: error.message };
  }
}

/**
 * Verifies a receipt, each check apart: `shape`, `log`, `signature`, `policy`, `notice`, `visitor`. A check is `good`,
 * `bad` or `unknown`, and says why where it is not good. Where the shape is bad there is nothing else to check.
 * @param {string} text  the receipt
 * @param {string} key  the verifier key to trust: never the one in the receipt
 * @param {(url: string, sha256: string) => Promise<Uint8Array>} fetchText
 * @returns {Promise<{verdict: 'verified'|'failed'|'undecided', checks: Object<string, {state: string, why?: string}>}>}
 */
export async function verifyReceipt(text, key, fetchText) {
  let receipt;
  const checks = { shape: await judge(async () => (receipt = readReceipt(text))) };
  if (receipt) {
    checks.log = await judge(() => checkEvent(receipt));
    checks.signature = await judge(() => checkKey(receipt, key));
    checks.policy = await judge(() => checkText('policy', receipt, key, fetchText));
    checks.notice = await judge(() => checkText('notice', receipt, key, fetchText));
    checks.visitor = await judge(() => checkVisitor(receipt));
  }
  return { verdict: verdictOf(checks), checks };
}

/** Whether a receipt's checkpoint is signed with one more key. @param {string} text @param {string} key */
export const verifySignature = (text, key) => judge(() => checkKey(readReceipt(text), key));

/** @param {Object<string, {state: string}>} checks */
export function verdictOf(checks) {
  const states = Object.values(checks).map(({ state }) => state);
  return states.includes('bad') ? 'failed' : states.includes('unknown') ? 'undecided' : 'verified';
}
