"""Commitments, by the formats' own words."""

import hashlib

import pytest

from consent_server.evidence.commitment import canonical, commit, digest, parse, visitor_commitment

NONCE = bytes(range(32))


def test_a_commitment_is_the_hash_of_its_kind_the_nonce_and_the_canonical_record():
    record = {"b": [True, None], "a": "é"}
    expected = hashlib.sha256(b"consent-commit/1\x00" + NONCE + '{"a":"é","b":[true,null]}'.encode()).digest()
    assert commit("consent", NONCE, record) == expected


def test_kind_nonce_and_record_all_count():
    base = commit("consent", NONCE, {"a": "1"})
    others = (
        commit("staff", NONCE, {"a": "1"}),
        commit("consent", NONCE[::-1], {"a": "1"}),
        commit("consent", NONCE, {}),
    )
    assert len({base, *others}) == 4


def test_a_visitors_commitment_is_hex():
    identifier = "1fd0b4a8-6a3c-4b62-9d26-3c1b5a0e7f11"
    assert (
        visitor_commitment(NONCE, identifier)
        == hashlib.sha256(b"visitor/1\0" + NONCE + identifier.encode()).hexdigest()
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # RFC 8785 §3.2.2.2 and §3.2.3: escapes, and keys in the order of their UTF-16 code units.
        ({"string": '\u20ac$\u000f\nA\'B"\\\\"/'}, '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'),
        ({"\u20ac": "", "\r": "", "\ufb33": "", "1": "", "\U0001f600": "", "\u0080": "", "\u00f6": ""},
         '{"\\r":"","1":"","\u0080":"","ö":"","€":"","\U0001f600":"","\ufb33":""}'),
    ],
)  # fmt: skip
def test_canonical_json(value, text):
    assert canonical(value) == text.encode()
    assert parse(canonical(value)) == value


def test_a_digest_is_sha_256():
    assert digest(b"abc").hex().startswith("ba7816bf8f01cfea")
