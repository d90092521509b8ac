"""The offline verifier as a file, to be given away."""

from functools import cache
from pathlib import Path


@cache
def source() -> bytes:
    """The program's source, as this release ships it."""
    return Path(__file__).with_name("verify.py").read_bytes()
