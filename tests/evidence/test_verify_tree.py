"""The offline verifier's tree and notes against the standards: RFC 6962's vectors, every proof of every small tree by
its definition, and the example of C2SP's signed notes."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.evidence import verify
from consent_server.evidence.verify import Invalid
from tests.evidence import small_log
from tests.evidence.small_log import Key, Log, mth, path, proof

LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = """6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328""".split()
MOST = 70


def perfect(leaves):
    return lambda first, count: mth(leaves[first : first + count])


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_of_rfc_6962s_reference_tree(size):
    assert verify.subtree_root(0, size, perfect(LEAVES)).hex() == ROOTS[size - 1]
    assert mth(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_empty_tree():
    assert mth([]) == verify.EMPTY


@pytest.fixture(scope="module")
def trees():
    leaves = [bytes([number]) * 3 for number in range(MOST)]
    return leaves, [mth(leaves[:size]) for size in range(MOST + 1)]


def test_every_inclusion_proof_of_every_small_tree(trees):
    leaves, roots = trees
    for size in range(1, MOST + 1):
        for index in range(size):
            hashes = path(index, leaves[:size])
            leaf = verify.leaf_hash(leaves[index])
            assert verify.root_of_path(leaf, index, size, hashes) == roots[size]
            assert_refused(leaf, index, size, hashes, roots[size])


def assert_refused(leaf, index, size, hashes, root):
    """One hash more, one less, one changed, the neighbour's place, one leaf more."""
    changed = [*hashes[:-1], bytes(32)] if hashes else [bytes(32)]
    for false in (changed, [*hashes, bytes(32)], hashes[:-1] if hashes else [leaf]):
        assert not leads_to(root, leaf, index, size, false)
    assert not leads_to(root, leaf, size, size, hashes)
    for other in (index ^ 1, index + 1):
        # In the same tree another index never has the same path to the same root.
        assert other == index or not leads_to(root, leaf, other, size, hashes)


def leads_to(root, leaf, index, size, hashes):
    try:
        return verify.root_of_path(leaf, index, size, hashes) == root
    except Invalid:
        return False


def test_every_consistency_proof_of_every_small_tree(trees):
    leaves, roots = trees
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            hashes = proof(old, leaves[:new])
            verify.check_consistency_path(old, roots[old], new, roots[new], hashes)
            if old < new:
                assert verify.consistency_path(old, new, perfect(leaves)) == hashes
            for false in ([*hashes, bytes(32)], [*hashes[:-1], bytes(32)], hashes[:-1]):
                if false != hashes:
                    assert not joins(old, roots[old], new, roots[new], false)
            assert not joins(old, bytes(32), new, roots[new], hashes)
            assert not joins(old, roots[old], new, bytes(32), hashes)
            if old > 1:
                assert not joins(old - 1, roots[old], new, roots[new], hashes) or old == new


def joins(*arguments):
    try:
        verify.check_consistency_path(*arguments)
    except Invalid:
        return False
    return True


def test_an_empty_tree_is_the_beginning_of_every_tree(trees):
    _, roots = trees
    assert joins(0, verify.EMPTY, 5, roots[5], [])
    assert not joins(0, verify.EMPTY, 5, roots[5], [roots[5]])
    assert not joins(0, roots[1], 5, roots[5], [])
    assert not joins(5, roots[5], 3, roots[3], [])


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 515])
def test_tiles_lead_to_the_root_and_are_named_as_c2sp_does(size):
    log = Log()
    log.leaves = [str(number).encode() for number in range(size)]
    tiles = log.tiles()
    assert set(verify.tile_paths(size)) == set(tiles)
    assert verify.Tiles(size, tiles.__getitem__).root(size) == mth(log.leaves)
    frontier = verify.Frontier(
        lambda level, number, hashes: check_tile(tiles[verify.tile_path(level, number, len(hashes))], hashes)
    )
    for start in range(0, size, 256):
        frontier.add([verify.leaf_hash(leaf) for leaf in log.leaves[start : start + 256]])
    assert frontier.finish() == mth(log.leaves)


def check_tile(kept, hashes):
    assert kept == b"".join(hashes)


