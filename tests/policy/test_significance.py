"""What is material by rule, and whose permission it ends."""

import pytest
from hypothesis import given

from consent_server.policy.diff import compare
from consent_server.policy.significance import RULES, affected, is_material, longer, new_words, reasons, told
from tests.policy.contents import BASE, contents, edited, provider

NEW = {
    "key": "new",
    "name": "New",
    "category": "marketing",
    "privacy_url": "https://new.example/",
    "sells_or_shares": False,
    "hosts": [],
    "trackers": [],
}


def put(key, **fields):
    return lambda content: provider(content, key).update(fields)


def rule(**fields):
    return lambda content: content["site"].update(fields)


def category(place, **fields):
    return lambda content: content["categories"][place].update(fields)


def text(key, field, locale, words):
    return lambda content: provider(content, key).setdefault(field, {}).update({locale: words})


MATERIAL = {
    "a new provider": (lambda content: content["providers"].append(NEW), "provider", {"new"}),
    "a new necessary one": (lambda c: c["providers"].append({**NEW, "category": "necessary"}), "provider", set()),
    "a new purpose": (text("counter", "purpose", "en", "Count visits and build profiles."), "purpose", {"counter"}),
    "a purpose where none was told": (put("adserver", purpose={"en": "Advertise."}), "purpose", {"adserver"}),
    "new data": (text("counter", "data", "en", "Pages seen, and your location."), "data", {"counter"}),
    "a longer time": (text("counter", "retention", "en", "26 months"), "retention", {"counter"}),
    "a time nobody can tell": (text("counter", "retention", "en", "As long as needed."), "retention", {"counter"}),
    "another country": (put("counter", country="CN"), "country", {"counter"}),
    "a country where none was told": (put("adserver", country="US"), "country", {"adserver"}),
    "a transfer": (put("counter", transfers={"en": "India"}), "transfers", {"counter"}),
    "a sale": (put("counter", sells_or_shares=True), "selling", {"counter"}),
    "another role": (put("counter", role="controller"), "role", {"counter"}),
    "another legal basis": (put("counter", legal_basis="consent"), "legal_basis", {"counter"}),
    "another category": (put("counter", category="marketing"), "moved", {"counter"}),
    "into the necessary ones": (put("counter", category="necessary"), "moved", set()),
    "a new category": (
        lambda content: content["categories"].append({"key": "research", "required": False}),
        "category",
        {"research"},
    ),
    "a category's new purpose": (category(1, purpose={"en": "Build profiles."}), "purpose", {"analytics"}),
    "a category always on": (category(1, required=True), "required", set()),
    "a tracker that stays longer": (
        lambda content: provider(content, "counter")["trackers"][0]["lifetime"].update(en="2 years"),
        "retention",
        {"counter"},
    ),
    "a weaker signal": (rule(gpc="record"), "signals", set()),
    "pages in the record": (rule(page="path"), "record", set()),
    "a record kept longer": (rule(proof_retention_days=1000), "record", set()),
}


@pytest.mark.parametrize("name", MATERIAL)
def test_material_by_rule(name):
    edit, expected, keys = MATERIAL[name]
    after = edited(edit)
    changes = compare(BASE, after)
    assert [reason.rule for reason in reasons(changes)] == [expected]
    assert affected(changes, BASE, after) == keys
    assert expected in RULES


def test_every_rule_has_a_case():
    assert {expected for _, expected, _ in MATERIAL.values()} == set(RULES)


EDITORIAL = {
    "spelling": text("counter", "purpose", "en", "Counts visits"),
    "a translation": text("counter", "purpose", "vi", "Đếm lượt truy cập."),
    "a name": put("counter", name="The Counter", legal_name="Counter Inc."),
    "a link": put("counter", privacy_url="https://counter.example/new", opt_out_url="https://counter.example/no"),
    "a shorter time": text("counter", "retention", "en", "2 months"),
    "the same time in other words": text("counter", "retention", "en", "about 14 Months"),
    "no sale any more": put("adserver", sells_or_shares=False),
    "a provider less": lambda content: content["providers"].pop(),
    "a provider held": put("counter", held=True),
    "hosts": put("counter", hosts=["a.example"]),
    "one more tracker": lambda content: provider(content, "counter")["trackers"].append(
        {"kind": "cookie", "name": "_d", "host": "zoo.example"}
    ),
    "order": lambda content: content["providers"].reverse(),
    "the policy's prose": lambda content: content["policy"].update(en="# Our policy\n\n{{ providers }}\n"),
    "wording": lambda content: content["wording"].update(en={"title": "Cookies"}),
    "a contact": lambda content: content["site"]["contact"].update(name="Another keeper"),
    "a stronger signal": rule(gpc="refuse-all", dnt="refuse"),
    "a category that can be refused now": category(0, required=False),
}


@pytest.mark.parametrize("name", EDITORIAL)
def test_editorial_by_rule(name):
    assert not is_material(compare(BASE, edited(EDITORIAL[name])))


def test_what_a_person_calls_material_concerns_what_it_touches():
    after = edited(put("counter", name="The Counter"))
    changes = compare(BASE, after)
    assert told(changes) == changes
    assert affected(changes, BASE, after) == {"counter"}


@pytest.mark.parametrize("name", ["the policy's prose", "wording", "a contact"])
def test_what_a_person_calls_material_and_is_in_no_entry_concerns_everything(name):
    after = edited(EDITORIAL[name])
    assert affected(compare(BASE, after), BASE, after) == {"analytics", "marketing"}
    assert affected([], BASE, BASE) == {"analytics", "marketing"}


def test_nobody_is_asked_about_what_is_gone():
    after = edited(EDITORIAL["a provider less"])
    assert affected(compare(BASE, after), BASE, after) == set()


@given(contents(), contents())
def test_what_is_affected_is_optional_and_there(a, b):
    changes = compare(a, b)
    optional = {entry["key"] for entry in b["categories"] if not entry["required"]}
    keys = affected(changes, a, b)
    assert keys <= optional | {entry["key"] for entry in b["providers"] if entry["category"] in optional}
    new = {entry["key"] for entry in b["providers"]} - {entry["key"] for entry in a["providers"]}
    assert {entry["key"] for entry in b["providers"] if entry["key"] in new and entry["category"] in optional} <= keys
    assert is_material(changes) or not new


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("14 months", "26 months", True),
        ("14 months", "1 year", False),
        ("1 year", "12 months", False),
        ("1 day", "24 hours", False),
        ("30 days", "1 month", True),
        ("1,5 años", "18 meses", False),
        ("Session", "session.", False),
        ("Session", "1 year", True),
        ("1 year", "Session", True),
        ("1 week", "1 week, then 2 years in backups", True),
    ],
)
def test_what_is_longer(before, after, expected):
    assert longer(before, after) is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Count visits.", "count visits", False),
        ("Measure adverts", "Measure advertising", False),
        ("Analyse use", "Analyze use", False),
        ("We do not share it", "We do share it", True),
        ("Up to 3 pages", "Up to 300 pages", True),
        ("Count visits", "Count", True),
        ("計算訪問次數", "計算訪問次數並建立檔案", True),
    ],
)
def test_what_says_something_else(before, after, expected):
    assert new_words(before, after) is expected
