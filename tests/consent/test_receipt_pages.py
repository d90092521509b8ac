"""A visitor's receipts as pages, and all of them as one file."""

import io
import json
import re
import uuid
import zipfile

import pytest

from consent_server.evidence import service as evidence
from consent_server.evidence import verifier, verify
from consent_server.evidence.commitment import digest
from tests.consent.test_receipts import cookie, decide
from tests.factories import HOST, everything, seal

ENGINES = ("sqlite",)
PACK = "/ala/choices/receipts.zip"


def page_of(event_id, site="ala"):
    return f"/{site}/choices/receipts/{event_id}"


def test_it_says_what_was_decided_under_which_text_and_where_it_is_sealed(app, client, site, decision):
    event_id = decide(client, decision(allow=("analytics",), signals={"dnt": "1", "gpc": False}))
    seal(app)
    html = client.get(page_of(event_id)).text
    with app.app_context():
        leaf, size = evidence.leaf_of_event(uuid.UUID(event_id)), evidence.newest().size
    assert f"Sealed in our log as entry {leaf}. The log has {size} entries" in html
    assert "Allowed: Analytics." in html and "Refused: Functional, Marketing." in html
    assert cookie(client).value.partition(".")[0] in html
    assert "We use cookies to make this site work." in html
    # The line that stood above the text.
    assert "Your browser sent Do Not Track." in html
    assert site.notices["en"] in html
    assert f'href="/v1/sites/ala/receipts/{event_id}" download' in html
    for profile in ("27560", "kantara-1.1"):
        assert f"/v1/sites/ala/receipts/{event_id}?profile={profile}" in html
    assert '<script type="module" src="/static/receipt.js">' in html


def test_it_is_private_and_has_one_heading_and_no_inline_code(app, client, decision):
    event_id = decide(client, decision())
    seal(app)
    response = client.get(page_of(event_id))
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.text.count("<h1") == 1
    assert not re.search(r"<script(?! type=\"module\" src=)|<style| style=| on\w+=", response.text)


def test_while_it_waits_it_says_so(client, decision):
    event_id = decide(client, decision())
    html = client.get(page_of(event_id)).text
    assert "waits to be sealed" in html and f'href="{page_of(event_id)}"' in html
    assert "receipt.js" not in html and "download" not in html


def test_it_is_the_visitors_own(app, client, decision):
    event_id = decide(client, decision())
    seal(app)
    other = app.test_client()
    decide(other, decision())
    for asking in (other, app.test_client()):
        assert asking.get(page_of(event_id)).status_code == 404
    assert client.get(page_of(event_id, "zoo")).status_code == 404
    assert client.get(page_of(uuid.uuid4())).status_code == 404


def test_where_the_text_is_unknown_it_says_so(app, client, decision):
    event_id = decide(client, decision(notice="ab" * 32))
    seal(app)
    html = client.get(page_of(event_id)).text
    assert "so we do not know them" in html and "We use cookies" not in html


def test_in_spanish(app, client, decision):
    event_id = decide(client, decision())
    seal(app)
    response = client.get(f"{page_of(event_id)}?lang=es")
    assert '<html lang="es" dir="ltr">' in response.text and "Recibo de una elección" in response.text
    # The words it was asked with are in the language they were in.
    assert '<div class="card shown" role="group" aria-labelledby="first-layer" lang="en" dir="ltr">' in response.text


def test_the_choices_lead_to_the_receipts(app, client, decision):
    events = [decide(client, decision(allow=allow)) for allow in (("analytics",), ())]
    html = client.get("/ala/choices").text
    assert f'href="{page_of(events[1])}"' in html and page_of(events[0]) not in html
    html = client.get("/ala/choices?history=show").text
    assert all(f'href="{page_of(event_id)}" aria-label="Receipt of ' in html for event_id in events)
    assert f'href="{PACK}" download' in html
    assert PACK not in app.test_client().get("/ala/choices").text


