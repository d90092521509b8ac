"""`/audit/events`: the list, and one decision."""

import re

import pytest
from flask import get_template_attribute

from consent_server.evidence.commitment import parse
from consent_server.policy import service as policy
from consent_server.staff.models import StaffEvent
from consent_server.texts import texts_in
from tests.factories import ORIGIN, decision_body, post, publish, rows, site_content, unrefused
from tests.staff.people import add_person, publish_zoo, sign_in

ENGINES = ("sqlite",)


@pytest.fixture
def auditor(app, client, site):
    """A browser in which ALA's auditor is signed in."""
    add_person(app)
    sign_in(client)
    return client


def send(app, body, **headers):
    response = post(app.test_client(), body, **headers)
    assert response.status_code == 201
    return response


def events_in(page):
    return re.findall(r'href="/audit/events/([0-9a-f-]{36})"', page.text)


def test_the_list_says_in_words_what_was_decided(app, auditor, decision):
    body = decision(allow=("functional",))
    send(app, body, DNT="1")
    page = auditor.get("/audit/events")
    assert events_in(page) == [body["event_id"]]
    for words in ("Chose", "On: functional", "DNT", "Firefox 140, Linux, desktop", "ala"):
        assert words in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_nothing_yet_and_nothing_found_are_different(app, auditor, decision):
    assert "No decisions yet" in auditor.get("/audit/events").text
    assert "No decisions match. Remove a filter." in auditor.get("/audit/events?dnt=true").text


def test_filters_can_be_bookmarked_and_taken_away(app, auditor, decision):
    wanted, other = decision(), decision(allow=("functional",))
    send(app, wanted, DNT="1")
    send(app, other)
    page = auditor.get("/audit/events?dnt=true&visitor=&locale=en&from=2001-01-01&action=")
    assert events_in(page) == [wanted["event_id"]]
    assert (
        '<a href="?dnt=true&amp;locale=en"><span class="visually-hidden">Remove filter </span>From: 2001-01-01</a>'
        in page.text
    )
    assert '<option value="en" selected>en</option>' in page.text
    assert '<option value="true" selected>Sent</option>' in page.text


def test_pages_lead_to_the_earlier_ones(app, auditor, decision):
    sent = [decision() for _ in range(3)]
    for body in sent:
        send(app, body)
    first = auditor.get("/audit/events?limit=2")
    following = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    second = auditor.get("/audit/events" + following)
    assert sorted(events_in(first) + events_in(second)) == sorted(body["event_id"] for body in sent)
    assert 'rel="next"' not in second.text


def test_a_wrong_filter_is_named(auditor):
    for query in ("visitor=x", "from=nonsense", "policy=x", "site=zoo", "utm_source=x", "cursor=x"):
        page = auditor.get(f"/audit/events?{query}")
        assert page.status_code == 422 and "There is a problem" in page.text, query


def test_one_decision_is_shown_with_the_notice_as_it_was(app, auditor, decision, site):
    body = {**decision(signals={"dnt": "1", "gpc": False}), "notice": site.notices["es"]}
    send(app, body, DNT="1")
    page = auditor.get(f"/audit/events/{body['event_id']}")
    assert page.status_code == 200
    assert site.notices["es"] in page.text and ORIGIN in page.text
    assert 'lang="es" dir="ltr"' in page.text
    assert re.findall(r"<button[^>]* disabled>([^<]*)<", page.text)[:3] == ["Rechazar todo", "Aceptar todo", "Elegir"]
    assert "Tu navegador envió Do Not Track" in page.text
    assert 'href="/ala/policy/1"' in page.text
    assert "Sent (header: 1, script: 1). Not acted on." in page.text


def test_a_notice_from_right_to_left_is_shown_so(app, auditor, decision, site):
    body = {**decision(), "notice": site.notices["he"]}
    send(app, body)
    page = auditor.get(f"/audit/events/{body['event_id']}").text
    assert page.count('lang="he" dir="rtl"') == 2
    banner = texts_in("he")["banner"]
    assert f">{banner['reject_all']}<" in page and texts_in("he")["standard"]["analytics"]["purpose"] in page


