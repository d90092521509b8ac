"""The built files of the script, as this release ships them. Pure but for reading them."""

import gzip
import json
import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import brotli

FOLDER = Path(__file__).parent
CODE = "choices"
TRIAL = "trial"
PLACEHOLDER = b"__CONFIG__"
TRIAL_PLACEHOLDER = b"__TRIAL__"
HASH_LENGTH = 8


@dataclass(frozen=True)
class Build:
    """One file of JavaScript, with what it takes to serve it without work at each request."""

    name: str
    content: bytes

    @cached_property
    def sha256(self) -> bytes:
        return sha256(self.content).digest()

    @cached_property
    def hash(self) -> str:
        """The short hash in its address."""
        return self.sha256.hex()[:HASH_LENGTH]

    @cached_property
    def gzip(self) -> bytes:
        return gzip.compress(self.content, 9, mtime=0)

    @cached_property
    def brotli(self) -> bytes:
        compressed: bytes = brotli.compress(self.content, quality=11)
        return compressed


def read_builds() -> dict[str, Build]:
    """The script and its parts by name. The script itself holds the addresses of its parts."""
    return {path.stem: Build(path.stem, path.read_bytes()) for path in sorted(FOLDER.glob("*.js"))}


def insert(code: bytes, value: object, placeholder: bytes = PLACEHOLDER) -> bytes:
    """A built file with what it is told."""
    if code.count(placeholder) != 1:
        raise ValueError("The built script must hold its placeholder exactly once.")
    return code.replace(placeholder, literal(value).encode())


def literal(value: object) -> str:
    """A value as JavaScript (ECMAScript 2019), safe in HTML: JSON, but for the quotes around keys, which the script's
    own mentions of them lack: alike, they compress to 30 bytes less."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    # Inside a text every quote has a backslash before it, so what ends in `":` is a key.
    return re.sub(r'"([a-z]+)":', r"\1:", text)
