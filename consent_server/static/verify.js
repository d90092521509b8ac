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
  return { text, name, id, publicKey: bytes.subarray(1) };
}

const sameKey = (one, other) => one.text === other.text;

async function isSignedBy(key, { text, signatures }) {
  let imported;
  const own = signatures.filter(({ name, id }) => name === key.name && id === key.id);
  if (!own.length) return false;
  try {
    imported = await crypto.subtle.importKey('raw', key.publicKey, 'Ed25519', false, ['verify']);
  } catch {
    throw new Unknown('ed25519');
  }
  for (const { signature } of own) {
    must(await crypto.subtle.verify('Ed25519', imported, signature, utf8(text)), 'signature');
  }
  return true;
}

/** Which of these keys have signed a checkpoint; others count for nothing, a false signature of one of these spoils it. */
async function signersOf(checkpoint, keys) {
  must(checkpoint.origin === keys[0].name, 'origin');
  const signers = [];
  for (const key of keys) if (await isSignedBy(key, checkpoint)) signers.push(key);
  return signers;
}

/** A checkpoint is signed with the key that was in use at its size. @param terms  see `followKeys` */
async function checkSigned(checkpoint, terms) {
  const signers = await signersOf(checkpoint, terms.map(({ key }) => key));
  const due = terms.findLast(({ leaf }) => leaf < checkpoint.size);
  if (!due && !signers.length) throw new Unknown('earlier');
  must(due && signers.some((key) => sameKey(key, due.key)), 'signer');
}

/** A `key/1` leaf with its proof. */
async function readRotation(entry) {
  must(has(entry, 'leaf', 'proof') && typeof entry.leaf === 'string', 'rotation');
  const leaf = parse(entry.leaf);
  must(has(leaf, 'k', 't') && leaf.t === 'key/1' && canonical(leaf) === entry.leaf, 'rotation');
  const proof = readProof(entry.proof);
  await checkInTree(entry.leaf, proof);
  return { key: await readKey(leaf.k), proof };
}

/**
 * The key to trust and those that followed it, each with the index of the leaf that named it: a change of key counts
 * under a checkpoint that both have signed. The trusted one's own leaf, where it is a later key, counts if it signed.
 * @param {string} trusted @param {Array<{leaf: string, proof: string}>} rotations  oldest first
 */
async function followKeys(trusted, rotations) {
  const terms = [{ key: await readKey(trusted), leaf: -1n }];
  const told = [];
  for (const entry of rotations) told.push(await readRotation(entry));
  const own = told.findIndex(({ key }) => sameKey(key, terms[0].key));
  if (own >= 0) {
    must((await signersOf(told[own].proof.checkpoint, [terms[0].key])).length, 'rotation');
    terms[0].leaf = told[own].proof.index;
  }
  for (const { key, proof } of told.slice(own + 1)) {
    const last = terms.at(-1);
    if (terms.some((term) => sameKey(term.key, key))) continue;
    must(proof.index > last.leaf, 'rotation');
    const signers = await signersOf(proof.checkpoint, [...terms.map((term) => term.key), key]);
    must([last.key, key].every((one) => signers.some((signer) => sameKey(signer, one))), 'rotation');
    terms.push({ key, leaf: proof.index });
  }
  return terms;
}

/** What does not hold about changes of key is told as such. */
async function keysFrom(trusted, rotations) {
  await readKey(trusted);
  try {
    must(Array.isArray(rotations), 'rotation');
    return await followKeys(trusted, rotations);
  } catch (error) {
    throw error instanceof Unknown ? error : new Wrong('rotation');
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

/** The checkpoint is signed with the key to trust, or one after it; the key that the receipt names has signed it. */
async function checkKey({ proof, verifier_key: named }, key, rotations) {
  const { checkpoint } = readProof(proof);
  await checkSigned(checkpoint, await keysFrom(key, rotations));
  const { name, id } = await readKey(named);
  must(checkpoint.signatures.some((one) => one.name === name && one.id === id), 'named');
}

/** A text is the one the event names, was in the log before the event, and reads as its hash says. */
async function checkText(kind, { event, proof, ...receipt }, key, rotations, fetchText) {
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
  if (place.checkpoint.note !== above.checkpoint.note) {
    await checkSigned(place.checkpoint, await keysFrom(key, rotations));
  }
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
 * @param {Array<{leaf: string, proof: string}>} [rotations]  changes of key, as the log publishes them
 * @returns {Promise<{verdict: 'verified'|'failed'|'undecided', checks: Object<string, {state: string, why?: string}>}>}
 */
export async function verifyReceipt(text, key, fetchText, rotations = []) {
  let receipt;
  const checks = { shape: await judge(async () => (receipt = readReceipt(text))) };
  if (receipt) {
    checks.log = await judge(() => checkEvent(receipt));
    checks.signature = await judge(() => checkKey(receipt, key, rotations));
    checks.policy = await judge(() => checkText('policy', receipt, key, rotations, fetchText));
    checks.notice = await judge(() => checkText('notice', receipt, key, rotations, fetchText));
    checks.visitor = await judge(() => checkVisitor(receipt));
  }
  return { verdict: verdictOf(checks), checks };
}

/** Whether a receipt's checkpoint is signed with one more key, or one after it. */
export const verifySignature = (text, key, rotations) => judge(() => checkKey(readReceipt(text), key, rotations));

/** Whether this is a verifier key at all. @param {string} text */
export const isKey = async (text) => (await judge(() => readKey(text))).state === 'good';

/** @param {Object<string, {state: string}>} checks */
export function verdictOf(checks) {
  const states = Object.values(checks).map(({ state }) => state);
  return states.includes('bad') ? 'failed' : states.includes('unknown') ? 'undecided' : 'verified';
}
