"""What people read of how a policy changed."""

from copy import deepcopy
from xml.etree import ElementTree

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from consent_server.errors import Conflict
from consent_server.extensions import db
from consent_server.policy import archive
from consent_server.staff.models import StaffEvent
from tests.factories import publish, read_ala, rows
from tests.policy.test_changes import NEW

ENGINES = ("sqlite",)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def three(app, site):
    """Version 2 is material, version 3 editorial."""
    with app.app_context():
        content = read_ala()
        content["providers"].append({**NEW, "review_date": "2027-03-04", "purpose": {"en": "See <b>clicks</b>."}})
        publish(content)
        content = deepcopy(content)
        content["providers"][-1]["name"] = "Heat Map"
        content["providers"][-1]["held"] = True
        content["policy"]["en"] += "\n\nOne more paragraph.\n"
        publish(content, material=False)


def html(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, response.data
    return response.get_data(as_text=True)


def test_two_versions_compared(client, three):
    page = html(client, "/ala/policy/1..3?lang=en")
    assert page.index("New provider under Analytics: Heat Map.") < page.index('id="detail"')
    assert "The text of the policy has changed." in page
    assert '<h4>Heat Map <span class="word">Added</span></h4>' in page
    assert "See &lt;b&gt;clicks&lt;/b&gt;." in page
    assert ">new: </span>One more paragraph.</ins>" in page.replace('"visually-hidden"> new:', '"visually-hidden">new:')
    assert "[…] the same as before" in page


def test_what_is_gone_is_marked_by_a_word_and_a_sign(client, three):
    page = html(client, "/ala/policy/2..3?lang=en")
    assert '<h4>Heat Map <span class="word">Changed</span></h4>' in page
    assert '<del><span class="sign" aria-hidden="true">−</span><span class="visually-hidden"> gone: </span>' in page


def test_in_another_language(client, three):
    page = html(client, "/ala/policy/1..2?lang=es")
    assert '<html lang="es"' in page and "Nuevo proveedor en Analíticas: Heatmap." in page
    assert 'lang="en"' in page, "what is not translated says which language it is in"


def test_dates_between_staff_and_a_provider_are_shown_nowhere(client, three):
    for path in ("/ala/policy/1..3", "/ala/policy/3", "/ala/providers", "/ala/providers.json", "/ala/providers.csv"):
        assert "2027-03-04" not in html(client, path)
    assert b"2027-03-04" not in client.get("/v1/sites/ala/policies/3").data


def test_the_other_way_round(client, three):
    response = client.get("/ala/policy/3..1?lang=es")
    assert (response.status_code, response.location) == (308, "/ala/policy/1..3?lang=es")


def test_a_version_with_itself(client, three):
    page = html(client, "/ala/policy/2..2?lang=en")
    assert "Nothing has changed." in page and 'id="detail"' not in page


@pytest.mark.parametrize("pair", ["0..1", "1..4", "4..1", "1..99999999999999999999"])
def test_there_is_no_such_version(client, three, pair):
    response = client.get(f"/ala/policy/{pair}", follow_redirects=True)
    assert response.status_code == 404


def test_the_form_leads_to_the_comparison(client, three):
    assert client.get("/ala/policy/compare?from=3&to=1").location == "/ala/policy/1..3"
    assert client.get("/ala/policy/compare?from=1&to=3&lang=es").location == "/ala/policy/1..3?lang=es"
    assert client.get("/ala/policy/compare?from=x&to=1").status_code == 422


def test_history(client, three):
    page = html(client, "/ala/policy/history?lang=en")
    places = [page.index(words) for words in ("Version 3", "Editorial change", "Version 2", "Material change")]
    assert places == sorted(places)
    assert "First version" in page and "/ala/policy/2..3" in page
    assert "Compare any two versions" in page and "Texts from before" not in page
    for address in ("/ala/policy", "/ala/policy/2"):
        assert "/ala/policy/history" in html(client, address)


def test_history_of_one_version(client, site):
    page = html(client, "/ala/policy/history?lang=en")
    assert "First version" in page and "Compare any two versions" not in page


def test_history_in_pages(client, three, monkeypatch):
    monkeypatch.setattr("consent_server.policy.change_pages.PAGE_LENGTH", 2)
    page = html(client, "/ala/policy/history?lang=en")
    assert "/ala/policy/1" in page and "below=2" in page and "Newer versions" not in page
    page = html(client, "/ala/policy/history?below=2&lang=en")
    assert "Newer versions" in page and "Older versions" not in page
    assert client.get("/ala/policy/history?below=1").status_code == 404
    assert client.get("/ala/policy/history?below=0").status_code == 422


def test_feed_of_material_changes(client, three):
    response = client.get("/ala/policy/feed.xml?lang=en")
    assert response.content_type == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.data)
    [entry] = root.findall(f"{ATOM}entry")
    assert entry.find(f"{ATOM}id").text.endswith("/ala/policy/2")
    assert entry.find(f"{ATOM}title").text == "Privacy policy, version 2: what changed"
    content = entry.find(f"{ATOM}content")
    assert (content.get("type"), content.text) == (
        "html",
        "<ul><li>New provider under Analytics: Heatmap.</li></ul>",
    )
    assert {link.get("rel") for link in root.findall(f"{ATOM}link")} == {"self", "alternate"}
    assert root.find(f"{ATOM}author/{ATOM}name").text == "American Library Association"
    assert "/ala/policy/feed.xml" in html(client, "/ala/policy")


def test_feed_before_anything_has_changed(client, site):
    root = ElementTree.fromstring(client.get("/ala/policy/feed.xml").data)
    assert root.find(f"{ATOM}entry") is None and root.find(f"{ATOM}updated").text.endswith("Z")


def put_in(app, day="2018-05-23", words="# Old\n\nWe <script>alert(1)</script> use cookies.\n"):
    with app.app_context():
        archive.archive("ala", words, day=day, title="Policy of 2018", locale="en", by="operator")
        db.session.commit()


def test_texts_from_before(app, client, site):
    put_in(app)
    page = html(client, "/ala/policy/history?lang=es")
    assert 'href="/ala/policy/archived/2018-05-23?lang=es" lang="en" dir="ltr">Policy of 2018</a>' in page
    assert "Archivado" in page
    page = html(client, "/ala/policy/archived/2018-05-23?lang=en")
    assert "This is an archived text of 23 May 2018. It is not in force." in page
    assert "<script>alert" not in page and "use cookies." in page
    assert client.get("/ala/policy/archived/2018-05-24").status_code == 404
    assert "archive" in {act["verb"] for act in rows(app, StaffEvent)}


def test_a_text_from_before_is_never_changed(app, site):
    put_in(app)
    with pytest.raises(Conflict):
        put_in(app, words="# Other")
    for statement in (
        "UPDATE archived_text SET title = 'x'",
        "DELETE FROM archived_text",
    ):
        with app.app_context(), pytest.raises(DatabaseError, match="never changed"):
            db.session.execute(text(statement))
