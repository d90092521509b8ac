"""The draft's banner in a frame that can neither store nor send."""

import json
import re

from consent_server.embed.preview import try_draft
from consent_server.registry import drafts
from tests.factories import everything
from tests.html_forms import form

ENGINES = ("sqlite",)
PREVIEW, WORDING = "/staff/ala/preview", "/staff/ala/wording/es"


def script_of(client, locale):
    page = client.get(f"{PREVIEW}/banner?locale={locale}")
    return page, re.search(r'src="(/staff/ala/preview/[^"]+)"', page.text).group(1)


def test_the_frame_shows_the_drafts_words(app, editor):
    fields = form(editor.get(WORDING).text, WORDING)
    editor.post(WORDING, data=fields | {"wording/title": "Galletas"})
    page, address = script_of(editor, "es")
    script = app.test_client().get(address)
    assert script.status_code == 200 and "Galletas" in script.text
    # What visitors get is as it was.
    assert "Galletas" not in app.test_client().get("/ala/choices.js").text
    notices = json.loads(re.search(r'id="notices">(.*?)</script>', page.text, re.S).group(1))
    [(name, notice)] = notices.items()
    assert name in script.text and notice["first"]["title"] == "Galletas"


def test_the_frame_can_do_nothing_but_show(editor):
    page, _ = script_of(editor, "en")
    policy = page.headers["Content-Security-Policy"]
    assert "sandbox allow-scripts;" in policy and "allow-same-origin" not in policy
    assert "connect-src 'none'" in policy and "form-action 'none'" in policy
    assert "frame-src 'self'" in editor.get(PREVIEW).headers["Content-Security-Policy"]
    assert 'sandbox="allow-scripts"' in editor.get(PREVIEW).text


def test_the_script_of_a_draft_is_for_the_frame_alone(app, editor):
    _, address = script_of(editor, "en")
    assert editor.get(address.replace("/ala/", "/zoo/")).status_code == 404
    assert editor.get(re.sub(r"preview/.", "preview/_", address)).status_code == 404
    assert app.test_client().get(f"{PREVIEW}/banner").status_code == 303


def test_a_language_that_the_site_does_not_have_is_its_own(editor):
    page, _ = script_of(editor, "de")
    assert '<html lang="en"' in page.text
    assert editor.get(f"{PREVIEW}?width=watch").status_code == 422


def test_looking_writes_nothing(app, editor):
    before = everything(app)
    with app.app_context():
        for locale in drafts.current("ala").content["site"]["locales"]:
            assert try_draft(drafts.current("ala").content, locale).notices
    assert everything(app) == before


def test_what_an_editor_writes_does_not_end_the_script_it_is_in(app, editor):
    fields = form(editor.get(WORDING).text, WORDING)
    editor.post(WORDING, data=fields | {"wording/title": "a < /script > b"})
    page, _ = script_of(editor, "es")
    assert page.text.count("</script>") == 3
