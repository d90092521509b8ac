"""A zip file that is made while it is being sent, with a manifest of its files at the end."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from consent_server import clock

Files = Iterable[tuple[str, Iterable[bytes]]]


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
    """The zip file's bytes. `files`: path and contents, in pieces; `manifest` makes `manifest.json` from the hex
    SHA-256 of each path, and is written last."""
    sink, hashes = _Sink(), {}
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for path, pieces in files:
            made = hashlib.sha256()
            with archive.open(_entry(path), "w") as entry:
                for piece in pieces:
                    made.update(piece)
                    entry.write(piece)
                    yield sink.take()
            hashes[path] = made.hexdigest()
        archive.writestr(_entry("manifest.json"), manifest(hashes))
        yield sink.take()
    yield sink.take()


def _entry(path: str) -> ZipInfo:
    entry = ZipInfo(path, clock.now().timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
