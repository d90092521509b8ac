"""`/audit/sample`: decisions drawn at random, which can be drawn again on one's own laptop."""

import re
from collections.abc import Callable
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
from consent_server.evidence.service import Checkpoint
from consent_server.security import require_same_origin
from consent_server.staff.permissions import require_role

# A page looks at no more leaves, however few of them are decisions of one's own sites. The archive goes on.
MOST_LEAVES = 5_000

blueprint = Blueprint("audit-sample", __name__, url_prefix="/audit/sample")
schema = SampleSchema()


@blueprint.get("")
@require_role("auditor")
def overview() -> ResponseReturnValue:
    """The checkpoint to keep, and the form for the phrase"""
    return _page({}, {})


@blueprint.post("")
@require_role("auditor")
def drawn() -> ResponseReturnValue:
    """What a phrase draws under the checkpoint that was shown before"""
    return _answer(lambda typed, asked: _page(typed, {}, asked))


@blueprint.post("/archive")
@require_role("auditor")
def download() -> ResponseReturnValue:
    """The sample as an archive"""
    return _answer(lambda _typed, asked: downloads.send_sample(g.staff.email, own_sites(), asked))


def _answer(give: Callable[[dict[str, str], dict[str, Any]], ResponseReturnValue]) -> ResponseReturnValue:
    require_same_origin(origin_needed=False)
    typed = {name: value.strip() for name, value in request.form.items() if value.strip()}
    try:
        return give(typed, schema.load(typed))
    except ValidationError as error:
        return _page(typed, error.messages_dict), 422
    except State as nothing:
        return _page(typed, {"phrase": [nothing.detail]}), 409


def _shown(typed: dict[str, str]) -> Checkpoint | None:
    """The checkpoint that the phrase was typed under, else the newest one."""
    size = typed.get("size", "")
    kept = evidence.checkpoint_at(int(size)) if re.fullmatch("[0-9]{1,18}", size) else None
    return kept or evidence.newest()


def _page(typed: dict[str, str], errors: Any, asked: dict[str, Any] | None = None) -> str:
    own, checkpoint, seed, drawn, passed = own_sites(), _shown(typed), None, None, None
    if asked is not None:
        checkpoint = downloads.newest(asked.get("size"))
        write_down("audit-sample", own, downloads.sample_detail(checkpoint, asked))
        seed = seed_of(asked["phrase"], checkpoint.root).hex()
        drawn, passed = take(draw(checkpoint, own, asked["phrase"]), asked["count"], MOST_LEAVES)
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
        looked_at=None if drawn is None or passed is None else len(drawn) + passed.total(),
        words=words,
    )
