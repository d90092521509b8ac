"""What the API takes and tells of a draft."""

from typing import Any

from marshmallow import fields, validate

from consent_server import clock
from consent_server.registry import drafts
from consent_server.registry.fields import Strict, StrictBoolean, Text
from consent_server.registry.models import STATES, Draft, DraftComment


class ReasonSchema(Strict):
    reason = Text(2000)


class CommentSchema(Strict):
    """`path` is a change's path, joined by `/`; without it the comment is on the whole draft."""

    path = fields.String(load_default="", validate=validate.Length(max=500))
    text = Text(2000, required=True)


class StateSchema(Strict):
    """Where a draft stands. `base` is the version it began from, `etag` what If-Match takes."""

    state = fields.String(required=True, validate=validate.OneOf(STATES))
    changed = fields.Boolean(required=True)
    base = fields.Integer(required=True)
    etag = fields.String(required=True)
    editors = fields.List(fields.String(), required=True)
    approved_by = fields.String(required=True, allow_none=True)
    publish_at = fields.String(required=True, allow_none=True)


class SaidSchema(Strict):
    id = fields.String(required=True)
    path = fields.String(required=True)
    author = fields.String(required=True)
    at = fields.String(required=True)
    text = fields.String(required=True)


class CommentsSchema(Strict):
    comments = fields.List(fields.Nested(SaidSchema), required=True)


class PublicationSchema(Strict):
    """`material`: whoever allowed what the changes affect is asked again."""

    material = StrictBoolean(required=True)
    reason = Text(2000, required=True)


class ScheduleSchema(PublicationSchema):
    """`at`: a time to come, RFC 3339 with its offset."""

    at = fields.AwareDateTime(format="iso", required=True)


def state_of(draft: Draft) -> dict[str, Any]:
    return {
        "state": draft.state,
        "changed": draft.changed,
        "base": draft.base,
        "etag": f'"{drafts.etag(draft)}"',
        "editors": draft.editors,
        "approved_by": draft.approved_by,
        "publish_at": clock.to_rfc3339(draft.publish_at) if draft.publish_at else None,
    }


def said_of(comment: DraftComment) -> dict[str, Any]:
    return {
        "id": str(comment.id),
        "path": comment.path,
        "author": comment.author,
        "at": clock.to_rfc3339(comment.at),
        "text": comment.text,
    }
