"""`POST /v1/sites/{site}/findings`: what the script saw on a page."""

from flask import Response, current_app, request
from flask.views import MethodView
from flask_smorest import Blueprint

from consent_server.bodies import read_limited
from consent_server.errors import Forbidden, UnsupportedMediaType, problems
from consent_server.governance import service
from consent_server.governance.schemas import MAX_BYTES, ReportSchema
from consent_server.policy import service as policy
from consent_server.rates import check_rate
from consent_server.security import allow_everyone
from consent_server.strict_json import parse_strict

blueprint = Blueprint(
    "findings", __name__, url_prefix="/v1/sites/<site>", description="What pages saw that is not declared or allowed."
)
schema = ReportSchema()
BODY = {media: {"schema": ReportSchema} for media in ("application/json", "text/plain")}


@blueprint.route("/findings")
class Findings(MethodView):
    """The address pages report to; they send text/plain without credentials, which needs no preflight."""

    @blueprint.doc(
        requestBody={"required": True, "content": BODY},
        responses={"204": {"description": "Taken"}, **problems(400, 403, 404, 413, 415, 422, 429, 503)},
    )
    def post(self, site: str) -> Response:
        """Report host names and cookie names that a page should not have had

        Nothing is kept of who sent it.
        """
        check_rate("report", current_app.config["SETTINGS"].consent_rate)
        rules = policy.published(site).rules
        origin = request.headers.get("Origin", "")
        if origin not in rules.origins:
            raise Forbidden("The Origin header must name one of the site's origins.")
        if request.mimetype not in ("application/json", "text/plain"):
            raise UnsupportedMediaType("Send JSON, as application/json or as text/plain.")
        seen = schema.load(parse_strict(read_limited(MAX_BYTES)))
        service.report(site, seen, rules.recorded_page(seen["page"], origin))
        return Response(status=204)


@blueprint.after_request
def allow_pages(response: Response) -> Response:
    return allow_everyone(response)
