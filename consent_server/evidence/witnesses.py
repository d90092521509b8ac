"""Asking witnesses to cosign the newest checkpoint (C2SP tlog-witness, tlog-cosignature).

A witness signs only what extends all that it signed before: with its line under a checkpoint, nobody can be shown
another history.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Thread
from threading import enumerate as threads

import requests
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from consent_server.evidence import service as evidence
from consent_server.evidence.note import NoteFault, Verifier, decode_base64, encode_base64, signatures_of, split_note
from consent_server.evidence.outside_models import Cosignature
from consent_server.evidence.service import Checkpoint
from consent_server.extensions import db

COSIGNATURE = b"\x04"
# For an answer as a whole, of which a witness may be asked for two.
TIMEOUT_SECONDS = 8.0
MOST_BYTES = 16_384
SIZE = re.compile(r"(0|[1-9][0-9]{0,18})\n?")

log = logging.getLogger(__name__)


class Refused(Exception):
    """A witness did not cosign, for this reason."""


@dataclass(frozen=True)
class Witness:
    """Somebody who cosigns; `url` is the submission prefix."""

    key: Verifier
    url: str

    @property
    def name(self) -> str:
        return self.key.name

    def line(self, text: str, lines: str) -> str | None:
        """Of signature lines, the first that is this witness's cosignature/v1 under a checkpoint's text."""
        for name, key_id, signature in signatures_of(lines):
            if name == self.name and key_id == _key_id(self.key) and len(signature) == 72:
                time = int.from_bytes(signature[:8], "big")
                if self.key.verifies(f"cosignature/v1\ntime {time}\n{text}", signature[8:]):
                    return f"— {name} {encode_base64(key_id + signature)}\n"
        return None


def _key_id(key: Verifier) -> bytes:
    return hashlib.sha256(key.name.encode() + b"\n" + COSIGNATURE + key.public).digest()[:4]


def read_witness(verifier_key: str, url: str) -> Witness:
    """A witness from its verifier key, `NAME+HEX+BASE64(0x04 ‖ public key)`, and address; raises ValueError."""
    name, key_id, encoded = verifier_key.split("+", 2)
    value = decode_base64(encoded)
    key = Verifier(name, value[1:])
    if len(value) != 33 or value[:1] != COSIGNATURE or _key_id(key).hex() != key_id:
        raise ValueError(f"{name}: not the verifier key of a witness that cosigns with Ed25519.")
    return Witness(key, url.rstrip("/"))


def ask_all(witnesses: Iterable[Witness]) -> None:
    """Asks each for its cosignature under the newest checkpoint and keeps those that verify, each in a transaction of
    its own. One that is away or refuses holds up no other, and is asked again next time."""
    checkpoint = evidence.newest()
    if checkpoint is None:
        return
    for witness in witnesses:
        try:
            _ask(witness, checkpoint)
        except Refused as error:
            log.error("witness %s: %s", witness.name, error)
        except NoteFault as error:
            log.error("witness %s: %s", witness.name, type(error).__name__)
        finally:
            db.session.rollback()


def _ask(witness: Witness, checkpoint: Checkpoint) -> None:
    old = db.session.scalar(select(func.max(Cosignature.size)).where(Cosignature.name == witness.name)) or 0
    if old >= checkpoint.size:
        return
    status, answer = _send(witness, old, checkpoint)
    if status == 409 and SIZE.fullmatch(answer):
        # It has signed another size than we know of, before we could keep it.
        old = int(answer)
        if old > checkpoint.size:
            raise Refused(f"it has signed a log of {old} leaves; ours has {checkpoint.size}")
        status, answer = _send(witness, old, checkpoint)
    if status != 200:
        raise Refused(f"it answered {status}")
    line = witness.line(split_note(checkpoint.note)[0], answer)
    if line is None:
        raise Refused("its answer has no cosignature that verifies")
    _keep(Cosignature(size=checkpoint.size, name=witness.name, line=line))


def _send(witness: Witness, old: int, checkpoint: Checkpoint) -> tuple[int, str]:
    """Status and beginning of the answer. No transaction is open while the witness thinks."""
    proof = evidence.consistency(old, checkpoint.size) if 0 < old < checkpoint.size else []
    db.session.rollback()
    body = "\n".join([f"old {old}", *map(encode_base64, proof), "", checkpoint.note])
    return _in_time(witness.name, lambda: _post(f"{witness.url}/add-checkpoint", body.encode()))


def _post(address: str, body: bytes) -> tuple[int, str]:
    with requests.post(address, body, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True) as answer:
        read = answer.raw.read(MOST_BYTES, decode_content=True)
        return answer.status_code, read.decode("utf-8", "replace")


def _in_time(name: str, send: Callable[[], tuple[int, str]]) -> tuple[int, str]:
    """What is answered in time. A socket's own limit begins anew with each byte, so that the request has a thread of
    its own, and one that goes on after its time is left to itself."""
    answers: list[tuple[int, str] | Exception] = []

    def run() -> None:
        try:
            answers.append(send())
        except Exception as error:
            answers.append(error)

    thread = Thread(target=run, name=f"witness {name}", daemon=True)
    if any(other.name == thread.name for other in threads()):
        raise Refused("it is still answering what it was asked before")
    thread.start()
    thread.join(TIMEOUT_SECONDS)
    if not answers:
        raise Refused(f"it did not answer within {TIMEOUT_SECONDS:g} seconds")
    if isinstance(answers[0], Exception):
        raise Refused(type(answers[0]).__name__)
    return answers[0]


def _keep(cosignature: Cosignature) -> None:
    db.session.add(cosignature)
    try:
        db.session.commit()
    except IntegrityError:
        # Another process asked at the same moment.
        db.session.rollback()
