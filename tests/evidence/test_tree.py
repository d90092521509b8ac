"""RFC 6962's tree: the reference vectors, and every proof of every small tree with whatever is nearly one."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.evidence.tree import (
    EMPTY,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root,
    subtree_of,
    verify_consistency,
    verify_inclusion,
)

# The leaves, roots and proofs that implementations of RFC 6962 are tested with.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
REFERENCE = subtree_of([leaf_hash(leaf) for leaf in LEAVES])
MOST = 70
HASHES = [leaf_hash(bytes([number])) for number in range(MOST)]
TREE = subtree_of(HASHES)
TREE_ROOTS = [root(size, TREE) for size in range(MOST + 1)]


def in_hex(path):
    return [part.hex() for part in path]


def test_roots_of_the_reference_leaves():
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root(0, REFERENCE) == EMPTY
    assert [root(size, REFERENCE).hex() for size in range(1, 9)] == ROOTS


@pytest.mark.parametrize(("place", "expected"), INCLUSION.items())
def test_inclusion_proofs_of_the_reference_leaves(place, expected):
    assert in_hex(inclusion_path(*place, REFERENCE)) == expected


@pytest.mark.parametrize(("sizes", "expected"), CONSISTENCY.items())
def test_consistency_proofs_of_the_reference_leaves(sizes, expected):
    assert in_hex(consistency_path(*sizes, REFERENCE)) == expected


def test_a_root_is_what_the_definition_says():
    """MTH of §2.1, spelled out once more and independently of `subtree_of`."""

    def mth(hashes):
        if len(hashes) == 1:
            return hashes[0]
        k = max(2**n for n in range(8) if 2**n < len(hashes))
        return hashlib.sha256(b"\1" + mth(hashes[:k]) + mth(hashes[k:])).digest()

    assert all(TREE_ROOTS[size] == mth(HASHES[:size]) for size in range(1, MOST + 1))


def spoiled(path):
    """What is nearly a proof."""
    if path:
        yield path[:-1]
        yield path[1:]
        yield [*path[:-1], bytes([path[-1][0] ^ 1]) + path[-1][1:]]
        yield [bytes([path[0][0] ^ 1]) + path[0][1:], *path[1:]]
    yield [*path, EMPTY]
    if len(path) > 1 and path != path[::-1]:
        yield path[::-1]


def test_every_inclusion_proof_up_to_70_leaves_and_nothing_else():
    for size in range(1, MOST + 1):
        expected = TREE_ROOTS[size]
        for index in range(size):
            path = inclusion_path(index, size, TREE)
            leaf = HASHES[index]
            assert verify_inclusion(leaf, index, size, path, expected)
            for wrong in spoiled(path):
                assert not verify_inclusion(leaf, index, size, wrong, expected)
            assert not verify_inclusion(leaf, index, size, path, TREE_ROOTS[size - 1])
            assert not verify_inclusion(HASHES[index - 1] if size > 1 else EMPTY, index, size, path, expected)
            for other in {index - 1, index + 1, index ^ 1, size, -1} - {index}:
                assert not verify_inclusion(leaf, other, size, path, expected)


def test_every_consistency_proof_up_to_70_leaves_and_nothing_else():
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            path = consistency_path(old, new, TREE)
            roots = TREE_ROOTS[old], TREE_ROOTS[new]
            assert verify_consistency(old, new, path, *roots)
            for wrong in spoiled(path):
                assert not verify_consistency(old, new, wrong, *roots)
            assert not verify_consistency(old, new, path, roots[0], EMPTY)
            assert not verify_consistency(old, new, path, EMPTY, roots[1])
            if old != new:
                assert not verify_consistency(old, new, path, roots[1], roots[0])
                assert not verify_consistency(new, old, path, *roots)
    assert not verify_consistency(0, 5, [], EMPTY, TREE_ROOTS[5])


@given(st.integers(1, 10_000), st.data())
def test_proofs_of_larger_trees(size, data):
    """Over a tree whose subtrees are all known by their place alone."""
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))

    def subtree(first, count):
        if count == 1:
            return leaf_hash(first.to_bytes(4))
        left = 1 << ((count - 1).bit_length() - 1)
        return node_hash(subtree(first, left), subtree(first + left, count - left))

    whole = root(size, subtree)
    assert verify_inclusion(leaf_hash(index.to_bytes(4)), index, size, inclusion_path(index, size, subtree), whole)
    assert verify_consistency(old, size, consistency_path(old, size, subtree), root(old, subtree), whole)
