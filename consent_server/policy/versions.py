"""Versions one after the other: what each has changed of the one before."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import undefer

from consent_server.errors import NotFound
from consent_server.extensions import db
from consent_server.policy.diff import Change, compare
from consent_server.policy.document import public
from consent_server.policy.models import PolicyVersion

# The database's integers end here; no version will.
MAX_NUMBER = 2**31


@dataclass(frozen=True)
class Step:
    """A version with the public contents `before` and `after` it; for the site's first, both are its own."""

    version: PolicyVersion
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def changes(self) -> list[Change]:
        return compare(self.before, self.after)


def find(site: str, number: int) -> Step:
    """One version; raises NotFound."""
    steps = _steps(site, PolicyVersion.number == number, 1) if number < MAX_NUMBER else []
    if not steps:
        raise NotFound("There is no such version of this policy.")
    return steps[0]


def latest_material(site: str) -> PolicyVersion | None:
    """The latest version that was published as material, but for the first."""
    query = select(PolicyVersion).where(PolicyVersion.site == site, PolicyVersion.material, PolicyVersion.number > 1)
    return db.session.scalar(query.order_by(PolicyVersion.number.desc()).limit(1))


def below(site: str, number: int, length: int) -> list[Step]:
    """The latest versions of a lower number, or all from the latest on; the latest first."""
    return _steps(site, PolicyVersion.number < number, length)


def material(site: str, length: int) -> list[Step]:
    """The latest versions that changed something material, the latest first."""
    return _steps(site, PolicyVersion.material & (PolicyVersion.number > 1), length)


def material_since(site: str, condition: ColumnElement[bool]) -> list[Step]:
    """All material versions but the first that meet a condition, the latest first."""
    return _steps(site, PolicyVersion.material & (PolicyVersion.number > 1) & condition, None)


def read(site: str, numbers: set[int]) -> dict[int, PolicyVersion]:
    """Versions with their contents, by number."""
    query = select(PolicyVersion).where(PolicyVersion.site == site, PolicyVersion.number.in_(numbers))
    return {version.number: version for version in db.session.scalars(query.options(undefer(PolicyVersion.content)))}


def _steps(site: str, condition: ColumnElement[bool], length: int | None) -> list[Step]:
    wanted = select(PolicyVersion.number).where(PolicyVersion.site == site, condition)
    numbers = list(db.session.scalars(wanted.order_by(PolicyVersion.number.desc()).limit(length)))
    found = read(site, {*numbers, *(number - 1 for number in numbers)})
    contents = {number: public(version.content) for number, version in found.items()}
    return [Step(found[n], contents.get(n - 1, contents[n]), contents[n]) for n in numbers]
