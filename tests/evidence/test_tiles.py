"""Tiles hold the tree: whatever the batches, and at every earlier size."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete

from consent_server.evidence.faults import LogFault
from consent_server.evidence.models import LogTile
from consent_server.evidence.tiles import WIDTH, Tiles, tile_path, tile_width
from consent_server.evidence.tree import (
    consistency_path,
    inclusion_path,
    leaf_hash,
    root,
    subtree_of,
    verify_consistency,
    verify_inclusion,
)

HASHES = [leaf_hash(number.to_bytes(4)) for number in range(70_000)]


@pytest.fixture(scope="module")
def tiles_table():
    engine = create_engine("sqlite://")
    LogTile.__table__.create(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


class Fetched(Tiles):
    """Reads nothing but what was fetched."""

    def tile(self, level, index):
        return self._read[level, index]


def grown(connection, *batches):
    """A new tree of these batches."""
    connection.execute(delete(LogTile))
    size = 0
    for batch in batches:
        Tiles(connection).grow(size, HASHES[size : size + batch])
        size += batch
    return Tiles(connection), size


@settings(max_examples=40)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=8), st.data())
def test_any_batches_make_the_same_tree(tiles_table, batches, data):
    tiles, size = grown(tiles_table, *batches)
    expected = subtree_of(HASHES)
    assert tiles.root(size) == root(size, expected)
    earlier = data.draw(st.integers(1, size))
    assert tiles.root(earlier) == root(earlier, expected)
    index = data.draw(st.integers(0, earlier - 1))
    assert inclusion_path(index, earlier, tiles.subtree) == inclusion_path(index, earlier, expected)
    assert consistency_path(earlier, size, tiles.subtree) == consistency_path(earlier, size, expected)
    fetched = Fetched(tiles_table)
    fetched.fetch(earlier, index)
    assert inclusion_path(index, earlier, fetched.subtree) == inclusion_path(index, earlier, expected)
    fetched.fetch(size, earlier - 1, earlier)
    assert consistency_path(earlier, size, fetched.subtree) == consistency_path(earlier, size, expected)


def test_a_tree_of_three_levels(tiles_table):
    tiles, size = grown(tiles_table, 65_520, 3, 10)
    expected = subtree_of(HASHES)
    assert tiles.root(size) == root(size, expected)
    assert [len(tiles.tile(level, 0)) // 32 for level in range(4)] == [256, 255, 0, 0]
    tiles, size = grown(tiles_table, 65_530, 700)
    assert [len(tiles.tile(level, 0)) // 32 for level in range(4)] == [256, 256, 1, 0]
    whole = root(size, expected)
    assert tiles.root(size) == whole
    for index in (0, 255, 256, 65_535, 65_536, size - 1):
        fetched = Fetched(tiles_table)
        fetched.fetch(size, index)
        assert verify_inclusion(HASHES[index], index, size, inclusion_path(index, size, fetched.subtree), whole)
        assert verify_inclusion(HASHES[index], index, size, inclusion_path(index, size, tiles.subtree), whole)
    for old in (1, 255, 256, 257, 65_535, 65_536, 65_537, size):
        path = consistency_path(old, size, tiles.subtree)
        assert verify_consistency(old, size, path, root(old, expected), whole)


@settings(max_examples=20)
@given(st.integers(1, 2000), st.integers(0, 2000), st.integers(1, 600))
def test_a_tree_that_was_shrunk_grows_again(tiles_table, size, kept, more):
    kept = min(kept, size)
    tiles, _ = grown(tiles_table, size)
    Tiles(tiles_table).shrink(kept)
    Tiles(tiles_table).grow(kept, HASHES[kept : kept + more])
    tiles = Tiles(tiles_table)
    assert tiles.root(kept + more) == root(kept + more, subtree_of(HASHES))
    hashes = sum(len(row.hashes) for row in tiles_table.execute(LogTile.__table__.select().where(LogTile.level == 0)))
    assert hashes == 32 * (kept + more)


def test_what_lacks_hashes_makes_no_proof(tiles_table):
    tiles, size = grown(tiles_table, 600)
    with pytest.raises(LogFault):
        tiles.root(size + 1)
    with pytest.raises(LogFault):
        Tiles(tiles_table).grow(size + 1, HASHES[:1])
    tiles_table.execute(delete(LogTile).where(LogTile.level == 0, LogTile.index == 1))
    with pytest.raises(LogFault):
        Tiles(tiles_table).subtree(256, 1)


@pytest.mark.parametrize(
    ("index", "path"),
    [
        (0, "000"),
        (5, "005"),
        (999, "999"),
        (1000, "x001/000"),
        (1_234_067, "x001/x234/067"),
        (10**9, "x001/x000/x000/000"),
    ],
)
def test_a_tiles_address(index, path):
    assert tile_path(index) == path


@given(st.integers(0, 10**9), st.integers(0, 3))
def test_widths_are_those_of_the_specification(size, level):
    """Of the right-most tile: floor(size / 256^level) mod 256; those before it are full, none is after it."""
    full = size // WIDTH ** (level + 1)
    assert tile_width(level, full, size) == size // WIDTH**level % WIDTH
    assert tile_width(level, full + 1, size) == 0
    if full:
        assert tile_width(level, full - 1, size) == WIDTH
