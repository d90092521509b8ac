"""Passwords: what is asked of one, and how it is kept. Pure."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

MIN_LENGTH = 12
MAX_LENGTH = 1000
# OWASP's least for Argon2id: 19 MiB each, so that a volley of sign-ins cannot exhaust a small server's memory.
ROUNDS, MEMORY_KIB = 2, 19 * 1024
_hasher = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=1)


def fault_of(password: str, email: str) -> str | None:
    """What is wrong with a new password, in words; nothing but length and the e-mail itself is held against it
    (NIST SP 800-63B §3.1.1.2)."""
    if len(password) < MIN_LENGTH:
        return f"Use {MIN_LENGTH} characters or more. Several words in a row are easy to remember."
    if len(password) > MAX_LENGTH:
        return f"Use {MAX_LENGTH} characters or fewer."
    if password.casefold() == email.casefold():
        return "Use something other than your e-mail address."
    return None


def hash_password(password: str) -> str:
    return _hasher.hash(_bytes(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the one that was hashed; takes as long where there is no hash to compare with."""
    decoy = _decoy()
    try:
        _hasher.verify(stored or decoy, _bytes(password))
    except VerificationError:
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def generate() -> str:
    return secrets.token_urlsafe(15)


def _bytes(password: str) -> bytes:
    # A form can carry half a surrogate pair, which strict UTF-8 would not encode.
    return password.encode("utf-8", "surrogatepass")


@cache
def _decoy() -> str:
    return _hasher.hash(secrets.token_bytes(32))
