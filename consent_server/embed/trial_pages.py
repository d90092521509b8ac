"""A draft on the real site: a signed link that makes one browser get its script, and nobody else's."""

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from consent_server.embed.preview import trial_script
from consent_server.errors import NotFound
from consent_server.policy import service as policy
from consent_server.registry import drafts
from consent_server.security import require_same_origin

blueprint = Blueprint("trial", __name__, url_prefix="/<site>/trial")

HOURS = 8
COOKIE = "trial"
CHOICES = "visitor_choices"


@blueprint.get("/<ticket>")
def page(site: str, ticket: str) -> ResponseReturnValue:
    """What a trial is, and the buttons to start it in this browser and to end it"""
    _check(site, ticket)
    rules = policy.published(site).rules
    running = request.cookies.get(COOKIE) == ticket
    return render_template(
        "registry/trial.html", site=site, name=rules.name, ticket=ticket, running=running, hours=HOURS,
        origins=sorted(rules.origins),
    )  # fmt: skip


@blueprint.post("/<ticket>")
def start(site: str, ticket: str) -> ResponseReturnValue:
    """Start the trial in this browser"""
    require_same_origin(origin_needed=True)
    _check(site, ticket)
    response = _begin_afresh(site, ticket)
    response.set_cookie(
        COOKIE, ticket, max_age=HOURS * 3600, path=f"/{site}/", httponly=True, secure=request.is_secure, samesite="Lax"
    )
    return response


@blueprint.post("/<ticket>/end")
def end(site: str, ticket: str) -> ResponseReturnValue:
    """End it; the ticket may have run out meanwhile"""
    require_same_origin(origin_needed=True)
    response = _begin_afresh(site, ticket)
    response.delete_cookie(COOKIE, path=f"/{site}/", httponly=True, secure=request.is_secure, samesite="Lax")
    return response


def _begin_afresh(site: str, ticket: str) -> Response:
    """Back to the page, which has the browser let go of the script it has kept; the site asks anew."""
    response = make_response(redirect(url_for("trial.page", site=site, ticket=ticket), 303))
    host = request.host.partition(":")[0]
    response.delete_cookie(CHOICES, domain=policy.published(site).rules.cookie_domain(host), samesite="Lax")
    return response


def running_trial(site: str) -> Response | None:
    """The draft's script for a browser in which a trial of the site runs; none for everybody else."""
    ticket = request.cookies.get(COOKIE)
    if not ticket or not _holds(site, ticket):
        return None
    end = url_for("trial.page", site=site, ticket=ticket, _external=True)
    script = trial_script(drafts.current(site).content, end)
    response = Response(script, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    # The site's pages are of the consent host's own domain: only they send it this cookie.
    response.headers["Cross-Origin-Resource-Policy"] = "same-site"
    return response


def make_ticket(site: str) -> str:
    return _tickets().dumps(site)


def _check(site: str, ticket: str) -> None:
    if not _holds(site, ticket):
        raise NotFound(f"This trial is over: its link is good for {HOURS} hours. Ask for a new one.")


def _holds(site: str, ticket: str) -> bool:
    try:
        return bool(_tickets().loads(ticket, max_age=HOURS * 3600) == site)
    except BadSignature:
        return False


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="trial")
