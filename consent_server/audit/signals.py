"""Do Not Track and Global Privacy Control: how many arrived, what was done about them, and by which rule."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from consent_server.audit.models import Rate
from consent_server.audit.rates import PEOPLE, Within, span_of
from consent_server.extensions import db
from consent_server.policy.models import PolicyVersion

SIGNALS = ("dnt", "gpc")


@dataclass
class Arrived:
    """One signal, by people or by bots: with how many decisions it came, by what was decided; with how many it was
    acted on; and of how many decisions in all."""

    acted: Counter[str] = field(default_factory=Counter)
    not_acted: Counter[str] = field(default_factory=Counter)
    decisions: int = 0

    @property
    def sent(self) -> int:
        return self.acted.total() + self.not_acted.total()

    @property
    def actions(self) -> list[str]:
        return sorted({*self.acted, *self.not_acted})


@dataclass(frozen=True)
class Rule:
    """What a site's policy said of a signal, from a version on."""

    site: str
    number: int
    since: datetime
    dnt: str
    gpc: str


def count(sites: Iterable[str], first: date | None, last: date | None) -> dict[tuple[str, str], Arrived]:
    """By signal and by `people` or `bots`."""
    within = Within(tuple(sites), span_of("month", first, last), first, last)
    found = {(signal, who): Arrived() for signal in SIGNALS for who in ("people", "bots")}
    for action, automated, dnt, gpc, number in within.summed(Rate, Rate.action, Rate.automated, Rate.dnt, Rate.gpc):
        who = "people" if automated == PEOPLE else "bots"
        for signal, state in (("dnt", dnt), ("gpc", gpc)):
            line = found[signal, who]
            line.decisions += int(number)
            if state != "none":
                (line.acted if state == "acted" else line.not_acted)[action] += int(number)
    return found


def rules(sites: Iterable[str], first: date | None, last: date | None) -> list[Rule]:
    """The rules in force in that time: the one at its start, and each version that changed it, by site."""
    start = datetime.combine(first, time(), UTC) if first else None
    end = datetime.combine(last + timedelta(days=1), time(), UTC) if last else None
    return [rule for site in sites for rule in _rules(site, start, end)]


def _rules(site: str, start: datetime | None, end: datetime | None) -> list[Rule]:
    said = PolicyVersion.content["site"]
    columns = (PolicyVersion.number, PolicyVersion.published_at, said["dnt"].as_string(), said["gpc"].as_string())
    query = select(*columns).where(PolicyVersion.site == site).order_by(PolicyVersion.number)
    found: list[Rule] = []
    for number, published_at, dnt, gpc in db.session.execute(query):
        if end is not None and published_at >= end:
            break
        if found and (found[-1].dnt, found[-1].gpc) == (dnt, gpc):
            continue
        if start is not None and published_at <= start:
            # In force when the time begins; only the last of these counts.
            found.clear()
        found.append(Rule(site, number, published_at, dnt, gpc))
    return found
