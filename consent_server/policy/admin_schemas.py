"""What the API takes and tells of publishing."""

from typing import Any

from marshmallow import fields, validate

from consent_server import clock
from consent_server.policy.models import Hold
from consent_server.policy.review import Proposal
from consent_server.registry.admin_schemas import StateSchema
from consent_server.registry.fields import KEY, Strict, Text


class RevertSchema(Strict):
    """`path`: a change's path, joined by `/`."""

    path = fields.String(required=True, validate=validate.Length(1, 2000))


class HoldSchema(Strict):
    provider = fields.String(required=True, validate=KEY)
    reason = Text(2000, required=True)


class NoteSchema(Strict):
    note = Text(2000, required=True)


class VersionSchema(Strict):
    number = fields.Integer(required=True)
    sha256 = fields.String(required=True)


class ChangeSchema(Strict):
    """`before` and `after` are null for what is not there."""

    path = fields.List(fields.String(), required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)


class WhySchema(Strict):
    rule = fields.String(required=True)
    path = fields.List(fields.String(), required=True)


class DiffSchema(StateSchema):
    """`material` is proposed by rule, for the `reasons`; `asked` are categories and providers that whoever allowed them
    is asked about again if it is published as material."""

    changes = fields.List(fields.Nested(ChangeSchema), required=True)
    material = fields.Boolean(required=True)
    reasons = fields.List(fields.Nested(WhySchema), required=True)
    asked = fields.List(fields.String(), required=True)


class OpenHoldSchema(Strict):
    provider = fields.String(required=True)
    number = fields.Integer(required=True)
    held_at = fields.String(required=True)
    held_by = fields.String(required=True)
    reason = fields.String(required=True)


class HoldsSchema(Strict):
    holds = fields.List(fields.Nested(OpenHoldSchema), required=True)


def proposal_of(proposal: Proposal) -> dict[str, Any]:
    return {
        "changes": [{"path": list(c.path), "before": c.before, "after": c.after} for c in proposal.changes],
        "material": proposal.material,
        "reasons": [{"rule": reason.rule, "path": list(reason.change.path)} for reason in proposal.reasons],
        "asked": sorted(proposal.affected),
    }


def hold_of(found: Hold) -> dict[str, Any]:
    return {
        "provider": found.provider,
        "number": found.number,
        "held_at": clock.to_rfc3339(found.held_at),
        "held_by": found.held_by,
        "reason": found.reason,
    }
