"""What visitors are told since their choice, and what that choice does not cover any more."""

from copy import deepcopy

import pytest

from consent_server.policy import service as policy
from tests.factories import publish, read_ala

NEW = {
    "key": "heatmap",
    "name": "Heatmap",
    "category": "analytics",
    "privacy_url": "https://heatmap.example/privacy",
    "sells_or_shares": False,
    "sample": False,
    "hosts": [],
    "trackers": [],
}


@pytest.fixture
def history(app, site):
    """Publishes the content after each edit in turn; returns the sentences since a version."""

    def write(*edits):
        with app.app_context():
            content = read_ala()
            for edit, material in edits:
                content = deepcopy(content)
                edit(content)
                publish(content, material=material)

    return write


def add(content):
    content["providers"].append(NEW)


def rename(content):
    content["providers"][-1]["name"] = "Heat Map"


def remove(content):
    content["providers"] = [entry for entry in content["providers"] if entry["key"] != "heatmap"]


def rewrite(content):
    content["policy"]["en"] += "\n\nOne more paragraph.\n"


def sentences(client, since, language="en"):
    response = client.get(f"/v1/sites/ala/changes/{since}/{language}")
    assert response.status_code == 200
    return response.json["sentences"]


def test_what_is_told(client, history):
    history((add, True))
    response = client.get("/v1/sites/ala/changes/1/es-MX")
    assert response.json == {
        "lang": "es",
        "dir": "ltr",
        "number": 2,
        "sentences": ["Nuevo proveedor en Analíticas: Heatmap."],
        "line": "Qué ha cambiado desde tu elección: {changes}",
        "again": ("Hay novedades desde tu última elección: {changes} Lo nuevo está desactivado hasta que lo permitas."),
        "dismiss": "Ocultar",
        "more": "Todos los cambios en detalle",
        "href": "/ala/policy/1..2",
    }
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get("/v1/sites/ala/changes/1/es-MX", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_nothing_is_told_of_what_is_editorial(client, history):
    history((add, False), (rewrite, False))
    assert sentences(client, 1) == []


def test_what_is_editorial_is_not_told_beside_what_is_material(client, history):
    history((rewrite, False), (add, True), (rename, False))
    assert sentences(client, 1) == ["New provider under Analytics: Heat Map."]
    assert sentences(client, 3) == []
    assert sentences(client, 4) == []


def test_what_came_and_went_is_not_told(client, history):
    history((add, True), (remove, False))
    assert sentences(client, 1) == []


def test_what_a_person_calls_material_is_told(client, history):
    history((rewrite, True), (add, True))
    assert sentences(client, 1) == ["New provider under Analytics: Heatmap.", "The text of the policy has changed."]


@pytest.mark.parametrize("since", [0, 3, 2**31, 10**30])
def test_there_is_no_such_version(client, history, since):
    history((add, True))
    assert client.get(f"/v1/sites/ala/changes/{since}/en").status_code == 404


def test_what_a_choice_does_not_cover_any_more(app, history):
    history((add, True), (rename, False), (rewrite, True))
    with app.app_context():
        assert policy.published("ala").changes == (
            (2, ("heatmap",)),
            (4, ("analytics", "functional", "marketing")),
        )


def test_a_choice_that_has_expired_covers_nothing_anyway(app, history, clock):
    history((add, True))
    clock.advance(days=181)
    with app.app_context():
        publish(read_ala())
        assert [number for number, _ in policy.published("ala").changes] == [3]
