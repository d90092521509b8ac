"""Response headers by kind of answer, CORS and same-origin forms."""

from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask.sessions import SessionInterface

from consent_server.errors import Forbidden, NotFound
from consent_server.settings import Settings

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
PAGE = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'"
)
PREFLIGHT_SECONDS = 7200


class NoSessions(SessionInterface):
    """Nothing is kept in a session cookie of Flask's; staff have sessions of their own (`staff/sessions.py`)."""

    def open_session(self, app: Flask, request: object) -> None:
        return None


def init_security(app: Flask, settings: Settings) -> None:
    """Refuses what no address of ours holds, and sets the headers of every response that did not set its own."""

    @app.before_request
    def refuse_null() -> None:
        # PostgreSQL takes no U+0000 in a text, not even to say that it knows no such key.
        if "\0" in request.path:
            raise NotFound("There is nothing at this address.")

    @app.after_request
    def set_headers(response: Response) -> Response:
        # For the access log, which never sees the address itself.
        request.environ["consent.route"] = request.url_rule.rule if request.url_rule else None
        headers = response.headers
        headers["X-Content-Type-Options"] = "nosniff"
        if "Content-Security-Policy" not in headers:
            is_page = response.mimetype == "text/html"
            headers["Content-Security-Policy"] = PAGE if is_page else NOTHING
            if is_page:
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
                headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cache-Control", "no-store")
        if not settings.development:
            headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        return response


def allow_origin(response: Response, origin: str) -> Response:
    """CORS with credentials for one listed origin."""
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    response.headers.add("Vary", "Origin")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def allow_everyone(response: Response) -> Response:
    """CORS without credentials, for what is public and the same for all."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def require_same_origin(*, origin_needed: bool) -> None:
    """Refuses a form that another site sent.

    A browser names the sender in `Origin`, and in `Sec-Fetch-Site` where it is new enough. Visitors' forms need the
    first; a program that signs in as staff may have neither, and then carries no cookie that it did not get itself.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        allowed = not origin_needed
    else:
        address = urlsplit(origin)
        allowed = f"{address.scheme}://{address.netloc}" == request.host_url.rstrip("/")
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin" or not allowed:
        raise Forbidden("This form was not sent from this site's own page.")
