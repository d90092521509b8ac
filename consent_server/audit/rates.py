"""Rates from the counters: how many decided what, how many allowed a category, over time and by language.

A rate is of decisions that chose (`CHOSE`) by people. What bots did is counted, and told apart. Days are UTC days.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from consent_server.audit.models import Rate, RateCategory
from consent_server.extensions import db

# A withdrawal takes back what was chosen before, and a bare signal chooses nothing.
CHOSE = ("accept_all", "reject_all", "custom")
REFUSED = ("reject_all",)
PERIODS = ("day", "week", "month", "quarter")
PEOPLE = "human"


@dataclass(frozen=True)
class Share:
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """None where there is nothing to take a share of."""
        return 100 * self.part / self.whole if self.whole else None


@dataclass
class Line:
    """What was counted of one period or language: decisions by people and by bots per action, and per category how
    many of those that chose left it on, and off."""

    people: Counter[str] = field(default_factory=Counter)
    bots: Counter[str] = field(default_factory=Counter)
    on: Counter[str] = field(default_factory=Counter)
    off: Counter[str] = field(default_factory=Counter)

    @property
    def chose(self) -> int:
        return sum(self.people[action] for action in CHOSE)

    @property
    def refused(self) -> Share:
        return Share(sum(self.people[action] for action in REFUSED), self.chose)

    def opted_in(self, category: str) -> Share:
        return Share(self.on[category], self.on[category] + self.off[category])


@dataclass(frozen=True)
class Rates:
    """`periods` by their first day, oldest first; `languages` by locale, the empty one for texts that are not ours."""

    periods: dict[date, Line]
    languages: dict[str, Line]
    categories: list[str]
    whole: Line


@dataclass(frozen=True)
class Within:
    """Which counters: of these sites, days or months, from the first day to the last."""

    sites: tuple[str, ...]
    span: str
    first: date | None
    last: date | None

    def summed(self, model: Any, *by: Any, where: tuple[ColumnElement[bool], ...] = ()) -> Iterable[Any]:
        """The sums of the counters, for each combination of the columns `by`."""
        query = select(*by, func.sum(model.count)).where(model.site.in_(self.sites), model.span == self.span, *where)
        if self.first:
            query = query.where(model.start >= self.first)
        if self.last:
            query = query.where(model.start <= self.last)
        return db.session.execute(query.group_by(*by))


def find(sites: Iterable[str], period: str, first: date | None, last: date | None, locale: str | None = None) -> Rates:
    """The rates on these sites from the first day to the last; from the very first to this day where none is given.
    `period` is one of PERIODS."""
    within = Within(tuple(sites), span_of(period, first, last), first, last)
    periods: dict[date, Line] = {}
    languages: dict[str, Line] = {}
    whole = Line()
    for start, kind, name, count in _counts(within, "start", locale):
        for line in (periods.setdefault(begin(start, period), Line()), whole):
            getattr(line, kind)[name] += count
    for spoken, kind, name, count in _counts(within, "locale", None):
        getattr(languages.setdefault(spoken, Line()), kind)[name] += count
    categories = sorted({*whole.on, *whole.off})
    return Rates(dict(sorted(periods.items())), dict(sorted(languages.items())), categories, whole)


def span_of(period: str, first: date | None, last: date | None) -> str:
    """Months where nothing smaller is asked for: thirty times fewer rows."""
    whole_months = (first is None or first.day == 1) and (last is None or (last + timedelta(days=1)).day == 1)
    return "month" if period in ("month", "quarter") and whole_months else "day"


def begin(day: date, period: str) -> date:
    """The first day of the period that a day is in; a week begins on Monday (ISO 8601)."""
    match period:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day


def _counts(within: Within, by: str, locale: str | None) -> Iterable[tuple[Any, str, str, int]]:
    """By the column `by`: `people`, `bots`, `on` or `off`; action or category; and how many, in one language or all."""
    spoken = {model: () if locale is None else (model.locale == locale,) for model in (Rate, RateCategory)}
    actions = within.summed(Rate, getattr(Rate, by), Rate.action, Rate.automated, where=spoken[Rate])
    for key, action, automated, count in actions:
        yield key, "people" if automated == PEOPLE else "bots", action, int(count)
    chose = (RateCategory.automated == PEOPLE, RateCategory.action.in_(CHOSE), *spoken[RateCategory])
    columns = (getattr(RateCategory, by), RateCategory.category, RateCategory.allowed)
    for key, category, allowed, count in within.summed(RateCategory, *columns, where=chose):
        yield key, "on" if allowed else "off", category, int(count)
