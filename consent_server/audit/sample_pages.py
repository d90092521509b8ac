"""`/audit/sample`: decisions drawn at random, which can be drawn again on one's own laptop."""

from typing import Any

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from consent_server.audit import downloads, words
from consent_server.audit.export_schemas import DEFAULT_COUNT, MOST, SampleSchema
from consent_server.audit.frame import own_sites, write_down
from consent_server.audit.sample import draw, seed_of, take
from consent_server.errors import State
from consent_server.evidence import service as evidence
from consent_server.security import require_same_origin
from consent_server.staff.permissions import require_role

blueprint = Blueprint("audit-sample", __name__, url_prefix="/audit/sample")
schema = SampleSchema()


@blueprint.get("")
@require_role("auditor")
def overview() -> ResponseReturnValue:
    """The form, and what its phrase draws"""
    typed = _typed(request.args)
    if not {"phrase", "count"} & typed.keys():
        return _page({}, {})
    try:
        asked = schema.load(typed)
        return _page(typed, {}, asked)
    except ValidationError as error:
        return _page(typed, error.messages_dict), 422
    except State as nothing:
        return _page(typed, {"phrase": [nothing.detail]}), 409


@blueprint.post("")
@require_role("auditor")
def download() -> ResponseReturnValue:
    """The sample as an archive"""
    require_same_origin(origin_needed=False)
    typed = _typed(request.form)
    try:
        return downloads.send_sample(g.staff.email, own_sites(), schema.load(typed))
    except ValidationError as error:
        return _page(typed, error.messages_dict), 422


def _typed(fields: Any) -> dict[str, str]:
    return {name: value.strip() for name, value in fields.items() if value.strip()}


def _page(typed: dict[str, str], errors: Any, asked: dict[str, Any] | None = None) -> str:
    own, checkpoint, seed, drawn, passed = own_sites(), evidence.newest(), None, None, None
    if asked is not None:
        checkpoint = downloads.newest(asked.get("size"))
        write_down("audit-sample", own, downloads.sample_detail(checkpoint, asked))
        seed = seed_of(asked["phrase"], checkpoint.root).hex()
        drawn, passed = take(draw(checkpoint, own, asked["phrase"]), asked["count"])
    return render_template(
        "audit/sample.html",
        typed=typed,
        errors=errors,
        asked=asked,
        count=DEFAULT_COUNT,
        most=MOST,
        own=own,
        checkpoint=checkpoint,
        seed=seed,
        drawn=drawn,
        passed=passed,
        words=words,
    )
