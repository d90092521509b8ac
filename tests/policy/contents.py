"""Contents of a site for tests of what differs between two: made at random, and one made by hand to be edited."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

LOCALES = ("en", "es", "vi")
TEXT = st.text("abc defgh.ñ", min_size=1, max_size=12).filter(str.strip)
LOCALISED = st.dictionaries(st.sampled_from(LOCALES), TEXT, min_size=1, max_size=3)
KEYS = st.sampled_from(["one", "two", "three", "four", "five"])
CATEGORIES = ("necessary", "analytics", "marketing")


def _entries(**fields: Any) -> Any:
    return st.fixed_dictionaries(
        {name.rstrip("_"): value for name, value in fields.items() if not name.endswith("_")},
        optional={name.rstrip("_"): value for name, value in fields.items() if name.endswith("_")},
    )


TRACKERS = st.lists(
    _entries(
        kind=st.sampled_from(["cookie", "script"]),
        name=st.sampled_from(["_a", "b c", "d*"]),
        host=st.sampled_from(["", "x.example"]),
        lifetime_=LOCALISED,
        purpose_=LOCALISED,
    ),
    max_size=4,
)
PROVIDERS = st.lists(
    _entries(
        key=KEYS,
        name=TEXT,
        category=st.sampled_from(CATEGORIES),
        country_=st.sampled_from(["US", "DE"]),
        role_=st.sampled_from(["controller", "processor"]),
        purpose_=LOCALISED,
        retention_=LOCALISED,
        privacy_url=st.sampled_from(["https://a.example/", "https://b.example/"]),
        sells_or_shares=st.booleans(),
        held_=st.booleans(),
        review_date_=st.sampled_from(["2026-01-01", "2027-01-01"]),
        hosts=st.lists(st.sampled_from(["x.example", "y.example"]), max_size=3),
        trackers=TRACKERS,
    ),
    max_size=4,
    unique_by=lambda provider: provider["key"],
)


@st.composite
def contents(draw: Any) -> dict[str, Any]:
    """Any content, in the shape that a validated site file has."""
    categories = [
        {"key": key, "required": key == "necessary", **draw(_entries(name_=LOCALISED, purpose_=LOCALISED))}
        for key in draw(st.permutations(CATEGORIES))
    ]
    return {
        "site": {
            "key": "zoo",
            "name": draw(st.sampled_from(["Zoo", "A Zoo"])),
            "origins": draw(st.lists(st.sampled_from(["https://a.example", "https://b.example"]), min_size=1)),
            "locales": list(LOCALES),
            "default_locale": "en",
            "contact": {"name": draw(TEXT), "email": "keeper@zoo.example"},
            "dnt": draw(st.sampled_from(["record", "refuse"])),
            "gpc": draw(st.sampled_from(["record", "refuse-marketing", "refuse-all"])),
            "page": draw(st.sampled_from(["origin", "path"])),
            "choice_ttl_days": draw(st.integers(1, 400)),
            "proof_retention_days": 730,
        },
        "policy": draw(LOCALISED),
        "categories": categories,
        "providers": draw(PROVIDERS),
        "wording": draw(st.dictionaries(st.sampled_from(LOCALES), st.dictionaries(st.just("title"), TEXT))),
    }


BASE: dict[str, Any] = {
    "site": {
        "key": "zoo",
        "name": "A Zoo",
        "origins": ["https://www.zoo.example"],
        "cookie_domains": ["zoo.example"],
        "locales": ["en", "es", "vi"],
        "default_locale": "en",
        "contact": {"name": "The keeper", "email": "keeper@zoo.example"},
        "dnt": "record",
        "gpc": "refuse-marketing",
        "page": "origin",
        "choice_ttl_days": 180,
        "proof_retention_days": 730,
    },
    "policy": {"en": "# Policy\n\n{{ providers }}\n"},
    "categories": [
        {"key": "necessary", "required": True},
        {"key": "analytics", "required": False, "purpose": {"en": "Count visits."}},
        {"key": "marketing", "required": False},
    ],
    "providers": [
        {
            "key": "host",
            "name": "Host",
            "category": "necessary",
            "privacy_url": "https://host.example/privacy",
            "sells_or_shares": False,
            "sample": False,
            "hosts": [],
            "trackers": [],
        },
        {
            "key": "counter",
            "name": "Counter",
            "category": "analytics",
            "role": "processor",
            "country": "US",
            "purpose": {"en": "Count visits.", "es": "Contar visitas."},
            "data": {"en": "Pages seen."},
            "retention": {"en": "14 months", "es": "14 meses"},
            "privacy_url": "https://counter.example/privacy",
            "sells_or_shares": False,
            "sample": False,
            "hosts": ["counter.example"],
            "trackers": [
                {"kind": "cookie", "name": "_c", "host": "zoo.example", "lifetime": {"en": "1 day"}},
                {"kind": "script", "name": "c.js", "host": "counter.example"},
            ],
        },
        {
            "key": "adserver",
            "name": "Ad Server",
            "category": "marketing",
            "privacy_url": "https://adserver.example/privacy",
            "sells_or_shares": True,
            "sample": False,
            "hosts": ["adserver.example"],
            "trackers": [],
        },
    ],
    "wording": {},
}


def edited(edit: Any) -> dict[str, Any]:
    """A copy of the content made by hand, after an edit in place."""
    content = deepcopy(BASE)
    edit(content)
    return content


def provider(content: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(entry for entry in content["providers"] if entry["key"] == key)
    return found
