"""A comparison field by field: nothing is left out, and nothing is in other words than the page's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.policy.detail import PARTS, Details
from consent_server.policy.diff import ORDER, compare, reordered
from consent_server.policy.wording import GONE, NEW
from consent_server.texts import texts_in
from tests.policy.contents import BASE, contents, edited, provider
from tests.policy.test_significance import NEW as NEW_PROVIDER

ENGINES = ("sqlite",)


def parts_of(a, b, locale="en"):
    return Details(a, b, texts_in(locale), locale).parts(compare(a, b))


def only_row(edit, locale="en"):
    [(_, [entry])] = parts_of(BASE, edited(edit), locale)
    [row] = entry.rows
    return entry, row


def texts_of(row, kind):
    return [span.text for passage in row.passages for span in passage.spans if span.kind == kind]


@given(contents(), contents(), st.sampled_from(["en", "es"]))
def test_every_change_is_in_an_entry(a, b, locale):
    changes = [change for change in compare(a, b) if change.path[-1] != ORDER or reordered(change)]
    parts = parts_of(a, b, locale)
    assert [part for part, _ in parts] == [part for part in PARTS.values() if part in dict(parts)]
    entries = [entry for _, found in parts for entry in found]
    rows = sum(len(entry.rows) for entry in entries if entry.mark == "changed")
    whole = sum(entry.mark != "changed" for entry in entries)
    assert rows + whole == len(changes)
    assert all(row.label for entry in entries for row in entry.rows)


@pytest.mark.parametrize(
    ("edit", "title", "label", "gone", "new"),
    [
        (lambda c: provider(c, "counter").update(country="DE"), "Counter", "Country", "United States", "Germany"),
        (
            lambda c: provider(c, "counter").update(category="marketing"),
            "Counter",
            "Category",
            "Analytics",
            "Marketing",
        ),
        (lambda c: provider(c, "counter").update(sells_or_shares=True), "Counter", "Sale of data", "no", "yes"),
        (
            lambda c: provider(c, "counter")["retention"].update(es="26 meses"),
            "Counter",
            "How long (Español)",
            "14",
            "26",
        ),
        (
            lambda c: c["site"].update(gpc="record"),
            "",
            "Global Privacy Control",
            "acted on as a refusal of sale and sharing",
            "recorded, not acted on",
        ),
        (lambda c: c["site"]["contact"].update(name="Ann"), "", "Contact: Name", "The keeper", "Ann"),
        (
            lambda c: provider(c, "counter")["trackers"][0]["lifetime"].update(en="2 years"),
            "Counter · _c",
            "Lifetime",
            "1 day",
            "2 years",
        ),
        (
            lambda c: provider(c, "counter").update(hosts=["b.example"]),
            "Counter",
            "Hosts",
            "counter.example",
            "b.example",
        ),
    ],
)
def test_a_field_in_words(edit, title, label, gone, new):
    entry, row = only_row(edit)
    assert (entry.title, entry.mark, row.label) == (title, "changed", label)
    assert (texts_of(row, GONE), texts_of(row, NEW)) == ([gone], [new])


def test_another_order_names_the_entries():
    entry, row = only_row(lambda content: content["providers"].reverse())
    assert (entry.title, row.label) == ("Order", "Order")
    assert "Ad Server" in texts_of(row, NEW) + texts_of(row, GONE)


def test_another_order_of_trackers_names_them():
    entry, row = only_row(lambda content: provider(content, "counter")["trackers"].reverse())
    assert (entry.title, entry.mark, row.label) == ("Counter", "changed", "Cookies and similar technologies")
    assert (texts_of(row, NEW), texts_of(row, GONE)) == (["c.js"], ["c.js"])


def test_a_new_entry_is_shown_whole():
    [(part, [entry])] = parts_of(BASE, edited(lambda content: content["providers"].append(NEW_PROVIDER)))
    assert (part, entry.title, entry.mark) == ("providers", "New", "added")
    assert [row.label for row in entry.rows] == ["Category", "Its privacy policy"]


def test_the_trackers_of_a_new_entry_are_shown_whole():
    whole = {
        "kind": "cookie",
        "name": "_n",
        "host": "ala.org",
        "lifetime": {"en": "90 days"},
        "purpose": {"en": "Counts."},
    }
    new = {**NEW_PROVIDER, "trackers": [whole, {"kind": "script", "name": "n.js"}]}
    [(_, [entry])] = parts_of(BASE, edited(lambda content: content["providers"].append(new)))
    assert texts_of(entry.rows[-1], NEW) == ["_n (Cookie, ala.org, 90 days): Counts.", "n.js (Script)"]


def test_texts_say_which_language_they_are_in():
    _, row = only_row(lambda content: provider(content, "counter")["retention"].update(es="26 meses"))
    assert row.language == "es"
    _, row = only_row(lambda content: content["policy"].update(en="# Another\n\n{{ providers }}\n"), "es")
    assert (row.label, row.language) == ("Texto de la política (English)", "en")
