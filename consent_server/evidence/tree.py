"""The Merkle tree of RFC 6962 §2.1: hashes, proofs and their verification. Pure.

Proofs are made from `subtree(first, count)`, which gives the hash of the leaves `first` to `first + count - 1`; `count`
is at least 1 and `first` a multiple of the smallest power of two that is not below it.
"""

import hashlib
from collections.abc import Callable, Iterable

HASH_BYTES = 32
EMPTY = hashlib.sha256().digest()

Subtree = Callable[[int, int], bytes]


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def root(size: int, subtree: Subtree) -> bytes:
    """The hash of the tree of a size."""
    return subtree(0, size) if size else EMPTY


def subtree_of(leaves: list[bytes]) -> Subtree:
    """Subtree hashes over leaf hashes held in memory."""

    def subtree(first: int, count: int) -> bytes:
        if count == 1:
            return leaves[first]
        left = split(count)
        return node_hash(subtree(first, left), subtree(first + left, count - left))

    return subtree


def inclusion_path(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """PATH(index, D[size]) of §2.1.1, from the leaf's sibling up; needs `index` below `size`."""
    path, first, count = [], 0, size
    while count > 1:
        left = split(count)
        if index - first < left:
            path.append((first + left, count - left))
            count = left
        else:
            path.append((first, left))
            first, count = first + left, count - left
    return [subtree(*part) for part in reversed(path)]


def consistency_path(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """PROOF(old, D[new]) of §2.1.2; needs 0 < `old` <= `new`, and is empty where they are equal."""
    parts, first, count, whole = [], 0, new, True
    while old - first != count:
        left = split(count)
        if old - first <= left:
            parts.append((first + left, count - left))
            count = left
        else:
            parts.append((first, left))
            first, count, whole = first + left, count - left, False
    if not whole:
        parts.append((first, count))
    return [subtree(*part) for part in reversed(parts)]


def verify_inclusion(leaf: bytes, index: int, size: int, path: Iterable[bytes], expected: bytes) -> bool:
    """Whether a leaf hash stands at `index` of the tree of `size` leaves with this root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and found == expected


def verify_consistency(old: int, new: int, path: list[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the tree of `new` leaves holds that of `old` unchanged as its first ones (RFC 9162 §2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    # An old tree that is a whole subtree of the new one is the proof's first hash itself.
    hashes = [old_root, *path] if old & (old - 1) == 0 else path
    return bool(hashes) and _roots(old - 1, new - 1, hashes) == (old_root, new_root)


def _roots(node: int, last: int, hashes: list[bytes]) -> tuple[bytes, bytes] | None:
    """The old and the new root that a consistency proof gives; none where it is too long or too short."""
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return (old, new) if last == 0 else None
