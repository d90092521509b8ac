"""Receipts by the thousand: decisions like those of a real server, sealed in trees of our own, and spoilt in every
field."""

import copy
import json
import random
import uuid
from collections.abc import Iterator
from itertools import product
from typing import Any

from consent_server.evidence.commitment import canonical, commit, visitor_commitment
from consent_server.evidence.note import Signer, encode_base64, sign_note
from consent_server.evidence.tree import inclusion_path, leaf_hash, root, subtree_of

SIGNER = Signer("log.example/log", bytes(range(32)))
STRANGER = Signer("log.example/log", bytes(32))
NEXT = Signer("log.example/log", bytes([7] * 32))
Receipt = dict[str, Any]


def varied(event: dict[str, Any], chance: random.Random) -> tuple[dict[str, Any], str | None, bytes]:
    """Another decision like a real one; its visitor's UUID and its nonce."""
    nonce, visitor = chance.randbytes(32), str(uuid.UUID(int=chance.getrandbits(128), version=4))
    action = chance.choice(("accept_all", "reject_all", "custom", "withdraw", "signal", "imported"))
    allowing = action in ("accept_all", "custom")
    anonymous = action == "signal"
    return (
        {
            **event,
            "action": action,
            "choices": {name: allowing and chance.random() < 0.6 for name in event["choices"]},
            "providers": {"sample-ads": True} if allowing and chance.random() < 0.3 else {},
            "event_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "surface": chance.choice(("banner", "preferences", "page", "api")),
            "page": chance.choice(
                (None, "https://www.ala.org", "https://www.ala.org/é/\u2028/😀", 'https://a.org/"\\')
            ),
            "agent": {"browser": chance.choice((None, "Firefox 140")), "device": None, "os": "Linux"},
            "visitor": None if anonymous else visitor_commitment(nonce, visitor),
        },
        None if anonymous else visitor,
        nonce,
    )


def sealed(real: Receipt, chance: random.Random, *, known: bool = True) -> Receipt:
    """A valid receipt: a decision like a real one, in a tree of some size."""
    event, visitor, nonce = varied(real["event"], chance)
    if not known:
        event |= {"action": "reject_all", "choices": dict.fromkeys(event["choices"], False), "providers": {}}
        event["notice"] = chance.randbytes(32).hex()
    leaves = [canonical({"c": chance.randbytes(32).hex(), "t": "staff/1"}) for _ in range(chance.randint(3, 70))]
    at = sorted(chance.sample(range(len(leaves)), 3))
    for place, kind in zip(at, ("policy", "notice"), strict=False):
        leaves[place] = canonical({"h": event[kind], "t": f"{kind}/1"})
    leaves[at[2]] = canonical({"c": commit("consent", nonce, event).hex(), "t": "consent/1"})
    proofs = [proof(leaves, index, SIGNER) for index in at]
    unknown = {"sha256": event["notice"], "url": None, "proof": None}
    return {
        "schema": "consent-receipt/1",
        "event": event,
        "nonce": nonce.hex(),
        "proof": proofs[2],
        "verifier_key": SIGNER.verifier.encode(),
        "visitor_id": visitor,
        "notice": {**real["notice"], "sha256": event["notice"], "proof": proofs[1]} if known else unknown,
        "policy": {**real["policy"], "proof": proofs[0]},
    }


def rotated(real: Receipt, chance: random.Random) -> Iterator[tuple[str, Receipt, str, list[dict[str, str]]]]:
    """Receipts of a log whose key was changed, sealed before and after, signed by whichever key; each with a key to
    trust and with what a log may say of the change. Name, receipt, key, rotations."""
    event, visitor, nonce = varied(real["event"], chance)
    leaves = [canonical({"h": event[kind], "t": f"{kind}/1"}) for kind in ("policy", "notice")]
    leaves.append(canonical({"c": commit("consent", nonce, event).hex(), "t": "consent/1"}))
    leaves += [canonical({"c": chance.randbytes(32).hex(), "t": "staff/1"}) for _ in range(3)]
    leaf = canonical({"k": NEXT.verifier.encode(), "t": "key/1"})
    again = canonical({"k": SIGNER.verifier.encode(), "t": "key/1"})
    leaves += [leaf, again, *leaves[3:5]]

    def told(*signers: Signer, of: bytes = leaf, size: int = 7) -> dict[str, str]:
        return {"leaf": of.decode(), "proof": proof(leaves[:size], leaves.index(of), *signers)}

    right, other = told(SIGNER, NEXT), told(NEXT, of=again, size=8)
    lists = {
        "right": [right], "none": [], "twice": [right, right], "not by the old": [told(NEXT)], "by one": [told(SIGNER)],
        "by a stranger": [told(STRANGER)], "begins elsewhere": [other], "and back": [right, other], "no list": {},
        "another leaf": [{**right, "leaf": again.decode()}], "later": [told(SIGNER, NEXT, size=9)], "odd": [None],
    }  # fmt: skip
    for size, signers in product((6, 7, 9), ((SIGNER,), (NEXT,), (SIGNER, NEXT), (STRANGER,))):
        proofs = [proof(leaves[:size], index, *signers) for index in range(3)]
        receipt = {
            "schema": "consent-receipt/1",
            "event": event,
            "nonce": nonce.hex(),
            "proof": proofs[2],
            "verifier_key": signers[-1].verifier.encode(),
            "visitor_id": visitor,
            "notice": {**real["notice"], "sha256": event["notice"], "proof": proofs[1]},
            "policy": {**real["policy"], "proof": proofs[0]},
        }
        for (name, rotations), trusted in product(lists.items(), (SIGNER, NEXT)):
            by = " and ".join(signer.verifier.encode()[-6:] for signer in signers)
            yield f"{name}, {size} leaves by {by}", receipt, trusted.verifier.encode(), rotations  # type: ignore[misc]


