"""Signing keys: in a file or in the environment, never in the database. One a line, the newest last."""

import os
import secrets
import stat
from pathlib import Path

from consent_server.evidence.faults import LogFault, NotStarted
from consent_server.evidence.note import KEY_BYTES, NoteFault, Signer
from consent_server.settings import Settings

# The group may read it, as where an orchestrator mounts it; nobody else may, and only its owner may write it.
REFUSED_MODE = stat.S_IWGRP | stat.S_IRWXO


def log_folder(settings: Settings) -> Path:
    """Where the log keeps what lies outside the database."""
    return settings.data_dir / "log"


def key_file(settings: Settings) -> Path:
    return Path(settings.log_signing_key_file) if settings.log_signing_key_file else log_folder(settings) / "key"


def read_keys(settings: Settings, origin: str) -> list[Signer]:
    """The keys of a log, oldest first; raises NotStarted where there are none, LogFault where they cannot be used."""
    if settings.log_signing_key:
        where, text = "LOG_SIGNING_KEY", settings.log_signing_key
    else:
        where, text = str(key_file(settings)), _read(key_file(settings))
    try:
        found = [Signer.parse(line) for line in text.split()]
    except NoteFault as error:
        raise LogFault(f"{where}: {error}") from None
    keys = [key for key in found if key.name == origin]
    if not keys:
        raise NotStarted(f"{where} has no signing key for {origin}. `flask log init` makes one.")
    return keys


def _read(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise LogFault(f"{path}: the signing key cannot be read ({type(error).__name__}).") from None
    if mode & REFUSED_MODE:
        raise LogFault(f"{path} may be read by others or written by its group: chmod 600 it.")
    return text


def add_key(settings: Settings, origin: str) -> Signer:
    """Makes a key for a log and adds it to the file, on disk before this returns; raises LogFault where keys come from
    the environment."""
    if settings.log_signing_key:
        line = Signer(origin, secrets.token_bytes(KEY_BYTES)).encode()
        raise LogFault(f"The signing keys are in LOG_SIGNING_KEY. Add this line to them and run this again:\n{line}")
    path = key_file(settings)
    _read(path)
    signer = Signer(origin, secrets.token_bytes(KEY_BYTES))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="ascii") as file:
        size = os.fstat(file.fileno()).st_size
        # An editor may have left the last line without an end.
        open_end = size and os.pread(file.fileno(), 1, size - 1) != b"\n"
        file.write(("\n" if open_end else "") + signer.encode() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return signer
