"""The saved views, as pages and over the API."""

import copy
import re
from datetime import timedelta

import pytest

from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.governance import service as governance
from consent_server.policy import publication
from consent_server.policy import service as policy
from consent_server.registry import drafts
from consent_server.staff.models import StaffEvent
from tests.factories import post, publish, read_ala, rows, seal
from tests.staff.people import AUDITOR, add_person, issue_token, publish_zoo, sign_in

NEWCOMER = {"key": "newcomer", "name": "Newcomer", "category": "marketing", "hosts": ["newcomer.example"]}
PAGES = ("rates", "signals", "coverage", "providers", "retention", "findings", "log")
NOBODY = "4fa0c9d2-1f0b-4c6e-9a53-0d8c9b7e6f21"


@pytest.fixture
def auditor(app, client, site):
    add_person(app)
    sign_in(client)
    return client


@pytest.fixture
def ask(app, client, auditor):
    """Asks the API with a token for ALA's site."""
    token = issue_token(app)

    def ask(view, status=200, **query):
        response = client.get(
            f"/v1/audit/{view}",
            query_string={name.rstrip("_"): value for name, value in query.items()},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert response.status_code == status, response.text
        return response.json

    return ask


def with_newcomer(app):
    """ALA's content with one more provider in marketing."""
    with app.app_context():
        content = copy.deepcopy(policy.current_version("ala").content)
        db.session.rollback()
    template = next(p for p in content["providers"] if p["category"] == "marketing")
    content["providers"].append({**template, **NEWCOMER, "trackers": []})
    return content


def publish_newcomer(app, clock):
    """By way of a draft: one edits, another approves, a third publishes."""
    content = with_newcomer(app)
    with app.app_context():
        begin_writing(db.session)
        drafts.save("ala", content, by="ed@ala.example")
        drafts.submit("ala", by="ed@ala.example")
        clock.advance(minutes=1)
        drafts.approve("ala", by="counsel@ala.example")
        clock.advance(minutes=1)
        publication.publish_draft("ala", by="publisher@ala.example", material=True, reason="It counts letters.")
        db.session.commit()


def decide(app, client, decision, **changes):
    body = decision(**changes)
    response = post(client, body)
    assert response.status_code == 201, response.text
    return body["event_id"]


def visitor_of(app, ask):
    return ask("events")["events"][0]["visitor"]


def test_a_story_tells_what_was_asked_again_and_where_it_is_sealed(app, auditor, ask, decision, clock):
    visitor = app.test_client()
    first = decide(app, visitor, decision, allow=("marketing",))
    clock.advance(days=2)
    publish_newcomer(app, clock)
    clock.advance(days=3)
    with app.app_context():
        notice = policy.published("ala").notices["es"]
    second = decide(app, visitor, decision, notice=notice, signals={"dnt": "1", "gpc": False})
    seal(app)
    consent_id = visitor_of(app, ask)
    told = ask(f"visitors/{consent_id}")["decisions"]
    assert [one["event_id"] for one in told] == [first, second]
    assert told[0]["asked_again"][0]["about"] == ["newcomer"] and told[0]["asked_again"][0]["policy"]["number"] == 2
    assert told[0]["followed_at"] == told[1]["recorded_at"] and not told[1]["asked_again"]
    assert all(one["sealed"] and isinstance(one["leaf"], int) for one in told)
    assert [one["locale"] for one in told] == ["en", "es"]
    sign_in(auditor)
    page = auditor.get(f"/audit/visitors/{consent_id}").text
    assert page.index("On: marketing") < page.index("Asked again.") < page.index("All off")
    assert "In force until" in page and "Expired." not in page
    assert f'href="/audit/visitors/{consent_id}/pack"' in page and f'href="/audit/events/{first}/shown"' in page


def test_a_story_ends_when_the_choice_runs_out(app, auditor, ask, decision, clock):
    decide(app, app.test_client(), decision, allow=("analytics",))
    consent_id = visitor_of(app, ask)
    assert ask(f"visitors/{consent_id}")["decisions"][0]["leaf"] is None
    assert "Waits to be sealed" in auditor.get(f"/audit/visitors/{consent_id}").text
    clock.advance(days=181)
    publish_newcomer(app, clock)
    sign_in(auditor)
    page = auditor.get(f"/audit/visitors/{consent_id}").text
    # Who is asked anyway is not asked again by a new version.
    assert "Expired." in page and "Asked again." not in page


def test_a_refusal_is_not_asked_again(app, auditor, ask, decision, clock):
    decide(app, app.test_client(), decision)
    clock.advance(days=1)
    publish_newcomer(app, clock)
    assert ask(f"visitors/{visitor_of(app, ask)}")["decisions"][0]["asked_again"] == []


def test_a_stranger_has_no_story(app, auditor, ask, decision):
    publish_zoo(app)
    decide(app, app.test_client(), decision)
    consent_id = visitor_of(app, ask)
    ask(f"visitors/{NOBODY}", 404)
    assert auditor.get(f"/audit/visitors/{NOBODY}").status_code == 404
    add_person(app, "keeper@zoo.example", site="zoo")
    keeper = app.test_client()
    sign_in(keeper, "keeper@zoo.example")
    assert keeper.get(f"/audit/visitors/{consent_id}").status_code == 404


def test_coverage_is_by_the_version_in_force_on_the_day(app, auditor, ask, clock):
    clock.advance(days=10)
    publish_newcomer(app, clock)
    changed = clock.now().date()
    clock.advance(days=10)
    names = {
        day: [
            [provider["key"] for provider in version["providers"]]
            for version in ask("coverage", category="marketing", day=str(day))["versions"]
        ]
        for day in (changed - timedelta(days=1), changed, changed + timedelta(days=1))
    }  # fmt: skip
    before, both, after = names.values()
    assert before == [["sample-ads"]] and after == [["sample-ads", "newcomer"]] and both == after + before
    assert ask("coverage", day=str(changed - timedelta(days=400)))["versions"] == []
    assert ask("coverage", category="nosuch")["versions"][0]["providers"] == []
    sign_in(auditor)
    assert "Newcomer" in auditor.get("/audit/coverage?category=marketing").text
    assert "Newcomer" not in auditor.get(f"/audit/coverage?day={changed - timedelta(days=1)}").text
    assert "No policy version was in force" in auditor.get("/audit/coverage?day=2001-01-01").text
    assert "This version has no such category." in auditor.get("/audit/coverage?category=nosuch").text


def test_a_providers_story_names_everyone(app, auditor, ask, decision, clock):
    clock.advance(days=1)
    publish_newcomer(app, clock)
    clock.advance(hours=1)
    with app.app_context():
        notice = policy.published("ala").notices["en"]
    event_id = decide(app, app.test_client(), decision, notice=notice)
    clock.advance(days=1)
    with app.app_context():
        publish(read_ala(), reason="It is gone.", material=False)
    assert ask("providers")["providers"]["newcomer"] == "Newcomer"
    removed, added = ask("providers", provider="newcomer")["turns"]
    assert (added["kind"], added["number"], added["epoch"]) == ("added", 2, 2)
    assert (added["approved_by"], added["published_by"]) == ("counsel@ala.example", "publisher@ala.example")
    assert [(act["verb"], act["actor"]) for act in added["acts"]] == [
        ("draft-change", "ed@ala.example"), ("draft-approve", "counsel@ala.example")
    ]  # fmt: skip
    assert added["asked_again"] == ["newcomer"] and added["first_decision"]["event_id"] == event_id
    assert (removed["kind"], removed["material"], removed["asked_again"]) == ("removed", False, [])
    sign_in(auditor)
    page = auditor.get("/audit/providers?provider=newcomer").text
    for words in (
        "ed@ala.example",
        "counsel@ala.example",
        "It counts letters.",
        "Yes: people who had allowed newcomer",
    ):
        assert words in page
    assert ask("providers", provider="nosuch")["turns"] == []
    assert "No published version" in auditor.get("/audit/providers?provider=nosuch").text


def test_rates_of_a_quarter_by_language(app, auditor, ask, decision, site, clock):
    for changes in ({}, {}, {"allow": ("analytics",)}, {"notice": site.notices["es"]}):
        decide(app, app.test_client(), decision, **changes)
    seal(app)
    today = clock.now()
    quarter = f"{today.year}-Q{(today.month + 2) // 3}"
    found = ask("rates", quarter=quarter)
    english, spanish = found["languages"]
    assert (english["locale"], english["refused"]) == ("en", {"count": 2, "of": 3, "percent": 66.67})
    assert (spanish["locale"], spanish["refused"]["of"]) == ("es", 1)
    assert found["whole"]["categories"]["analytics"] == {"count": 1, "of": 4, "percent": 25.0}
    assert ask("rates", quarter="1999-Q1")["periods"] == []
    page = auditor.get(f"/audit/rates?quarter={quarter}").text
    assert "66.7 %" in page and page.count("<svg") >= 2 and "style=" not in page
    # A form that changes something else keeps the quarter, as its first and last day.
    assert len(re.findall(r'name="(?:from|to)" type="date" value="\d{4}-\d\d-\d\d"', page)) == 2
    assert "Nothing was counted in this time." in auditor.get("/audit/rates?quarter=1999-Q1").text
    assert ask("signals")["dnt"]["people"]["decisions"] == 4


def test_retention_says_the_rule_and_what_is_left(app, auditor, ask, decision, clock):
    assert ask("retention") == {
        "site": "ala", "days": 730, "oldest": None, "overdue": False, "runs": [], "erased": []
    }  # fmt: skip
    decide(app, app.test_client(), decision)
    clock.advance(days=731)
    assert ask("retention", 401) is not None
    sign_in(auditor)
    assert "<strong>Yes.</strong>" in auditor.get("/audit/retention").text
    clock.advance(days=2)
    sign_in(auditor)
    assert "<strong>No.</strong>" in auditor.get("/audit/retention").text


WRONG = [
    "rates?from=x",
    "rates?quarter=2026-Q5",
    "rates?quarter=2026-Q1&from=2026-01-01",
    "rates?period=year",
    "rates?locale='",
    "rates?from=2026-02-01&to=2026-01-01",
    "rates?from=0001-01-01",
    "signals?period=day",
    "coverage?day=9999-12-31",
    "coverage?category=A%20B",
    "providers?provider=..",
    "retention?x=1",
    "rates?zone=Mars",
    "rates?quarter=9999-Q4",
]


def test_what_cannot_be_asked_is_named(app, auditor):
    token = issue_token(app)
    for query in WRONG:
        page = auditor.get(f"/audit/{query}")
        assert page.status_code == 422 and "There is a problem" in page.text, query
        answer = auditor.get(f"/v1/audit/{query}", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 422 and answer.json["errors"], query


def test_a_story_says_whether_they_withdrew(app, auditor, ask, decision, clock):
    visitor = app.test_client()
    decide(app, visitor, decision)
    consent_id = visitor_of(app, ask)
    story = f"/audit/visitors/{consent_id}"
    assert "Never allowed anything optional." in auditor.get(story).text
    clock.advance(minutes=1)
    decide(app, visitor, decision, allow=("analytics",))
    page = auditor.get(story).text
    assert "Allows something optional since" in page and "Withdrew" not in page and "Now, <time" in page
    # Whatever the button is called.
    clock.advance(minutes=1)
    decide(app, visitor, decision)
    page = auditor.get(story).text
    assert "Withdrew on" in page and "everything optional was turned off after it had been allowed" in page
    clock.advance(minutes=1)
    decide(app, visitor, decision, allow=("marketing",))
    page = auditor.get(story).text
    assert "Allows something optional since" in page and "Withdrew on" in page
    clock.advance(days=181)
    sign_in(auditor)
    page = auditor.get(story).text
    assert "Allows nothing any more:" in page and "turned off after" not in page


def test_findings_are_told_over_the_api(app, client, auditor, ask):
    with app.app_context():
        seen = {"undeclared": {"hosts": ["tracker.example"]}, "not_allowed": {}}
        governance.report("ala", seen, "/catalog")
    body = ask("findings")
    assert body["site"] == "ala"
    [finding] = body["findings"]
    assert finding.items() >= {"name": "tracker.example", "kind": "host", "fault": "undeclared", "days": 1}.items()
    assert "Site: ala" in auditor.get("/audit/findings").text
    acts = [act for act in rows(app, StaffEvent) if act["verb"] == "audit-findings"]
    assert acts[0]["detail"] == {"through": "token"}


def test_the_list_of_decisions_leads_to_its_export(app, auditor, decision):
    decide(app, app.test_client(), decision)
    page = auditor.get("/audit/events?action=reject_all&limit=10&site=ala").text
    address = re.search(r'href="([^"]*)">Export these decisions', page)[1].replace("&amp;", "&")
    assert address == "/audit/exports?action=reject_all&site=ala"
    assert '<option value="reject_all" selected>' in auditor.get(address).text


def test_another_site_is_not_told_of(app, auditor, ask):
    publish_zoo(app)
    for view in ("rates", "signals", "coverage", "providers", "retention", "findings"):
        ask(view, 403, site="zoo")
        assert auditor.get(f"/audit/{view}?site=zoo").status_code == 422
    assert auditor.get("/audit/findings?site=zoo").status_code == 422


def test_every_view_is_recorded_without_the_visitor(app, auditor, ask, decision):
    decide(app, app.test_client(), decision)
    consent_id = visitor_of(app, ask)
    for view in PAGES:
        assert auditor.get(f"/audit/{view}").status_code == 200, view
    auditor.get(f"/audit/visitors/{consent_id}")
    ask(f"visitors/{consent_id}")
    found = [act["verb"] for act in rows(app, StaffEvent) if act["actor"] == AUDITOR]
    for verb in ("rates", "coverage", "providers", "retention", "findings", "log", "visitor"):
        assert f"audit-{verb}" in found
    assert consent_id not in str(rows(app, StaffEvent))


def test_the_views_lead_to_each_other(auditor):
    page = auditor.get("/audit/").text
    linked = set(re.findall(r'href="(/audit/[^"?#]*)', page))
    assert linked >= {f"/audit/{view}" for view in (*PAGES, "events", "sample", "exports", "zone")}
    for address in sorted(linked):
        assert auditor.get(address).status_code == 200, address
