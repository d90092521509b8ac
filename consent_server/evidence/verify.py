#!/usr/bin/env python3
"""Verifies the consent log of a site, on your own computer, without trusting the server that keeps it.

    python3 verify.py receipt receipt.json --key KEY --fetch
    python3 verify.py bundle bundle.zip --key KEY
    python3 verify.py sample sample.zip --phrase "the words you chose" --count 50 --checkpoint kept --key KEY
    python3 verify.py pack pack.zip --key KEY
    python3 verify.py consistency old-checkpoint new-checkpoint --log https://privacy.example.org/log --key KEY
    python3 verify.py watch https://privacy.example.org/log --keep checkpoints/ --key KEY
    python3 verify.py canary https://privacy.example.org --site example --origin https://www.example.org \\
        --keep canary/ --key KEY
    python3 verify.py witness --port 8700 --key witness.key --log KEY

KEY is the log's verifier key, or a file with it. Everything rests on it, so take it from somewhere other than what is
being verified: an earlier visit, a letter, a colleague, the log's address /log/key read from another network.

Exit codes: 0 it verifies; 1 it does not, and what differs is named; 2 wrong use, or nothing to read; 3 it cannot be
decided now (not sealed yet, a text is unknown, the server is away).

This file stands alone. It needs Python 3.9 or later and one library for Ed25519: `python3 -m pip install cryptography`.
Standards: RFC 6962 section 2.1 (the tree), RFC 8032 (Ed25519), RFC 8785 (canonical JSON); C2SP signed-note,
tlog-checkpoint, tlog-proof, tlog-tiles, tlog-witness and tlog-cosignature (https://c2sp.org).
"""

# It runs on Python 3.9, where newer spellings of the same things are not there yet.
# ruff: noqa: B905, RUF007, UP017

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import http.client
import io
import json
import os
import re
import secrets
import signal
import sqlite3
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO, cast

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
except ImportError:  # pragma: no cover
    print("One library is missing: python3 -m pip install cryptography", file=sys.stderr)
    sys.exit(2)

VERIFIED, FALSE, MISUSED, OPEN = 0, 1, 2, 3
KIB, MIB = 1 << 10, 1 << 20

# ---------------------------------------------------------------------------------------------------------------------
# Outcomes


class Invalid(Exception):
    """What was looked at does not verify; says what differs."""


class Undecided(Exception):
    """It can be neither confirmed nor denied now; says why."""


class Unusable(Exception):
    """Wrong use, or there is nothing to read; says what to do."""


class Part:
    """`with Part(name)`: whatever does not verify inside is told with the name of the part it is in."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: Any, fault: BaseException | None, _trace: Any) -> None:
        if isinstance(fault, Invalid):
            raise Invalid(f"{self.name}: {fault}") from fault


class Report:
    """What was found out about one subject: faults with their place, what stays open, facts, and remarks."""

    SHOWN = 20

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.faults: list[tuple[str, str]] = []
        # How many faults each file, or the leaves, have: of many, the first ones are told.
        self.counts: dict[str, int] = {}
        self.open: list[str] = []
        self.facts: list[tuple[str, str]] = []
        self.warnings: list[str] = []
        self.notes: list[str] = []

    def at(self, place: str) -> At:
        """`with report.at(place)`: writes down what does not verify inside, with the name of its place, and goes on."""
        return At(self, place)

    def fault(self, place: str, what: str) -> None:
        if (place, what) in self.faults:
            return
        within = place.replace(",", " ").partition(" ")[0]
        self.counts[within] = self.counts.get(within, 0) + 1
        if self.counts[within] <= self.SHOWN:
            self.faults.append((place, what))

    @property
    def code(self) -> int:
        return FALSE if self.faults else OPEN if self.open else VERIFIED

    def print(self) -> int:
        """Prints the verdict; its exit code."""
        verdict = {VERIFIED: "VERIFIED", FALSE: "DOES NOT VERIFY", OPEN: "CANNOT BE DECIDED NOW"}[self.code]
        print(f"{verdict}  {self.subject}")
        for place, what in self.faults:
            print(f"  {place}: {what}")
        for within, count in self.counts.items():
            if count > self.SHOWN:
                print(f"  {within}: and {count - self.SHOWN:,} more")
        for reason in self.open:
            print(f"  {reason}")
        width = max((len(name) for name, _ in self.facts), default=0)
        for name, value in self.facts:
            print(f"  {name:<{width}}  {value}")
        for warning in self.warnings:
            print(f"  NOTE  {warning}")
        for note in self.notes:
            print(f"  Note: {note}")
        return self.code


class At:
    """See `Report.at`."""

    def __init__(self, report: Report, place: str) -> None:
        self.report, self.place = report, place

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: Any, reason: BaseException | None, _trace: Any) -> bool:
        if isinstance(reason, Invalid):
            self.report.fault(self.place, str(reason))
        elif isinstance(reason, Undecided):
            self.report.open.append(f"{self.place}: {reason}")
        return isinstance(reason, (Invalid, Undecided))


def counted(number: int, noun: str, many: str = "") -> str:
    """`1 leaf`, `2,000 leaves`."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def leaves(number: int) -> str:
    return counted(number, "leaf", "leaves")


class Progress:
    """How far it is, on a terminal; silent elsewhere."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.shown = -1
        self.on = sys.stderr.isatty() and total > 0

    def show(self, done: int) -> None:
        percent = 100 * done // self.total if self.on else -1
        if percent != self.shown:
            self.shown = percent
            print(f"\r{percent:3} %", end="" if percent < 100 else "\r     \r", file=sys.stderr, flush=True)


# ---------------------------------------------------------------------------------------------------------------------
# Strict forms: one spelling for every value

HEX32 = re.compile(r"[0-9a-f]{64}")
DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
KEY = re.compile(r"[a-z][a-z0-9_-]*")
DEEPEST = 32


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def decode_base64(text: str) -> bytes:
    """RFC 4648 section 4, in its one canonical spelling."""
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError:
        raise Invalid("not base64") from None
    if base64.b64encode(value).decode() != text:
        raise Invalid("not canonical base64")
    return value


def encode_base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def decode_hash(text: str) -> bytes:
    """32 bytes in base64."""
    value = decode_base64(text)
    if len(value) != 32:
        raise Invalid("not a hash of 32 bytes")
    return value


def matching(value: Any, form: re.Pattern[str], what: str) -> str:
    """A string of exactly this form."""
    if not isinstance(value, str) or not form.fullmatch(value):
        raise Invalid(f"not {what}: {shorten(value)}")
    return value


def shorten(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 80 else text[:77] + "..."


def decimal(value: Any) -> int:
    """A size or an index: a decimal string without leading zeroes."""
    return int(matching(value, DECIMAL, "a decimal number in a string"))


def hex32(value: Any) -> bytes:
    return bytes.fromhex(matching(value, HEX32, "32 bytes in lower-case hex"))


def moment(value: Any) -> datetime:
    """RFC 3339 in UTC with milliseconds and Z."""
    text = matching(value, TIME, "a time in UTC with milliseconds")
    try:
        return datetime.fromisoformat(text[:-1])
    except ValueError:
        raise Invalid(f"no such time: {text}") from None


def members(value: Any, *names: str) -> dict[str, Any]:
    """An object with exactly these members."""
    if not isinstance(value, dict):
        raise Invalid("not an object")
    if value.keys() == set(names):
        return value
    missing, strange = sorted(set(names) - value.keys()), sorted(value.keys() - set(names))
    if missing or strange:
        wrong = [f"{shorten(name)} is missing" for name in missing]
        raise Invalid(", ".join([*wrong, *(f"{shorten(name)} does not belong here" for name in strange)]))
    return value


def parse_json(data: bytes, *, numbers: bool = False) -> Any:
    """JSON (UTF-8) without a key that is there twice, without NaN, and without numbers unless `numbers`."""
    number: Callable[[str], Any] = _refuse_number
    try:
        text = data.decode()
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse_number,
            parse_int=int if numbers else number,
            parse_float=float if numbers else number,
        )
    except (ValueError, RecursionError) as error:
        raise Invalid(f"not JSON ({error})") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise Invalid(f"the key {shorten(next(name for name in names if names.count(name) > 1))} is there twice")
    return found


def _refuse_number(text: str) -> Any:
    raise Invalid(f"a number where there are none: {text[:40]}")


def check_committed(value: Any, depth: int = 0) -> None:
    """A value that a leaf may commit to: strings, booleans, null, arrays, objects; keys of the agreed form."""
    if depth > DEEPEST:
        raise Invalid("nested too deeply")
    if isinstance(value, (dict, list)):
        if isinstance(value, dict):
            for key in value:
                matching(key, KEY, "a key of the agreed form")
        for inner in value.values() if isinstance(value, dict) else value:
            check_committed(inner, depth + 1)
    elif isinstance(value, str) and "\0" in value:
        raise Invalid("a character U+0000")
    elif not (value is None or isinstance(value, (str, bool))):
        raise Invalid(f"a number where there are none: {shorten(value)}")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def canonical(value: Any) -> bytes:
    """RFC 8785 of a value whose keys are ASCII and which holds no number; there it is what `json` writes."""
    try:
        return _encode(value).encode()
    except UnicodeEncodeError:
        raise Invalid("half of a surrogate pair") from None


# ---------------------------------------------------------------------------------------------------------------------
# Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint)

ED25519, COSIGNATURE = 0x01, 0x04
MOST_SIGNATURES = 100
SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")


@dataclass(frozen=True)
class VerifierKey:
    """A public key under a name. `kind`: 0x01 for a log's Ed25519 key, 0x04 for a witness's."""

    name: str
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """`NAME+HEX(key ID)+BASE64(kind ‖ public key)`; the base64 may hold a plus, name and ID never do."""
        pieces = text.split("+", 2)
        if len(pieces) != 3 or not re.fullmatch(r"[^\s+]+", pieces[0]):
            raise Invalid("not a verifier key (NAME+ID+BASE64)")
        value = decode_base64(pieces[2])
        if len(value) != 33 or value[0] not in (ED25519, COSIGNATURE):
            raise Invalid("not an Ed25519 key")
        key = cls(pieces[0], value[0], value[1:])
        if key.id.hex() != pieces[1]:
            raise Invalid("the key's ID does not fit its name and its bytes: one of them was changed")
        return key

    @property
    def id(self) -> bytes:
        """SHA-256(name ‖ newline ‖ kind ‖ public key), its first four bytes."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public)[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode_base64(bytes([self.kind]) + self.public)}"

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Ed25519, RFC 8032; a witness's stands over the time it names as well (C2SP tlog-cosignature)."""
        if self.kind == COSIGNATURE:
            message, signature = cosigned_message(message, signature[:8]), signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def cosigned_message(text: bytes, seconds: bytes) -> bytes:
    """What a witness signs: a header, the POSIX time (8 bytes, big-endian) in decimal, the checkpoint's text."""
    return b"cosignature/v1\ntime %d\n" % int.from_bytes(seconds, "big") + text


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself at one size, with whoever signed it: (name, key ID, signature)."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]
    note: str

    def same_tree(self, other: Checkpoint) -> bool:
        return self.text == other.text


def parse_checkpoint(note: bytes | str) -> Checkpoint:
    """A signed note whose text is three lines: origin, size, root. Signatures are not verified yet."""
    text, signatures, whole = _split_note(note)
    lines = text.split("\n")
    if len(lines) != 4 or not lines[0]:
        raise Invalid("a checkpoint's text is three lines: origin, size, root")
    with Part("size"):
        size = decimal(lines[1])
    with Part("root"):
        root = decode_hash(lines[2])
    return Checkpoint(lines[0], size, root, text, signatures, whole)


def _split_note(note: bytes | str) -> tuple[str, tuple[tuple[str, bytes, bytes], ...], str]:
    try:
        whole = note.decode() if isinstance(note, bytes) else note
        whole.encode()
    except UnicodeError:
        raise Invalid("a note is UTF-8") from None
    if re.search(r"[\x00-\x09\x0b-\x1f]", whole):
        raise Invalid("a note holds no control characters but newlines")
    text, gap, lines = whole.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise Invalid("a note is a text, an empty line, and signature lines, each ended by a newline")
    found = []
    for line in lines[:-1].split("\n"):
        matched = SIGNATURE_LINE.fullmatch(line)
        if not matched:
            raise Invalid(f"not a signature line: {shorten(line)}")
        value = decode_base64(matched[2])
        if len(value) < 5:
            raise Invalid(f"a signature that is too short: {shorten(line)}")
        found.append((matched[1], value[:4], value[4:]))
    if len(found) > MOST_SIGNATURES:
        raise Invalid("too many signatures")
    return text + "\n", tuple(found), whole


