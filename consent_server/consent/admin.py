"""The rights of visitors over the API: erasing what one asked to have erased."""

import re

from flask import Response, g
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields, validate, validates

from consent_server.bodies import BEARER, answer, body_of, described, load_json
from consent_server.consent import erasure
from consent_server.errors import problems
from consent_server.staff.permissions import require_scope

# What says who it was about: a consent ID, or an e-mail address.
PERSONAL = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|\S@\S", re.IGNORECASE)

blueprint = Blueprint(
    "rights",
    __name__,
    url_prefix="/v1/admin/sites/<site>",
    description="Requests of visitors about their data; with a bearer token.",
)


class ErasureSchema(Schema):
    """`visitor`: the consent ID. `reason` is kept for good, and so names nobody."""

    visitor = fields.UUID(required=True)
    reason = fields.String(required=True, validate=validate.Length(1, 2000))

    @validates("reason")
    def names_nobody(self, reason: str, **_: object) -> None:
        if not reason.strip():
            raise ValidationError("Say why.")
        if PERSONAL.search(reason):
            raise ValidationError("This is kept for good: leave out the consent ID and e-mail addresses.")


class ErasedSchema(Schema):
    """`decisions`: how many were erased."""

    decisions = fields.Integer(required=True)


@blueprint.route("/erasures", methods=["POST"])
@blueprint.doc(
    security=BEARER,
    requestBody=body_of(ErasureSchema),
    responses={
        "201": described(ErasedSchema, "Erased; not to be undone"),
        **problems(400, 401, 403, 404, 413, 415, 422, 503),
    },
)
@require_scope("rights:write")
def erase(site: str) -> Response:
    """Erase everything a visitor has on this site, because they asked for it"""
    asked = load_json(ErasureSchema())
    by = g.bearer.account.email
    return answer({"decisions": erasure.erase_on_request(site, asked["visitor"], reason=asked["reason"], by=by)}, 201)
