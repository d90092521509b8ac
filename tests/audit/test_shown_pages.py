"""What a person saw: the text and the script of then, whatever was published since."""

import json
import re
import uuid

import pytest

from consent_server.audit import shown
from consent_server.audit.shown import find_shown
from consent_server.consent.models import ConsentEvent
from consent_server.embed import service as embed
from consent_server.embed.builds import CODE, Build
from consent_server.evidence.commitment import digest
from consent_server.extensions import db
from consent_server.policy import service as policy
from tests.factories import post, publish, read_ala, seal
from tests.staff.people import AUDITOR, add_person, browser, publish_zoo, verbs

ENGINES = ("sqlite",)


@pytest.fixture
def auditor(app, site):
    add_person(app)
    return browser(app)


def decide(client, body):
    assert post(client, body).status_code == 201
    return body["event_id"]


def address(event_id):
    return f"/audit/events/{event_id}/shown"


def publish_title(app, title):
    """A new version with another title; the SHA-256 of each of its notices."""
    with app.app_context():
        publish(read_ala() | {"wording": {"en": {"title": title}}})
        return policy.published("ala").notices


def told(html):
    return json.loads(re.search(r'id="told">(.*?)</script>', html, re.S).group(1))


def script_of(client, html):
    response = client.get(re.search(r'async src="([^"]+)"', html).group(1))
    assert response.status_code == 200
    return response.text


def test_it_is_the_text_and_the_script_of_then(app, client, site, decision, auditor):
    first = decide(client, decision())
    second = decide(client, decision(notice=publish_title(app, "A second title")["en"]))
    publish_title(app, "A third title")
    seal(app)
    for event_id, title in ((first, "Cookies on ala.org"), (second, "A second title")):
        page, frame = auditor.get(address(event_id)), auditor.get(f"{address(event_id)}/banner")
        assert title in page.text and "third" not in page.text
        assert page.text.count("Made again from what is kept: the same.") == 3
        assert page.text.count(", before the decision, which is entry ") == 3
        assert told(frame.text)["notice"]["first"]["title"] == title
        script = script_of(client, frame.text)
        assert title in script and "third" not in script
        assert told(frame.text)["sha256"] in script


def test_in_another_language_it_is_the_same_script_with_that_notice(app, client, site, decision, auditor):
    event_id = decide(client, decision(notice=site.notices["es"]))
    page, frame = auditor.get(address(event_id)), auditor.get(f"{address(event_id)}/banner")
    assert "The notice in Español" in page.text
    assert '<html lang="es" dir="ltr">' in frame.text
    assert told(frame.text)["sha256"] == site.notices["es"]
    assert site.notices["en"] in script_of(client, frame.text)


def test_the_signals_are_those_of_then(app, client, decision, auditor):
    event_id = decide(client, decision(signals={"dnt": "1", "gpc": False}))
    frame = told(auditor.get(f"{address(event_id)}/banner").text)
    assert (frame["dnt"], frame["gpc"]) == ("1", False)
    assert "Your browser sent Do Not Track." in auditor.get(address(event_id)).text


def test_the_frame_can_do_nothing_but_show(client, decision, auditor):
    event_id = decide(client, decision())
    page, frame = auditor.get(address(event_id)), auditor.get(f"{address(event_id)}/banner")
    policy = frame.headers["Content-Security-Policy"]
    assert "sandbox allow-scripts;" in policy and "allow-same-origin" not in policy
    assert "connect-src 'none'" in policy and "form-action 'none'" in policy
    assert 'sandbox="allow-scripts"' in page.text and "frame-src 'self'" in page.headers["Content-Security-Policy"]


def test_where_the_text_is_unknown_it_says_so(client, decision, auditor):
    event_id = decide(client, decision(notice="ab" * 32))
    page = auditor.get(address(event_id))
    assert page.status_code == 200 and "The text is not known" in page.text
    assert "Nothing with this SHA-256 is kept here." in page.text and "<iframe" not in page.text
    assert auditor.get(f"{address(event_id)}/banner").status_code == 404


def test_a_text_that_was_published_afterwards_was_not_shown(app, client, decision, auditor, clock):
    clock.advance(hours=-2)
    event_id = decide(client, decision())
    assert "The text is not known" in auditor.get(address(event_id)).text


def test_where_the_build_is_not_kept_it_says_so(client, decision, auditor, monkeypatch):
    event_id = decide(client, decision())
    monkeypatch.setattr(shown, "find_code", lambda sha256: None)
    page = auditor.get(address(event_id)).text
    assert "The script of then is not kept here" in page and "We use cookies" in page and "<iframe" not in page
    assert auditor.get(f"{address(event_id)}/banner").status_code == 404


def test_what_is_not_what_it_was_is_named(app, client, decision, auditor, monkeypatch):
    event_id = decide(client, decision())
    monkeypatch.setattr(shown, "digest", lambda document: digest(document + b" "))
    assert auditor.get(address(event_id)).text.count("it is another one") == 3
    with app.app_context():
        found = find_shown(db.session.get(ConsentEvent, uuid.UUID(event_id)))
        assert not any(text.same for text in found.texts.values())


def test_looking_is_on_record_and_for_the_sites_own_auditors(app, client, decision, auditor):
    event_id = decide(client, decision())
    publish_zoo(app)
    add_person(app, "zoo@example.org", site="zoo")
    stranger = browser(app, "zoo@example.org")
    for path in (address(event_id), f"{address(event_id)}/banner"):
        assert stranger.get(path).status_code == 404
    before = verbs(app).count("audit-read")
    assert auditor.get(address(event_id)).status_code == 200
    assert verbs(app).count("audit-read") == before + 1


def test_it_takes_the_widths_and_looks_there_are(client, decision, auditor):
    event_id = decide(client, decision())
    page = auditor.get(f"{address(event_id)}?width=phone&look=dark").text
    assert 'class="preview phone dark"' in page and "banner?width=phone&amp;look=dark" in page
    assert auditor.get(f"{address(event_id)}?width=watch").status_code == 422
    assert AUDITOR in page


def test_after_a_release_it_is_the_script_of_before(app, client, site, decision, auditor):
    first = decide(client, decision())
    with app.app_context():
        old = app.config["BUILDS"][CODE]
        new = Build(CODE, old.content + b"\n/* the next release */")
        app.config["BUILDS"] = {**app.config["BUILDS"], CODE: new}
        app.config["WIDGET_SHA256"] = new.sha256
        embed.release()
        db.session.commit()
        notice = policy.published("ala").notices["en"]
    second = decide(client, decision(notice=notice))
    for event_id, build in ((first, old), (second, new)):
        assert build.sha256.hex() in auditor.get(address(event_id)).text
        script = script_of(client, auditor.get(f"{address(event_id)}/banner").text)
        assert ("the next release" in script) == (build is new)
