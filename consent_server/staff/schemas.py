"""What staff type into forms, and ask for in addresses."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

from consent_server import clock
from consent_server.staff.models import ROLES, SCOPES
from consent_server.staff.passwords import MAX_LENGTH

HOME = "/staff/"
NO_EMAIL = "Enter an e-mail address."
# Both databases can hold these years, whatever is added to them.
FIRST_YEAR, LAST_YEAR = 1971, 9000
# U+0000 would be refused by PostgreSQL, and an address never has white space or control characters.
_email = validate.Regexp(r"\s*[^\s\x00-\x1f\x7f@]+@[^\s\x00-\x1f\x7f@]+\s*\Z", error=NO_EMAIL)
_printable = validate.Regexp(r"[^\x00-\x08\x0b-\x1f\x7f]*\Z", error="Leave out control characters.")


class Form(Schema):
    """A form as a browser sends it: what it adds of its own is left aside, and a name may come more than once."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def collect(self, data: Any, **_kwargs: Any) -> dict[str, Any]:
        lists = {name for name, field in self.fields.items() if isinstance(field, fields.List)}
        return {name: data.getlist(name) if name in lists else data[name] for name in data}


class Next(fields.String):
    """Where to go after sign-in: a page of ours for staff; anything else becomes their home page."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        local = isinstance(value, str) and re.fullmatch(r"/(staff|audit)/[!-\[\]-~]*", value)
        return value if local else HOME


class Day(fields.Field[datetime | None]):
    """A day (`2026-11-22`) as its first moment in UTC, or, with `end`, as the first one after it: a last day is meant
    inclusively. An empty field is none."""

    def __init__(self, *, end: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.end = end

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime | None:
        text = str(value).strip()
        if not text:
            return None
        try:
            day = datetime.combine(date.fromisoformat(text), time(), UTC)
        except ValueError as error:
            raise ValidationError("Enter a day such as 2026-11-22.") from error
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError("Enter a day of our time.")
        return day + timedelta(days=1) if self.end else day


class Text(fields.String):
    """Words that people read, without the white space around them."""

    def __init__(self, most: int, *, missing: str = "", **kwargs: Any) -> None:
        least = validate.Length(min=1, error=missing) if missing else validate.Length(min=0)
        longest = validate.Length(max=most, error=f"Use {most} characters or fewer.")
        super().__init__(validate=[least, longest, _printable], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return str(super()._deserialize(value, attr, data, **kwargs)).strip()


class SignInForm(Form):
    """E-mail and password, and the page that was asked for."""

    email = fields.String(required=True, validate=[validate.Length(max=254, error=NO_EMAIL), _email])
    password = fields.String(required=True, validate=validate.Length(1, MAX_LENGTH, error="Enter your password."))
    next = Next(load_default=HOME)


class CodeForm(Form):
    """A code of the second factor. `ticket` says whose password was right."""

    code = Text(40, missing="Enter the code.", required=True)
    ticket = fields.String(load_default="", validate=validate.Length(max=100))
    next = Next(load_default=HOME)


class PasswordForm(Form):
    """The present password and a new one."""

    present = fields.String(
        required=True, validate=validate.Length(1, MAX_LENGTH, error="Enter your present password.")
    )
    new = fields.String(required=True)


class NewPasswordForm(Form):
    """A password, where a link says whose."""

    new = fields.String(required=True)


class ForgottenForm(Form):
    """The address of an account whose password is lost."""

    email = fields.String(required=True, validate=[validate.Length(max=254, error=NO_EMAIL), _email])


def _last_day(**kwargs: Any) -> Day:
    """A day that has not passed, or none."""

    def ahead(moment: datetime | None) -> None:
        if moment is not None and moment <= clock.now():
            raise ValidationError("This day has passed.")

    return Day(end=True, load_default=None, validate=ahead, **kwargs)


_role = fields.String(validate=validate.OneOf(ROLES, error="There is no such role."))


class InvitationForm(Form):
    """Who is to have which roles on a site, and until when."""

    email = fields.Email(
        required=True, validate=validate.Length(max=254, error=NO_EMAIL), error_messages={"invalid": NO_EMAIL}
    )
    roles = fields.List(_role, required=True, error_messages={"required": "Choose one role or more."})
    expires = _last_day()


class RolesForm(Form):
    """Somebody's roles on a site; none takes all away."""

    roles = fields.List(_role, load_default=list)


class ExpiryForm(Form):
    """The last day of an account; none: it does not end."""

    expires = _last_day()


class ReasonForm(Form):
    """Why something is done."""

    reason = Text(500, missing="Say why, in a sentence.", required=True)


class TokenForm(Form):
    """A new API token of one's own."""

    name = Text(80, missing="Enter a name by which you will know the token.", required=True)
    site = fields.String(required=True)
    scopes = fields.List(
        fields.String(validate=validate.OneOf(SCOPES, error="There is no such scope.")),
        required=True,
        error_messages={"required": "Choose one thing or more."},
    )
    days = fields.Integer(
        required=True,
        validate=validate.Range(1, 366, error="Enter a number of days from 1 to 366."),
        error_messages={"invalid": "Enter a number of days from 1 to 366."},
    )


class RecordFilters(Form):
    """What can be asked of the record of acts; what is absent restricts nothing."""

    person = fields.String(validate=[validate.Length(max=254), _printable])
    act = fields.String(validate=[validate.Length(max=64), _printable])
    since = Day(data_key="from")
    until = Day(data_key="to", end=True)
    after = fields.UUID(error_messages={"invalid_uuid": "Start from the first page."})
