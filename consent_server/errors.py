"""Domain errors and their one translation: `application/problem+json` (RFC 9457) or an HTML page."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, json, render_template, request
from flask_smorest import Api
from marshmallow import Schema, ValidationError, fields
from sqlalchemy.exc import DBAPIError, TimeoutError
from werkzeug.exceptions import HTTPException, InternalServerError

PROBLEM_JSON = "application/problem+json"
RETRY_SECONDS = 5

log = logging.getLogger(__name__)


class DomainError(Exception):
    """A rule of the domain was broken. `slug` ends the problem's type; `members` are added to its body."""

    status = 400
    slug = "malformed"
    title = "The request could not be understood"

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members
        self.headers: dict[str, str] = {}


class Malformed(DomainError):
    """The body is not the JSON that was asked for."""


class NotFound(DomainError):
    status, slug, title = 404, "not-found", "Nothing here"


class Unauthorized(DomainError):
    status, slug, title = 401, "unauthorized", "Sign-in or token needed"

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail, **members)
        self.headers = {"WWW-Authenticate": "Bearer"}


class Forbidden(DomainError):
    status, slug, title = 403, "forbidden", "Not allowed"


class Conflict(DomainError):
    status, slug, title = 409, "conflict", "The same id with another body"


class State(DomainError):
    """Well formed, but not something that can be done at present."""

    status, slug, title = 409, "state", "Not possible at present"


class Erased(DomainError):
    status, slug, title = 410, "erased", "This was erased"


class PreconditionFailed(DomainError):
    status, slug, title = 412, "precondition-failed", "It was changed in the meantime"


class TooLarge(DomainError):
    status, slug, title = 413, "too-large", "The body is too large"


class UnsupportedMediaType(DomainError):
    status, slug, title = (
        415,
        "unsupported-media-type",
        "This kind of body is not read here",
    )


class Invalid(DomainError):
    """The body is well formed, but a field is wrong; `errors` maps each field to what is wrong with it."""

    status, slug, title = 422, "invalid", "Some fields are not valid"


class ClockSkew(DomainError):
    """The event id's time is too far from the server's; `now` lets the client mint it anew."""

    status, slug, title = 422, "clock", "The event id's time is too far from ours"


class StaleNotice(DomainError):
    """A grant under a text that is not in force any more, or that was never ours."""

    status, slug, title = 422, "stale-notice", "The text that was shown is not in force"


class PreconditionRequired(DomainError):
    status, slug, title = 428, "precondition-required", "If-Match is needed"


class TooManyRequests(DomainError):
    status, slug, title = 429, "too-many-requests", "Too many requests"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.headers = {"Retry-After": str(retry_after)}


class Unavailable(DomainError):
    status, slug, title = 503, "unavailable", "Not available at the moment"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.headers = {"Retry-After": str(RETRY_SECONDS)}


def problem(status: int, slug: str, title: str, detail: str, headers: Any = (), **members: Any) -> Response:
    """A response in the one error shape. `headers` of an HTTP error (`Allow`, `Retry-After`) are kept."""
    body = {"type": f"/docs/problems/{slug}", "title": title, "status": status, "detail": detail, **members}
    return _with_headers(Response(json.dumps(body), status, content_type=PROBLEM_JSON), headers)


class ProblemSchema(Schema):
    """The one error shape (RFC 9457 §3). `errors` maps fields to what is wrong with them."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict()


def problems(*statuses: int) -> dict[str, object]:
    """The OpenAPI responses for errors a view can answer."""
    content = {PROBLEM_JSON: {"schema": ProblemSchema}}
    return {str(status): {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest, without its error bodies: they drop the headers of HTTP errors, and would speak JSON to people."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass


def wants_page() -> bool:
    """Whether a person is to read the answer: everything outside the programs' addresses."""
    path = request.path
    programs = (
        "/v1/",
        "/log/",
        "/openapi.json",
        "/healthz",
        "/readyz",
        "/metrics",
        "/.well-known/",
        "/embed/",
    )
    return not path.startswith(programs) and not path.endswith((".js", ".json", ".csv", ".xml", "/dnt"))


# Errors that Werkzeug raises for reasons we have a name for.
HTTP_ERRORS = {error.status: error for error in (Malformed, NotFound, TooLarge, UnsupportedMediaType)}


def answer(error: DomainError | HTTPException) -> Response:
    """An error as the one who asked can read it: a page for people, a problem for programs."""
    if isinstance(error, DomainError):
        status, slug, title, detail = error.status, error.slug, error.title, error.detail
        headers: Any = error.headers
        members = error.members
    else:
        status = error.code or 500
        ours = HTTP_ERRORS.get(status)
        slug, title = (ours.slug, ours.title) if ours else (error.name.lower().replace(" ", "-"), error.name)
        detail = "Something went wrong here. It was logged." if status >= 500 else str(error.description or title)
        headers, members = error.get_response().headers, {}
    if not wants_page():
        return problem(status, slug, title, detail, headers, **members)
    response = Response(render_template("error.html", status=status, title=title, detail=detail), status)
    return _with_headers(response, headers)


def _with_headers(response: Response, headers: Any) -> Response:
    for name, value in dict(headers).items():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def init_errors(app: Flask) -> None:
    """Registers the translation for every error the app can raise."""

    @app.errorhandler(DomainError)
    def domain_error(error: DomainError) -> Response:
        return answer(error)

    @app.errorhandler(ValidationError)
    def validation_error(error: ValidationError) -> Response:
        return answer(Invalid("Some fields are not valid.", errors=error.messages))

    @app.errorhandler(DBAPIError)
    @app.errorhandler(TimeoutError)
    def database_error(error: Exception) -> Response:
        log.error("database: %s", type(error).__name__)
        return answer(Unavailable("The record could not be reached. Nothing was changed."))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Any:
        redirect = error.code is None or error.code < 400
        return error.get_response() if redirect else answer(error)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        # The route's template, never the address: it may hold an id.
        log.error("unexpected error at %s", request.url_rule, exc_info=error)
        return answer(InternalServerError())
