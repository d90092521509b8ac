"""Holding a provider back at once: one person's act, looked at by another one afterwards.

Everything is in the caller's transaction, which began with `begin_writing` and which the caller commits.
"""

from copy import deepcopy
from typing import Any

from flask import current_app
from sqlalchemy import select

from consent_server import clock
from consent_server.errors import Forbidden, Invalid, NotFound, State
from consent_server.extensions import db
from consent_server.policy.models import Hold, PolicyVersion
from consent_server.policy.publication import write_version
from consent_server.registry import drafts
from consent_server.staff.record import record


def hold(site: str, provider: str, *, by: str, reason: str) -> PolicyVersion:
    """Publishes, as editorial, a version in which the provider is held: nothing of it runs, whatever visitors allowed.
    The draft stays as it is but for that. Raises NotFound, State where it is held already, and Invalid for a provider
    of a required category, which no choice of a visitor holds back either."""
    draft = drafts.for_change(site)
    found = _entry(draft.published, provider)
    if found is None:
        raise NotFound("There is no such provider in the published policy.")
    if found.get("held"):
        raise State("This provider is held already.")
    if found["category"] in {c["key"] for c in draft.published["categories"] if c["required"]}:
        raise Invalid(
            "A provider of a required category cannot be held.",
            errors={"provider": ["It is in a required category."]},
        )
    held = _with_held(draft.published, provider)
    version = write_version(held, by=by, reason=reason, material=False, approved_by=None)
    drafts.rebase(draft, _with_held(draft.content, provider), held, version.number)
    db.session.add(
        Hold(site=site, number=version.number, provider=provider, held_at=clock.now(), held_by=by, reason=reason)
    )
    record(by, "hold", site, {"provider": provider, "number": str(version.number), "reason": reason})
    db.session.flush()
    return version


def confirm_hold(site: str, provider: str, *, by: str) -> None:
    """Somebody else agrees that the provider is held. Raises NotFound where no hold waits, and Forbidden for whoever
    held it."""
    drafts.for_change(site)
    found = next((one for one in open_holds(site) if one.provider == provider), None)
    if found is None:
        raise NotFound("No hold of this provider waits to be confirmed.")
    if found.held_by == by and current_app.config["SETTINGS"].four_eyes:
        raise Forbidden("You have held this provider, so somebody else has to look at it.")
    found.settled_at, found.settled_by = clock.now(), by
    record(by, "hold-confirm", site, {"provider": provider, "number": str(found.number)})
    db.session.flush()


def open_holds(site: str) -> list[Hold]:
    """Holds that nobody else has looked at yet, the first at the head."""
    waiting = select(Hold).where(Hold.site == site, Hold.settled_at.is_(None))
    return list(db.session.scalars(waiting.order_by(Hold.number)))


def _entry(content: dict[str, Any], provider: str) -> dict[str, Any] | None:
    return next((entry for entry in content["providers"] if entry["key"] == provider), None)


def _with_held(content: dict[str, Any], provider: str) -> dict[str, Any]:
    held = deepcopy(content)
    entry = _entry(held, provider)
    if entry is not None:
        entry["held"] = True
    return held
