"""Publishing over the API: what a draft would change, publishing it now or at a time, holding a provider back."""

from flask import Response, g
from flask.views import MethodView
from flask_smorest import Blueprint

from consent_server.bodies import BEARER, answer, body_of, described, load_json
from consent_server.database import begin_writing
from consent_server.errors import problems
from consent_server.extensions import db
from consent_server.policy import holds, publication, review
from consent_server.policy.admin_schemas import (
    DiffSchema,
    HoldSchema,
    HoldsSchema,
    NoteSchema,
    RevertSchema,
    VersionSchema,
    hold_of,
    proposal_of,
)
from consent_server.policy.models import PolicyVersion
from consent_server.registry import drafts, handover
from consent_server.registry.admin_schemas import PublicationSchema, StateSchema, state_of
from consent_server.staff.permissions import require_scope

WRITE, PUBLISH = "registry:write", "registry:publish"

blueprint = Blueprint(
    "publication",
    __name__,
    url_prefix="/v1/admin/sites/<site>",
    description="Publishing a site's draft; with a bearer token.",
)


STATE_NOW = {"200": described(StateSchema, "Where the draft stands now")}
PUBLISHED = {"201": described(VersionSchema, "Published; the next request sees it")}
ACT = (400, 401, 403, 413, 415, 422, 503)


@blueprint.route("/draft/diff")
@blueprint.doc(
    security=BEARER,
    responses={"200": described(DiffSchema, "What differs from what is published")} | problems(401, 403, 503),
)
@require_scope(WRITE, PUBLISH)
def diff(site: str) -> Response:
    """What the draft would change, what that would mean, and where the draft stands"""
    return answer(state_of(drafts.current(site)) | proposal_of(review.propose(site)))


@blueprint.route("/draft/revert", methods=["POST"])
@blueprint.doc(security=BEARER, requestBody=body_of(RevertSchema), responses=STATE_NOW | problems(*ACT, 404, 409))
@require_scope(WRITE, PUBLISH)
def revert(site: str) -> Response:
    """Take one change out of the draft, so that it holds up no other"""
    form = load_json(RevertSchema())
    begin_writing(db.session)
    review.revert(site, form["path"], by=_by())
    db.session.commit()
    return answer(state_of(drafts.current(site)))


@blueprint.route("/draft/publish", methods=["POST"])
@blueprint.doc(security=BEARER, requestBody=body_of(PublicationSchema), responses=PUBLISHED | problems(*ACT, 409))
@require_scope(PUBLISH)
def publish(site: str) -> Response:
    """Publish the approved draft as the next policy version"""
    form = load_json(PublicationSchema())
    begin_writing(db.session)
    return _published(publication.publish_draft(site, by=_by(), **form))


@blueprint.route("/holds")
class Holds(MethodView):
    """Providers that one person held back at once."""

    @blueprint.doc(
        security=BEARER,
        responses={"200": described(HoldsSchema, "Holds that wait for a second person")} | problems(401, 403, 503),
    )
    @require_scope(WRITE, PUBLISH)
    def get(self, site: str) -> Response:
        """Read which holds nobody else has looked at yet"""
        return answer({"holds": [hold_of(found) for found in holds.open_holds(site)]})

    @blueprint.doc(security=BEARER, requestBody=body_of(HoldSchema), responses=PUBLISHED | problems(*ACT, 404, 409))
    @require_scope(WRITE, PUBLISH)
    def post(self, site: str) -> Response:
        """Hold a provider back at once, for one person's reason; somebody else looks at it afterwards"""
        form = load_json(HoldSchema())
        begin_writing(db.session)
        response = _published(holds.hold(site, by=_by(), **form))
        handover.tell_held(site, form["provider"], _by())
        return response


@blueprint.route("/holds/<provider>/confirm", methods=["POST"])
@blueprint.doc(security=BEARER, responses={"204": {"description": "Confirmed"}, **problems(401, 403, 404, 503)})
@require_scope(PUBLISH)
def confirm_hold(site: str, provider: str) -> Response:
    """Agree that a provider is held, as somebody else than the one who held it"""
    begin_writing(db.session)
    holds.confirm_hold(site, provider, by=_by())
    db.session.commit()
    return Response(status=204)


@blueprint.route("/reviews", methods=["POST"])
@blueprint.doc(
    security=BEARER,
    requestBody=body_of(NoteSchema),
    responses={"204": {"description": "Written down"}, **problems(*ACT)},
)
@require_scope(WRITE, PUBLISH)
def review_unchanged(site: str) -> Response:
    """Write down that what is published was looked through, and nothing is to be changed"""
    form = load_json(NoteSchema())
    begin_writing(db.session)
    review.review_unchanged(site, by=_by(), note=form["note"])
    db.session.commit()
    return Response(status=204)


def _by() -> str:
    email: str = g.bearer.account.email
    return email


def _published(version: PolicyVersion) -> Response:
    body = {"number": version.number, "sha256": version.sha256.hex()}
    address = f"/v1/sites/{version.site}/policies/{version.number}"
    db.session.commit()
    response = answer(body, 201)
    response.headers["Location"] = address
    return response
