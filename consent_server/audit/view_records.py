"""The saved views as programs read them."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from consent_server.audit.coverage import InForce, Turn
from consent_server.audit.rates import Line, Rates, Share
from consent_server.audit.records import event_record
from consent_server.audit.retention import Erased, Kept
from consent_server.audit.signals import SIGNALS, Arrived, Rule
from consent_server.audit.story import Chapter
from consent_server.clock import to_rfc3339
from consent_server.evidence.service import Checkpoint


def rates_body(site: str, period: str, found: Rates) -> dict[str, Any]:
    names = found.categories
    return {
        "site": site,
        "period": period,
        "periods": [{"start": day.isoformat(), **_line(line, names)} for day, line in found.periods.items()],
        "languages": [{"locale": locale or None, **_line(line, names)} for locale, line in found.languages.items()],
        "whole": _line(found.whole, names),
    }


def _line(line: Line, categories: list[str]) -> dict[str, Any]:
    return {
        "people": dict(line.people),
        "bots": dict(line.bots),
        "chose": line.chose,
        "refused": _share(line.refused),
        "categories": {name: _share(line.opted_in(name)) for name in categories},
    }


def _share(share: Share) -> dict[str, Any]:
    return {
        "count": share.part,
        "of": share.whole,
        "percent": None if share.percent is None else round(share.percent, 2),
    }


def signals_body(site: str, arrived: Mapping[tuple[str, str], Arrived], rules: list[Rule]) -> dict[str, Any]:
    counted = {signal: {who: _arrived(arrived[signal, who]) for who in ("people", "bots")} for signal in SIGNALS}
    told = [
        {"policy": {"number": rule.number}, "since": to_rfc3339(rule.since), "dnt": rule.dnt, "gpc": rule.gpc}
        for rule in rules
    ]
    return {"site": site, **counted, "rules": told}


def _arrived(line: Arrived) -> dict[str, Any]:
    return {
        "decisions": line.decisions,
        "arrived": line.sent,
        "acted_on": dict(line.acted),
        "not_acted_on": dict(line.not_acted),
    }


def coverage_body(site: str, day: date, found: list[InForce]) -> dict[str, Any]:
    versions = [
        {
            "number": one.version.number,
            "sha256": one.version.sha256.hex(),
            "from": to_rfc3339(one.version.published_at),
            "to": _moment(one.until),
            "categories": [category["key"] for category in one.categories],
            "providers": one.providers,
        }
        for one in found
    ]
    return {"site": site, "day": day.isoformat(), "versions": versions}


def turns_body(site: str, provider: str, turns: list[Turn]) -> dict[str, Any]:
    return {"site": site, "provider": provider, "turns": [_turn(turn) for turn in turns]}


def _turn(turn: Turn) -> dict[str, Any]:
    version, first = turn.version, turn.first_decision
    return {
        "kind": turn.kind,
        "number": version.number,
        "epoch": version.epoch,
        "material": version.material,
        "reason": version.reason,
        "published_at": to_rfc3339(version.published_at),
        "published_by": version.published_by,
        "approved_by": version.approved_by,
        "asked_again": turn.asked,
        "before": turn.before,
        "after": turn.after,
        "acts": [{"at": to_rfc3339(act.at), "actor": act.actor, "verb": act.verb} for act in turn.acts],
        "first_decision": {"event_id": str(first.event_id), "at": to_rfc3339(first.recorded_at)} if first else None,
    }


def retention_body(found: Kept, erased: list[Erased]) -> dict[str, Any]:
    runs = [
        {
            "began_at": to_rfc3339(run.began_at),
            "ended_at": _moment(run.ended_at),
            "cutoff": to_rfc3339(run.cutoff),
            "events": run.events,
            "oldest_left": _moment(run.oldest_left),
        }
        for run in found.runs
    ]
    return {
        "site": found.site,
        "days": found.days,
        "oldest": _moment(found.oldest),
        "overdue": found.overdue,
        "runs": runs,
        "erased": [{"day": day.day.isoformat(), **day.counts} for day in erased],
    }


def findings_body(site: str, found: Iterable[Any]) -> dict[str, Any]:
    """`found`: of `governance.service.search`."""
    findings = [
        {
            "name": finding.name,
            "kind": finding.kind,
            "fault": finding.fault,
            "page": finding.page,
            "first_seen_at": to_rfc3339(finding.first_seen_at),
            "last_seen_on": finding.last_seen_on,
            "days": finding.days,
        }
        for finding in found
    ]
    return {"site": site, "findings": findings}


def story_body(
    site: str, visitor_id: uuid.UUID, chapters: list[Chapter], checkpoint: Checkpoint | None
) -> dict[str, Any]:
    size = checkpoint.size if checkpoint else 0
    return {"site": site, "visitor": str(visitor_id), "decisions": [_chapter(chapter, size) for chapter in chapters]}


def _chapter(chapter: Chapter, size: int) -> dict[str, Any]:
    asked = [
        {"policy": {"number": one.number}, "published_at": to_rfc3339(one.published_at), "about": one.keys}
        for one in chapter.asked
    ]
    return {
        **event_record(chapter.event, chapter.locale),
        "leaf": chapter.leaf,
        "sealed": chapter.leaf is not None and chapter.leaf < size,
        "followed_at": _moment(chapter.until),
        "expired": chapter.ran_out,
        "asked_again": asked,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else to_rfc3339(moment)