def test_the_paths_of_c2sps_examples():
    assert verify.tile_path(0, 1234067, 256) == "tile/0/x001/x234/067"
    assert verify.tile_path("entries", 5, 7) == "tile/entries/005.p/7"
    # "A tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0 tile of width 112, one
    # full level 1 tile, one partial level 1 tile of width 17, and one partial level 2 tile of width 1."
    paths = [path for path in verify.tile_paths(70_000) if "entries" not in path]
    assert sum(path.startswith("tile/0/") for path in paths) == 274
    assert paths[-4:] == ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]


# -- notes

KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
TEXT = "This is an example message.\n"
LINE = (
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)


def test_the_signed_note_of_c2sp():
    key = verify.VerifierKey.parse(KEY)
    assert str(key) == KEY
    text, signatures, _ = verify._split_note(f"{TEXT}\n{LINE}")
    assert text == TEXT
    ((name, key_id, signature),) = signatures
    assert (name, key_id) == (key.name, key.id)
    assert key.verifies(text.encode(), signature)
    assert not key.verifies(b"This is another message.\n", signature)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/foo",
        KEY.replace("530d903a", "530d903b"),
        KEY.replace("example.com", "example.org"),
        KEY[:-1],
        KEY + "=",
        KEY.replace("530d903a", "530D903A"),
        "a b" + KEY,
    ],
)
def test_keys_that_are_none(text):
    with pytest.raises(Invalid):
        verify.VerifierKey.parse(text)


@pytest.fixture(scope="module")
def log():
    log = Log()
    log.publish()
    log.decide()
    return log


def test_a_checkpoint_opens_under_its_key_alone(log):
    checkpoint = verify.Keys(verify.VerifierKey.parse(str(log.key))).open(log.note())
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (log.key.name, 4, mth(log.leaves))
    with pytest.raises(Invalid, match="not signed by the key you trust"):
        verify.Keys(verify.VerifierKey.parse(str(Key()))).open(log.note())
    with pytest.raises(Invalid, match="from another log"):
        verify.Keys(verify.VerifierKey.parse(KEY)).open(log.note())


def test_signatures_of_others_are_ignored_and_a_false_one_of_ours_is_not(log):
    keys = verify.Keys(verify.VerifierKey.parse(str(log.key)))
    note = log.note()
    stranger = Key("witness.example").sign(note.split("\n\n")[0] + "\n")
    assert keys.open(note + stranger).size == 4
    twice = note + log.key.sign("another text\n")
    with pytest.raises(Invalid, match="is false"):
        keys.open(twice)


def test_spellings_of_a_note_that_are_refused(log):
    keys = verify.Keys(verify.VerifierKey.parse(str(log.key)))
    note = log.note()
    text, _, signature = note.partition("\n\n")
    spellings = [
        note[:-1],
        note + "\n",
        note.replace("—", "-"),
        note.replace("— ", "—  "),
        note.replace("\n4\n", "\n04\n"),
        note.replace("\n4\n", "\n+4\n"),
        note.replace("\n4\n", "\n٤\n"),
        f"{text}\nextension\n\n{signature}",
        note.replace("\n", "\r\n"),
        f"{text}\n\n",
        note.encode() + b"\xff",
        text + "\n\n— a b=\n",
        "",
    ]
    for spelling in spellings:
        with pytest.raises(Invalid):
            keys.open(spelling)


def test_base64_has_one_spelling():
    value = base64.b64encode(b"\x00" * 32).decode()
    assert verify.decode_hash(value) == bytes(32)
    for other in (value[:-2] + "B=", value[:-1], value + "=", value + "\n", " " + value, value.replace("A", "-")):
        with pytest.raises(Invalid):
            verify.decode_hash(other)


@given(st.binary(max_size=60))
def test_canonical_base64_reads_back(data):
    assert verify.decode_base64(small_log.b64(data)) == data


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
keys = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
)


@given(values)
def test_canonical_json_is_rfc_8785(value):
    assert verify.canonical(value) == small_log.jcs(value)


@given(st.binary(max_size=120))
def test_nothing_but_invalid_comes_of_any_bytes(data):
    for read in (verify.parse_json, verify.parse_leaf, verify.parse_checkpoint):
        with contextlib.suppress(Invalid):
            read(data)
    with contextlib.suppress(Invalid):
        verify.Proof.parse(data.decode(errors="replace"))
