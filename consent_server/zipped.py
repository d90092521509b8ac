"""A zip file that is sent while it is made, with the SHA-256 of each of its files for the manifest."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from consent_server import clock

Files = Iterable[tuple[str, Iterable[bytes]]]
# Texts shrink to a fifth at the cheapest level; hashes do not shrink at all.
LEVEL = 1


class Archive:
    """`put` or `write` files, and send what `taken` gives; `close` it at the end. `files` maps each path to the
    hexadecimal SHA-256 of what is in it."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self._moment = clock.now().timetuple()[:6]
        self._sink = _Sink()
        self._zip = ZipFile(self._sink, "w")  # type: ignore[call-overload]

    def put(self, path: str, content: bytes, *, packed: bool = True) -> None:
        """A whole file, `packed` where that makes it smaller."""
        self.files[path] = hashlib.sha256(content).hexdigest()
        self._zip.writestr(self._entry(path, packed=packed), content, compresslevel=LEVEL)

    @contextmanager
    def write(self, path: str) -> Iterator["Writing"]:
        """A file of any length, written piece by piece; no other meanwhile."""
        entry = self._entry(path, packed=True)
        # `writestr` takes it as an argument, `open` from here.
        entry._compresslevel = LEVEL  # type: ignore[attr-defined]
        with self._zip.open(entry, "w", force_zip64=True) as opened:
            writing = Writing(opened)
            yield writing
        self.files[path] = writing.hash.hexdigest()

    def taken(self) -> bytes:
        """What was written since it was asked last."""
        return self._sink.take()

    def close(self) -> bytes:
        """The end of the archive."""
        self._zip.close()
        return self.taken()

    def _entry(self, path: str, *, packed: bool) -> ZipInfo:
        entry = ZipInfo(path, self._moment)
        entry.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        entry.external_attr = 0o644 << 16
        return entry


class Writing:
    """A file of an archive that is being written."""

    def __init__(self, opened: IO[bytes]) -> None:
        self._opened = opened
        self.hash = hashlib.sha256()

    def write(self, content: bytes) -> None:
        self.hash.update(content)
        self._opened.write(content)


class _Sink:
    """What the zip file is written to, and taken from piece by piece. It cannot be sought in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """There is nothing behind it."""

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def zipped(files: Files, manifest: Callable[[dict[str, str]], bytes]) -> Iterator[bytes]:
    """A whole archive's bytes. `files`: path and contents, in pieces; `manifest` makes `manifest.json` from the hex
    SHA-256 of each path, and is written last."""
    archive = Archive()
    for path, pieces in files:
        with archive.write(path) as file:
            for piece in pieces:
                file.write(piece)
                yield archive.taken()
    archive.put("manifest.json", manifest(dict(archive.files)))
    yield archive.close()
