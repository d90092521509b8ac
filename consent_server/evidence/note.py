"""Signed notes, checkpoints and their keys (C2SP signed-note, tlog-checkpoint), with Ed25519 (RFC 8032). Pure."""

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM = b"\x01"
KEY_BYTES = 32
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]*")
_PRIVATE = "PRIVATE+KEY+"


class NoteFault(ValueError):
    """A note or a key that is malformed, or a signature that does not verify."""


def encode_base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def decode_base64(text: str) -> bytes:
    """Canonical base64 (RFC 4648 §4); raises NoteFault for any other spelling of the same bytes."""
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise NoteFault("This is not base64.") from error
    if encode_base64(value) != text:
        raise NoteFault("This is not base64 in its canonical form.")
    return value


@dataclass(frozen=True)
class Verifier:
    """A public key and its name. `public` has 32 bytes."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), its first four bytes."""
        return hashlib.sha256(self.name.encode() + b"\n" + ALGORITHM + self.public).digest()[:4]

    def encode(self) -> str:
        """The verifier key: `NAME+HEX(key ID)+BASE64(0x01 ‖ public key)`."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(ALGORITHM + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """Raises NoteFault."""
        name, key_id, public = _parse_key(text)
        verifier = cls(name, public)
        if verifier.key_id.hex() != key_id:
            raise NoteFault("The key's ID is not that of its name and its bytes.")
        return verifier

    def verifies(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key and its name. `seed` has 32 bytes; it is in no repr, so in no log."""

    name: str
    seed: bytes

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def encode(self) -> str:
        """`PRIVATE+KEY+NAME+HEX(key ID)+BASE64(0x01 ‖ seed)`."""
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{encode_base64(ALGORITHM + self.seed)}"

    @classmethod
    def parse(cls, text: str) -> "Signer":
        """Raises NoteFault."""
        if not text.startswith(_PRIVATE):
            raise NoteFault("A signing key begins with PRIVATE+KEY+.")
        name, key_id, seed = _parse_key(text.removeprefix(_PRIVATE))
        signer = cls(name, seed)
        if signer.verifier.key_id.hex() != key_id:
            raise NoteFault("The key's ID is not that of its name and its bytes.")
        return signer

    def sign(self, text: str) -> str:
        """A signature line for a note's text."""
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return f"— {self.name} {encode_base64(self.verifier.key_id + signature)}\n"


def _parse_key(text: str) -> tuple[str, str, bytes]:
    # The base64 of a key may hold `+`; its name and its ID never do.
    parts = text.split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]) or not re.fullmatch("[0-9a-f]{8}", parts[1]):
        raise NoteFault("A key is NAME+ID+BASE64.")
    value = decode_base64(parts[2])
    if value[:1] != ALGORITHM or len(value) != 1 + KEY_BYTES:
        raise NoteFault("This is not an Ed25519 key.")
    return parts[0], parts[1], value[1:]


def sign_note(text: str, signers: Iterable[Signer]) -> str:
    """The note of a text, which ends in a newline."""
    if not text.endswith("\n"):
        raise NoteFault("A note's text ends in a newline.")
    return f"{text}\n{''.join(signer.sign(text) for signer in signers)}"


def split_note(note: str) -> tuple[str, str]:
    """A note's text and its signature lines; raises NoteFault."""
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise NoteFault("A note is a text, an empty line and signature lines.")
    return f"{text}\n", signatures


def signatures_of(lines: str) -> list[tuple[str, bytes, bytes]]:
    """Name, key ID and signature of each signature line; raises NoteFault."""
    found = []
    for line in lines.removesuffix("\n").split("\n"):
        matched = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        if matched is None:
            raise NoteFault("A signature line is a dash, a name and base64.")
        value = decode_base64(matched[2])
        if len(value) < 5:
            raise NoteFault("A signature is missing.")
        found.append((matched[1], value[:4], value[4:]))
    return found


def open_note(note: str, verifiers: Sequence[Verifier]) -> tuple[str, list[Verifier]]:
    """A note's text, and whichever of the verifiers have signed it.

    Signatures by other keys are ignored; one that a known key does not verify rejects the note, as does a note that
    none of the verifiers has signed: NoteFault.
    """
    text, lines = split_note(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed = []
    for name, key_id, signature in signatures_of(lines):
        verifier = known.get((name, key_id))
        if verifier is None or verifier in signed:
            continue
        if not verifier.verifies(text, signature):
            raise NoteFault(f"The signature of {name} does not verify.")
        signed.append(verifier)
    if not signed:
        raise NoteFault("No key that is trusted has signed this.")
    return text, signed


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    return f"{origin}\n{size}\n{encode_base64(root)}\n"


def parse_checkpoint(text: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint's text without extension lines; raises NoteFault."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise NoteFault("A checkpoint is three lines: origin, size and root.")
    root = decode_base64(lines[2])
    if len(root) != KEY_BYTES:
        raise NoteFault("A root has 32 bytes.")
    return lines[0], int(lines[1]), root
