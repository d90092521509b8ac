"""What can be asked to be taken away."""

from marshmallow import RAISE, Schema, fields, validate, validates
from marshmallow.exceptions import ValidationError

from consent_server.audit.schemas import FilterSchema

MOST = 1_000
DEFAULT_COUNT = 200
LONGEST_PHRASE = 200


class ExportSchema(FilterSchema):
    """The filters of a search, the format, and the event after which to go on: the last whole line somebody has."""

    class Meta(FilterSchema.Meta):
        exclude = ("limit", "cursor")

    format = fields.String(required=True, validate=validate.OneOf(("csv", "jsonl"), error="csv or jsonl."))
    after = fields.UUID(error_messages={"invalid_uuid": "An event's id has 36 characters."})


class SampleSchema(Schema):
    """A phrase of the auditor's own, how many decisions to draw, and the size of the checkpoint to draw under (the
    newest, where none is named)."""

    class Meta:
        unknown = RAISE

    phrase = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST_PHRASE, error=f"1 to {LONGEST_PHRASE} characters."),
        error_messages={"required": "A phrase of your own."},
    )
    count = fields.Integer(
        load_default=DEFAULT_COUNT,
        validate=validate.Range(1, MOST, error=f"A whole number from 1 to {MOST:,}."),
        error_messages={"invalid": f"A whole number from 1 to {MOST:,}."},
    )
    size = fields.Integer(validate=validate.Range(1, 2**63 - 1))

    @validates("phrase")
    def check_phrase(self, phrase: str, **_kwargs: object) -> None:
        # It is typed again where the sample is verified.
        if not phrase.isprintable() or phrase != phrase.strip():
            raise ValidationError("One line, without spaces at its ends.")


class ConsistencySchema(Schema):
    """Two sizes of the log."""

    class Meta:
        unknown = RAISE

    old = fields.Integer(data_key="from", required=True, validate=validate.Range(1, 2**63 - 1))
    new = fields.Integer(data_key="to", required=True, validate=validate.Range(1, 2**63 - 1))
