from typing import Any

import pytest

from consent_server.consent.effect import Choice
from consent_server.consent.leftovers import leftovers


def provider(key: str, category: str, *names: str, host: str = "ala.org", kind: str = "cookie") -> dict[str, Any]:
    trackers = [{"kind": kind, "name": name, "host": host} for name in names]
    return {"key": key, "category": category, "trackers": trackers}


DOCUMENT = {
    "categories": [
        {"key": "necessary", "required": True},
        {"key": "analytics", "required": False},
        {"key": "marketing", "required": False},
    ],
    "providers": [
        provider("ours", "necessary", "session"),
        provider("counter", "analytics", "_ga", "_ga_*", "shared"),
        provider("other", "analytics", "elsewhere", host="other.example"),
        provider("stored", "analytics", "key", kind="storage"),
        provider("ads", "marketing", "shared", "s*", "ad.id", host=""),
    ],
}
OFF = Choice({"analytics": False, "marketing": False}, {})


@pytest.mark.parametrize(
    ("name", "goes"),
    [
        ("_ga", True),
        ("_ga_X1", True),
        ("_gat", False),
        ("ad.id", True),
        ("adxid", False),
        ("session", False),
        ("elsewhere", False),
        ("key", False),
        ("visitor_choices", False),
        ("__Host-visitor", False),
        ("s; Domain=evil", False),
    ],
)
def test_only_what_a_refused_provider_declares_here_goes(name: str, goes: bool) -> None:
    assert leftovers(DOCUMENT, OFF, ("ala.org",), [name]) == ([name] if goes else [])


def test_what_an_allowed_provider_declares_too_stays() -> None:
    choice = Choice({"analytics": True, "marketing": False}, {})
    assert leftovers(DOCUMENT, choice, ("ala.org",), ["shared", "_ga", "ad.id"]) == ["ad.id"]


def test_an_exception_counts_before_its_category() -> None:
    choice = Choice({"analytics": True, "marketing": False}, {"counter": False, "ads": True})
    assert leftovers(DOCUMENT, choice, ("ala.org",), ["_ga", "ad.id"]) == ["_ga"]
