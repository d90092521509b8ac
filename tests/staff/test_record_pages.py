"""The record of acts as admins and auditors read it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.staff import words
from consent_server.staff.record import field, record
from tests.factories import ROOT
from tests.staff.people import AUDITOR, add_person, browser, publish_zoo

ENGINES = ("sqlite",)
PAGE = "/staff/ala/record"


def write(app, *acts):
    with app.app_context():
        begin_writing(db.session)
        for act in acts:
            record(*act)
        db.session.commit()


@pytest.fixture
def auditor(app, site):
    add_person(app)
    return browser(app)


def cells(page):
    """The table's cells, as text."""
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"(?s)<td[^>]*>(.*?)</td>", row)]
        for row in table.split("</tr>")[:-1]
    ]


def test_who_did_what_when_and_why(app, auditor, clock):
    detail = {"account": "vera@example.org", "reason": "Left.", "fields": [field("name", "a", None)], "none": ""}
    write(app, ("admin@example.org", "account-disable", "ala", detail))
    [when, who, what, more] = cells(auditor.get(PAGE).text)[0]
    assert when == clock.now().strftime("%Y-%m-%d %H:%M:%S")
    assert (who, what) == ("admin@example.org", "Disabled an account")
    assert more.startswith("Account: vera@example.org; Reason: Left.") and "None" not in more
    assert "1 field, by SHA-256 name Before: ac8d8342bbb2362d13f0a559a3621bb407011368895164b628a54f7fc33fc43c" in more
    assert more.endswith("After: nothing")


def test_a_site_shows_its_own_acts_and_those_of_its_people(app, auditor):
    publish_zoo(app)
    add_person(app, "keeper@example.org", ["editor"], "zoo")
    write(
        app,
        ("keeper@example.org", "draft-change", "zoo", {}),
        ("keeper@example.org", "sign-in", None, {}),
        ("operator", "password-set", None, {"account": "keeper@example.org"}),
        ("operator", "password-set", None, {"account": AUDITOR}),
        ("someone@example.org", "draft-submit", "ala", {}),
    )
    page = auditor.get(PAGE).text
    assert "keeper" not in page
    acts = [(who, what) for _, who, what, _ in cells(page)]
    # Within a millisecond there is no order.
    assert set(acts[:2]) == {("someone@example.org", "Sent the draft to review"), ("operator", "Set a new password")}
    assert acts[2] == (AUDITOR, "Signed in")


def test_filters_restrict_and_can_be_taken_away(app, auditor, clock):
    write(app, ("a@example.org", "publish", "ala", {}))
    clock.advance(days=2)
    auditor = browser(app)
    write(app, ("a@example.org", "hold", "ala", {}), ("b@example.org", "publish", "ala", {}))
    today = clock.now().date().isoformat()

    def found(query):
        return [row[1:3] for row in cells(auditor.get(f"{PAGE}?{query}").text)]

    assert found("person=a@example.org") == [
        ["a@example.org", "Held a provider"],
        ["a@example.org", "Published a version"],
    ]
    assert found(f"person=a@example.org&from={today}&to={today}") == [["a@example.org", "Held a provider"]]
    assert ["b@example.org", "Published a version"] in found("act=publish")
    assert found("person=nobody") == []
    page = auditor.get(f"{PAGE}?person=nobody&act=publish").text
    assert "No acts match" in page and 'href="?act=publish"' in page and 'href="?person=nobody"' in page
    assert found("person=&act=&from=&to=") == found("")


@pytest.mark.parametrize("query", ["from=yesterday", "to=0001-01-01", "after=x", "person=%00", f"act={'x' * 65}"])
def test_what_makes_no_sense_is_said(auditor, query):
    response = auditor.get(f"{PAGE}?{query}")
    assert response.status_code == 422 and "There is a problem" in response.text


def test_pages_follow_each_other_without_gap_or_repetition(app, auditor, clock):
    write(app, *[("a@example.org", "publish", "ala", {"number": str(number)}) for number in range(120)])
    seen, address = [], f"{PAGE}?act=publish&person=a@example.org"
    while address:
        page = auditor.get(address).text
        seen += [row[3] for row in cells(page)]
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = f"{PAGE}{following[1].replace('&amp;', '&')}" if following else None
    assert len(seen) == 120 and set(seen) == {f"Number: {number}" for number in range(120)}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_changes_it(auditor, method):
    assert auditor.open(PAGE, method=method).status_code == 405


@given(st.dictionaries(st.text(), st.booleans() | st.text() | st.lists(st.text() | st.lists(st.text()))))
def test_whatever_is_in_the_record_can_be_said(detail):
    for label, text in words.details(detail):
        assert isinstance(label, str) and isinstance(text, str)


@given(st.text())
def test_every_verb_can_be_said(verb):
    assert isinstance(words.act(verb), str)


def test_every_act_of_the_house_has_words():
    """Read from the source: what is recorded anywhere is also said in words, and nothing else is."""
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "consent_server").rglob("*.py"))
    verbs = re.findall(r'(?:record|_acted|write_down)\([^")]*"([a-z-]+)"', sources)
    assert set(verbs) == set(words.ACTS)
