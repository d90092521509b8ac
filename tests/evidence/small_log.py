"""A log of a test's own, by the definitions of RFC 6962 and C2SP, slow and without anything of the server's: what the
offline verifier is tried on."""

import base64
import hashlib
import json
import secrets
import uuid
import zipfile
from pathlib import Path

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "privacy.example.org/log"
HOST = "https://privacy.example.org"


def sha256(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.b64encode(data).decode()


def jcs(value):
    return rfc8785.dumps(value)


def mth(leaves):
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0])
    k = split(len(leaves))
    return sha256(b"\1" + mth(leaves[:k]) + mth(leaves[k:]))


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m, leaves):
    """PATH(m, D[n]) of section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m, leaves, whole=True):
    """SUBPROOF(m, D[n], b) of section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*proof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*proof(m - k, leaves[k:], False), mth(leaves[:k])]


class Key:
    """A signing key of a log."""

    def __init__(self, name=ORIGIN):
        self.name = name
        self.private = Ed25519PrivateKey.generate()
        self.public = b"\x01" + self.private.public_key().public_bytes_raw()
        self.id = sha256(name.encode() + b"\n" + self.public)[:4]

    def __str__(self):
        return f"{self.name}+{self.id.hex()}+{b64(self.public)}"

    def sign(self, text):
        return f"— {self.name} {b64(self.id + self.private.sign(text.encode()))}\n"


class Event:
    """A decision with what its leaf commits to. `without_visitor`: as of a signal."""

    def __init__(self, log, index, nonce, visitor_id, members):
        self.log, self.index, self.nonce, self.visitor_id, self.members = log, index, nonce, visitor_id, members


