"""What reviewers type into forms, and how a page says what was done."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

MAX_TEXT = 2000
MAX_PATH = 500

ACTS = {
    "submitted": "The draft is in review. An approver looks at it next.",
    "taken-back": "The draft can be edited again.",
    "sent-back": "The draft is back with its editors.",
    "approved": "The draft is approved and can be published.",
    "said": "Your comment is added.",
    "reverted": "The change is taken out of the draft.",
    "looked-through": "It is written down that you looked everything through.",
}


class TypedText(fields.String):
    """What a person typed: trimmed, not empty, not endless."""

    def __init__(self, needed: str) -> None:
        rules = [
            validate.Length(1, error=needed),
            validate.Length(max=MAX_TEXT, error=f"{MAX_TEXT} characters at the most."),
        ]
        super().__init__(required=True, validate=rules, error_messages={"required": needed})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return str(super()._deserialize(value, attr, data, **kwargs)).strip()


class Form(Schema):
    class Meta:
        unknown = EXCLUDE


class ReasonForm(Form):
    reason = TypedText("Say why.")


class CommentForm(Form):
    """`path` is a change's; empty for the whole draft."""

    path = fields.String(load_default="", validate=validate.Length(max=MAX_PATH))
    text = TypedText("Write a comment first.")


class NoteForm(Form):
    note = TypedText("Say what you looked at.")


class PublicationForm(ReasonForm):
    """`at` is in UTC, and counts where `when` is `later`."""

    material = fields.String(
        required=True, validate=validate.OneOf(("yes", "no")), error_messages={"required": "Choose one."}
    )
    when = fields.String(load_default="now", validate=validate.OneOf(("now", "later")))
    at = fields.NaiveDateTime(
        load_default=None, format="iso", allow_none=True, error_messages={"invalid": "Enter a day and a time."}
    )
