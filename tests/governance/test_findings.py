"""What pages saw and should not have: reports in, findings out."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.governance import service
from consent_server.governance.models import Finding
from consent_server.governance.names import reduce_name
from tests.factories import ORIGIN, rows

ADDRESS = "/v1/sites/ala/findings"


@pytest.fixture
def report(client, site):
    """Sends what a page saw, as the script does: `report(undeclared={"hosts": ["a.example"]})`."""

    def send(page=f"{ORIGIN}/advocacy?q=secret#x", origin=ORIGIN, **seen):
        body = json.dumps({"page": page, **seen})
        return client.post(ADDRESS, data=body, content_type="text/plain;charset=UTF-8", headers={"Origin": origin})

    return send


def found(app):
    return [(one["fault"], one["kind"], one["name"], one["days"]) for one in rows(app, Finding)]


def test_what_was_seen_is_kept_once_a_day(app, report, clock):
    seen = {"undeclared": {"hosts": ["t.example"]}, "not_allowed": {"cookies": ["_ga"]}}
    for _ in range(2):
        assert report(**seen).status_code == 204
    assert found(app) == [("not-allowed", "cookie", "_ga", 1), ("undeclared", "host", "t.example", 1)]
    clock.advance(days=1)
    report(**seen)
    assert [one[3] for one in found(app)] == [2, 2]


def test_what_is_seen_again_the_same_day_is_not_written(app, report, clock):
    report(undeclared={"hosts": ["t.example"]})
    before = rows(app, Finding)[0]["first_seen_at"]
    clock.advance(minutes=5)
    report(undeclared={"hosts": ["t.example"]})
    kept = rows(app, Finding)[0]
    assert (kept["first_seen_at"], kept["days"]) == (before, 1)


def test_of_the_page_only_what_the_site_keeps(app, report):
    """ALA's rule is `origin`: no path, and no query under any rule."""
    report(undeclared={"hosts": ["t.example"]})
    assert [one["page"] for one in rows(app, Finding)] == [ORIGIN]


@pytest.mark.parametrize("page", ["http://[", "javascript:alert(1)", "x" * 5000])
def test_a_page_that_is_none_is_named(app, report, page):
    assert report(page=page, undeclared={"hosts": ["t.example"]}).status_code == 422
    assert found(app) == []


def test_what_may_identify_somebody_is_not_kept(app, report):
    report(undeclared={"cookies": ["_hjSession_1234567", "mp_9f86d081884c7d659a2feaa0c55ad015_mixpanel", "session-id"]})
    assert {one[2] for one in found(app)} == {"_hjSession_*", "mp_*_mixpanel", "session-id"}


@given(
    st.from_regex(r"\A[a-f0-9]{6,40}\Z").filter(lambda text: any(c.isdigit() for c in text)), st.sampled_from("_.|!")
)
def test_no_identifier_outlives_the_reduction(identifier, sign):
    assert reduce_name(f"sid{sign}{identifier}") == f"sid{sign}*"


@pytest.mark.parametrize(
    "seen",
    [
        {"undeclared": {"hosts": ["UPPER.example"]}},
        {"undeclared": {"hosts": ["a..b"]}},
        {"undeclared": {"hosts": ["a" * 254]}},
        {"undeclared": {"hosts": ["-a.example"]}},
        {"undeclared": {"hosts": ["https://a.example/"]}},
        {"undeclared": {"hosts": [f"h{n}.example" for n in range(51)]}},
        {"undeclared": {"cookies": ["a=b"]}},
        {"undeclared": {"cookies": [""]}},
        {"undeclared": {"cookies": ["a" * 129]}},
        {"undeclared": {"hosts": [1]}},
        {"undeclared": {"values": ["x"]}},
        {"refused": {}},
    ],
)
def test_anything_else_is_refused(app, report, seen):
    assert report(**seen).status_code == 422
    assert found(app) == []


def test_too_much_is_refused(client, site):
    answer = client.post(ADDRESS, data=b" " * 9000, content_type="text/plain", headers={"Origin": ORIGIN})
    assert answer.status_code == 413


def test_names_without_end_fill_no_disk(app, report, monkeypatch):
    monkeypatch.setattr(service, "MAX_FINDINGS", 3)
    for number in range(5):
        report(undeclared={"hosts": [f"h{number}.example"]})
    assert len(found(app)) == 3


def test_only_a_listed_page_reports(app, report):
    for origin in ("null", "https://evil.example", f"{ORIGIN}.evil.example"):
        assert report(origin=origin, undeclared={"hosts": ["t.example"]}).status_code == 403
    assert found(app) == []


def test_the_latest_comes_first(app, report, clock):
    report(undeclared={"hosts": ["old.example"]})
    clock.advance(days=2)
    report(undeclared={"hosts": ["new.example"]})
    with app.app_context():
        assert [one.name for one in service.search(["ala"])] == ["new.example", "old.example"]
        assert service.search(["other"]) == []
