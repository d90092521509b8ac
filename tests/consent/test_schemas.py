"""The strict reader, and the shape of a decision, against whatever may be sent."""

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from consent_server.consent.schemas import DecisionSchema
from consent_server.errors import Malformed
from consent_server.strict_json import parse_strict

schema = DecisionSchema()
plain_text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
any_text = st.text(st.characters(), max_size=20)
numbers = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)


def values(text):
    scalars = st.none() | st.booleans() | numbers | text
    return st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4))


@given(values(plain_text), st.booleans())
def test_what_everyone_reads_alike_is_read(value, escaped):
    assert parse_strict(json.dumps(value, ensure_ascii=escaped).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_malformed(body):
    read_or_malformed(body)


@given(values(any_text), st.integers(0, 200), st.binary(max_size=3))
def test_json_with_a_fault_in_it_is_read_or_malformed(value, place, fault):
    body = json.dumps(value).encode()
    read_or_malformed(body[:place] + fault + body[place + 1 :])


@given(
    st.lists(st.sampled_from(["{", "}", "[", "]", '"a"', ":", ",", "1", "NaN", "\\ud800", '"\\udc00"', '"\\u0000"']))
)
def test_pieces_of_json_are_read_or_malformed(pieces):
    read_or_malformed("".join(pieces).encode())


def read_or_malformed(body):
    """Nothing else is ever raised, and nothing that is read holds what cannot be kept or committed."""
    try:
        value = parse_strict(body)
    except Malformed as error:
        assert str(error).isascii() or error.detail
        return
    text = json.dumps(value, ensure_ascii=False)
    assert "\0" not in text and "\\u0000" not in text
    text.encode("utf-8")
    assert json.loads(body) == value


odd_text = st.builds("{}{}{}".format, plain_text, st.sampled_from("\0\ud800\udbff\udc00\udfff"), plain_text)


@given(values(plain_text), odd_text, st.sampled_from(["alone", "in a list", "in an object", "as a key"]))
def test_half_a_surrogate_pair_or_nul_anywhere_is_malformed(value, odd, place):
    whole = {"alone": odd, "in a list": [value, [odd]], "in an object": {"a": {"b": odd}}, "as a key": {odd: value}}
    with pytest.raises(Malformed):
        parse_strict(json.dumps(whole[place]).encode())


def test_a_whole_surrogate_pair_is_a_character():
    assert parse_strict(b'"\\ud83d\\ude00"') == "\U0001f600"


@given(values(plain_text))
def test_any_json_is_a_decision_or_invalid(value):
    with pytest.raises(ValidationError):
        schema.load(value)


BODY = {
    "event_id": "0193a3c4-0000-7000-8000-000000000000",
    "action": "reject_all",
    "choices": {"marketing": False},
    "surface": "banner",
    "notice": "ab" * 32,
    "decided_at": "2026-11-22T10:00:00Z",
}


@given(st.sampled_from(sorted([*BODY, "providers", "signals", "page", "automated"])), values(plain_text))
def test_a_decision_with_one_field_replaced_is_taken_or_invalid(field, value):
    try:
        loaded = schema.load(BODY | {field: value})
    except ValidationError:
        return
    assert isinstance(loaded["event_id"], uuid.UUID)
    assert all(isinstance(allowed, bool) for allowed in loaded["choices"].values())
    assert isinstance(loaded["signals"]["gpc"], bool) and loaded["signals"]["dnt"] in (None, "0", "1")
    json.dumps(loaded, default=str)


def test_what_is_left_out_is_filled_in():
    loaded = schema.load(BODY)
    assert loaded["providers"] == {}
    assert loaded["signals"] == {"dnt": None, "gpc": False}
    assert loaded["page"] is None
    assert loaded["automated"] is None


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("https://www.ala.org/advocacy", "https://www.ala.org/advocacy"),
        ("https://www.ala.org/a?patron=4711#loans", "https://www.ala.org/a"),
        ("https://user:password@www.ala.org/a", "https://www.ala.org/a"),
        ("http://localhost:8000/", "http://localhost:8000/"),
        ("https://www.ala.org/" + "a" * 600, ("https://www.ala.org/" + "a" * 600)[:500]),
    ],
)
def test_of_a_page_only_the_address_is_kept(page, kept):
    assert schema.load(BODY | {"page": page})["page"] == kept


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_query_ever_stays_with_a_page(query, fragment):
    try:
        page = schema.load(BODY | {"page": f"https://www.ala.org/a?{query}#{fragment}"})["page"]
    except ValidationError:
        return
    assert page == "https://www.ala.org/a"


def test_the_decisions_clock_is_kept_in_whole_seconds():
    moment = schema.load(BODY | {"decided_at": "2026-11-22T10:00:00.999999+02:00"})["decided_at"]
    assert moment.microsecond == 0 and moment.utcoffset().total_seconds() == 7200
