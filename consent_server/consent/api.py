"""`POST /v1/sites/{site}/consents`: what the widget sends."""

from flask import Response, json, make_response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from consent_server import clock
from consent_server.bodies import read_limited
from consent_server.consent import cookies, service
from consent_server.consent.exchange import check_decision_rate, sender, set_cookies
from consent_server.consent.schemas import MAX_BYTES, DecisionSchema, RecordedSchema
from consent_server.errors import Forbidden, UnsupportedMediaType, problems
from consent_server.policy import service as policy
from consent_server.security import PREFLIGHT_SECONDS, allow_origin
from consent_server.strict_json import parse_strict

blueprint = Blueprint(
    "consents",
    __name__,
    url_prefix="/v1/sites/<site>",
    description="What visitors decide.",
)
schema = DecisionSchema()


BODY = {media: {"schema": DecisionSchema} for media in ("application/json", "text/plain")}
ANSWER = {"content": {"application/json": {"schema": RecordedSchema}}}


@blueprint.route("/consents")
class Consents(MethodView):
    """The address decisions are sent to."""

    @blueprint.doc(
        requestBody={"required": True, "content": BODY},
        responses={
            "201": {"description": "Recorded", **ANSWER},
            "200": {"description": "Recorded before", **ANSWER},
            **problems(400, 403, 404, 409, 410, 413, 415, 422, 429, 503),
        },
    )
    def post(self, site: str) -> Response:
        """Record a decision, durably and once

        Answers 201 to a new event and 200 to the same event again.
        """
        check_decision_rate()
        origin = _listed_origin(site)
        if request.mimetype not in ("application/json", "text/plain"):
            raise UnsupportedMediaType("Send JSON, as application/json or as text/plain.")
        decision = schema.load(parse_strict(read_limited(MAX_BYTES)))
        recorded = service.record(site, decision, sender(origin))
        return _answer(site, recorded)

    @blueprint.doc(responses={"204": {"description": "What a listed page may send"}, **problems(403, 404)})
    def options(self, site: str) -> Response:
        """Say which requests a page may send"""
        _listed_origin(site)
        response = make_response("", 204)
        response.headers["Access-Control-Allow-Methods"] = "POST"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        return response


@blueprint.after_request
def allow_listed_origin(response: Response) -> Response:
    """A listed page may read every answer, errors included, so that it knows what to do next."""
    origin = request.headers.get("Origin", "")
    known = policy.known((request.view_args or {})["site"])
    if response.status_code != 403 and known is not None and origin in known.rules.origins:
        return allow_origin(response, origin)
    response.headers.add("Vary", "Origin")
    return response


def _listed_origin(site: str) -> str:
    """The request's origin, if the site lists it; a form or an opaque origin (`null`) is nobody's page."""
    origin = request.headers.get("Origin", "")
    if origin not in policy.remembered(site).rules.origins and origin not in policy.published(site).rules.origins:
        raise Forbidden("The Origin header must name one of the site's origins.")
    return origin


def _answer(site: str, recorded: service.Recorded) -> Response:
    body = {
        "event_id": str(recorded.event_id),
        "recorded_at": clock.to_rfc3339(recorded.recorded_at),
        "choices": recorded.choice.categories,
        "providers": recorded.choice.providers,
        "policy": {"number": recorded.terms.number, "sha256": recorded.terms.sha256},
        "expires_at": clock.to_rfc3339(recorded.expires_at),
        "receipt": f"/v1/sites/{site}/receipts/{recorded.event_id}",
    }
    response = Response(
        json.dumps(body),
        201 if recorded.fresh else 200,
        content_type="application/json",
    )
    response.headers["Cache-Control"] = "no-store"
    set_cookies(response, site, recorded, write_choices=_may_write_choices(recorded))
    return response


def _may_write_choices(recorded: service.Recorded) -> bool:
    """The script has written its cookie already; ours replaces it only where there is none or one that says the same,
    since a tab may have decided anew in the meantime."""
    sent = request.cookies.getlist(cookies.CHOICES)
    return recorded.cookie is not None and (not sent or cookies.says_the_same(sent, recorded.cookie))
