"""JSON that every reader reads alike."""

import json
from typing import Any

from consent_server.errors import Malformed


def parse_strict(body: bytes) -> Any:
    """JSON without what its readers disagree on: duplicate keys, NaN, lone surrogates, U+0000 (RFC 8259 §4, §8;
    RFC 7493). Raises Malformed."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"The body is not JSON that can be taken: {_reason(error)}.") from error
    # Only an escape can smuggle either past the decoder.
    if b"\\u" in body:
        _refuse_odd_characters(value)
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is there twice")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _refuse_odd_characters(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise Malformed("The body holds U+0000 or half a surrogate pair.")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_odd_characters(key)
            _refuse_odd_characters(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_odd_characters(inner)