def proof(leaves: list[bytes], index: int, *signers: Signer) -> str:
    subtree = subtree_of([leaf_hash(leaf) for leaf in leaves])
    path = inclusion_path(index, len(leaves), subtree)
    text = f"{SIGNER.name}\n{len(leaves)}\n{encode_base64(root(len(leaves), subtree))}\n"
    return "\n".join(
        ["c2sp.org/tlog-proof@v1", f"index {index}", *map(encode_base64, path), "", sign_note(text, signers)]
    )


def spoilt(receipt: Receipt, chance: random.Random) -> Iterator[tuple[str, str]]:
    """The receipt with one thing wrong, each time another: what, and the receipt's text."""
    for path in list(places(receipt)):
        for how, value in other_values(at(receipt, path), chance):
            yield f"{'.'.join(path)}: {how}", json.dumps(put(receipt, path, value))
        yield f"{'.'.join(path)}: gone", json.dumps(put(receipt, path, None, drop=True))
        yield f"{'.'.join(path)}: one more", json.dumps(put(receipt, (*path[:-1], "zz"), "x"))
    text = json.dumps(receipt)
    yield "cut", text[: chance.randrange(len(text))]
    yield "not an object", "[]"
    yield "twice", text.replace('"nonce":', '"nonce": "00", "nonce":', 1)
    yield "twice within", text.replace('"page":', '"page": null, "page":', 1)
    yield "a fraction", text.replace('"number": 1', '"number": 1.0', 1)
    yield "spaces", json.dumps(receipt, indent=3)
    yield "escapes", json.dumps(receipt, ensure_ascii=False)


def places(value: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The way to every member."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*above, name)
            yield from places(inner, (*above, name))


def at(receipt: Receipt, path: tuple[str, ...]) -> Any:
    value: Any = receipt
    for name in path:
        value = value[name]
    return value


def put(receipt: Receipt, path: tuple[str, ...], value: Any, *, drop: bool = False) -> Receipt:
    changed = copy.deepcopy(receipt)
    inner = at(changed, path[:-1])
    if drop:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return changed


def other_values(value: Any, chance: random.Random) -> Iterator[tuple[str, Any]]:
    yield "null", None
    yield "a number", 5
    yield "an object", {}
    if isinstance(value, bool):
        yield "the other", not value
    elif isinstance(value, str):
        yield "empty", ""
        yield "changed", changed(value, chance)
        yield "changed again", changed(value, chance)
        yield "longer", value + chance.choice("0aZ= \n")
        yield "upper case", value.upper()
        yield "half a surrogate", value + "\ud800"
        yield "null character", value + "\0"
        if "\n\n" in value:
            yield from other_proofs(value, chance)
    elif isinstance(value, int):
        yield "more", value + 1
        yield "as text", str(value)
        yield "a truth", True


def changed(text: str, chance: random.Random) -> str:
    """One character is another one."""
    if not text:
        return "x"
    place = chance.randrange(len(text))
    return text[:place] + chance.choice("0123456789abcdefABCDEF+/=-Z \n".replace(text[place], "")) + text[place + 1 :]


def other_proofs(text: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """A proof with another line, one line more or less; with another signature, or none."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        yield f"line {number} changed", "\n".join([*lines[:number], changed(line, chance), *lines[number + 1 :]])
        yield f"line {number} gone", "\n".join([*lines[:number], *lines[number + 1 :]])
        yield f"line {number} twice", "\n".join([*lines[: number + 1], *lines[number:]])
    head, _, note = text.partition("\n\n")
    body = note.partition("\n\n")[0] + "\n"
    other = Signer("witness.example", bytes(32))
    yield "extra", text.replace("\nindex", "\nextra aGk=\nindex", 1)
    yield "extra that is no base64", text.replace("\nindex", "\nextra aGk\nindex", 1)
    yield "index with a zero", text.replace("\nindex ", "\nindex 0", 1)
    yield "a witness", text + other.sign(body)
    yield "by a stranger", f"{head}\n\n{sign_note(body, [STRANGER])}"
    yield "by a stranger of the same ID", f"{head}\n\n{body}\n{false_signature(body)}"
    yield "signed twice", text + SIGNER.sign(body)
    yield "with an extension", f"{head}\n\n{sign_note(body + 'more' + chr(10), [SIGNER])}"
    bigger = body.replace(body.split("\n")[1], str(int(body.split("\n")[1]) + 1), 1)
    yield "of another size", f"{head}\n\n{sign_note(bigger, [SIGNER])}"


def false_signature(body: str) -> str:
    """A line that says it is ours, with a signature over something else."""
    return SIGNER.sign(body + "x")
