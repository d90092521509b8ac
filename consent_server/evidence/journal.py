"""What the log keeps outside the database and its backups: all leaves, and the last checkpoint it signed."""

import fcntl
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from consent_server.evidence.faults import LogFault
from consent_server.evidence.leaves import LENGTH_BYTES, framed
from consent_server.evidence.note import NoteFault, parse_checkpoint, split_note

# Where to go on reading, every so many leaves.
STRIDE = 4_096
WRITE_BYTES = 1 << 20


@contextmanager
def alone(folder: Path) -> Iterator[str | None]:
    """The name under which these files are worked on, by nobody else until the end; none while somebody else does.

    It goes with the files: whoever follows one that crashed has its lease at once.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a+", encoding="ascii") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        held.seek(0)
        name = held.read()
        if not name:
            name = uuid.uuid4().hex
            held.write(name)
            held.flush()
        # Closing it gives it back, and so does the end of the process, however that comes.
        yield name


class Journal:
    """The file `leaves`: each leaf after its length (two bytes, big-endian), as in an entries tile. It only grows; an
    end that was torn by a crash is cut off when it is opened."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "leaves"
        self.count = 0
        self._bytes = 0
        self._places = [0]

    def open(self, signed: int) -> None:
        """Finds its end, from where it was when last looked. Raises LogFault where something else than leaves stands
        before the end of what was `signed`: a crash tears only what was written since, so the file is damaged, and is
        left as it is."""
        size = self.path.stat().st_size if self.path.exists() else 0
        if size < self._bytes:
            self.count, self._bytes, self._places = 0, 0, [0]
        if size > self._bytes:
            with self.path.open("rb") as file:
                file.seek(self._bytes)
                for leaf in _read(file):
                    self._add(leaf)
        if size > self._bytes:
            if self.count < signed:
                raise LogFault(f"{self.path} is damaged after {self.count} leaves, and {signed} were signed.")
            os.truncate(self.path, self._bytes)

    def _add(self, leaf: bytes) -> None:
        self.count += 1
        self._bytes += LENGTH_BYTES + len(leaf)
        if self.count % STRIDE == 0:
            self._places.append(self._bytes)

    def append(self, leaves: Iterable[bytes]) -> None:
        """Adds leaves; they are on disk when this returns."""
        new = not self.path.exists()
        with self.path.open("ab", buffering=WRITE_BYTES) as file:
            for leaf in leaves:
                file.write(framed(leaf))
                self._add(leaf)
            file.flush()
            os.fsync(file.fileno())
        if new:
            sync(self.path.parent)

    def read(self, first: int, count: int) -> Iterator[bytes]:
        """Leaves in a row, as many as there are."""
        if first >= self.count:
            return
        with self.path.open("rb") as file:
            file.seek(self._places[first // STRIDE])
            skip = first % STRIDE
            for number, leaf in enumerate(_read(file)):
                if number >= skip + min(count, self.count - first):
                    return
                if number >= skip:
                    yield leaf


def _read(file: object) -> Iterator[bytes]:
    """Whole leaves, up to the file's end or to where it is torn. No leaf is empty or has zeros in it: those are what a
    file has where its length came to disk and its bytes did not."""
    read = file.read  # type: ignore[attr-defined]
    while True:
        length = int.from_bytes(read(LENGTH_BYTES))
        leaf = read(length)
        if not length or len(leaf) != length or b"\0" in leaf:
            return
        yield leaf


class Signed:
    """The file `signed`: the note of the last checkpoint that was signed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "signed"

    def read(self) -> tuple[str, str, int, bytes] | None:
        """Signature lines, origin, size and root; none where nothing was signed yet. Raises LogFault."""
        if not self.path.exists():
            return None
        try:
            text, lines = split_note(self.path.read_text(encoding="utf-8"))
            return (lines, *parse_checkpoint(text))
        except (NoteFault, UnicodeDecodeError) as error:
            raise LogFault(f"{self.path} is damaged: {error}") from None

    def write(self, note: str) -> None:
        """Replaces it; the new one is on disk when this returns."""
        draft = self.path.with_name("signed.new")
        with draft.open("w", encoding="utf-8", newline="") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        sync(self.path.parent)


def sync(path: Path) -> None:
    """What a file or a folder holds is on disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
