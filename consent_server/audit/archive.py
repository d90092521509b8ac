"""A zip file that is sent while it is written, with the SHA-256 of each file for its manifest. No database."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

# Texts shrink to a fifth at the cheapest level; hashes do not shrink at all.
LEVEL = 1


class Archive:
    """`put` or `write` files, and send what `taken` gives; `close` it at the end. `files` maps each path to the
    hexadecimal SHA-256 of what is in it."""

    def __init__(self, made_at: datetime) -> None:
        self.files: dict[str, str] = {}
        self._moment = made_at.timetuple()[:6]
        self._sink = _Sink()
        self._zip = ZipFile(self._sink, "w")  # type: ignore[call-overload]

    def put(self, name: str, content: bytes, *, packed: bool = True) -> None:
        """A whole file, `packed` where that makes it smaller."""
        self.files[name] = hashlib.sha256(content).hexdigest()
        self._zip.writestr(self._info(name, packed=packed), content, compresslevel=LEVEL)

    @contextmanager
    def write(self, name: str) -> Iterator["Writing"]:
        """A file of any length, written piece by piece; no other meanwhile."""
        info = self._info(name, packed=True)
        info._compresslevel = LEVEL  # type: ignore[attr-defined]
        with self._zip.open(info, "w", force_zip64=True) as opened:
            writing = Writing(opened)
            yield writing
        self.files[name] = writing.hash.hexdigest()

    def taken(self) -> bytes:
        """What was written since it was asked last."""
        return self._sink.take()

    def close(self) -> bytes:
        """The end of the archive."""
        self._zip.close()
        return self.taken()

    def _info(self, name: str, *, packed: bool) -> ZipInfo:
        info = ZipInfo(name, self._moment)
        info.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        info.external_attr = 0o644 << 16
        return info


class Writing:
    """A file of an archive that is being written."""

    def __init__(self, opened: IO[bytes]) -> None:
        self._opened = opened
        self.hash = hashlib.sha256()

    def write(self, content: bytes) -> None:
        self.hash.update(content)
        self._opened.write(content)


class _Sink:
    """What `zipfile` writes to: nothing to seek in, so that it needs to go back nowhere."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._written.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        taken = b"".join(self._written)
        self._written.clear()
        return taken
