"""The built files, and the configuration in the first of them."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.embed.builds import CODE, Build, insert, literal, read_builds

KEYS = st.from_regex(r"[a-z]+", fullmatch=True)
VALUES = st.recursive(
    st.text() | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)


def read_literal(text):
    """The value that a JavaScript engine makes of it: outside of texts, what stands before a colon is a key."""
    pieces = re.split(r'("(?:[^"\\]|\\.)*")', text)
    pieces[::2] = [re.sub(r"(\w+):", r'"\1":', piece) for piece in pieces[::2]]
    return json.loads("".join(pieces))


@given(VALUES)
def test_a_literal_says_what_the_value_is(value):
    text = literal(value)
    assert read_literal(text) == value
    assert "<" not in text


@pytest.mark.parametrize("text", ['","x":"', '"x":', '\\"x":', "\\\\", "{a:1}", "\u2028", "</script><!--", "é"])
def test_a_text_stays_a_text(text):
    assert read_literal(literal({"t": text})) == {"t": text}


def test_a_text_cannot_end_the_script():
    code = b"x=__CONFIG__;"
    assert insert(code, {"t": "</script><!--"}) == b'x={t:"\\u003c/script>\\u003c!--"};'


@pytest.mark.parametrize("code", [b"x=1", b"__CONFIG__ __CONFIG__"])
def test_a_build_without_its_one_place_for_the_configuration_is_refused(code):
    with pytest.raises(ValueError, match="placeholder"):
        insert(code, {})


def test_a_text_may_look_like_the_place_for_the_configuration():
    """What is inserted is not searched again."""
    assert insert(b"x=__CONFIG__", {"t": "__CONFIG__"}) == b'x={t:"__CONFIG__"}'


def test_what_is_built_is_found_in_its_folder():
    found = read_builds()
    assert CODE in found and "rest" in found
    assert all(build.name == name and build.content for name, build in found.items())


def test_the_hash_in_an_address_is_the_beginning_of_the_files_own():
    build = Build("x", b"content")
    assert build.hash == build.sha256.hex()[:8]
