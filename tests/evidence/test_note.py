"""Signed notes: C2SP's own example, and whatever is nearly a note."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.evidence.note import (
    NoteFault,
    Signer,
    Verifier,
    checkpoint_text,
    decode_base64,
    encode_base64,
    open_note,
    parse_checkpoint,
    sign_note,
)

KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
TEXT = "This is an example message.\n"
LINE = (
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
NOTE = f"{TEXT}\n{LINE}"
EXAMPLE = Verifier.parse(KEY)
SIGNER, OTHER = Signer("log.example/a", b"\1" * 32), Signer("log.example/b", b"\2" * 32)


def test_the_example_of_the_specification():
    assert EXAMPLE.encode() == KEY
    assert EXAMPLE.key_id.hex() == "530d903a"
    assert open_note(NOTE, [EXAMPLE]) == (TEXT, [EXAMPLE])


@pytest.mark.parametrize("place", range(len(NOTE)))
def test_any_other_character_is_noticed(place):
    spoiled = NOTE[:place] + ("x" if NOTE[place] != "x" else "y") + NOTE[place + 1 :]
    with pytest.raises(NoteFault):
        open_note(spoiled, [EXAMPLE])


@pytest.mark.parametrize(
    "note",
    [
        "",
        TEXT,
        LINE,
        f"{TEXT}{LINE}",
        NOTE.rstrip("\n"),
        NOTE.replace("—", "-"),
        NOTE.replace("foo Uw", "foo  Uw"),
        NOTE.replace("M=\n", "M\n"),
        # The same bytes, but for stray bits of padding.
        NOTE.replace("aQM=\n", "aQN=\n"),
        f"{NOTE}— x \n",
        f"{NOTE}\n",
    ],
)
def test_what_is_no_note(note):
    with pytest.raises(NoteFault):
        open_note(note, [EXAMPLE])


def test_signatures_of_strangers_are_ignored():
    assert open_note(NOTE + SIGNER.sign(TEXT), [EXAMPLE]) == (TEXT, [EXAMPLE])
    same_name = Signer("example.com/foo", b"\3" * 32)
    assert open_note(NOTE + same_name.sign(TEXT), [EXAMPLE]) == (TEXT, [EXAMPLE])


def test_a_note_that_nobody_trusted_signed_is_refused():
    with pytest.raises(NoteFault):
        open_note(sign_note(TEXT, [OTHER]), [SIGNER.verifier])
    with pytest.raises(NoteFault):
        open_note(NOTE, [])


def test_a_known_key_that_fails_rejects_the_note():
    """Whatever else is right about it."""
    with pytest.raises(NoteFault):
        open_note(NOTE + SIGNER.sign("Something else.\n"), [EXAMPLE, SIGNER.verifier])


@given(
    st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\r")),
    st.binary(min_size=32, max_size=32),
)
def test_what_was_signed_is_read_again(text, seed):
    text += "\n"
    signer = Signer("log.example/ü", seed)
    assert open_note(sign_note(text, [signer, OTHER]), [signer.verifier, OTHER.verifier]) == (
        text,
        [signer.verifier, OTHER.verifier],
    )
    assert Signer.parse(signer.encode()) == signer
    assert Verifier.parse(signer.verifier.encode()) == signer.verifier


def test_a_signing_key_is_in_no_message():
    assert repr(SIGNER) == "Signer('log.example/a')"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/foo",
        KEY.replace("530d903a", "530d903b"),
        KEY.replace("530d903a", "530D903A"),
        KEY.replace("foo+", "bar+"),
        KEY[:-4],
        KEY.replace("+Ae", "+Be"),
        KEY.replace("example.com", "example com"),
        SIGNER.encode(),
    ],
)
def test_what_is_no_verifier_key(text):
    with pytest.raises(NoteFault):
        Verifier.parse(text)


@pytest.mark.parametrize("text", ["", KEY, SIGNER.encode()[:-1], SIGNER.encode().replace("log", "lag")])
def test_what_is_no_signing_key(text):
    with pytest.raises(NoteFault):
        Signer.parse(text)


ROOT = bytes(range(32))


def test_a_checkpoint_is_three_lines():
    text = checkpoint_text("log.example/a", 1234, ROOT)
    assert text == "log.example/a\n1234\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    assert parse_checkpoint(text) == ("log.example/a", 1234, ROOT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1234", "01234"),
        ("1234", "-1"),
        ("1234", "+1"),
        ("1234", "1_234"),
        ("1234", "١٢"),
        ("1234", ""),
        ("log.example/a", ""),
        ("Hh8=\n", "Hh8=\nextension\n"),
        ("Hh8=\n", "Hh8="),
        ("Hh8=\n", "Hh9=\n"),
        ("AAEC", ""),
    ],
)
def test_what_is_no_checkpoint(old, new):
    with pytest.raises(NoteFault):
        parse_checkpoint(checkpoint_text("log.example/a", 1234, ROOT).replace(old, new))


@given(st.binary())
def test_base64_is_canonical(value):
    assert decode_base64(encode_base64(value)) == value


@pytest.mark.parametrize("text", ["A", "AA", "AB==", "AA==\n", " AA==", "A-_=", "AA=A", "ÄÄÄÄ"])
def test_other_spellings_of_base64_are_refused(text):
    with pytest.raises(NoteFault):
        decode_base64(text)