class Log:
    """Leaves, the rows and texts beside them, and the key that signs."""

    def __init__(self, site="ala", key=None):
        self.site = site
        self.key = key or Key()
        self.first_key = self.key
        self.leaves = []
        self.events, self.acts, self.exports, self.erasures = {}, {}, {}, []
        self.texts = {}
        self.notice, self.policy, self.numbers = {}, {}, {}
        self.rotations = []
        self.minute = 0

    # leaves

    def add(self, **members):
        self.leaves.append(jcs(members))
        return len(self.leaves) - 1

    def now(self):
        """Half a minute later each time it is asked."""
        self.minute += 1
        hours, halves = divmod(self.minute, 120)
        return f"2026-11-{1 + hours // 24:02}T{hours % 24:02}:{halves // 2:02}:{halves % 2 * 30:02}.000Z"

    def publish(self, number=1, site=None, **more):
        """A script, a policy and a notice, as one publication seals them."""
        site = site or self.site
        code = f"console.log({number})".encode()
        self._text("widget/1", f"widgets/{sha256(code).hex()}.js", code)
        policy = jcs(
            {"site": site, "number": str(number), "policy": {"en": "We keep our promises — all of them."}, **more}
        )
        self._text("policy/1", f"policies/{sha256(policy).hex()}.json", policy)
        notice = {"site": site, "locale": "en", "policy": sha256(policy).hex(), "widget": sha256(code).hex()}
        notice = jcs({**notice, "first": {"title": "Ihre Auswahl 🍪"}})
        self._text("notice/1", f"notices/{sha256(notice).hex()}.json", notice)
        self.policy[site] = number, sha256(policy), len(self.leaves) - 2
        self.numbers[sha256(policy).hex()] = number
        self.notice[site] = sha256(notice), len(self.leaves) - 1

    def _text(self, kind, name, content):
        self.texts[name] = content
        return self.add(t=kind, h=sha256(content).hex())

    def decide(self, allow=(), site=None, **changes):
        """A decision, sealed; its leaf's index."""
        site = site or self.site
        nonce, visitor_id = secrets.token_bytes(32), str(uuid.uuid4())
        at = self.now()
        event = {
            "action": "custom" if allow else "reject_all",
            "agent": {"browser": "Firefox 140", "device": "desktop", "os": "Linux"},
            "automated": "human",
            "choices": {name: name in allow for name in ("analytics", "functional", "marketing")},
            "decided_at": at,
            "event_id": str(uuid.UUID(int=(1 << 80 | secrets.randbits(80)) & ~(0xF << 76) | 7 << 76)),
            "expires_at": "2027-05-01T00:00:00.000Z",
            "notice": self.notice[site][0].hex(),
            "page": "https://www.example.org/é",
            "policy": self.policy[site][1].hex(),
            "providers": {},
            "recorded_at": at,
            "signals": {
                "dnt": {"header": None, "js": "1", "acted_on": False},
                "gpc": {"header": True, "js": False, "acted_on": False},
            },
            "site": site,
            "surface": "banner",
            "visitor": sha256(b"visitor/1\0" + nonce + visitor_id.encode()).hex(),
            **changes,
        }
        if event["visitor"] is None:
            visitor_id = None
        index = self.add(t="consent/1", c=commit("consent", nonce, event).hex())
        self.events[index] = {"event": event, "index": str(index), "nonce": nonce.hex(), "visitor_id": visitor_id}
        return index

    def act(self, site=None, verb="staff-invited"):
        nonce, record = secrets.token_bytes(32), {"actor": "a@example.org", "at": self.now(), "detail": {"role": ["x"]}}
        record |= {"id": str(uuid.uuid4()), "site": site, "verb": verb}
        index = self.add(t="staff/1", c=commit("staff", nonce, record).hex())
        self.acts[index] = {"act": record, "index": str(index), "nonce": nonce.hex()}
        return index

    def export(self):
        nonce, record = secrets.token_bytes(32), {"id": str(uuid.uuid4()), "kind": "csv", "sites": [self.site]}
        index = self.add(t="export/1", c=commit("export", nonce, record).hex())
        self.exports[index] = {"export": record, "index": str(index), "nonce": nonce.hex()}
        return index

    def mark(self, at=None):
        return self.add(t="mark/1", at=at or self.now())

    def erase(self, *indexes, day="2026-11-02", sealed=True):
        """One day's erasures of leaves, with their leaf unless the day is not over."""
        for index in indexes:
            self.events.pop(index, None)
        counts = {"request": "0", "retention": "0", "visitor": str(len(indexes))}
        record = {"counts": counts, "day": day, "indexes": [str(index) for index in sorted(indexes)]}
        if not sealed:
            self.erasures.append({"erasure": record, "index": None, "nonce": None})
            return None
        nonce = secrets.token_bytes(32)
        index = self.add(t="erasure/1", c=commit("erasure", nonce, record).hex())
        self.erasures.append({"erasure": record, "index": str(index), "nonce": nonce.hex()})
        return index

    def purge(self, *runs, at="2026-11-29T00:00:00.000Z", rule="ala: decisions are kept for 20 days."):
        for first, last in runs:
            for index in range(first, last + 1):
                self.events.pop(index, None)
        return self.add(t="purge/1", at=at, rule=rule, runs=[[str(first), str(last)] for first, last in runs])

    def rotate(self):
        """A new key, announced by a leaf and sealed at once under both."""
        old, self.key = self.key, Key(self.key.name)
        index = self.add(t="key/1", k=str(self.key))
        both = self.note(signers=(old, self.key))
        self.rotations.append({"leaf": self.leaves[index].decode(), "proof": self.prove(index, note=both)})
        return index

    # what is given away

    def note(self, size=None, signers=None):
        size = len(self.leaves) if size is None else size
        text = f"{(self.key.name)}\n{size}\n{b64(mth(self.leaves[:size]))}\n"
        return text + "\n" + "".join(key.sign(text) for key in signers or (self.key,))

    def prove(self, index, note=None):
        note = note or self.note()
        hashes = path(index, self.leaves[: int(note.split("\n")[1])])
        return "\n".join(["c2sp.org/tlog-proof@v1", f"index {index}", *map(b64, hashes), "", note])

    def receipt(self, index, note=None):
        row = self.events[index]
        event = row["event"]
        note = note or self.note()
        number = self.numbers[event["policy"]]

        def text(kind, digest, url):
            leaf = jcs({"t": kind, "h": digest})
            if leaf not in self.leaves:
                return {"sha256": digest, "url": None, "proof": None}
            return {"sha256": digest, "url": url, "proof": self.prove(self.leaves.index(leaf), note)}

        root = f"{HOST}/v1/sites/{event['site']}"
        return {
            "schema": "consent-receipt/1",
            "event": event,
            "nonce": row["nonce"],
            "proof": self.prove(index, note),
            "verifier_key": str(self.key),
            "visitor_id": row["visitor_id"],
            "notice": text("notice/1", event["notice"], f"{root}/notices/{event['notice']}"),
            "policy": {"number": number, **text("policy/1", event["policy"], f"{root}/policies/{number}")},
        }

    def tiles(self, size=None):
        """Every full tile and the partial one of each level, by its path."""
        leaves = self.leaves if size is None else self.leaves[:size]
        found, hashes, level = {}, [sha256(b"\0" + leaf) for leaf in leaves], 0
        while hashes:
            for start in range(0, len(hashes), 256):
                some = hashes[start : start + 256]
                found[tile_name(level, start // 256, len(some))] = b"".join(some)
                if level == 0:
                    entries = leaves[start : start + 256]
                    name = tile_name("entries", start // 256, len(entries))
                    found[name] = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
            span = 256 ** (level + 1)
            hashes = [mth(leaves[at : at + span]) for at in range(0, len(leaves) - span + 1, span)]
            level += 1
        return found

    def bundle(self, **changes):
        """The bundle's files by name; `changes` to the manifest."""
        mine = {index: row for index, row in self.events.items() if row["event"]["site"] == self.site}
        elsewhere = sorted(set(self.events) - set(mine))
        lines = {"events": mine.values(), "acts": self.acts.values(), "exports": self.exports.values()}
        files = {
            "README.txt": b"How to verify.\n",
            "verify.py": b"print()\n",
            "checkpoint": self.note().encode(),
            "verifier-key": f"{self.key}\n".encode(),
            "rotations.json": jcs(self.rotations),
            **self.texts,
            **self.tiles(),
            **{f"{name}.jsonl": jsonl(rows) for name, rows in lines.items()},
            "erasures.jsonl": jsonl(self.erasures),
        }
        manifest = {
            "schema": "bundle/1",
            "origin": self.key.name,
            "size": str(len(self.leaves)),
            "sites": [self.site],
            "made_at": "2026-11-30T00:00:00.000Z",
            "elsewhere": [[str(index), str(index)] for index in elsewhere],
        }
        return with_manifest(files, {**manifest, **changes})

    def sample(self, phrase, count, note=None):
        note = note or self.note()
        size = int(note.split("\n")[1])
        root = base64.b64decode(note.split("\n")[2])
        seed = sha256(phrase.encode() + root)
        files, drawn, skipped, k = {}, [], [], 0
        while len(drawn) < size and len(files) < count:
            index = int.from_bytes(sha256(seed + k.to_bytes(8, "big"))[:8], "big") % size
            k += 1
            if index in drawn:
                continue
            drawn.append(index)
            if index in self.events:
                files[f"receipts/{index}.json"] = json.dumps(self.receipt(index, note)).encode()
                continue
            leaf = self.leaves[index].decode()
            why = "erased" if '"consent/1"' in leaf else "type"
            skipped.append({"index": str(index), "leaf": leaf, "proof": self.prove(index, note), "why": why})
        manifest = {
            "schema": "sample/1",
            "origin": self.key.name,
            "size": str(size),
            "root": root.hex(),
            "phrase": phrase,
            "seed": seed.hex(),
            "count": str(count),
            "sites": [self.site],
            "drawn": [str(index) for index in drawn],
        }
        files |= {"README.txt": b"", "checkpoint": note.encode(), "skipped.jsonl": jsonl(skipped)}
        return with_manifest(files, manifest)

    def pack(self, *indexes):
        """The decisions at these leaves, as if one visitor had made them: only one has."""
        visitor = self.events[indexes[0]]["visitor_id"]
        files = {"README.txt": b"", "rotations.json": jcs(self.rotations), **self.texts}
        for index in indexes:
            event_id = self.events[index]["event"]["event_id"]
            files[f"receipts/{event_id}.json"] = json.dumps(self.receipt(index), indent=1).encode()
            files[f"shown/{event_id}.html"] = b"<!doctype html>"
        manifest = {"schema": "pack/1", "visitor": visitor, "origin": ORIGIN, "size": str(len(self.leaves))}
        return with_manifest(files, manifest)


def commit(kind, nonce, record):
    return sha256(f"{kind}-commit/1".encode() + b"\0" + nonce + jcs(record))


def jsonl(rows):
    return b"".join(jcs(row) + b"\n" for row in rows)


def tile_name(level, number, width):
    digits = str(number).zfill(3 if number < 1000 else 6)
    name = digits if len(digits) == 3 else f"x{digits[:3]}/{digits[3:]}"
    return f"tile/{level}/{name}" + ("" if width == 256 else f".p/{width}")


def with_manifest(files, manifest):
    """The files with a manifest that fits them."""
    files = {name: content for name, content in files.items() if name != "manifest.json"}
    hashes = {name: sha256(content).hex() for name, content in files.items()}
    return {**files, "manifest.json": jcs({**manifest, "files": hashes})}


def again(files):
    """The same manifest, as whoever tampered would make it fit."""
    manifest = json.loads(files["manifest.json"])
    manifest.pop("files")
    return with_manifest(files, manifest)


def write_zip(target: Path, files):
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target


def write_folder(target: Path, files):
    for name, content in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
    return target