class Keys:
    """The key you trust, and those that followed it by rotation.

    A `key/1` leaf names the next key and stands under a checkpoint that both have signed. From the first checkpoint
    that covers the leaf the new key signs; one that only the old key has signed is no longer accepted.
    """

    def __init__(self, trusted: VerifierKey, witnesses: Sequence[VerifierKey] = ()) -> None:
        if trusted.kind != ED25519 or any(witness.kind != COSIGNATURE for witness in witnesses):
            raise Unusable("--key is the log's key, --witness a witness's: one was given for the other.")
        self.trusted, self.witnesses = trusted, witnesses
        # Each key with the index of the leaf that named it; the trusted one signs from the beginning.
        self.terms: list[tuple[VerifierKey, int]] = [(trusted, -1)]

    def open(self, note: bytes | str) -> Checkpoint:
        """The checkpoint of a note that the log's key has signed."""
        checkpoint = parse_checkpoint(note)
        signed = self._signed(checkpoint)
        due = self._due(checkpoint.size)
        if due in signed:
            return checkpoint
        if due is None and not signed:
            raise Undecided(
                f"this was signed at size {checkpoint.size:,}, before the key you trust was in use (leaf "
                f"{self.terms[0][1]:,}); give the earlier key"
            )
        if due is None:
            raise Invalid(f"signed by {signed[0]}, which was not in use yet at size {checkpoint.size:,}")
        if signed:
            raise Invalid(
                f"signed by {signed[0]} only, which another key had replaced, or had not yet replaced, at size "
                f"{checkpoint.size:,}; {due} should have signed"
            )
        others = ", ".join(f"{name} ({key_id.hex()})" for name, key_id, _ in checkpoint.signatures)
        raise Invalid(
            f"not signed by the key you trust, {due}, but by {others or 'nobody'}; if the log's key was rotated, "
            "give --rotations"
        )

    def _due(self, size: int) -> VerifierKey | None:
        """The key that signs at a size; none before the one you trust was in use."""
        return next((key for key, leaf in reversed(self.terms) if leaf < size), None)

    def _signed(self, checkpoint: Checkpoint, *more: VerifierKey) -> list[VerifierKey]:
        """Whichever of our keys signed it. Signatures by others are ignored; a false one by ours rejects the note."""
        if checkpoint.origin != self.trusted.name:
            raise Invalid(f"from another log: {shorten(checkpoint.origin)} instead of {self.trusted.name}")
        known = {(key.name, key.id): key for key in (*(key for key, _ in self.terms), *self.witnesses, *more)}
        signed = []
        for name, key_id, signature in checkpoint.signatures:
            key = known.get((name, key_id))
            if key is None:
                continue
            if not _verifies(key, checkpoint.text, signature):
                raise Invalid(f"the signature by {key} is false: origin, size, root or signature was changed")
            signed.append(key)
        return [key for key in signed if key.kind == ED25519]

    def vouchers(self, checkpoint: Checkpoint) -> Iterator[tuple[str, str]]:
        """Who has signed an opened checkpoint: the log's key, and whichever of your witnesses."""
        yield "signed by", str(self._due(checkpoint.size))
        for witness in self.witnesses:
            found = [
                value for name, key_id, value in checkpoint.signatures if (name, key_id) == (witness.name, witness.id)
            ]
            seconds = int.from_bytes(found[0][:8], "big") if found else 0
            at = f"at {datetime(1970, 1, 1) + timedelta(seconds=min(seconds, 10**11))} UTC" if found else "not yet"
            yield "cosigned by", f"{witness.name}, {at}"

    def follow(self, entries: Any, report: Report, place: str) -> None:
        """Takes up the keys of `[{"leaf", "proof"}, …]`, oldest first, that followed the one you trust."""
        if not isinstance(entries, list):
            report.fault(place, "not a list of rotations")
            return
        rotations = []
        for number, entry in enumerate(entries, 1):
            with report.at(f"{place}, rotation {number}"):
                rotations.append(Rotation.parse(entry))
        own = next((at for at, rotation in enumerate(rotations) if rotation.key == self.trusted), -1)
        if own >= 0:
            with report.at(f"{place}, leaf {rotations[own].proof.index:,}"):
                self._begin(rotations[own])
        for rotation in rotations[own + 1 :]:
            with report.at(f"{place}, leaf {rotation.proof.index:,}"):
                self._take_up(rotation)

    def _begin(self, own: Rotation) -> None:
        """The key you gave is a later one; what came before is not its to vouch for."""
        if self.trusted not in self._signed(own.proof.checkpoint):
            raise Invalid("it names the key you trust, under a checkpoint that this key has not signed")
        if self.terms[0][1] < 0:
            self.terms[0] = (self.trusted, own.proof.index)

    def _take_up(self, rotation: Rotation) -> None:
        if any(key == rotation.key for key, _ in self.terms):
            return
        old, leaf = self.terms[-1]
        if rotation.proof.index <= leaf:
            raise Invalid("not in the order of the log")
        signed = self._signed(rotation.proof.checkpoint, rotation.key)
        if old not in signed or rotation.key not in signed:
            raise Invalid(f"the new key {rotation.key} counts only under a checkpoint that {old} has signed as well")
        self.terms.append((rotation.key, rotation.proof.index))


@lru_cache(maxsize=1024)
def _verifies(key: VerifierKey, text: str, signature: bytes) -> bool:
    """Many receipts stand under one checkpoint."""
    return key.verifies(text.encode(), signature)


# ---------------------------------------------------------------------------------------------------------------------
# The tree (RFC 6962 section 2.1)

EMPTY = sha256(b"")
Subtree = Callable[[int, int], bytes]


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\0" + leaf)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right)


def split(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)


def sides(here: int, last: int, count: int) -> Iterator[bool]:
    """For each hash of a path from node `here` up, in a level whose last node is `last`: whether it stands on the left.
    Raises Invalid unless there are just as many as it takes to the root."""
    for _ in range(count):
        if last == 0:
            raise Invalid("too many hashes in the proof")
        left = bool(here & 1) or here == last
        while left and here and not here & 1:
            here, last = here >> 1, last >> 1
        yield left
        here, last = here >> 1, last >> 1
    if last:
        raise Invalid("too few hashes in the proof")


def root_of_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion path leads to (RFC 6962 section 2.1.1): hashes from the leaf's sibling up."""
    if index >= size:
        raise Invalid(f"leaf {index:,} is not in a tree of {size:,} leaves")
    found = leaf
    # `sides` comes first, so that it is asked once more than there are hashes, and sees that none is missing.
    for left, sibling in zip(sides(index, size - 1, len(path)), path):
        found = node_hash(sibling, found) if left else node_hash(found, sibling)
    return found