def test_categories_in_another_language_than_their_notice_are_marked(app, auditor):
    """As they stood in the banner: the site has no words in Vietnamese for a category of its own."""
    content = site_content(locales=["en", "vi"])
    content["categories"][1] = {"key": "own", "name": "Counting & more", "purpose": "Count visits."}
    content["providers"] = [{**content["providers"][0], "category": "own"}]
    with app.app_context():
        publish(unrefused(content))
        notice = policy.published("zoo").notices["vi"]
    add_person(app, site="zoo")
    body = decision_body(notice, choices={"own": False, "marketing": False}, page=None)
    assert post(app.test_client(), body, site="zoo", Origin="https://www.zoo.example").status_code == 201
    page = auditor.get(f"/audit/events/{body['event_id']}").text
    assert '<strong><span lang="en" dir="auto">Counting &amp; more</span></strong>' in page
    assert '<span lang="en" dir="auto">Count visits.</span>' in page
    assert f"{texts_in('vi')['dialog']['providers']} Counter" in page
    assert f"<strong>{texts_in('vi')['standard']['marketing']['name']}</strong>" in page


def test_providers_of_a_notice_are_named(app, auditor, decision):
    body = decision()
    send(app, body)
    page = auditor.get(f"/audit/events/{body['event_id']}").text
    assert "Providers: Google Analytics</p>" in page


def test_providers_of_a_notice_of_an_earlier_release_are_names_alone(app, site):
    with app.test_request_context():
        notice = parse(policy.find_notice("ala", bytes.fromhex(site.notices["en"])))
        notice["dialog"]["categories"][1]["providers"] = ["A", {"key": "b", "name": "B"}]
        assert "A, B</p>" in get_template_attribute("_notice.html", "preferences")(notice, "x")


def test_a_notice_that_is_not_ours_is_said_to_be_unknown(app, auditor, decision):
    body = {**decision(), "notice": "ab" * 32}
    send(app, body)
    page = auditor.get(f"/audit/events/{body['event_id']}")
    assert "Unknown: no notice of ours" in page.text and "First layer</h3>" not in page.text


def test_an_auditor_sees_their_own_sites_only(app, auditor, client, decision):
    publish_zoo(app)
    body = decision()
    send(app, body)
    keeper = app.test_client()
    add_person(app, "keeper@zoo.example", site="zoo")
    sign_in(keeper, "keeper@zoo.example")
    assert events_in(keeper.get("/audit/events")) == []
    assert keeper.get("/audit/events?site=ala").status_code == 422
    assert keeper.get(f"/audit/events/{body['event_id']}").status_code == 404
    add_person(app, "keeper@zoo.example", site="ala")
    assert events_in(keeper.get("/audit/events")) == [body["event_id"]]
    assert events_in(keeper.get("/audit/events?site=zoo")) == []


@pytest.mark.parametrize("roles", [("admin",), ("editor", "approver", "dpo"), ()])
def test_other_roles_see_no_decisions(app, client, site, roles):
    add_person(app, roles=roles)
    sign_in(client)
    assert client.get("/audit/events").status_code == 403
    assert client.get("/audit/events/01a20154-9c61-7db5-b4b6-8be7833361be").status_code == 403


def test_reading_is_recorded_without_the_visitor(app, auditor, decision):
    body = decision()
    visitor = re.search(r"__Host-visitor=([0-9a-f-]{36})", str(send(app, body).headers))[1]
    auditor.get(f"/audit/events?visitor={visitor}")
    auditor.get(f"/audit/events/{body['event_id']}")
    search, read = sorted(rows(app, StaffEvent), key=lambda act: act["at"])[-2:]
    assert (search["verb"], search["detail"]) == ("audit-search", {"filters": ["visitor"]})
    assert (read["verb"], read["site"], read["detail"]) == ("audit-read", "ala", {})
    kept = str(rows(app, StaffEvent))
    assert visitor not in kept and body["event_id"] not in kept
