"""The draft over the API: read, replaced, sent on its way. With a bearer token of the scope each act needs."""

from flask import Response, g, request
from flask.views import MethodView
from flask_smorest import Blueprint

from consent_server.bodies import (
    BEARER,
    answer,
    body_of,
    described,
    load_json,
    load_optional_json,
    read_json,
    require_json,
)
from consent_server.database import begin_writing
from consent_server.errors import Invalid, PreconditionFailed, PreconditionRequired, problems
from consent_server.extensions import db
from consent_server.registry import drafts, handover, service
from consent_server.registry.admin_schemas import (
    CommentSchema,
    CommentsSchema,
    ReasonSchema,
    SaidSchema,
    ScheduleSchema,
    StateSchema,
    said_of,
    state_of,
)
from consent_server.registry.models import Draft
from consent_server.registry.schemas import SiteFileSchema
from consent_server.staff.permissions import require_scope

WRITE, PUBLISH = "registry:write", "registry:publish"

blueprint = Blueprint(
    "draft",
    __name__,
    url_prefix="/v1/admin/sites/<site>/draft",
    description="The draft of a site, on its way to be published; with a bearer token.",
)

STATE_NOW = {"200": described(StateSchema, "Where the draft stands now")}
CONTENT = {
    "200": described(SiteFileSchema, "The draft in the site file's shape")
    | {"headers": {"ETag": {"description": "What If-Match takes", "schema": {"type": "string"}}}}
}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "The ETag of the draft that this one replaces",
    "schema": {"type": "string"},
}


@blueprint.route("")
class WholeDraft(MethodView):
    """The whole draft as one document."""

    @blueprint.doc(security=BEARER, responses=CONTENT | problems(401, 403, 503))
    @require_scope(WRITE, PUBLISH)
    def get(self, site: str) -> Response:
        """Read the draft, in the site file's shape; what is published where nothing has changed"""
        return _whole(drafts.current(site))

    @blueprint.doc(
        security=BEARER,
        parameters=[IF_MATCH],
        requestBody=body_of(SiteFileSchema),
        responses=CONTENT | problems(400, 401, 403, 409, 412, 413, 415, 422, 428, 503),
    )
    @require_scope(WRITE)
    def put(self, site: str) -> Response:
        """Replace the draft

        Content equal to what is published is no change. Refused with 409 while the draft is in review or approved.
        """
        require_json()
        if not request.headers.get("If-Match"):
            raise PreconditionRequired("Send If-Match with the ETag of the draft that this one replaces.")
        seen = _seen(site)
        # Nobody waits while a body arrives and is looked through.
        db.session.rollback()
        content = service.validate(read_json())
        if content["site"]["key"] != site:
            raise Invalid("A site's key never changes.", errors={"site": {"key": [f"It is {site}."]}})
        begin_writing(db.session)
        draft = drafts.save(site, content, by=g.bearer.account.email, row_version=seen)
        db.session.commit()
        return _whole(draft)


@blueprint.route("/submit", methods=["POST"])
@blueprint.doc(security=BEARER, responses=STATE_NOW | problems(401, 403, 409, 503))
@require_scope(WRITE)
def submit(site: str) -> Response:
    """Send the draft to review"""
    begin_writing(db.session)
    return _handed_over(drafts.submit(site, by=g.bearer.account.email))


@blueprint.route("/take-back", methods=["POST"])
@blueprint.doc(security=BEARER, responses=STATE_NOW | problems(401, 403, 409, 503))
@require_scope(WRITE)
def take_back(site: str) -> Response:
    """Take the draft back from review or approval"""
    begin_writing(db.session)
    return _handed_over(drafts.take_back(site, by=g.bearer.account.email))


@blueprint.route("/approve", methods=["POST"])
@blueprint.doc(
    security=BEARER,
    parameters=[IF_MATCH | {"required": False, "description": "The ETag of the draft that was looked at"}],
    responses=STATE_NOW | problems(401, 403, 409, 412, 503),
)
@require_scope(PUBLISH)
def approve(site: str) -> Response:
    """Approve the draft; whoever has edited it cannot"""
    seen = _seen(site) if request.headers.get("If-Match") else None
    db.session.rollback()
    begin_writing(db.session)
    return _handed_over(drafts.approve(site, by=g.bearer.account.email, row_version=seen))


@blueprint.route("/reject", methods=["POST"])
@blueprint.doc(
    security=BEARER,
    requestBody=body_of(ReasonSchema, required=False),
    responses=STATE_NOW | problems(400, 401, 403, 409, 413, 415, 422, 503),
)
@require_scope(PUBLISH)
def reject(site: str) -> Response:
    """Send the draft back to its editors"""
    reason = load_optional_json(ReasonSchema()).get("reason", "")
    begin_writing(db.session)
    return _handed_over(drafts.send_back(site, by=g.bearer.account.email, reason=reason))


@blueprint.route("/schedule")
class Schedule(MethodView):
    """Publishing the approved draft at a time to come."""

    @blueprint.doc(
        security=BEARER,
        requestBody=body_of(ScheduleSchema),
        responses=STATE_NOW | problems(400, 401, 403, 409, 413, 415, 422, 503),
    )
    @require_scope(PUBLISH)
    def post(self, site: str) -> Response:
        """Plan the publication of the approved draft"""
        form = load_json(ScheduleSchema())
        begin_writing(db.session)
        return _acted(drafts.schedule(site, by=g.bearer.account.email, **form))

    @blueprint.doc(security=BEARER, responses=STATE_NOW | problems(401, 403, 409, 503))
    @require_scope(PUBLISH)
    def delete(self, site: str) -> Response:
        """Call a planned publication off; the draft stays approved"""
        begin_writing(db.session)
        return _acted(drafts.unschedule(site, by=g.bearer.account.email))


@blueprint.route("/comments")
class Comments(MethodView):
    """What is said of the draft."""

    responses = {"200": described(CommentsSchema, "The first at the head")}  # noqa: RUF012

    @blueprint.doc(security=BEARER, responses=responses | problems(401, 403, 503))
    @require_scope(WRITE, PUBLISH)
    def get(self, site: str) -> Response:
        """Read what was said of the draft"""
        return answer({"comments": [said_of(comment) for comment in drafts.comments(site)]})

    @blueprint.doc(
        security=BEARER,
        requestBody=body_of(CommentSchema),
        responses={"201": described(SaidSchema, "Said")} | problems(400, 401, 403, 413, 415, 422, 503),
    )
    @require_scope(WRITE, PUBLISH)
    def post(self, site: str) -> Response:
        """Say something of a change, or of the whole draft"""
        form = load_json(CommentSchema())
        begin_writing(db.session)
        said = said_of(drafts.comment(site, form["path"], form["text"], by=g.bearer.account.email))
        db.session.commit()
        return answer(said, 201)


def _seen(site: str) -> int:
    """The draft's row version, where If-Match names it; raises PreconditionFailed."""
    draft = drafts.current(site)
    if not request.if_match.contains(drafts.etag(draft)):
        raise PreconditionFailed("Somebody has changed the draft in the meantime.")
    return draft.row_version


def _whole(draft: Draft) -> Response:
    response = answer(draft.content)
    response.set_etag(drafts.etag(draft))
    return response


def _acted(draft: Draft) -> Response:
    """Commits an act and says where the draft stands."""
    db.session.commit()
    return answer(state_of(draft))


def _handed_over(draft: Draft) -> Response:
    """The same, and tells whoever is next."""
    response = _acted(draft)
    handover.tell(draft, g.bearer.account.email)
    return response
