"""Errors: one shape for programs, a page for people, whatever went wrong."""

import html.parser

import pytest
from flask import Flask, abort
from marshmallow import ValidationError
from sqlalchemy import text
from werkzeug.exceptions import HTTPException

from consent_server import errors
from consent_server.extensions import db
from tests.factories import make_settings, running

RAISED = {
    "malformed": (lambda: errors.Malformed("x"), 400),
    "unauthorized": (lambda: errors.Unauthorized("x"), 401),
    "forbidden": (lambda: errors.Forbidden("x"), 403),
    "not-found": (lambda: errors.NotFound("x"), 404),
    "conflict": (lambda: errors.Conflict("x"), 409),
    "erased": (lambda: errors.Erased("x"), 410),
    "too-large": (lambda: errors.TooLarge("x"), 413),
    "unsupported-media-type": (lambda: errors.UnsupportedMediaType("x"), 415),
    "invalid": (lambda: ValidationError({"field": ["wrong"]}), 422),
    "clock": (lambda: errors.ClockSkew("x", now="2026-11-22T10:00:00.000Z"), 422),
    "stale-notice": (lambda: errors.StaleNotice("x"), 422),
    "too-many-requests": (lambda: errors.TooManyRequests("x", 60), 429),
    "unavailable": (lambda: errors.Unavailable("x"), 503),
}
ABORTED = (400, 401, 403, 404, 405, 406, 409, 410, 411, 412, 413, 414, 415, 416, 422, 428, 429, 431, 500, 501, 503)


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """An app that fails on demand: for programs at /v1/fail/…, for people at /fail/…"""
    with running(make_settings(tmp_path_factory.mktemp("errors"))) as app:
        app.testing = False
        add_failures(app)
        yield app.test_client()


def add_failures(app: Flask) -> None:
    def raised(slug: str) -> None:
        raise RAISED[slug][0]()

    def aborted(code: int) -> None:
        abort(code)

    def left(code: int) -> None:
        elsewhere = HTTPException()
        elsewhere.code = code
        raise elsewhere

    def broken() -> None:
        raise KeyError("a visitor's own words")

    def database() -> None:
        db.session.execute(text("SELECT * FROM nosuch"))

    for prefix in ("/v1/fail", "/fail"):
        for path, view in (
            ("/raised/<slug>", raised),
            ("/aborted/<int:code>", aborted),
            ("/broken", broken),
            ("/echo/<secret>", lambda secret: 1 / 0),
            ("/left/<int:code>", left),
            ("/database", database),
        ):
            app.add_url_rule(prefix + path, prefix + path, view)


def assert_shape(response, status):
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    problem = response.json
    assert {"type", "title", "status", "detail"} <= set(problem)
    assert problem["status"] == status
    assert problem["type"].startswith("/docs/problems/")
    assert problem["title"] and problem["detail"]
    return problem


@pytest.mark.parametrize("slug", RAISED)
def test_our_own_errors(failing, slug):
    problem = assert_shape(failing.get(f"/v1/fail/raised/{slug}"), RAISED[slug][1])
    assert problem["type"] == f"/docs/problems/{slug}"


@pytest.mark.parametrize("code", ABORTED)
def test_the_frameworks_errors(failing, code):
    assert_shape(failing.get(f"/v1/fail/aborted/{code}"), code)


def test_members_and_headers_come_along(failing):
    assert failing.get("/v1/fail/raised/clock").json["now"] == "2026-11-22T10:00:00.000Z"
    assert failing.get("/v1/fail/raised/invalid").json["errors"] == {"field": ["wrong"]}
    assert failing.get("/v1/fail/raised/too-many-requests").headers["Retry-After"] == "60"
    assert failing.get("/v1/fail/raised/unauthorized").headers["WWW-Authenticate"] == "Bearer"
    assert int(failing.get("/v1/fail/raised/unavailable").headers["Retry-After"]) > 0


def test_a_method_that_is_not_allowed_says_which_are(failing):
    for path, allowed in (("/v1/fail/broken", {"GET", "HEAD", "OPTIONS"}), ("/healthz", {"GET", "HEAD", "OPTIONS"})):
        response = failing.delete(path)
        assert_shape(response, 405)
        assert {name.strip() for name in response.headers["Allow"].split(",")} == allowed


def test_what_is_broken_here_is_not_told(failing, caplog):
    response = failing.get("/v1/fail/broken")
    problem = assert_shape(response, 500)
    assert "visitor" not in response.text
    assert problem["detail"] == "Something went wrong here. It was logged."
    assert "/v1/fail/broken" in caplog.text


def test_a_broken_database_is_not_available_and_not_told(failing):
    response = failing.get("/v1/fail/database")
    assert_shape(response, 503)
    assert "nosuch" not in response.text


def test_the_log_names_the_route_and_not_the_address(failing, caplog):
    failing.get("/v1/fail/echo/visitors-own-id?q=what-they-sought")
    assert "/v1/fail/echo/<secret>" in caplog.text
    assert "visitors-own-id" not in caplog.text and "what-they-sought" not in caplog.text


class Page(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", ["raised/" + slug for slug in RAISED] + [f"aborted/{code}" for code in ABORTED])
def test_people_get_a_page(failing, path):
    status = RAISED[path[7:]][1] if path.startswith("raised") else int(path[8:])
    response = failing.get(f"/fail/{path}")
    assert response.status_code == status
    assert response.mimetype == "text/html"
    assert response.headers["Cache-Control"] == "no-store"
    page = Page(response.text)
    [root] = [attributes for tag, attributes in page.tags if tag == "html"]
    assert root["lang"]
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert "Traceback" not in response.text


def test_a_page_for_people_escapes_what_it_repeats(failing):
    response = failing.get("/<script>alert(1)</script>/nosuch")
    assert response.status_code == 404
    assert "<script>alert" not in response.text


@pytest.mark.parametrize(
    ("path", "for_people"),
    [
        ("/nosuch", True),
        ("/ala/nosuch", True),
        ("/staff/ala/nosuch", True),
        ("/v1/nosuch", False),
        ("/.well-known/nosuch", False),
        ("/nosuch.js", False),
        ("/ala/nosuch.json", False),
        ("/ala/nosuch.csv", False),
        ("/embed/nosuch", False),
    ],
)
def test_who_is_answered_how(failing, path, for_people):
    response = failing.get(path)
    assert response.status_code == 404
    assert response.mimetype == ("text/html" if for_people else "application/problem+json")


@pytest.mark.parametrize("code", [301, 302, 303, 304, 307, 308])
def test_what_is_no_error_passes(failing, code):
    assert failing.get(f"/v1/fail/left/{code}").status_code == code


def test_every_error_of_ours_has_a_slug_and_a_status_of_its_own():
    classes = errors.DomainError.__subclasses__()
    assert len({error.slug for error in classes}) == len(classes)
    assert all(400 <= error.status < 600 for error in classes)


def test_errors_in_production_are_the_same(tmp_path):
    production = {"environment": "production", "public_url": "https://privacy.ala.org"}
    with running(make_settings(tmp_path, **production)) as app:
        app.testing = False
        add_failures(app)
        assert_shape(app.test_client().get("/v1/fail/broken"), 500)
