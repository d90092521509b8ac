"""The tree's hashes as tiles (C2SP tlog-tiles): read one by one, grown at the right edge."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Connection, Table, delete, insert, select, tuple_, update

from consent_server.evidence.faults import LogFault
from consent_server.evidence.models import LogTile
from consent_server.evidence.tree import HASH_BYTES, node_hash, root, split

WIDTH = 256
TILE = cast(Table, LogTile.__table__)


class Tiles:
    """The tiles that a connection sees; each is read once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[tuple[int, int], bytes] = {}

    def tile(self, level: int, index: int) -> bytes:
        """All hashes that a tile has; none where it is not there."""
        if (level, index) not in self._read:
            query = select(TILE.c.hashes).where(TILE.c.level == level, TILE.c.index == index)
            self._read[level, index] = self._connection.scalar(query) or b""
        return self._read[level, index]

    def fetch(self, size: int, *leaves: int) -> None:
        """Reads at once what proofs about these leaves need in the tree of a size: the tiles above them, and those at
        the right edge."""
        levels = range(-(-size.bit_length() // 8))
        wanted = {(level, leaf // WIDTH ** (level + 1)) for level in levels for leaf in (size, *leaves)}
        self._read |= dict.fromkeys(wanted, b"")
        query = select(TILE.c.level, TILE.c.index, TILE.c.hashes)
        for level, index, hashes in self._connection.execute(
            query.where(tuple_(TILE.c.level, TILE.c.index).in_(wanted))
        ):
            self._read[level, index] = hashes

    def subtree(self, first: int, count: int) -> bytes:
        """The hash of a range of leaves (`tree.Subtree`); raises LogFault where a tile lacks hashes."""
        if count & (count - 1):
            left = split(count)
            return node_hash(self.subtree(first, left), self.subtree(first + left, count - left))
        level, exponent = divmod(count.bit_length() - 1, 8)
        index, offset = divmod(first // WIDTH**level, WIDTH)
        part = self.tile(level, index)[offset * HASH_BYTES : (offset + (1 << exponent)) * HASH_BYTES]
        if len(part) != HASH_BYTES << exponent:
            raise LogFault(f"Tile {index} of level {level} is incomplete.")
        return fold(_cut(part))

    def root(self, size: int) -> bytes:
        return root(size, self.subtree)

    def grow(self, size: int, hashes: Sequence[bytes]) -> None:
        """Adds leaf hashes to the tree of a size, and the hashes of tiles that become full to the level above."""
        level = 0
        while hashes:
            index, width = divmod(size, WIDTH)
            begun, full = self.tile(level, index) if width else b"", []
            if len(begun) != width * HASH_BYTES:
                raise LogFault(f"Tile {index} of level {level} does not end where the tree ends.")
            taken, room, grown = 0, WIDTH - width, []
            while taken < len(hashes):
                tile = begun + b"".join(hashes[taken : taken + room])
                grown.append(tile)
                if len(tile) == WIDTH * HASH_BYTES:
                    full.append(fold(_cut(tile)))
                taken, room, begun = taken + room, WIDTH, b""
            self._write(level, index, grown, known=bool(width))
            level, size, hashes = level + 1, size // WIDTH, full

    def shrink(self, size: int) -> None:
        """Takes out what is beyond the tree of a size; the guards must be down."""
        for level in self._connection.scalars(select(TILE.c.level).distinct()).all():
            index, width = divmod(size // WIDTH**level, WIDTH)
            here = (TILE.c.level == level) & (TILE.c.index == index)
            edge = self.tile(level, index)[: width * HASH_BYTES]
            beyond = (TILE.c.level == level) & (TILE.c.index >= index + bool(width))
            self._connection.execute(delete(TILE).where(beyond))
            self._connection.execute(update(TILE).where(here).values(hashes=edge))

    def _write(self, level: int, first: int, tiles: list[bytes], *, known: bool) -> None:
        """Tiles in a row; the first of them may be there already, with fewer hashes."""
        self._read |= {(level, index): hashes for index, hashes in enumerate(tiles, first)}
        if known:
            here = (TILE.c.level == level) & (TILE.c.index == first)
            self._connection.execute(update(TILE).where(here).values(hashes=tiles[0]))
        new = [
            {"level": level, "index": index, "hashes": hashes}
            for index, hashes in enumerate(tiles[known:], first + known)
        ]
        if new:
            self._connection.execute(insert(TILE), new)


def _cut(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def fold(hashes: list[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def tile_width(level: int, index: int, size: int) -> int:
    """How many hashes a tile has in the tree of a size; below 256 at a level's right edge, 0 beyond it."""
    full, partial = divmod(size // WIDTH**level, WIDTH)
    return WIDTH if index < full else partial if index == full else 0


def tile_path(index: int) -> str:
    """A tile's number as its address has it: 1234067 is `x001/x234/067`."""
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups))
