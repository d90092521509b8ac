"""What a bundle says of each leaf: rows beside their leaves, in the leaves' order, and why a leaf has none.

Each reading is one statement over a stretch of leaves, and so sees leaf, row and erasure as they are at one moment.
"""

import uuid
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from sqlalchemy import Row, Table, select, text

from consent_server.audit import exports
from consent_server.audit.export_models import Export
from consent_server.consent.event import committed_event
from consent_server.consent.models import ConsentEvent
from consent_server.evidence.commitment import commit
from consent_server.evidence.erasure_models import ErasedLeaf
from consent_server.evidence.models import NO_DECISION, LogLeaf
from consent_server.extensions import db
from consent_server.policy.models import PolicyVersion
from consent_server.staff.models import StaffEvent
from consent_server.staff.record import committed_act

STRETCH = 2_000
EVENT = cast(Table, ConsentEvent.__table__)
Line = dict[str, Any]


class Runs:
    """Rising indexes as runs, two numbers each."""

    def __init__(self) -> None:
        self._ends = array("Q")

    def add(self, index: int) -> None:
        if self._ends and self._ends[-1] == index - 1:
            self._ends[-1] = index
        else:
            self._ends.extend((index, index))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._ends[::2], self._ends[1::2], strict=True)


class Account:
    """What the leaves of a tree without a row in the bundle are: `elsewhere` are those of other sites; `erased`, by
    day, those whose erasure no leaf below `size` names yet."""

    def __init__(self, size: int, sites: tuple[str, ...]) -> None:
        self.size, self.sites = size, frozenset(sites)
        self.elsewhere: dict[str, Runs] = {kind: Runs() for kind in ("consent/1", "staff/1", "export/1")}
        self.erased: dict[str, dict[str, array[int]]] = {}

    def other(self, kind: str, index: int) -> None:
        self.elsewhere[kind].add(index)

    def gone(self, day: str, ground: str, index: int) -> None:
        self.erased.setdefault(day, {}).setdefault(ground, array("Q")).append(index)


def stretches(size: int) -> Iterator[tuple[int, int]]:
    """First index and end of each stretch of leaves below a size."""
    return ((first, min(first + STRETCH, size)) for first in range(0, size, STRETCH))


def leaves_between(first: int, end: int, *kinds: str) -> list[Row[Any]]:
    """`leaf` (its index), `type`, `hash` and `body` of leaves of these types, which are none of decisions."""
    columns = (LogLeaf.index.label("leaf"), LogLeaf.type, LogLeaf.hash, LogLeaf.body)
    between = (LogLeaf.index >= first, LogLeaf.index < end, LogLeaf.type.in_(kinds), text(NO_DECISION))
    return list(db.session.execute(select(*columns).where(*between).order_by(LogLeaf.index)))


def events(account: Account, explains: Callable[[int, Any], tuple[str, str] | None]) -> Iterator[list[Line]]:
    """Lines about the decisions of the account's sites, a stretch at a time. `explains` says of a leaf whose tie to
    its event was cut, and of the row in `erased_leaf` if there is one, under which day and ground to name it; none
    where a leaf below names it already, or nothing does."""
    policies: dict[tuple[str, int], str] = {}
    for first, end in stretches(account.size):
        lines = []
        for row in _leaves_with_events(first, end):
            if row.event_id is not None:
                if row.site in account.sites:
                    lines.append(_event_line(row, policies))
                else:
                    account.other("consent/1", row.leaf)
            elif row.tie is None and (named := explains(row.leaf, row)):
                account.gone(*named, row.leaf)
        yield lines


def _leaves_with_events(first: int, end: int) -> list[Row[Any]]:
    """`leaf` (its index), `tie` (the event it names), `day` and `ground` of its erasure, and the event's columns."""
    query = (
        select(LogLeaf.index.label("leaf"), LogLeaf.event_id.label("tie"), ErasedLeaf.day, ErasedLeaf.ground, *EVENT.c)
        .select_from(LogLeaf)
        .outerjoin(EVENT, EVENT.c.event_id == LogLeaf.event_id)
        .outerjoin(ErasedLeaf, ErasedLeaf.index == LogLeaf.index)
        .where(LogLeaf.index >= first, LogLeaf.index < end, LogLeaf.type == "consent/1")
        .order_by(LogLeaf.index)
    )
    return list(db.session.execute(query))


def _event_line(row: Row[Any], policies: dict[tuple[str, int], str]) -> Line:
    version = row.site, row.policy
    if version not in policies:
        policies[version] = _policy_sha256(*version)
    return {
        "event": committed_event(cast(Line, row._mapping), policies[version]),
        "index": str(row.leaf),
        "nonce": row.nonce.hex(),
        "visitor_id": str(row.visitor_id) if row.visitor_id else None,
    }


def _policy_sha256(site: str, number: int) -> str:
    """Empty where there is no such version: the event then is not what its leaf commits to, and verifiers say so."""
    query = select(PolicyVersion.sha256).where(PolicyVersion.site == site, PolicyVersion.number == number)
    return (db.session.scalar(query) or b"").hex()


Record = tuple[bytes, Line, bool]


def acts(account: Account) -> Iterator[list[Line]]:
    """Lines about what staff did on the account's sites, or on none in particular."""
    return _beside_leaves(account, "staff/1", _acts(account))


def exports_made(account: Account) -> Iterator[list[Line]]:
    """Lines about earlier exports from the account's sites."""
    return _beside_leaves(account, "export/1", _exports(account))


def _beside_leaves(account: Account, kind: str, records: Iterator[Record]) -> Iterator[list[Line]]:
    """Each leaf's record: found by its commitment, by reading on. Records lie nearly in the order of their leaves, so
    that few of them wait for theirs."""
    waiting: dict[bytes, tuple[Line, bool]] = {}
    for first, end in stretches(account.size):
        lines = []
        for leaf in leaves_between(first, end, kind):
            while leaf.hash not in waiting and (record := next(records, None)):
                waiting[record[0]] = record[1:]
            line, ours = waiting.pop(leaf.hash, (None, True))
            if not ours:
                account.other(kind, leaf.leaf)
            elif line is not None:
                lines.append({**line, "index": str(leaf.leaf)})
        yield lines


def _acts(account: Account) -> Iterator[Record]:
    for act in _by_id(StaffEvent):
        record = committed_act(act)
        line = {"act": record, "nonce": act.nonce.hex()}
        yield commit("staff", act.nonce, record), line, act.site is None or act.site in account.sites


def _exports(account: Account) -> Iterator[Record]:
    for export in _by_id(Export):
        if export.hash is not None:
            record = exports.committed_export(export)
            line = {"export": record, "nonce": export.nonce.hex()}
            yield commit("export", export.nonce, record), line, not account.sites.isdisjoint(export.sites)


def _by_id(model: Any) -> Iterator[Any]:
    """Rows by their UUIDv7, so by the time at which they were made, as many at once as a stretch has leaves."""
    after = uuid.UUID(int=0)
    while True:
        query = select(model).where(model.id > after).order_by(model.id).limit(STRETCH)
        some: Iterable[Any] = db.session.scalars(query).all()
        db.session.expunge_all()
        yield from some
        if not some:
            return
        after = list(some)[-1].id
