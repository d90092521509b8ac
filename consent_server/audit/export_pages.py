"""`/audit/exports`: taking decisions away, and what was taken away before."""

from typing import Any

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.audit import downloads, exports, service, words
from consent_server.audit.export_schemas import ExportSchema
from consent_server.audit.filters import LABELS
from consent_server.audit.frame import ZONE_COOKIE, own_sites, present_zone
from consent_server.errors import NotFound
from consent_server.evidence import service as evidence
from consent_server.security import require_same_origin
from consent_server.sites import service as sites
from consent_server.staff.permissions import require_role

LISTED = 50

blueprint = Blueprint("audit-exports", __name__, url_prefix="/audit/exports")
schema = ExportSchema()


@blueprint.get("")
@require_role("auditor")
def overview() -> ResponseReturnValue:
    """The form, filled in from the address, and the latest exports"""
    return _page(_typed(request.args), {})


@blueprint.post("")
@require_role("auditor")
def export() -> ResponseReturnValue:
    """Decisions as a file: CSV or JSONL"""
    require_same_origin(origin_needed=False)
    typed, own = _typed(request.form), own_sites()
    try:
        asked = schema.load(typed)
        chosen = (asked["site"],) if "site" in asked else own
        if not set(chosen) <= set(own):
            raise ValidationError({"site": ["You are not an auditor of this site."]})
        return downloads.send_events(g.staff.email, chosen, asked, set(typed) - {"zone"})
    except ValidationError as error:
        return _page(typed, error.messages_dict), 422
    except NotFound:
        gone = "There is no such decision on your sites. If it was erased, give the event of the line before it."
        return _page(typed, {"after": [gone]}), 422


@blueprint.post("/bundle")
@require_role("auditor")
def bundle() -> ResponseReturnValue:
    """Everything on record of one's sites, with the log"""
    require_same_origin(origin_needed=False)
    return downloads.send_bundle(g.staff.email, own_sites())


def _typed(fields: Any) -> dict[str, str]:
    """An empty field restricts nothing. Days are meant in the zone that the auditor has chosen."""
    typed = {name: value.strip() for name, value in fields.items() if value.strip()}
    if "zone" not in typed and ZONE_COOKIE in request.cookies:
        typed["zone"] = present_zone().key
    return typed


def _page(typed: dict[str, str], errors: Any) -> str:
    own = own_sites()
    latest = exports.latest(own, LISTED)
    checkpoint = evidence.newest()
    leaves = evidence.leaves_of(exports.LEAF, [export.hash for export in latest if export.hash])
    return render_template(
        "audit/exports.html",
        typed=typed,
        errors=errors,
        elsewhere={name: LABELS.get(name, name) for name in errors if name not in (*LABELS, "format", "after")},
        labels={**LABELS, "after": "Continued"},
        own=own,
        options=_options(own),
        latest=latest,
        leaves=leaves,
        checkpoint=checkpoint,
        words=words,
    )


def _options(own: tuple[str, ...]) -> dict[str, dict[str, str]]:
    locales = sorted({locale for key in own if (site := sites.find(key)) for locale in site.locales})
    categories = sorted({name for key in own for name in service.categories(key)})
    found = {"site": own, "locale": locales, "category": categories}
    return {name: {value: value for value in values} for name, values in found.items()}
