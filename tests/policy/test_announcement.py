"""The kit that announces a version: for staff of the site, in its languages, of what that version changed."""

import pytest

from tests.policy.test_changes import add, history, rename  # noqa: F401, a fixture
from tests.staff.people import add_person, sign_in

ENGINES = ("sqlite",)
EDITOR = "editor@example.org"


@pytest.fixture
def editor(app, client):
    add_person(app, EDITOR, ["editor"])
    assert sign_in(client, EDITOR).status_code == 303
    return client


def test_texts_to_copy(editor, history):  # noqa: F811
    history((add, True))
    page = editor.get("/staff/ala/announce/2").get_data(as_text=True)
    assert "American Library Association: our privacy policy has changed" in page
    assert "- New provider under Analytics: Heatmap." in page
    assert "http://privacy.ala.localhost:9000/ala/policy/1..2" in page
    assert "&lt;a href=&#34;http://privacy.ala.localhost:9000/ala/policy/1..2&#34;&gt;What changed&lt;/a&gt;" in page
    page = editor.get("/staff/ala/announce/2?lang=es").get_data(as_text=True)
    assert "nuestra política de privacidad ha cambiado" in page and "Nuevo proveedor en Analíticas: Heatmap." in page


def test_an_editorial_version_says_so(editor, history):  # noqa: F811
    history((add, True), (rename, False))
    assert "This version is editorial" in editor.get("/staff/ala/announce/3").get_data(as_text=True)


@pytest.mark.parametrize("number", [1, 2, 2**31, 10**20])
def test_nothing_to_announce(editor, site, number):
    assert editor.get(f"/staff/ala/announce/{number}").status_code == 404


def test_a_task_for_a_week(editor, history, clock):  # noqa: F811
    assert "Announce version" not in editor.get("/staff/").get_data(as_text=True)
    history((add, True), (rename, False))
    assert "Announce version 2" in editor.get("/staff/").get_data(as_text=True)
    clock.advance(days=8)
    sign_in(editor, EDITOR)
    assert "Announce version" not in editor.get("/staff/").get_data(as_text=True)


def test_it_is_for_editors_and_approvers(app, client, history):  # noqa: F811
    history((add, True))
    add_person(app, EDITOR, ["auditor"])
    sign_in(client, EDITOR)
    assert client.get("/staff/ala/announce/2").status_code == 403