def unpack(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def packed(app, client, decision, tmp_path):
    """Two decisions of a visitor, one of them under no known text, as the file of all receipts."""
    events = [decide(client, decision(allow=("marketing",))), decide(client, decision(notice="ab" * 32))]
    decide(app.test_client(), decision())
    seal(app)
    response = client.get(PACK)
    assert (response.status_code, response.content_type) == (200, "application/zip")
    (tmp_path / "pack.zip").write_bytes(response.data)
    return events, unpack(response.data)


def test_all_receipts_in_one_file(app, client, site, packed):
    events, files = packed
    visitor = cookie(client).value.partition(".")[0]
    assert {f"receipts/{event_id}.json" for event_id in events} | {f"shown/{event_id}.html" for event_id in events} | {
        "README.txt",
        "verify.py",
        "rotations.json",
        "manifest.json",
        f"notices/{site.notices['en']}.json",
        f"policies/{site.terms.sha256}.json",
        f"widgets/{app.config['WIDGET_SHA256'].hex()}.js",
    } == set(files)
    manifest = json.loads(files["manifest.json"])
    with app.app_context():
        assert manifest["origin"] == evidence.origin()
        assert int(manifest["size"]) == evidence.newest().size
    assert (manifest["schema"], manifest["visitor"]) == ("pack/1", visitor)
    assert manifest["files"] == {name: digest(data).hex() for name, data in files.items() if name != "manifest.json"}
    assert list(files)[-1] == "manifest.json"
    assert files["verify.py"] == verifier.source()
    for path in files:
        kind, _, name = path.partition("/")
        if kind in ("notices", "policies", "widgets"):
            assert digest(files[path]).hex() == name.partition(".")[0]
    assert visitor in files["README.txt"].decode() and "Receipts: 2" in files["README.txt"].decode()


def test_it_verifies_and_a_changed_byte_is_named(app, packed, tmp_path, capsys):
    path = tmp_path / "pack.zip"
    with app.app_context():
        key = evidence.verifier_key()
    assert verify.main(["pack", str(path), "--key", key]) == 0
    events, files = packed
    receipt = f"receipts/{events[0]}.json"
    files[receipt] = files[receipt].replace(b'"marketing": true', b'"marketing": false')
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    assert verify.main(["pack", str(path), "--key", key]) == 1
    assert events[0] in capsys.readouterr().out


def test_each_page_as_shown_stands_alone(packed):
    events, files = packed
    known, unknown = (files[f"shown/{event_id}.html"].decode() for event_id in events)
    assert "We use cookies to make this site work." in known and "marketing: on" in known
    assert "The text is not known" in unknown
    for html in (known, unknown):
        assert "default-src 'none'" in html and not re.search(r"<script|<link|<img|src=|href=", html)


def test_what_is_not_sealed_yet_is_named(app, client, decision):
    decide(client, decision())
    assert client.get(PACK).status_code == 503
    seal(app)
    decide(client, decision())
    files = unpack(client.get(PACK).data)
    assert "Receipts: 1 (1 more wait to be sealed: ask again)" in files["README.txt"].decode()


def test_whoever_proves_nothing_gets_no_file(app, client, decision):
    assert client.get(PACK).status_code == 404
    decide(client, decision())
    seal(app)
    secret = f"__Host-visitor={cookie(client).value.partition('.')[0]}.{'A' * 43}"
    assert app.test_client(use_cookies=False).get(PACK, headers={"Cookie": secret}).status_code == 404
    client.post("/ala/choices/erase", headers={"Origin": HOST})
    assert client.get(PACK).status_code == 404


def test_reading_writes_nothing(app, client, decision):
    event_id = decide(client, decision())
    seal(app)
    before = everything(app)
    for path in (page_of(event_id), PACK, f"/v1/sites/ala/receipts/{event_id}"):
        assert client.get(path).status_code == 200
    assert everything(app) == before


def test_the_verifier_is_for_everybody(client):
    response = client.get("/log/verify.py")
    assert (response.status_code, response.content_type) == (200, "text/x-python; charset=utf-8")
    assert response.headers["Content-Disposition"] == 'attachment; filename="verify.py"'
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    assert response.data == verifier.source()
    again = client.get("/log/verify.py", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