def check_consistency_path(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> None:
    """RFC 6962 section 2.1.2: the tree of `new` leaves begins with the tree of `old` leaves."""
    if old == 0 or old == new:
        if path or (old == new and old_root != new_root) or (old == 0 and old_root != EMPTY):
            raise Invalid("the proof does not join the two trees")
        return
    # Where the old tree is perfect, its root is the first hash and is left out.
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not hashes or old > new:
        raise Invalid("the proof does not join the two trees")
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    before = after = hashes[0]
    for left, sibling in zip(sides(here, last, len(hashes) - 1), hashes[1:]):
        if left:
            before = node_hash(sibling, before)
        after = node_hash(sibling, after) if left else node_hash(after, sibling)
    if before != old_root or after != new_root:
        raise Invalid("the proof does not join the two trees")


def subtree_root(first: int, count: int, perfect: Subtree) -> bytes:
    """The hash of a range of leaves, from the hashes of its perfect subtrees (aligned, a power of two)."""
    if count == 0:
        return EMPTY
    if count & (count - 1) == 0 and first % count == 0:
        return perfect(first, count)
    left = split(count)
    return node_hash(subtree_root(first, left, perfect), subtree_root(first + left, count - left, perfect))


def consistency_path(old: int, new: int, perfect: Subtree) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962 section 2.1.2, for 0 < old < new."""
    path: list[bytes] = []
    first, count, rest, whole = 0, new, old, True
    while rest != count:
        left = split(count)
        if rest <= left:
            path.append(subtree_root(first + left, count - left, perfect))
            count = left
        else:
            path.append(subtree_root(first, left, perfect))
            first, count, rest, whole = first + left, count - left, rest - left, False
    if not whole:
        path.append(subtree_root(first, count, perfect))
    return path[::-1]


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root of 2ⁿ hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


# ---------------------------------------------------------------------------------------------------------------------
# Proofs, leaves and commitments

PROOF_HEADER = "c2sp.org/tlog-proof@v1"
MOST_HASHES = 64


@dataclass(frozen=True)
class Proof:
    """C2SP tlog-proof@v1: a leaf's index, its path, and the checkpoint it leads to."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, text: Any) -> Proof:
        if not isinstance(text, str):
            raise Invalid("not a proof")
        head, gap, note = text.partition("\n\n")
        lines = head.split("\n")
        if not gap or lines.pop(0) != PROOF_HEADER:
            raise Invalid(f"a proof begins with the line {PROOF_HEADER} and has an empty line before its checkpoint")
        if lines and lines[0].startswith("extra "):
            decode_base64(lines.pop(0)[len("extra ") :])
        if not lines or not lines[0].startswith("index "):
            raise Invalid("the line with the index is missing")
        index = decimal(lines.pop(0)[len("index ") :])
        if len(lines) > MOST_HASHES:
            raise Invalid("too many hashes in the proof")
        with Part("path"):
            path = tuple(decode_hash(line) for line in lines)
        with Part("checkpoint"):
            return cls(index, path, parse_checkpoint(note))

    def check(self, leaf: bytes) -> None:
        """The leaf is at the index in the checkpoint's tree."""
        root = root_of_path(leaf_hash(leaf), self.index, self.checkpoint.size, self.path)
        if root != self.checkpoint.root:
            raise Invalid("it does not lead to the checkpoint's root")


# The members of each type of leaf beside its type.
LEAVES = {
    "consent/1": ("c",),
    "staff/1": ("c",),
    "export/1": ("c",),
    "erasure/1": ("c",),
    "policy/1": ("h",),
    "notice/1": ("h",),
    "widget/1": ("h",),
    "mark/1": ("at",),
    "purge/1": ("at", "rule", "runs"),
    "key/1": ("k",),
    "origin/1": ("note",),
}
PLAIN_LEAF = re.compile(rb'\{"([ch])":"([0-9a-f]{64})","t":"([a-z]+/1)"\}')


@dataclass(frozen=True)
class Leaf:
    """A leaf by its type. `hash`: what it commits to, where it is nothing but that; else `body`."""

    type: str
    hash: bytes
    body: dict[str, Any]


def parse_leaf(data: bytes) -> Leaf:
    """Canonical JSON with `t` and the members of that type, nothing else."""
    plain = PLAIN_LEAF.fullmatch(data)
    if plain:
        kind = plain[3].decode()
        if LEAVES.get(kind) == (plain[1].decode(),):
            return Leaf(kind, bytes.fromhex(plain[2].decode()), {})
    body = parse_json(data)
    kind = body.get("t") if isinstance(body, dict) else None
    if not isinstance(kind, str) or kind not in LEAVES:
        raise Invalid(f"no leaf of a known type: {shorten(data.decode(errors='replace'))}")
    members(body, "t", *LEAVES[kind])
    check_committed(body)
    if canonical(body) != data:
        raise Invalid("the leaf is not written canonically")
    if LEAVES[kind] in (("c",), ("h",)):
        raise Invalid("the leaf's hash is not 32 bytes in lower-case hex")
    return Leaf(kind, b"", body)


def plain_leaf(kind: str, value: bytes) -> bytes:
    """The bytes of a leaf that only commits to a hash."""
    return b'{"%s":"%s","t":"%s"}' % (LEAVES[kind][0].encode(), value.hex().encode(), kind.encode())


def commitment(kind: str, nonce: bytes, record: bytes) -> bytes:
    """SHA-256(`{kind}-commit/1` ‖ 0x00 ‖ nonce ‖ RFC 8785 of the record)."""
    return sha256(kind.encode() + b"-commit/1\0" + nonce + record)


def visitor_hash(nonce: bytes, visitor_id: str) -> str:
    """What an event says of its visitor: SHA-256(`visitor/1` ‖ 0x00 ‖ nonce ‖ UUID in its 36 characters)."""
    return sha256(b"visitor/1\0" + nonce + visitor_id.encode()).hex()


@dataclass(frozen=True)
class Rotation:
    """A `key/1` leaf with its proof."""

    key: VerifierKey
    proof: Proof

    @classmethod
    def parse(cls, entry: Any) -> Rotation:
        entry = members(entry, "leaf", "proof")
        if not isinstance(entry["leaf"], str):
            raise Invalid("the leaf is not a string")
        data = entry["leaf"].encode(errors="replace")
        leaf = parse_leaf(data)
        if leaf.type != "key/1":
            raise Invalid(f"a {leaf.type} leaf, not a key/1 leaf")
        with Part("proof"):
            proof = Proof.parse(entry["proof"])
            proof.check(data)
        return cls(log_key(leaf.body["k"]), proof)


def log_key(text: Any) -> VerifierKey:
    if not isinstance(text, str):
        raise Invalid("not a verifier key")
    key = VerifierKey.parse(text)
    if key.kind != ED25519:
        raise Invalid("not a log's key")
    return key


# ---------------------------------------------------------------------------------------------------------------------
# A decision as its leaf commits to it

ACTIONS = ("accept_all", "reject_all", "custom", "withdraw", "signal", "imported")
SURFACES = ("banner", "preferences", "page", "api")
AUTOMATED = ("human", "declared", "suspected")
EVENT = (
    "action", "agent", "automated", "choices", "decided_at", "event_id", "expires_at", "notice", "page", "policy",
    "providers", "recorded_at", "signals", "site", "surface", "visitor",
)  # fmt: skip


def check_event(event: Any) -> datetime:
    """Every member is there and has its form; when it was recorded."""
    members(event, *EVENT)
    _check_words(event)
    for name in ("choices", "providers"):
        _check_allowed(name, event[name])
    for name in ("dnt", "gpc"):
        with Part(f"signals.{name}"):
            _check_signal(name, members(event["signals"], "dnt", "gpc")[name])
    for name in ("decided_at", "expires_at"):
        with Part(name):
            moment(event[name])
    with Part("recorded_at"):
        return moment(event["recorded_at"])


def _check_words(event: dict[str, Any]) -> None:
    for name, words in (("action", ACTIONS), ("surface", SURFACES), ("automated", AUTOMATED)):
        if event[name] not in words:
            raise Invalid(f"{name}: not one of its words: {shorten(event[name])}")
    with Part("event_id"):
        matching(event["event_id"], UUID, "a UUID in lower case")
    for name in ("notice", "policy"):
        with Part(name):
            matching(event[name], HEX32, "a SHA-256 in lower-case hex")
    with Part("site"):
        matching(event["site"], KEY, "a site's key")
    if event["visitor"] is not None:
        with Part("visitor"):
            matching(event["visitor"], HEX32, "a SHA-256 in lower-case hex")
        if event["action"] == "signal":
            raise Invalid("visitor: a signal belongs to no visitor")
    for value in (event["page"], *members(event["agent"], "browser", "device", "os").values()):
        if value is not None and (not isinstance(value, str) or "\0" in value):
            raise Invalid(f"page or agent: neither a text nor null: {shorten(value)}")


def _check_allowed(name: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise Invalid(f"{name}: not an object")
    for key, allowed in value.items():
        if not KEY.fullmatch(key) or not isinstance(allowed, bool):
            raise Invalid(f"{name}: not a key with true or false: {shorten(key)}")


def _check_signal(name: str, value: Any) -> None:
    value = members(value, "header", "js", "acted_on")
    if not isinstance(value["acted_on"], bool):
        raise Invalid("acted_on: neither true nor false")
    for side in ("header", "js"):
        seen = value[side]
        fits = isinstance(seen, bool) if name == "gpc" else seen is None or seen in ("0", "1")
        if not fits:
            raise Invalid(f"{side}: not a value of this signal: {shorten(seen)}")


def grants(event: dict[str, Any]) -> bool:
    """Whether it allows anything."""
    return any(event["choices"].values()) or any(event["providers"].values())


def check_visitor(event: dict[str, Any], nonce: bytes, visitor_id: Any) -> None:
    """The visitor's own UUID is the one that the event says it is of."""
    if visitor_id is not None:
        matching(visitor_id, UUID, "a UUID in lower case")
    if event["visitor"] != (None if visitor_id is None else visitor_hash(nonce, visitor_id)):
        raise Invalid("it is not the visitor that the event names")


@dataclass(frozen=True)
class Text:
    """What a decision rests on: a policy's document or a notice's, as far as they name each other."""

    site: str
    policy: str | None
    number: str | None
    widget: str | None
    retention: str | None

    @classmethod
    def parse(cls, document: bytes) -> Text:
        value = parse_json(document)
        if not isinstance(value, dict):
            raise Invalid("not an object")
        rules = value.get("rules")
        names = {name: value.get(name) for name in ("site", "policy", "number", "widget")}
        names["retention"] = rules.get("proof_retention_days") if isinstance(rules, dict) else None
        return cls(**{name: found if isinstance(found, str) else None for name, found in names.items()})  # type: ignore[arg-type]


def check_notice_fits(event: dict[str, Any], notice: Text) -> None:
    """A notice says itself of which site and which version of the policy it is."""
    if notice.site != event["site"] or notice.policy != event["policy"]:
        raise Invalid("the notice is of another site or another version of the policy than the decision")


# ---------------------------------------------------------------------------------------------------------------------
# Receipts

RECEIPT = ("schema", "event", "nonce", "proof", "verifier_key", "visitor_id", "notice", "policy")


@dataclass
class Texts:
    """Where a receipt's texts are looked for: in a folder or an archive, or at the receipt's own addresses."""

    find: Callable[[str, str | None], bytes | None]

    @classmethod
    def none(cls) -> Texts:
        return cls(lambda sha256, url: None)

    @classmethod
    def in_folder(cls, folder: Path) -> Texts:
        if not folder.is_dir():
            raise Unusable(f"{folder} is no folder.")
        named = {path.name.partition(".")[0]: path for path in sorted(folder.rglob("*")) if path.is_file()}
        return cls(lambda sha256, url: named[sha256].read_bytes() if sha256 in named else None)

    @classmethod
    def on_the_net(cls) -> Texts:
        return cls(lambda sha256, url: fetch(url).expect(200) if url else None)


@dataclass(frozen=True)
class Proven:
    """A receipt that verifies."""

    event: dict[str, Any]
    visitor_id: str | None
    index: int
    checkpoint: Checkpoint
    compared: bool
    notice_known: bool

    def __str__(self) -> str:
        event = self.event
        allowed = sorted(name for name, on in {**event["choices"], **event["providers"]}.items() if on)
        return (
            f"leaf {self.index:,} of {self.checkpoint.size:,}: {event['action']} on {event['site']}, recorded "
            f"{event['recorded_at']}, allowing {', '.join(allowed) or 'nothing optional'}"
        )


def check_receipt(receipt: Any, keys: Keys, texts: Texts) -> Proven:
    """Everything a receipt claims (`consent-receipt/1`); raises Invalid at the first thing that differs."""
    receipt = members(receipt, *RECEIPT)
    if receipt["schema"] != "consent-receipt/1":
        raise Invalid(f"schema: not consent-receipt/1 but {shorten(receipt['schema'])}")
    event = receipt["event"]
    with Part("event"):
        check_event(event)
        check_committed(event)
    with Part("nonce"):
        nonce = hex32(receipt["nonce"])
    with Part("proof"):
        proof = Proof.parse(receipt["proof"])
        with Part("checkpoint"):
            keys.open(proof.checkpoint.note)
    with Part("event"), Part("the event, its nonce or its proof was changed"):
        proof.check(plain_leaf("consent/1", commitment("consent", nonce, canonical(event))))
    with Part("visitor_id"):
        check_visitor(event, nonce, receipt["visitor_id"])
    with Part("verifier_key"):
        _check_named_key(receipt["verifier_key"], proof.checkpoint)
    number = _check_policy(receipt["policy"], event, proof, keys)
    known = _check_notice(receipt["notice"], event, proof, keys)
    compared = _compare_texts(receipt, event, number, known, texts)
    return Proven(event, receipt["visitor_id"], proof.index, proof.checkpoint, compared, known)


def _check_named_key(text: Any, checkpoint: Checkpoint) -> None:
    """The receipt's own word for its key proves nothing; a false one is still named."""
    key = log_key(text)
    if (key.name, key.id) not in {(name, key_id) for name, key_id, _ in checkpoint.signatures}:
        raise Invalid("it is not the key that signed the checkpoint")


def _check_policy(policy: Any, event: dict[str, Any], proof: Proof, keys: Keys) -> str:
    with Part("policy"):
        policy = members(policy, "number", "sha256", "url", "proof")
        if policy["sha256"] != event["policy"]:
            raise Invalid("sha256 is not the policy that the event names")
        number = policy["number"]
        if isinstance(number, bool) or not isinstance(number, (int, str)):
            raise Invalid("number: not a number")
        with Part("proof"):
            _check_below("policy/1", policy["sha256"], policy["proof"], proof, keys)
    return str(number)


def _check_notice(notice: Any, event: dict[str, Any], proof: Proof, keys: Keys) -> bool:
    """Whether the notice is known. A refusal is kept under an unknown one all the same; nothing else is."""
    with Part("notice"):
        notice = members(notice, "sha256", "url", "proof")
        if notice["sha256"] != event["notice"]:
            raise Invalid("sha256 is not the notice that the event names")
        if notice["proof"] is None and notice["url"] is None:
            if grants(event):
                raise Invalid("nothing can be allowed under a notice that is not known")
            return False
        with Part("proof"):
            _check_below("notice/1", notice["sha256"], notice["proof"], proof, keys)
    return True


def _check_below(kind: str, digest: str, text: Any, event: Proof, keys: Keys) -> None:
    """The text was in the log before the decision, under the same checkpoint."""
    proof = Proof.parse(text)
    with Part("checkpoint"):
        keys.open(proof.checkpoint.note)
        if not proof.checkpoint.same_tree(event.checkpoint):
            raise Invalid("not the one that the event's proof leads to")
    proof.check(plain_leaf(kind, hex32(digest)))
    if proof.index >= event.index:
        raise Invalid(f"sealed as leaf {proof.index:,}, after the decision at {event.index:,}")


def _compare_texts(receipt: dict[str, Any], event: dict[str, Any], number: str, known: bool, texts: Texts) -> bool:
    """The texts' bytes against their hashes, and against each other; whether all of them were there."""
    found = {}
    for name in ("policy", "notice") if known else ("policy",):
        with Part(name):
            url = receipt[name]["url"]
            if not isinstance(url, str):
                raise Invalid("url: not an address")
            document = texts.find(receipt[name]["sha256"], url)
            if document is None:
                continue
            if sha256(document).hex() != receipt[name]["sha256"]:
                raise Invalid("the text is not the one in the log: its bytes have another SHA-256")
            found[name] = Text.parse(document)
    if "policy" in found and (found["policy"].site, found["policy"].number) != (event["site"], number):
        raise Invalid("policy: the text is of another site or has another number")
    if "notice" in found:
        with Part("notice"):
            check_notice_fits(event, found["notice"])
    return len(found) == 1 + known


def receipts_in(data: bytes) -> list[Any]:
    """The receipts of a file: one, a list of them, or an object with a list named `receipts`."""
    value = parse_json(data, numbers=True)
    if isinstance(value, dict) and isinstance(value.get("receipts"), list):
        value = value["receipts"]
    return value if isinstance(value, list) else [value]


def verify_receipts(paths: list[Path], keys: Keys, texts: Texts, without_texts: bool) -> int:
    """`receipt FILE…`: a verdict each, and a summary of several."""
    codes = []
    for path in paths:
        data = read_file(path, 64 * MIB)
        try:
            found = receipts_in(data)
        except Invalid as fault:
            codes.append(_tell_receipt(str(path), str(fault)))
            continue
        if not found:
            raise Unusable(f"There is no receipt in {path}.")
        for number, receipt in enumerate(found, 1):
            name = str(path) if len(found) == 1 else f"{path}, receipt {number}"
            codes.append(_verify_receipt(name, receipt, keys, texts, without_texts))
    if len(codes) > 1:
        bad, unknown = codes.count(FALSE), codes.count(OPEN)
        print(f"{len(codes):,} receipts: {codes.count(VERIFIED):,} verified, {bad:,} not, {unknown:,} undecided")
    return FALSE if FALSE in codes else OPEN if OPEN in codes else VERIFIED


def _tell_receipt(name: str, fault: str) -> int:
    report = Report(name)
    place, _, what = fault.partition(": ")
    report.fault(*((place, what) if what else ("the receipt", place)))
    return report.print()


def _verify_receipt(name: str, receipt: Any, keys: Keys, texts: Texts, without_texts: bool) -> int:
    report = Report(name)
    if isinstance(receipt, dict) and receipt.get("state") and "proof" not in receipt:
        report.open.append("This is no receipt yet: the decision waits to be sealed. Ask for it again.")
        return report.print()
    try:
        proven = check_receipt(receipt, keys, texts)
    except Invalid as fault:
        return _tell_receipt(name, str(fault))
    except Undecided as reason:
        report.open.append(str(reason))
        return report.print()
    report.facts.append(("decision", str(proven)))
    report.facts.append(("log", f"{proven.checkpoint.origin}, {leaves(proven.checkpoint.size)}"))
    report.facts += keys.vouchers(proven.checkpoint)
    if not proven.notice_known:
        report.open.append(
            "text unknown: the decision, a refusal, is proven, but the notice it names is not in the log"
        )
    if not proven.compared and not without_texts:
        report.open.append("the texts were not compared: give --texts or --fetch, or say --without-texts")
    if not proven.compared:
        report.notes.append("Of the texts, only their hashes are proven to have been in the log before the decision.")
    return report.print()


# ---------------------------------------------------------------------------------------------------------------------
# Files, in a zip or in a folder

SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
MOST_TIMES_PACKED = 200


def read_file(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as opened:
            data = opened.read(limit + 1)
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}.") from None
    if len(data) > limit:
        raise Unusable(f"{path} is too large to be what it should be.")
    return data


class Files:
    """The files of an archive or a folder. Nothing is ever written to disk under their names."""

    def __init__(self, path: Path, report: Report) -> None:
        self.path = path
        self.zip: zipfile.ZipFile | None = None
        if path.is_dir():
            self.names = set(self._walk(report))
        else:
            self.names = set(self._open(report))

    def _walk(self, report: Report) -> Iterator[str]:
        for folder, _folders, names in os.walk(self.path):
            for name in names:
                found = Path(folder, name)
                relative = found.relative_to(self.path).as_posix()
                if found.is_symlink() or not SAFE_NAME.fullmatch(relative):
                    report.fault(relative, "does not belong here: a link, or an unsafe name")
                else:
                    yield relative

    def _open(self, report: Report) -> Iterator[str]:
        try:
            self.zip = zipfile.ZipFile(self.path)
        except OSError as error:
            raise Unusable(f"{self.path} cannot be read: {error.strerror}.") from None
        except (zipfile.BadZipFile, ValueError) as error:
            raise Unusable(f"{self.path} is neither a folder nor a zip file that can be read: {error}.") from None
        infos = [info for info in self.zip.infolist() if not info.is_dir()]
        if sum(info.file_size for info in infos) > 64 * MIB + MOST_TIMES_PACKED * self.path.stat().st_size:
            raise Unusable(f"{self.path} unpacks to more than {MOST_TIMES_PACKED} times its size; it is not unpacked.")
        seen = set()
        for info in infos:
            if info.filename in seen:
                report.fault(info.filename, "is in the zip file twice")
            elif not SAFE_NAME.fullmatch(info.filename):
                report.fault(shorten(info.filename), "does not belong here: an unsafe name")
            else:
                yield info.filename
            seen.add(info.filename)

    def _raw(self, name: str) -> BinaryIO:
        if self.zip is None:
            return (self.path / name).open("rb")
        return io.BufferedReader(cast(Any, self.zip.open(name)), MIB)

    def close(self) -> None:
        if self.zip is not None:
            self.zip.close()

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        if name not in self.names:
            raise Invalid("the file is missing")
        try:
            with self._raw(name) as opened:
                yield opened
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
            raise Invalid(f"the file cannot be unpacked: {error}") from None

    def read(self, name: str, limit: int) -> bytes:
        with self.open(name) as opened:
            data = opened.read(limit + 1)
        if len(data) > limit:
            raise Invalid("the file is longer than it can be")
        return data

    def digest(self, name: str) -> str:
        hashed = hashlib.sha256()
        with self.open(name) as opened:
            while block := opened.read(MIB):
                hashed.update(block)
        return hashed.hexdigest()


def read_manifest(files: Files, schema: str, names: Sequence[str], report: Report) -> dict[str, Any] | None:
    """The manifest, once every file has been compared with it; none where it cannot be used."""
    with report.at("manifest.json"):
        manifest = members(parse_json(files.read("manifest.json", 256 * MIB)), "schema", "files", *names)
        check_committed({name: value for name, value in manifest.items() if name != "files"})
        if manifest["schema"] != schema:
            raise Invalid(f"schema: not {schema} but {shorten(manifest['schema'])}")
        listed = manifest["files"]
        if not isinstance(listed, dict) or not all(isinstance(value, str) for value in listed.values()):
            raise Invalid("files: not a list of files with their SHA-256")
        _compare_with_manifest(files, listed, report)
        return manifest
    return None


def _compare_with_manifest(files: Files, listed: dict[str, str], report: Report) -> None:
    for name in sorted(files.names - listed.keys() - {"manifest.json"}):
        report.fault(name, "does not belong here: the manifest does not list it")
    for name, digest in sorted(listed.items()):
        with report.at(shorten(name).strip('"')):
            if not SAFE_NAME.fullmatch(name):
                raise Invalid("the manifest lists an unsafe name")
            if files.digest(name) != digest:
                raise Invalid("the file is not the one the manifest lists: its bytes have another SHA-256")


# ---------------------------------------------------------------------------------------------------------------------
# Tiles (C2SP tlog-tiles)

WIDTH, HASH = 256, 32
LONGEST_ENTRIES = WIDTH * (2 + 0xFFFF)


def tile_path(level: int | str, number: int, width: int) -> str:
    """`tile/L/N[.p/W]`, N in groups of three digits, all but the last with an x."""
    digits = f"{number:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{name}" + ("" if width == WIDTH else f".p/{width}")


def tile_width(level: int, number: int, size: int) -> int:
    """How many hashes a tile has in a tree of this size."""
    return min(WIDTH, (size >> (8 * level)) - number * WIDTH)


def tile_paths(size: int) -> Iterator[str]:
    """All full and partial tiles of a tree of this size."""
    for level in range(8):
        for number in range(-(-(size >> (8 * level)) // WIDTH)):
            yield tile_path(level, number, tile_width(level, number, size))
            if level == 0:
                yield tile_path("entries", number, tile_width(0, number, size))


class Tiles:
    """The hashes of perfect subtrees, out of tiles of a tree of `size` leaves. `read` gives a tile by its path."""

    def __init__(self, size: int, read: Callable[[str], bytes]) -> None:
        self.size = size
        self.tile = lru_cache(maxsize=64)(self._tile)
        self.read = read

    def _tile(self, level: int, number: int) -> bytes:
        width = tile_width(level, number, self.size)
        path = tile_path(level, number, width)
        with Part(path):
            data = self.read(path)
            if len(data) != width * HASH:
                raise Invalid(f"{len(data):,} bytes instead of {width * HASH:,}")
        return data

    def perfect(self, first: int, count: int) -> bytes:
        """The hash of `count` leaves (a power of two) from `first` (a multiple of it)."""
        level, within = divmod(count.bit_length() - 1, 8)
        number, at = divmod(first >> (8 * level), WIDTH)
        data = self.tile(level, number)
        hashes = [data[HASH * place : HASH * (place + 1)] for place in range(at, at + (1 << within))]
        return fold(hashes)

    def root(self, size: int) -> bytes:
        return subtree_root(0, size, self.perfect)


class Frontier:
    """Builds the tree leaf by leaf and compares every tile with the one that is kept."""

    def __init__(self, compare: Callable[[int, int, list[bytes]], None]) -> None:
        self.compare = compare
        self.levels: list[list[bytes]] = [[]]
        self.numbers = [0]

    def add(self, hashes: list[bytes], level: int = 0) -> None:
        """The hashes of the next tile of a level; only its last one may be partial."""
        if level == len(self.levels):
            self.levels.append([])
            self.numbers.append(0)
        held = self.levels[level]
        held.extend(hashes)
        if len(held) == WIDTH:
            self.compare(level, self.numbers[level], held)
            self.numbers[level] += 1
            self.levels[level] = []
            self.add([fold(held)], level + 1)

    def finish(self) -> bytes:
        """Compares the partial tiles; the root."""
        root = b""
        for level, held in enumerate(self.levels):
            if held:
                self.compare(level, self.numbers[level], held)
            end = len(held)
            while end:
                # Peaks from the right: the lowest power of two that is left is the rightmost perfect subtree.
                width = end & -end
                peak = fold(held[end - width : end])
                root = node_hash(peak, root) if root else peak
                end -= width
        return root or EMPTY


# ---------------------------------------------------------------------------------------------------------------------
# Bundles: the whole log with every row of some sites

RECORDS = {"consent/1": "event", "staff/1": "act", "export/1": "export", "erasure/1": "erasure"}
ROW_FILES = {"consent/1": "events.jsonl", "staff/1": "acts.jsonl", "export/1": "exports.jsonl",
             "erasure/1": "erasures.jsonl"}  # fmt: skip
TEXT_FILES = {"policy/1": "policies/{}.json", "notice/1": "notices/{}.json", "widget/1": "widgets/{}.js"}
GROUNDS = ("request", "retention", "visitor")
LONGEST_LINE = 64 * MIB
LONGEST_TEXT = 64 * MIB
LATE = timedelta(minutes=10)
DAY_LONG = timedelta(days=1)
# Marks come hourly.
LONGEST_GAP = timedelta(hours=2)
RULE = re.compile(r"([a-z][a-z0-9_-]*): decisions are kept for ([1-9][0-9]{0,5}) days\.")

# What is known of each leaf, one byte a leaf.
UNSEEN, CONSENT, STAFF, EXPORT, SETTLED, LIVE, ERASED, PURGED, ELSEWHERE = range(9)
AWAITING = {"consent/1": CONSENT, "staff/1": STAFF, "export/1": EXPORT}
STATES = {LIVE: "is here as a row", ERASED: "is named as erased before", PURGED: "is named as purged before",
          ELSEWHERE: "is named as another site's before", UNSEEN: "is not below"}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A line of a `.jsonl` file. `record`: the canonical bytes of what the leaf commits to."""

    place: str
    index: int | None
    value: dict[str, Any]
    record: bytes


class Rows:
    """A `.jsonl` file, read once beside the leaves, in their order."""

    # Two of one key in an object are not looked for: what they make is not what is written, canonically.
    decode = json.JSONDecoder(
        parse_int=_refuse_number, parse_float=_refuse_number, parse_constant=_refuse_number
    ).decode

    def __init__(self, files: Files, kind: str, report: Report) -> None:
        self.name, self.record, self.report = ROW_FILES[kind], RECORDS[kind], report
        self.members = {self.record, "index", "nonce"} | ({"visitor_id"} if kind == "consent/1" else set())
        self.kind, self.files = kind, files
        self.rows = self._read()
        self.head = next(self.rows, None)

    def take(self, index: int) -> Row | None:
        """The row of this leaf, if there is one. Rows of leaves before it belong to none."""
        while self.head is not None and self.head.index is not None and self.head.index <= index:
            row, self.head = self.head, next(self.rows, None)
            if row.index == index:
                return row
            self.report.fault(row.place, f"leaf {row.index:,} is no {self.kind} leaf, or has had its row")
        return None

    def rest(self) -> Iterator[Row]:
        """Rows after the last leaf: those without an index are given, others are faults."""
        while self.head is not None:
            row, self.head = self.head, next(self.rows, None)
            if row.index is None:
                yield row
            else:
                self.report.fault(row.place, f"leaf {row.index:,} is not in this log")

    def _read(self) -> Generator[Row, None, None]:
        """Rows whose index rises; others are named and left out."""
        with self.report.at(self.name), self.files.open(self.name) as opened:
            last, number = -1, 0
            while line := opened.readline(LONGEST_LINE):
                number += 1
                row = None
                with self.report.at(f"{self.name}, line {number:,}"):
                    row = self._parse(line, number)
                    if row.index is not None and row.index <= last:
                        raise Invalid(f"leaf {row.index:,} comes after leaf {last:,}: out of order, or twice")
                if row is not None:
                    last = last if row.index is None else row.index
                    yield row

    def _parse(self, line: bytes, number: int) -> Row:
        if not line.endswith(b"\n"):
            raise Invalid("the line is cut off or too long")
        try:
            value = self.decode(line.decode())
        except (ValueError, RecursionError):
            raise Invalid("not JSON") from None
        if not isinstance(value, dict) or value.keys() != self.members:
            raise Invalid(f"not a row with {', '.join(sorted(self.members))}")
        if canonical(value) != line[:-1]:
            raise Invalid("the row is not written canonically")
        index = None
        if value["index"] is not None or self.kind != "erasure/1":
            index = decimal(value["index"])
        # The record's name comes first in the alphabet, and nothing after it can hold these bytes.
        record = line[len(self.record) + 4 : line.rindex(b',"index":')]
        place = f"{self.name}, line {number:,}{_event_in(value)}" + ("" if index is None else f", leaf {index:,}")
        return Row(place, index, value, record)


def _event_in(row: dict[str, Any]) -> str:
    """The event of a row, where it has one, for telling its place."""
    event = row.get("event")
    event_id = event.get("event_id") if isinstance(event, dict) else None
    return f", event {event_id}" if isinstance(event_id, str) and UUID.fullmatch(event_id) else ""


class Seen:
    """What must not be there twice, kept in a temporary file of SQLite, not in memory."""

    def __init__(self) -> None:
        self.database = sqlite3.connect("")
        self.database.execute("PRAGMA journal_mode=OFF")
        self.database.execute("CREATE TABLE seen (id BLOB PRIMARY KEY, leaf INTEGER) WITHOUT ROWID")

    def add(self, kind: str, name: str, leaf: int) -> int | None:
        """The leaf under which it was seen before, if it was."""
        key = kind.encode() + b"\0" + name.encode(errors="replace")
        added = self.database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, leaf))
        return self.find(kind, name) if added.rowcount == 0 else None

    def find(self, kind: str, name: str) -> int | None:
        key = kind.encode() + b"\0" + name.encode(errors="replace")
        found = self.database.execute("SELECT leaf FROM seen WHERE id = ?", (key,)).fetchone()
        return None if found is None else int(found[0])


@dataclass
class Tally:
    """What is counted on the way."""

    leaves: dict[str, int] = field(default_factory=dict)
    live: int = 0
    unknown_notices: int = 0
    # Refusals that name a notice which was sealed only later: the leaf of the first, and the notice's.
    early: list[tuple[int, int]] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    late_count: int = 0
    erased: dict[str, int] = field(default_factory=lambda: dict.fromkeys(GROUNDS, 0))
    unsealed: int = 0
    purged: dict[str, int] = field(default_factory=dict)
    elsewhere: int = 0


class Bundle:
    """One pass over the leaves, with every row and text beside its leaf. Memory: one byte a leaf."""

    def __init__(
        self, files: Files, manifest: dict[str, Any], checkpoint: Checkpoint, made_at: datetime, report: Report
    ) -> None:
        self.files, self.manifest, self.checkpoint, self.report = files, manifest, checkpoint, report
        self.made_at = made_at
        self.size = checkpoint.size
        self.states = bytearray(self.size)
        self.rows = {kind: Rows(files, kind, report) for kind in ROW_FILES}
        self.seen, self.tally = Seen(), Tally()
        self.sites = set(manifest["sites"])
        self.texts: dict[tuple[str, str], int] = {}
        self.notices: dict[str, Text] = {}
        self.keys: list[tuple[int, str]] = []
        self.marks: list[tuple[int, datetime]] = []
        # The latest decision since the last mark: it must not be after the next one.
        self.latest: tuple[datetime, Row] | None = None
        # Times that the next mark must not be before: where each stands, and in words.
        self.before_mark: list[tuple[str, datetime, str]] = []
        # How long a site's policies say that proofs are kept, in their order.
        self.retention: dict[str, list[str]] = {}
        self.last_day = ""
        self.predecessor: Checkpoint | None = None

    def close(self) -> None:
        for rows in self.rows.values():
            rows.rows.close()

    def check(self) -> None:
        self._check_files()
        frontier = Frontier(self._compare_tile)
        progress = Progress(self.size)
        for number in range(-(-self.size // WIDTH)):
            first, width = number * WIDTH, tile_width(0, number, self.size)
            hashes = []
            for offset, data in enumerate(self._entries(number, width)):
                hashes.append(leaf_hash(data))
                with self.report.at(f"leaf {first + offset:,}"):
                    self._check_leaf(first + offset, data)
            if len(hashes) != width:
                return  # Said already: without these leaves there is no tree.
            frontier.add(hashes)
            progress.show(first + width)
        with self.report.at("checkpoint"):
            if frontier.finish() != self.checkpoint.root:
                raise Invalid("its root is not that of the leaves in this bundle")
        self._finish()

    # -- files and tiles

    def _check_files(self) -> None:
        expected = set(tile_paths(self.size))
        for name in sorted(self.files.names):
            if name.startswith("tile/") and name not in expected:
                self.report.fault(name, "does not belong here: a tree of this size has no such tile")
        for name in sorted(expected - self.files.names):
            self.report.fault(name, "the file is missing")

    def _entries(self, number: int, width: int) -> list[bytes]:
        """The leaves of a tile, each after its length in two bytes."""
        path = tile_path("entries", number, width)
        found: list[bytes] = []
        with self.report.at(path):
            data = self.files.read(path, LONGEST_ENTRIES)
            at = 0
            while at < len(data):
                end = at + 2 + int.from_bytes(data[at : at + 2], "big")
                if end > len(data) or end == at + 1 or len(found) == width:
                    raise Invalid(f"cut off or too long at leaf {number * WIDTH + len(found):,}")
                found.append(data[at + 2 : end])
                at = end
            if len(found) != width:
                raise Invalid(f"{len(found)} leaves instead of {width}")
        return found

    def _compare_tile(self, level: int, number: int, hashes: list[bytes]) -> None:
        path, wrong = tile_path(level, number, len(hashes)), []
        with self.report.at(path):
            data = self.files.read(path, WIDTH * HASH)
            if data == b"".join(hashes):
                return
            if len(data) != len(hashes) * HASH:
                raise Invalid(f"{len(data):,} bytes instead of {len(hashes) * HASH:,}")
            wrong = [at for at, one in enumerate(hashes) if data[HASH * at : HASH * (at + 1)] != one]
        for at in wrong:
            name = number * WIDTH + at
            if level:
                self.report.fault(path, f"hash {name:,} is not that of the tile below")
            else:
                entries = tile_path("entries", number, len(hashes))
                self.report.fault(f"leaf {name:,}", f"its bytes in {entries} do not have its hash in {path}")

    # -- leaves

    def _check_leaf(self, index: int, data: bytes) -> None:
        leaf = parse_leaf(data)
        kind = leaf.type
        self.tally.leaves[kind] = self.tally.leaves.get(kind, 0) + 1
        self.states[index] = AWAITING.get(kind, SETTLED)
        if kind in ROW_FILES:
            row = self.rows[kind].take(index)
            if row is not None:
                with self.report.at(row.place):
                    self._check_row(kind, index, leaf.hash, row)
            elif kind == "erasure/1":
                raise Invalid("an erasure/1 leaf, but erasures.jsonl does not say what it commits to")
        elif kind in TEXT_FILES:
            self._check_text(kind, index, leaf.hash.hex())
        else:
            check = {"mark/1": self._mark, "purge/1": self._purge, "key/1": self._key, "origin/1": self._origin}[kind]
            check(index, leaf.body)

    def _check_row(self, kind: str, index: int, committed: bytes, row: Row) -> None:
        record = row.value[RECORDS[kind]]
        if kind in AWAITING:
            self.states[index] = LIVE
        with Part("nonce"):
            nonce = hex32(row.value["nonce"])
        if commitment(kind.partition("/")[0], nonce, row.record) != committed:
            raise Invalid("the row is not what its leaf commits to: a value or its nonce was changed")
        if kind == "consent/1":
            self._event(index, record, nonce, row)
        elif kind == "erasure/1":
            self._sealed_erasure(index, record, row)
        else:
            self._act(kind, index, record)

    def _event(self, index: int, event: Any, nonce: bytes, row: Row) -> None:
        recorded_at = check_event(event)
        check_visitor(event, nonce, row.value["visitor_id"])
        self.tally.live += 1
        self._once("event", event["event_id"], index)
        self._of_this_bundle(event["site"])
        if ("policy/1", event["policy"]) not in self.texts:
            raise Invalid("its policy is not in the log before it")
        self._check_shown(index, event)
        if self.latest is None or recorded_at > self.latest[0]:
            self.latest = (recorded_at, row)
        if self.marks and recorded_at < self.marks[-1][1] - LATE:
            self.tally.late_count += 1
            self.tally.late = [*self.tally.late, index][:20]

    def _check_shown(self, index: int, event: dict[str, Any]) -> None:
        """The notice is in the log before the decision. Only a refusal may name one that is never there."""
        notice = self.notices.get(event["notice"])
        if notice is not None:
            check_notice_fits(event, notice)
        elif ("notice/1", event["notice"]) not in self.texts:
            if grants(event):
                raise Invalid("it allows something under a notice that is not in the log before it")
            self.tally.unknown_notices += 1
            self.seen.add("unknown notice", event["notice"], index)

    def _act(self, kind: str, index: int, record: Any) -> None:
        check_committed(record)
        if not isinstance(record, dict):
            raise Invalid("not an object")
        name = record.get("id")
        if isinstance(name, str):
            self._once(kind, name, index)
        if kind == "staff/1":
            members(record, "actor", "at", "detail", "id", "site", "verb")
            moment(record["at"])
            if record["site"] is not None:
                self._of_this_bundle(record["site"])

    def _once(self, kind: str, name: str, index: int) -> None:
        before = self.seen.add(kind, name, index)
        if before is not None:
            raise Invalid(f"{name} is in the log twice: leaf {before:,} is the same")

    def _of_this_bundle(self, site: Any) -> None:
        if site not in self.sites:
            raise Invalid(f"it is of the site {shorten(site)}, which is not in this bundle")

    def _check_text(self, kind: str, index: int, digest: str) -> None:
        name = TEXT_FILES[kind].format(digest)
        self.texts.setdefault((kind, digest), index)
        if kind == "notice/1":
            earlier = self.seen.find("unknown notice", digest)
            if earlier is not None:
                self.tally.early.append((earlier, index))
        with self.report.at(name):
            document = self.files.read(name, LONGEST_TEXT)
            if sha256(document).hex() != digest:
                raise Invalid(f"the text is not the one that leaf {index:,} commits to")
            if kind == "notice/1":
                self.notices[digest] = Text.parse(document)
            elif kind == "policy/1":
                self._note_retention(Text.parse(document))

    def _note_retention(self, policy: Text) -> None:
        if policy.site is not None and policy.retention is not None:
            self.retention.setdefault(policy.site, []).append(policy.retention)

    # -- leaves that stand for themselves

    def _mark(self, index: int, body: dict[str, Any]) -> None:
        at = moment(body["at"])
        if self.marks and at <= self.marks[-1][1]:
            raise Invalid(f"a mark that is not later than the one before, leaf {self.marks[-1][0]:,}")
        if self.latest is not None and self.latest[0] > at:
            self.report.fault(
                self.latest[1].place,
                f"recorded at a time after the mark that follows it, leaf {index:,} ({body['at']})",
            )
        self.latest = None
        for place, moment_before, what in self.before_mark:
            if moment_before > at:
                self.report.fault(place, f"{what}, after the mark that follows it, leaf {index:,} ({body['at']})")
        self.before_mark.clear()
        self.marks.append((index, at))

    def _key(self, index: int, body: dict[str, Any]) -> None:
        if log_key(body["k"]).name != self.checkpoint.origin:
            raise Invalid("the key of another log")
        self.keys.append((index, body["k"]))

    def _origin(self, index: int, body: dict[str, Any]) -> None:
        if index:
            raise Invalid("an origin/1 leaf that is not the first")
        self.predecessor = parse_checkpoint(body["note"])

    def _purge(self, index: int, body: dict[str, Any]) -> None:
        at, last = moment(body["at"]), -1
        older = self._below_old_mark(at, body["rule"])
        if self.marks and at < self.marks[-1][1] - LATE:
            raise Invalid(f"at {body['at']}, before the mark that it follows, leaf {self.marks[-1][0]:,}")
        self.before_mark.append((f"leaf {index:,}", at, f"purged at {body['at']}"))
        for run in body["runs"]:
            if not isinstance(run, list) or len(run) != 2:
                raise Invalid("a run is two indexes")
            first, end = decimal(run[0]), decimal(run[1])
            if not last < first <= end < index:
                raise Invalid(f"the run {first:,} to {end:,} is out of order or not below the leaf")
            if end >= older:
                raise Invalid(f"the run {first:,} to {end:,} is not below a mark older than the retention")
            for gone in range(first, end + 1):
                self._bury(gone, PURGED)
            self.tally.purged[body["rule"]] = self.tally.purged.get(body["rule"], 0) + end + 1 - first
            last = end

    def _below_old_mark(self, at: datetime, rule: Any) -> int:
        """The last mark that was older than the retention that the rule names; 0 where there is none."""
        named = RULE.fullmatch(rule) if isinstance(rule, str) else None
        if named is None:
            raise Invalid(f"rule: it does not name a site and a number of days: {shorten(rule)}")
        # A run that goes on while a policy is published goes by the one before.
        stated = self.retention.get(named[1], [])[-2:]
        if stated and named[2] not in stated:
            raise Invalid(f"rule: {shorten(rule)}, but the site's policy says {stated[-1]} days")
        try:
            until = at - timedelta(days=int(named[2]))
        except OverflowError:
            return 0
        return max((leaf for leaf, marked in self.marks if marked <= until), default=0)

    def _sealed_erasure(self, index: int, record: Any, row: Row) -> None:
        """A day's erasures are sealed when it is over."""
        day = self._erasure(index, record)
        earliest = self._earliest_day()
        if earliest is not None and day < earliest:
            raise Invalid(f"the day {day:%Y-%m-%d} was over long before the mark that it follows")
        self.before_mark.append((row.place, day, f"erasures of {day:%Y-%m-%d}"))

    def _earliest_day(self) -> datetime | None:
        """The earliest day whose erasures may be sealed now: the one before the last mark; where marks are missing, a
        server stood still, and seals late."""
        if not self.marks:
            return None
        begun = last = self.marks[-1][1]
        for (_, before), (_, after) in zip(self.marks[-2::-1], self.marks[:0:-1]):
            if after < last - DAY_LONG:
                break
            if after - before > LONGEST_GAP:
                begun = before
        return begun.replace(hour=0, minute=0, second=0, microsecond=0) - DAY_LONG

    def _erasure(self, index: int | None, record: Any) -> datetime:
        """One day's erasures, sealed (with the leaf's index) or not yet; the day."""
        record = members(record, "counts", "day", "indexes")
        day = matching(record["day"], DAY, "a day")
        if day <= self.last_day:
            raise Invalid(f"the day {day} is not after {self.last_day}, the day of the erasures before")
        self.last_day = day
        begun = moment(f"{day}T00:00:00.000Z")
        counts = {ground: decimal(count) for ground, count in members(record["counts"], *GROUNDS).items()}
        if not isinstance(record["indexes"], list) or sum(counts.values()) != len(record["indexes"]):
            raise Invalid("the counts do not add up to the leaves it names")
        last = -1
        for gone in map(decimal, record["indexes"]):
            if not last < gone < (self.size if index is None else index):
                raise Invalid(f"leaf {gone:,} is out of order or not below the erasure")
            self._bury(gone, ERASED)
            last = gone
        for ground, count in counts.items():
            self.tally.erased[ground] += count
        self.tally.unsealed += 0 if index is not None else len(record["indexes"])
        return begun

    def _bury(self, index: int, state: int) -> None:
        """A leaf whose row is rightly gone."""
        if self.states[index] != CONSENT:
            raise Invalid(f"leaf {index:,} is named as gone, but it {STATES.get(self.states[index], 'is no decision')}")
        self.states[index] = state

    # -- at the end

    def _finish(self) -> None:
        for kind, rows in self.rows.items():
            for row in rows.rest():
                with self.report.at(row.place):
                    if kind == "erasure/1":
                        self._unsealed_erasure(row)
        with self.report.at("manifest.json"):
            self._check_made_at()
            self._check_elsewhere()
        self._name_missing()
        self._name_stray_texts()
        with self.report.at("rotations.json"):
            self._check_rotations()

    def _unsealed_erasure(self, row: Row) -> None:
        """Erasures since the last day's leaf: the server's word, so only for days that were not over for long."""
        check_committed(row.value)
        day = self._erasure(None, row.value["erasure"])
        newest = self.marks[-1][1] if self.marks else self.made_at
        if day.date() < (newest - timedelta(days=2)).date():
            raise Invalid(f"the day {day:%Y-%m-%d} was over long ago, but its erasures are not in the log")
        # One that comes when its day is sealed already counts for the next.
        if day > self.made_at + DAY_LONG:
            raise Invalid(f"the day {day:%Y-%m-%d} had not come yet when the bundle was made")

    def _check_made_at(self) -> None:
        """The bundle was made after all that is in it."""
        if self.marks and self.made_at < self.marks[-1][1] - LATE:
            raise Invalid("made_at: before the newest mark")
        for place, at, what in self.before_mark:
            if at > self.made_at + LATE:
                self.report.fault(place, f"{what}, after the bundle was made")

    def _check_elsewhere(self) -> None:
        last = -1
        for run in self.manifest["elsewhere"]:
            if not isinstance(run, list) or len(run) != 2:
                raise Invalid("elsewhere: a run is two indexes")
            first, end = decimal(run[0]), decimal(run[1])
            if not last < first <= end < self.size:
                raise Invalid(f"elsewhere: the run {first:,} to {end:,} is out of order or not in the log")
            for index in range(first, end + 1):
                if self.states[index] not in (CONSENT, STAFF, EXPORT):
                    what = STATES.get(self.states[index], "is no row's")
                    raise Invalid(f"elsewhere: leaf {index:,} is named as another site's, but it {what}")
                self.states[index] = ELSEWHERE
            self.tally.elsewhere += end + 1 - first
            last = end

    def _name_missing(self) -> None:
        """Leaves that no row, erasure, purge or other site answers for."""
        for match in re.finditer(rb"[\x01\x02\x03]+", self.states):
            first, end = match.start(), match.end() - 1
            place = f"leaf {first:,}" if first == end else f"leaves {first:,} to {end:,}"
            names = {CONSENT: "decision", STAFF: "staff act", EXPORT: "export"}
            kinds = " or ".join(name for state, name in names.items() if state in match[0])
            self.report.fault(place, f"the {kinds} is missing: no row, and nothing says that it was erased or purged")

    def _name_stray_texts(self) -> None:
        known = {TEXT_FILES[kind].format(digest) for kind, digest in self.texts}
        folders = tuple(name.partition("{")[0] for name in TEXT_FILES.values())
        for name in sorted(self.files.names):
            if name.startswith(folders) and name not in known:
                self.report.fault(name, "is a text that no leaf commits to")
        for digest, notice in self.notices.items():
            if ("policy/1", notice.policy) not in self.texts or ("widget/1", notice.widget) not in self.texts:
                self.report.fault(f"notices/{digest}.json", "names a policy or a script that is not in the log")

    def _check_rotations(self) -> None:
        """Every key the log has named is told of, under the tree that is in the bundle."""
        told = [Rotation.parse(entry) for entry in parse_json(self.files.read("rotations.json", 16 * MIB))]
        within = [(rotation.proof.index, str(rotation.key)) for rotation in told if rotation.proof.index < self.size]
        if within != self.keys:
            raise Invalid("not the keys that the leaves of this log name")
        tiles = Tiles(self.size, lambda path: self.files.read(path, WIDTH * HASH))
        for rotation in told:
            under = rotation.proof.checkpoint
            if under.size <= self.size and tiles.root(under.size) != under.root:
                raise Invalid(f"the checkpoint of size {under.size:,} is of another tree: the log was forked")

    def facts(self) -> Iterator[tuple[str, str]]:
        tally = self.tally
        yield "leaves", ", ".join(f"{count:,} {kind}" for kind, count in sorted(tally.leaves.items())) or "none"
        erased = ", ".join(f"{tally.erased[ground]:,} {ground}" for ground in GROUNDS if tally.erased[ground])
        yield "decisions", f"{tally.live:,} here as they were committed"
        yield "erased", f"{sum(tally.erased.values()):,}" + (f" ({erased})" if erased else "")
        yield "purged", f"{sum(tally.purged.values()):,}"
        yield from (("purged by rule", f"{count:,}: {rule}") for rule, count in sorted(tally.purged.items()))
        yield "elsewhere", f"{counted(tally.elsewhere, 'row')} of other sites, not in this bundle"
        if self.marks:
            marks = [mark.isoformat(timespec="seconds") + "Z" for _, mark in self.marks]
            yield "marks", f"{len(marks):,}, from {marks[0]} to {marks[-1]}"
        if len(self.marks) > 1:
            longest = max(after - before for before, after in self._gaps())
            yield "largest gap", f"{str(longest).partition('.')[0]} between two marks"
        yield (
            "sealed late",
            f"{tally.late_count:,}" + (f", leaf {', '.join(map(str, tally.late))}" if tally.late else ""),
        )
        if tally.unknown_notices:
            yield "text unknown", f"{counted(tally.unknown_notices, 'refusal')} under a notice that is not in the log"

    def _gaps(self) -> Iterator[tuple[datetime, datetime]]:
        """The times of marks that follow one another."""
        times = [at for _, at in self.marks]
        return zip(times, times[1:])

    def warnings(self) -> Iterator[str]:
        missing = [(before, after) for before, after in self._gaps() if after - before > LONGEST_GAP]
        for before, after in missing[: Report.SHOWN]:
            between = f"between {before:%Y-%m-%d %H:%M} and {after:%Y-%m-%d %H:%M} UTC"
            yield f"marks missing {between}: times in between are not proven"
        if len(missing) > Report.SHOWN:
            yield f"marks missing {counted(len(missing) - Report.SHOWN, 'more time')}"

    def notes(self) -> Iterator[str]:
        for decision, notice in self.tally.early:
            yield (
                f"Leaf {decision:,}, a refusal, names the notice of leaf {notice:,}, which was not in the log yet. "
                "Whoever sent it chose the name; whether it was shown is not proven."
            )
        if self.tally.elsewhere:
            yield "That rows are elsewhere is the server's word; bundles of those sites prove it."
        if self.tally.unsealed:
            are = "erasure is" if self.tally.unsealed == 1 else "erasures are"
            yield f"{self.tally.unsealed:,} {are} not in the log yet; the day's leaf will name what was erased."
        if self.predecessor:
            before = self.predecessor
            name = shorten(before.origin).strip('"')
            yield f"This log succeeds {name}, whose last checkpoint it names: {leaves(before.size)}."
        if not self.marks:
            yield "There is no time mark yet: the order of the leaves is proven, their times are not."


Check = Callable[[Files, dict[str, Any], Report], None]


def verify_archive(path: Path, schema: str, names: Sequence[str], check: Check) -> int:
    """Verifies a zip or a folder with a manifest of these members; the exit code."""
    report = Report(str(path))
    if not path.exists():
        raise Unusable(f"There is no {path}.")
    files = Files(path, report)
    with contextlib.closing(files):
        manifest = read_manifest(files, schema, names, report)
        if manifest is not None:
            check(files, manifest, report)
    return report.print()


def follow_own_rotations(files: Files, keys: Keys, report: Report) -> None:
    if "rotations.json" in files.names:
        with report.at("rotations.json"):
            keys.follow(parse_json(files.read("rotations.json", 16 * MIB)), report, "rotations.json")


def open_own_checkpoint(files: Files, manifest: dict[str, Any], keys: Keys, report: Report) -> Checkpoint | None:
    """The archive's checkpoint, signed, and as the manifest says."""
    follow_own_rotations(files, keys, report)
    with report.at("checkpoint"):
        checkpoint = keys.open(files.read("checkpoint", MIB))
        with report.at("manifest.json"):
            if manifest["origin"] != checkpoint.origin or decimal(manifest["size"]) != checkpoint.size:
                raise Invalid("origin or size is not that of the checkpoint")
        return checkpoint
    return None


def check_sites(manifest: dict[str, Any]) -> None:
    sites = manifest["sites"]
    if not isinstance(sites, list) or not sites or not all(isinstance(s, str) and KEY.fullmatch(s) for s in sites):
        raise Invalid("sites: not a list of sites' keys")


def verify_bundle(path: Path, keys: Keys) -> int:
    """`bundle FILE|FOLDER`"""

    def check(files: Files, manifest: dict[str, Any], report: Report) -> None:
        made_at = None
        with report.at("manifest.json"):
            check_sites(manifest)
            if not isinstance(manifest["elsewhere"], list):
                raise Invalid("elsewhere: not a list")
            made_at = moment(manifest["made_at"])
        if "rotations.json" not in files.names:
            report.fault("rotations.json", "the file is missing")
        checkpoint = open_own_checkpoint(files, manifest, keys, report)
        if checkpoint is None or made_at is None:
            return
        with report.at("verifier-key"):
            named = log_key(files.read("verifier-key", KIB).decode(errors="replace").removesuffix("\n"))
            if named not in [key for key, _ in keys.terms]:
                raise Invalid("not the key you trust, nor one that followed it")
        bundle = Bundle(files, manifest, checkpoint, made_at, report)
        with report.at("the bundle"), contextlib.closing(bundle):
            bundle.check()
        report.facts += [("log", f"{checkpoint.origin}, {leaves(checkpoint.size)}"), *bundle.facts()]
        report.facts += keys.vouchers(checkpoint)
        report.warnings += bundle.warnings()
        report.notes += bundle.notes()

    return verify_archive(path, "bundle/1", ("origin", "size", "sites", "made_at", "elsewhere"), check)


# ---------------------------------------------------------------------------------------------------------------------
# Samples: drawn by a phrase of the auditor's and the checkpoint's root, so that nobody can steer them


def sample_seed(phrase: str, root: bytes) -> bytes:
    """SHA-256(phrase ‖ root)."""
    return sha256(phrase.encode() + root)


def draw(seed: bytes, size: int) -> Iterator[int]:
    """Leaf indexes in the order drawn, each once: the first 8 bytes of SHA-256(seed ‖ k as 8 bytes) modulo the size,
    for k from 0."""
    drawn: set[int] = set()
    for k in range(64 * size + 64):
        index = int.from_bytes(sha256(seed + k.to_bytes(8, "big"))[:8], "big") % size
        if index not in drawn:
            drawn.add(index)
            yield index
        if len(drawn) == size:
            return


@dataclass(frozen=True)
class Asked:
    """What an auditor asked for: a phrase, and as far as they know them the count, and a checkpoint that they kept
    before anybody heard the phrase."""

    phrase: str
    count: int | None = None
    checkpoint: Checkpoint | None = None

    def warnings(self) -> Iterator[str]:
        if self.checkpoint is None:
            yield (
                "the server could have chosen the checkpoint after it heard the phrase: keep one before you tell the "
                "phrase, and give it with --checkpoint FILE"
            )
        if self.count is None:
            yield "the count is the manifest's own word: give the one that you asked for with --count N"


class Sample:
    """A drawn sample: a receipt for every decision that was drawn, and a proof for whatever else was."""

    WHY = ("type", "erased", "elsewhere")

    def __init__(self, files: Files, manifest: dict[str, Any], checkpoint: Checkpoint, keys: Keys) -> None:
        self.files, self.manifest, self.checkpoint, self.keys = files, manifest, checkpoint, keys
        self.skipped: dict[int, str] = {}
        self.receipts = 0

    def check(self, asked: Asked, texts: Texts, report: Report) -> None:
        with report.at("checkpoint"):
            if asked.checkpoint is not None and not self.checkpoint.same_tree(asked.checkpoint):
                kept, found = asked.checkpoint, self.checkpoint
                raise Invalid(
                    f"not the one you kept: {leaves(found.size)}, root {encode_base64(found.root)}, instead of "
                    f"{kept.size:,}, root {encode_base64(kept.root)}"
                )
        with report.at("manifest.json"):
            if asked.count is not None and decimal(self.manifest["count"]) != asked.count:
                raise Invalid(f"count: not the {asked.count:,} that you asked for but {self.manifest['count']}")
            self._check_draw(asked.phrase)
        with report.at("skipped.jsonl"):
            self._read_skipped(report)
        drawn = [decimal(index) for index in self.manifest["drawn"]]
        for index in drawn:
            name = f"receipts/{index}.json"
            if name in self.files.names:
                with report.at(name):
                    self._check_receipt(name, index, texts)
            elif index not in self.skipped:
                report.fault("manifest.json", f"leaf {index:,} was drawn, but there is neither receipt nor reason")
        self._name_strays(set(drawn), report)
        with report.at("manifest.json"):
            self._check_end(drawn)

    def _check_draw(self, phrase: str) -> None:
        manifest, root = self.manifest, self.checkpoint.root
        seed = sample_seed(phrase, root)
        if manifest["phrase"] != phrase:
            raise Invalid(f"phrase: not yours but {shorten(manifest['phrase'])}")
        if manifest["root"] not in (root.hex(), encode_base64(root)):
            raise Invalid("root: not that of the checkpoint")
        if manifest["seed"] != seed.hex():
            raise Invalid("seed: not SHA-256 of your phrase and the root")
        drawn = manifest["drawn"]
        if len(drawn) > self.checkpoint.size:
            raise Invalid("drawn: more leaves than the log has")
        for number, (claimed, index) in enumerate(zip(drawn, draw(seed, self.checkpoint.size)), 1):
            if decimal(claimed) != index:
                raise Invalid(f"drawn: number {number:,} is leaf {index:,}, not {shorten(claimed)}")

    def _read_skipped(self, report: Report) -> None:
        with self.files.open("skipped.jsonl") as opened:
            number = 0
            while line := opened.readline(MIB):
                number += 1
                with report.at(f"skipped.jsonl, line {number:,}"):
                    self._check_skipped(line)

    def _check_skipped(self, line: bytes) -> None:
        row = members(parse_json(line), "index", "leaf", "proof", "why")
        index = decimal(row["index"])
        with Part("proof"):
            proof = Proof.parse(row["proof"])
            if not isinstance(row["leaf"], str) or proof.index != index:
                raise Invalid("not of this leaf")
            self._under_this_checkpoint(proof)
            data = row["leaf"].encode(errors="replace")
            proof.check(data)
        if row["why"] not in self.WHY:
            raise Invalid(f"why: not a reason: {shorten(row['why'])}")
        if (row["why"] == "type") == (parse_leaf(data).type == "consent/1"):
            raise Invalid(f"why: {row['why']} is not so of this leaf")
        if index in self.skipped:
            raise Invalid(f"leaf {index:,} is there twice")
        self.skipped[index] = row["why"]

    def _under_this_checkpoint(self, proof: Proof) -> None:
        if not proof.checkpoint.same_tree(self.checkpoint):
            raise Invalid("not under the sample's checkpoint")
        self.keys.open(proof.checkpoint.note)

    def _check_receipt(self, name: str, index: int, texts: Texts) -> None:
        proven = check_receipt(parse_json(self.files.read(name, 16 * MIB), numbers=True), self.keys, texts)
        if proven.index != index or not proven.checkpoint.same_tree(self.checkpoint):
            raise Invalid("not the receipt of this leaf under the sample's checkpoint")
        if proven.event["site"] not in self.manifest["sites"]:
            raise Invalid("of a site that is not in the sample")
        self.receipts += 1

    def _name_strays(self, drawn: set[int], report: Report) -> None:
        names = {f"receipts/{index}.json" for index in drawn}
        for name in sorted(name for name in self.files.names if name.startswith("receipts/")):
            if name not in names:
                report.fault(name, "was not drawn")
        for index in self.skipped:
            if index not in drawn or f"receipts/{index}.json" in self.files.names:
                report.fault("skipped.jsonl", f"leaf {index:,} was not drawn, or is not skipped")

    def _check_end(self, drawn: list[int]) -> None:
        """Drawing ended when it should: with the last receipt asked for, or with the last leaf."""
        receipts = [index for index in drawn if f"receipts/{index}.json" in self.files.names]
        count = decimal(self.manifest["count"])
        if len(receipts) > count or (len(drawn) < self.checkpoint.size and len(receipts) != count):
            raise Invalid(f"drawn: {len(receipts):,} receipts where {count:,} were asked for")
        if drawn and len(receipts) == count and (not count or drawn[-1] != receipts[-1]):
            raise Invalid("drawn: it goes on after the last receipt")
        if not receipts and (not count or set(self.skipped.values()) - {"type"}):
            raise Invalid("no receipt, although the log has decisions: nothing is proven by this sample")

    def facts(self) -> Iterator[tuple[str, str]]:
        why = list(self.skipped.values())
        yield "log", f"{self.checkpoint.origin}, {leaves(self.checkpoint.size)}"
        yield "seed", f"{self.manifest['seed']}, SHA-256 of your phrase and the checkpoint's root"
        yield "drawn", leaves(len(self.manifest["drawn"]))
        yield "receipts", f"{self.receipts:,} verified"
        yield "skipped", ", ".join(f"{why.count(reason):,} {reason}" for reason in self.WHY)


def verify_sample(path: Path, asked: Asked, keys: Keys, texts: Texts) -> int:
    """`sample FILE --phrase P [--count N] [--checkpoint FILE]`"""

    def check(files: Files, manifest: dict[str, Any], report: Report) -> None:
        with report.at("manifest.json"):
            check_sites(manifest)
            if not isinstance(manifest["drawn"], list):
                raise Invalid("drawn: not a list of leaves")
            decimal(manifest["count"])
        checkpoint = open_own_checkpoint(files, manifest, keys, report)
        if checkpoint is None or report.faults:
            return
        sample = Sample(files, manifest, checkpoint, keys)
        with report.at("manifest.json"):
            sample.check(asked, texts, report)
        report.warnings += asked.warnings()
        report.facts += [*sample.facts(), *keys.vouchers(checkpoint)]
        if {"erased", "elsewhere"} & set(sample.skipped.values()):
            report.notes.append("That a drawn decision was erased or is another site's is proven by a bundle only.")

    names = ("origin", "size", "root", "phrase", "seed", "count", "sites", "drawn")
    return verify_archive(path, "sample/1", names, check)


# ---------------------------------------------------------------------------------------------------------------------
# Evidence packs: one visitor's receipts with their texts


class Pack:
    """One visitor's receipts, and the texts and scripts they rest on."""

    def __init__(self, files: Files, manifest: dict[str, Any], keys: Keys) -> None:
        self.files, self.manifest, self.keys = files, manifest, keys
        self.used: set[str] = set()
        self.texts = Texts(self._find)

    def _find(self, digest: str, url: str | None) -> bytes | None:
        for name in (f"policies/{digest}.json", f"notices/{digest}.json"):
            if name in self.files.names:
                document = self.files.read(name, LONGEST_TEXT)
                self.used |= {name, f"widgets/{Text.parse(document).widget}.js"}
                return document
        return None

    def check(self, report: Report) -> list[Proven]:
        """The receipts that verify, in the order of the log."""
        proven = []
        names = sorted(name for name in self.files.names if name.startswith("receipts/"))
        for name in names:
            with report.at(name):
                proven.append(self._check_receipt(name))
        with report.at("receipts"):
            if not names:
                raise Invalid("there is none in the pack")
            if any(not found.checkpoint.same_tree(proven[0].checkpoint) for found in proven):
                raise Invalid("they stand under different checkpoints of one size: the log was forked")
        for name in sorted(self.files.names):
            if name.startswith(("policies/", "notices/", "widgets/")):
                with report.at(name):
                    self._check_text(name)
        return sorted(proven, key=lambda found: found.index)

    def _check_receipt(self, name: str) -> Proven:
        receipt = parse_json(self.files.read(name, 16 * MIB), numbers=True)
        proven = check_receipt(receipt, self.keys, self.texts)
        if name != f"receipts/{proven.event['event_id']}.json":
            raise Invalid("named after another decision")
        if proven.visitor_id != self.manifest["visitor"]:
            raise Invalid("of another visitor")
        if proven.checkpoint.size != decimal(self.manifest["size"]):
            raise Invalid(f"under a checkpoint of {leaves(proven.checkpoint.size)}, not of {self.manifest['size']}")
        if not proven.compared:
            raise Invalid("a text that the receipt rests on is not in the pack")
        return proven

    def _check_text(self, name: str) -> None:
        if name not in self.used:
            raise Invalid("no receipt here rests on it")
        if self.files.digest(name) != Path(name).name.partition(".")[0]:
            raise Invalid("not the text it is named after: its bytes have another SHA-256")


def verify_pack(path: Path, keys: Keys) -> int:
    """`pack FILE`"""

    def check(files: Files, manifest: dict[str, Any], report: Report) -> None:
        follow_own_rotations(files, keys, report)
        with report.at("manifest.json"):
            matching(manifest["visitor"], UUID, "a UUID in lower case")
            decimal(manifest["size"])
            if manifest["origin"] != keys.trusted.name:
                raise Invalid("origin: not the log whose key you gave")
        proven = Pack(files, manifest, keys).check(report)
        report.facts.append(("visitor", str(manifest["visitor"])))
        report.facts += [("decision", str(found)) for found in proven]
        unknown = sum(not found.notice_known for found in proven)
        if unknown:
            report.notes.append(f"Text unknown: {counted(unknown, 'refusal')} under a notice that is not in the log.")
        if any(name.startswith("shown/") for name in files.names):
            report.notes.append("Pages under shown/ are the server's drawing of a notice; proven is the notice's text.")

    return verify_archive(path, "pack/1", ("visitor", "origin", "size"), check)


# ---------------------------------------------------------------------------------------------------------------------
# The network: nothing that comes from it is believed

LONGEST_ANSWER = 64 * MIB
TIMEOUT_SECONDS = 30


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        """Nobody is sent elsewhere: the answer is the redirection itself."""


@dataclass(frozen=True)
class Answer:
    url: str
    status: int
    headers: Any
    body: bytes

    def expect(self, status: int) -> bytes:
        if self.status != status:
            raise Undecided(f"{self.url} answers {self.status}")
        return self.body


def fetch(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
    """What an address answers; raises Undecided where it cannot be reached."""
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise Unusable(f"Not an address that begins with https:// or http://: {url}")
    opener = urllib.request.build_opener(_NoRedirect)
    request = urllib.request.Request(url, body, headers or {})  # noqa: S310
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return Answer(url, answer.status, answer.headers, answer.read(LONGEST_ANSWER))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(url, error.code, error.headers, error.read(MIB))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Undecided(f"{url} cannot be reached ({error})") from None


def log_address(url: str) -> str:
    """The log's address, `https://privacy.example.org/log`; from a bare host, too."""
    base = url.rstrip("/")
    if base.endswith("/checkpoint"):
        base = base[: -len("/checkpoint")]
    return base if urllib.parse.urlsplit(base).path else base + "/log"


def tiles_of_log(base: str, size: int) -> Tiles:
    return Tiles(size, lambda path: fetch(f"{base}/{path}").expect(200))


def published_rotations(base: str) -> Any:
    """The keys that a log says have followed one another; each proves itself, or is not taken up."""
    answer = fetch(f"{base}/rotations")
    return parse_json(answer.body) if answer.status == 200 else []


# ---------------------------------------------------------------------------------------------------------------------
# Consistency: a later checkpoint only adds to an earlier one


def check_consistency(old: Checkpoint, new: Checkpoint, tiles: Callable[[], Tiles]) -> None:
    """Raises Invalid where the log was forked, was cut short, or the tiles are not the log's."""
    if new.size < old.size:
        raise Invalid(f"the log has shrunk from {old.size:,} leaves to {new.size:,}: its end was cut off")
    if new.size == old.size:
        if new.root != old.root:
            raise Invalid(f"FORK: two different logs of {old.size:,} leaves, both signed")
        return
    if old.size == 0:
        return
    source = tiles()
    path = consistency_path(old.size, new.size, source.perfect)
    try:
        check_consistency_path(old.size, old.root, new.size, new.root, path)
    except Invalid:
        if source.root(new.size) != new.root:
            raise Invalid("the tiles do not lead to the newer checkpoint's root: nothing is proven by them") from None
        raise Invalid(
            f"FORK: the log of {new.size:,} leaves does not begin with the {old.size:,} leaves it had before; what was "
            "in it was changed. Keep both checkpoints: together they prove it"
        ) from None


def verify_consistency(old_path: Path, new_path: Path, keys: Keys, log: str | None, bundle: Path | None) -> int:
    """`consistency OLD NEW`"""
    report = Report(f"{old_path} and {new_path}")
    notes = []
    if log:
        with report.at(log):
            keys.follow(published_rotations(log_address(log)), report, f"{log_address(log)}/rotations")
    files = Files(bundle, report) if bundle else None
    if files:
        follow_own_rotations(files, keys, report)
    for path in (old_path, new_path):
        with report.at(str(path)):
            notes.append(keys.open(read_file(path, MIB)))
    if len(notes) < 2:
        return report.print()
    old, new = notes
    with report.at("the two checkpoints"), contextlib.closing(files) if files else contextlib.nullcontext():
        check_consistency(old, new, lambda: _tiles(new, log, files))
        report.facts.append(("older", f"{leaves(old.size)}, root {encode_base64(old.root)}"))
        report.facts.append(("newer", f"{leaves(new.size)}, root {encode_base64(new.root)}"))
        report.facts += keys.vouchers(new)
        report.facts.append(
            (
                "means",
                f"nothing in the first {old.size:,} leaves was changed, removed or moved; {new.size - old.size:,} came",
            )
        )
    return report.print()


def _tiles(new: Checkpoint, log: str | None, files: Files | None) -> Tiles:
    if files is None:
        if log is None:
            raise Undecided("say where the tiles are: --log URL or --bundle FILE")
        return tiles_of_log(log_address(log), new.size)
    checkpoint = parse_checkpoint(files.read("checkpoint", MIB))
    if checkpoint.size < new.size:
        raise Undecided(f"the bundle ends at {checkpoint.size:,} leaves, before the newer checkpoint's {new.size:,}")
    kept = files
    return Tiles(checkpoint.size, lambda path: kept.read(path, WIDTH * HASH))


# ---------------------------------------------------------------------------------------------------------------------
# Watching a log


def write_file(path: Path, data: bytes) -> None:
    """All of it or nothing, and on the disk when this returns."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())
    os.replace(temporary, path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Watch:
    """Keeps a log's checkpoints in a folder and holds each new one against the newest kept."""

    def __init__(self, url: str, keep: Path, keys: Keys) -> None:
        self.base, self.keep, self.keys = log_address(url), keep, keys
        keep.mkdir(parents=True, exist_ok=True)
        self.rotations = keep / "rotations.json"

    def look(self) -> int:
        report = Report(self.base)
        with report.at("checkpoint"):
            note = fetch(f"{self.base}/checkpoint").expect(200)
            self._follow_rotations(report)
            new = self.keys.open(note)
            old = self._newest()
            try:
                if old is not None:
                    check_consistency(old, new, lambda: tiles_of_log(self.base, new.size))
            except Invalid:
                write_file(self.keep / f"evidence-{new.size:019}-{new.root.hex()[:16]}.txt", note)
                raise
            if old is None or new.size > old.size:
                write_file(self.keep / f"{new.size:019}.checkpoint", note)
            report.facts.append(("log", f"{leaves(new.size)}, root {encode_base64(new.root)}"))
            before = f"begins with the {old.size:,} leaves kept before" if old else "the first checkpoint kept"
            report.facts += [("history", before), *self.keys.vouchers(new)]
        return report.print()

    def _follow_rotations(self, report: Report) -> None:
        """A rotation once seen is kept: a log must not go back to an old key by saying no more of it."""
        known = len(self.keys.terms)
        if self.rotations.exists():
            self.keys.follow(parse_json(read_file(self.rotations, 16 * MIB)), report, str(self.rotations))
            known = len(self.keys.terms)
        published = published_rotations(self.base)
        self.keys.follow(published, report, f"{self.base}/rotations")
        if len(self.keys.terms) > known:
            write_file(self.rotations, json.dumps(published).encode())

    def _newest(self) -> Checkpoint | None:
        kept = sorted(self.keep.glob("*.checkpoint"))
        if not kept:
            return None
        with Part(str(kept[-1])):
            return self.keys.open(read_file(kept[-1], MIB))


def watch(url: str, keep: Path, keys: Keys, every: int | None) -> int:
    """`watch URL --keep FOLDER`: once, or every so many seconds until it does not verify."""
    watching = Watch(url, keep, keys)
    while True:
        code = watching.look()
        if every is None or code == FALSE:
            return code
        sys.stdout.flush()
        time.sleep(every)


# ---------------------------------------------------------------------------------------------------------------------
# The canary: decides as a visitor would, and later demands its receipts

PATIENCE_SECONDS = 600
# A canary that can be told from a visitor proves nothing.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Canary:
    """Refusals made at one site, kept in a folder: what was sent, the visitor's cookie, and the receipt once had."""

    def __init__(self, url: str, site: str, origin: str, keep: Path, keys: Keys) -> None:
        self.host, self.site, self.origin, self.keep, self.keys = url.rstrip("/"), site, origin, keep, keys
        keep.mkdir(parents=True, exist_ok=True)
        self.headers = {"User-Agent": USER_AGENT, "Accept-Language": "en"}

    def run(self) -> int:
        report = Report(f"{self.host}, site {self.site}")
        with report.at("rotations"):
            self.keys.follow(published_rotations(f"{self.host}/log"), report, "rotations")
        count = 0
        for path in sorted(self.keep.glob("*.decision.json")):
            with report.at(path.name):
                self._demand(path)
                count += 1
        report.facts.append(("receipts", f"{count:,} demanded, had and verified"))
        with report.at("the new decision"):
            report.facts.append(("decided", self._decide()))
        return report.print()

    def _decide(self) -> str:
        """Refuses everything as a browser with the banner does, and keeps what is needed to ask for the receipt; the
        event's id."""
        config = parse_json(fetch(self._at("config"), headers=self.headers).expect(200), numbers=True)
        with Part("config"):
            if not isinstance(config, dict) or not isinstance(config.get("notices"), dict) or not config["notices"]:
                raise Invalid("it names no notice")
        notices = config["notices"]
        categories = [entry["key"] if isinstance(entry, dict) else entry for entry in config.get("categories", [])]
        event_id = mint_event_id()
        body = {
            "event_id": event_id,
            "action": "reject_all",
            "choices": {name: False for name in categories},
            "providers": {},
            "surface": "banner",
            "notice": notices.get("en") or next(iter(notices.values())),
            "decided_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "signals": {"dnt": None, "gpc": False},
            "page": f"{self.origin}/",
        }
        kept = {"site": self.site, "sent": body, "sent_at": int(time.time()), "cookie": None, "leaf": None}
        path = self.keep / f"{event_id}.decision.json"
        headers = {**self.headers, "Origin": self.origin, "Content-Type": "text/plain;charset=UTF-8"}
        answer = fetch(self._at("consents"), json.dumps(body).encode(), headers)
        if answer.status != 201:
            raise Undecided(f"{answer.url} answers {answer.status} to a refusal")
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            if cookie.startswith("__Host-visitor="):
                kept["cookie"] = cookie.partition(";")[0]
        if kept["cookie"] is None:
            raise Invalid(f"{answer.url} took a decision and gave no cookie with which its receipt can be had")
        write_file(path, json.dumps(kept).encode())
        return event_id

    def _demand(self, path: Path) -> None:
        """The receipt of a kept decision: there in time, verified, and at the same leaf as ever."""
        kept = parse_json(read_file(path, MIB), numbers=True)
        sent = kept["sent"]
        age = int(time.time()) - kept["sent_at"]
        answer = fetch(self._at(f"receipts/{sent['event_id']}"), headers={**self.headers, "Cookie": kept["cookie"]})
        if answer.status == 202 and age < PATIENCE_SECONDS:
            return
        if answer.status in (202, 404, 410):
            raise Invalid(
                f"MISSING: recorded {age:,} seconds ago, but there is no receipt (it answers {answer.status})"
            )
        proven = check_receipt(parse_json(answer.expect(200), numbers=True), self.keys, Texts(self._find))
        event = proven.event
        same = all(event[name] == sent[name] for name in ("event_id", "action", "surface", "notice"))
        if not same or event["site"] != self.site or grants(event):
            raise Invalid("the receipt is not of the decision that was sent")
        if kept["leaf"] not in (None, proven.index):
            raise Invalid(f"the decision was leaf {kept['leaf']:,} and is now leaf {proven.index:,}")
        write_file(path.with_name(f"{sent['event_id']}.receipt.json"), answer.body)
        write_file(path, json.dumps({**kept, "leaf": proven.index}).encode())

    def _find(self, digest: str, url: str | None) -> bytes | None:
        """A text at the host that is being watched, and at no other that a receipt may name."""
        return fetch(self.host + urllib.parse.urlsplit(url).path).expect(200) if url else None

    def _at(self, path: str) -> str:
        return f"{self.host}/v1/sites/{self.site}/{path}"


def mint_event_id() -> str:
    """A UUIDv7 as the banner mints it: the low 16 bits of its time are random."""
    millis = (time.time_ns() // 1_000_000) & ~0xFFFF | secrets.randbits(16)
    value = millis << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


# ---------------------------------------------------------------------------------------------------------------------
# A witness (C2SP tlog-witness, tlog-cosignature)

LONGEST_REQUEST = 256 * KIB
MOST_CONSISTENCY_HASHES = 63
PRIVATE = "PRIVATE+KEY+"


class Refusal(Exception):
    """An answer of the witness that is not 200."""

    def __init__(self, status: int, body: str, content_type: str = "text/plain; charset=utf-8") -> None:
        super().__init__(status)
        self.status, self.body, self.content_type = status, body, content_type


class Witness:
    """Cosigns checkpoints of the logs it knows, each only if it extends the one it cosigned before.

    `state` is a file with the latest cosigned checkpoint of each log; it is on the disk before an answer is given.
    """

    def __init__(self, key: Path, logs: Iterable[VerifierKey]) -> None:
        self.name, self.private = load_witness_key(key)
        self.logs: dict[str, list[VerifierKey]] = {}
        for log in logs:
            self.logs.setdefault(log.name, []).append(log)
        self.state = key.with_name(key.name + ".state")
        self.lock = threading.Lock()
        self.latest: dict[str, Checkpoint] = {}
        if self.state.exists():
            notes = parse_json(read_file(self.state, 64 * MIB))
            self.latest = {origin: parse_checkpoint(note) for origin, note in notes.items()}

    @property
    def verifier(self) -> VerifierKey:
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return VerifierKey(self.name, COSIGNATURE, public)

    def add_checkpoint(self, request: bytes) -> str:
        """The cosignature line for a request's checkpoint; raises Refusal."""
        try:
            old, path, checkpoint = self._parse(request)
        except Invalid as fault:
            raise Refusal(400, f"{fault}\n") from None
        self._check_signature(checkpoint)
        if old > checkpoint.size:
            raise Refusal(400, "the old size is above the checkpoint's\n")
        with self.lock:
            before = self.latest.get(checkpoint.origin)
            size = before.size if before else 0
            if old != size or (before and old == checkpoint.size and before.root != checkpoint.root):
                raise Refusal(409, f"{size}\n", "text/x.tlog.size")
            try:
                root = before.root if before else EMPTY
                check_consistency_path(old, root, checkpoint.size, checkpoint.root, path)
                if checkpoint.size == 0 and checkpoint.root != EMPTY:
                    raise Invalid("not the root of an empty tree")
            except Invalid as fault:
                raise Refusal(422, f"{fault}\n") from None
            self._persist({**self.latest, checkpoint.origin: checkpoint})
        return cosign(self.verifier, self.private, checkpoint.text, int(time.time()))

    def _parse(self, request: bytes) -> tuple[int, list[bytes], Checkpoint]:
        try:
            head, gap, note = request.decode().partition("\n\n")
        except UnicodeError:
            raise Invalid("not UTF-8") from None
        first, *rest = head.split("\n")
        if not gap or not first.startswith("old "):
            raise Invalid("a request is a line with the old size, hashes, an empty line, and a checkpoint")
        if len(rest) > MOST_CONSISTENCY_HASHES:
            raise Invalid("more than 63 hashes")
        return decimal(first[len("old ") :]), [decode_hash(line) for line in rest], parse_checkpoint(note)

    def _check_signature(self, checkpoint: Checkpoint) -> None:
        if checkpoint.origin not in self.logs:
            raise Refusal(404, "this log is not known here\n")
        known = {(key.name, key.id): key for key in self.logs[checkpoint.origin]}
        ours = [(known[name, key_id], sig) for name, key_id, sig in checkpoint.signatures if (name, key_id) in known]
        if not ours or not all(_verifies(key, checkpoint.text, signature) for key, signature in ours):
            raise Refusal(403, "no key that is known here for this log has signed it\n")

    def _persist(self, latest: dict[str, Checkpoint]) -> None:
        write_file(self.state, json.dumps({origin: kept.note for origin, kept in latest.items()}).encode())
        self.latest = latest


def load_witness_key(path: Path) -> tuple[str, Ed25519PrivateKey]:
    """The witness's name and key; made on first use, readable by nobody else."""
    if not path.exists():
        name, private = f"witness-{secrets.token_hex(4)}", secrets.token_bytes(32)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as opened:
            opened.write(f"{PRIVATE}{name}+{encode_base64(bytes([COSIGNATURE]) + private)}\n")
    text = read_file(path, KIB).decode(errors="replace").strip()
    name, plus, value = text[len(PRIVATE) :].partition("+")
    try:
        secret = decode_base64(value)
    except Invalid:
        secret = b""
    if not text.startswith(PRIVATE) or not plus or len(secret) != 33 or secret[0] != COSIGNATURE:
        raise Unusable(f"{path} is not a witness's key.")
    return name, Ed25519PrivateKey.from_private_bytes(secret[1:])


def cosign(verifier: VerifierKey, private: Ed25519PrivateKey, text: str, seconds: int) -> str:
    """A cosignature/v1 line: 8 bytes of POSIX time, then Ed25519 over the time and the checkpoint's text."""
    at = seconds.to_bytes(8, "big")
    signature = private.sign(cosigned_message(text.encode(), at))
    return f"— {verifier.name} {encode_base64(verifier.id + at + signature)}\n"


class WitnessHandler(BaseHTTPRequestHandler):
    """`POST /add-checkpoint`, nothing else. Addresses of callers are not written down."""

    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT_SECONDS
    witness: Witness

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not DECIMAL.fullmatch(length) or int(length) > LONGEST_REQUEST:
            self.close_connection = True
            return self._answer(400, "the request's length is missing or too large\n")
        request = self.rfile.read(int(length))
        if self.path != "/add-checkpoint":
            return self._answer(404, "this witness answers to POST /add-checkpoint\n")
        try:
            self._answer(200, self.witness.add_checkpoint(request))
        except Refusal as refusal:
            self._answer(refusal.status, refusal.body, refusal.content_type)
        return None

    def do_GET(self) -> None:
        self._answer(404, "this witness answers to POST /add-checkpoint\n")

    def _answer(self, status: int, body: str, content_type: str = "text/plain; charset=utf-8") -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: Any) -> None:
        pass


def serve_witness(port: int, key: Path, logs: list[VerifierKey], address: str) -> int:
    """`witness --port N --key FILE --log KEY…`: until it is stopped."""
    witness = Witness(key, logs)
    handler = type("Handler", (WitnessHandler,), {"witness": witness})
    try:
        server = ThreadingHTTPServer((address, port), handler)
    except OSError as error:
        raise Unusable(f"Port {port} of {address} cannot be used: {error.strerror}.") from None
    print(f"This witness's key: {witness.verifier}")
    print(f"Listening on http://{address}:{server.server_port}/add-checkpoint", flush=True)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(VERIFIED))
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return VERIFIED


# ---------------------------------------------------------------------------------------------------------------------
# The command line

WHERE_TO_GET_A_KEY = """Say which key you trust: --key KEY, or --key FILE with the key in it.
It looks like privacy.example.org/log+530d903a+AekyeRrm56hA... The log publishes it at its address under /log/key and in
every version of the policy. Take it from somewhere other than what you are verifying: from an earlier visit, from a
letter or a colleague, or from another network. A key that comes with the evidence would vouch for itself."""


def load_key(text: str | None) -> VerifierKey:
    """A verifier key as it was given, or out of a file."""
    if not text:
        raise Unusable(WHERE_TO_GET_A_KEY)
    path = Path(text)
    with contextlib.suppress(OSError):
        if path.is_file():
            lines = read_file(path, MIB).decode(errors="replace").split("\n")
            text = next((line.strip() for line in lines if line.strip()), "")
    try:
        return VerifierKey.parse(text)
    except Invalid as fault:
        raise Unusable(f"{shorten(text)} is neither a verifier key nor a file with one: {fault}.") from None


def load_keys(options: argparse.Namespace) -> Keys:
    keys = Keys(load_key(options.key), [load_key(witness) for witness in options.witness])
    if options.rotations:
        report = Report(options.rotations)
        try:
            if urllib.parse.urlsplit(options.rotations).scheme in ("http", "https"):
                entries = parse_json(fetch(options.rotations).expect(200))
            else:
                entries = parse_json(read_file(Path(options.rotations), 16 * MIB))
        except Invalid as fault:
            raise Unusable(f"{options.rotations}: {fault}.") from None
        keys.follow(entries, report, options.rotations)
        if report.faults:
            place, what = report.faults[0]
            raise Invalid(f"{place}: {what}")
    return keys


def load_texts(options: argparse.Namespace) -> Texts:
    if options.texts:
        return Texts.in_folder(Path(options.texts))
    return Texts.on_the_net() if options.fetch else Texts.none()


def load_asked(options: argparse.Namespace) -> Asked:
    if options.checkpoint is None:
        return Asked(options.phrase, options.count)
    note = read_file(options.checkpoint, MIB)
    try:
        return Asked(options.phrase, options.count, parse_checkpoint(note))
    except Invalid as fault:
        raise Unusable(f"{options.checkpoint} is no checkpoint: {fault}.") from None


def build_parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="verify.py", description=__doc__, formatter_class=raw)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary)
        added.add_argument("--key", help="the log's verifier key that you trust, or a file with it")
        added.add_argument("--rotations", metavar="FILE|URL", help="the keys that followed it (/log/rotations)")
        added.add_argument(
            "--witness", action="append", default=[], metavar="KEY", help="a witness's key: say if it signed"
        )
        return added

    add_evidence_commands(command)
    add_log_commands(command)
    witness = commands.add_parser("witness", help="run a witness that cosigns a log's checkpoints")
    witness.add_argument("--port", type=int, required=True)
    witness.add_argument("--address", default="127.0.0.1", help="where to listen (this computer only)")
    witness.add_argument("--key", type=Path, required=True, metavar="FILE", help="its own key; made if missing")
    witness.add_argument("--log", nargs="+", required=True, metavar="KEY", help="verifier keys of the logs to witness")
    return parser


Command = Callable[[str, str], argparse.ArgumentParser]


def add_evidence_commands(command: Command) -> None:
    """What is verified from files."""
    receipt = command("receipt", "verify receipts")
    receipt.add_argument("files", nargs="+", type=Path, metavar="FILE")
    bundle = command("bundle", "verify a bundle: every row, every text, every leaf of the log")
    sample = command("sample", "verify that a sample was drawn by your phrase, and each receipt in it")
    sample.add_argument("--phrase", required=True, help="the words you chose before it was drawn")
    sample.add_argument("--count", type=int, metavar="N", help="how many receipts you asked for")
    sample.add_argument("--checkpoint", type=Path, metavar="FILE", help="kept before you told anybody the phrase")
    pack = command("pack", "verify the evidence pack of one visitor")
    for archive in (bundle, sample, pack):
        archive.add_argument("file", type=Path, metavar="FILE|FOLDER")
    for alone in (receipt, sample):
        texts = alone.add_mutually_exclusive_group()
        texts.add_argument("--texts", metavar="FOLDER", help="policies and notices, each file named by its SHA-256")
        texts.add_argument("--fetch", action="store_true", help="compare the texts at the receipt's own addresses")
        if alone is receipt:
            texts.add_argument("--without-texts", action="store_true", help="do not compare texts, and be content")


def add_log_commands(command: Command) -> None:
    """What is verified against a log that runs, or two states of it."""
    consistency = command("consistency", "verify that a newer checkpoint only adds to an older one")
    consistency.add_argument("old", type=Path)
    consistency.add_argument("new", type=Path)
    tiles = consistency.add_mutually_exclusive_group(required=True)
    tiles.add_argument("--log", metavar="URL", help="take the tiles from the log")
    tiles.add_argument("--bundle", type=Path, metavar="FILE", help="take the tiles from a bundle")
    watching = command("watch", "keep the log's checkpoints, and shout if one does not extend those before")
    watching.add_argument("url", metavar="URL")
    watching.add_argument("--every", type=int, metavar="SECONDS", help="go on until it does not verify")
    canary = command("canary", "decide as a visitor would, and demand the receipts of decisions made before")
    canary.add_argument("url", metavar="URL", help="the consent host, https://privacy.example.org")
    canary.add_argument("--site", required=True, help="the site's key")
    canary.add_argument("--origin", required=True, help="one of the site's origins, https://www.example.org")
    for keeping in (watching, canary):
        keeping.add_argument("--keep", type=Path, required=True, metavar="FOLDER")


def run(options: argparse.Namespace) -> int:
    if options.command == "witness":
        return serve_witness(options.port, options.key, [load_key(log) for log in options.log], options.address)
    keys = load_keys(options)
    commands: dict[str, Callable[[], int]] = {
        "receipt": lambda: verify_receipts(options.files, keys, load_texts(options), options.without_texts),
        "bundle": lambda: verify_bundle(options.file, keys),
        "sample": lambda: verify_sample(options.file, load_asked(options), keys, load_texts(options)),
        "pack": lambda: verify_pack(options.file, keys),
        "consistency": lambda: verify_consistency(options.old, options.new, keys, options.log, options.bundle),
        "watch": lambda: watch(options.url, options.keep, keys, options.every),
        "canary": lambda: Canary(options.url, options.site, options.origin, options.keep, keys).run(),
    }
    return commands[options.command]()


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; its exit code."""
    options = build_parser().parse_args(argv)
    try:
        code = run(options)
        sys.stdout.flush()
        return code
    except Unusable as reason:
        print(reason, file=sys.stderr)
        return MISUSED
    except Undecided as reason:
        print(f"CANNOT BE DECIDED NOW  {reason}")
        return OPEN
    except Invalid as fault:
        print(f"DOES NOT VERIFY  {fault}")
        return FALSE
    except KeyboardInterrupt:
        return MISUSED
    except BrokenPipeError:
        # Whoever read the verdict has stopped, as `head` does; what is left must not be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OPEN


if __name__ == "__main__":
    sys.exit(main())
