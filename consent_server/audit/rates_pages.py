"""`/audit/rates` and `/audit/signals`: what was counted, over time and by language, with plots beside the tables."""

from datetime import date
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consent_server import clock
from consent_server.audit import plots, rates, signals, words
from consent_server.audit.frame import Asked, ask, following, own_sites, write_down
from consent_server.audit.rates import Rates
from consent_server.audit.view_schemas import RatesQuery, SpanQuery
from consent_server.staff.permissions import require_role

# The order of a bar's parts, from the foot.
STACKED = ("reject_all", "custom", "accept_all", "withdraw")
QUARTERS = 5

blueprint = Blueprint("audit-rates", __name__, url_prefix="/audit")


@blueprint.get("/rates")
@require_role("auditor")
def over_time() -> ResponseReturnValue:
    """Decisions and opt-in rates over time and by language"""
    asked = ask(RatesQuery())
    found = None
    if not asked.errors:
        write_down("audit-rates", asked.sites, {"view": "rates"})
        values = asked.values
        found = rates.find(asked.sites, values["period"], values.get("first"), values.get("last"), values.get("locale"))
    page = render_template(
        "audit/rates.html",
        **_shared(asked),
        found=found,
        periods=words.PERIODS,
        label=lambda day: words.period(day, asked.values["period"]),
        plots=_plots(found, asked.values["period"]) if found else None,
        stacked=[words.ACTIONS[action] for action in STACKED],
        locales={name: name for name in found.languages if name} if found else {},
    )
    return page, asked.status


@blueprint.get("/signals")
@require_role("auditor")
def by_signal() -> ResponseReturnValue:
    """Do Not Track and Global Privacy Control: how many arrived, what was done, by which rule"""
    asked = ask(SpanQuery())
    arrived, rules = None, []
    if not asked.errors:
        write_down("audit-rates", asked.sites, {"view": "signals"})
        first, last = asked.values.get("first"), asked.values.get("last")
        arrived, rules = signals.count(asked.sites, first, last), signals.rules(asked.sites, first, last)
    page = render_template("audit/signals.html", **_shared(asked), arrived=arrived, rules=rules)
    return page, asked.status


def _shared(asked: Asked) -> dict[str, Any]:
    """What both pages show of what is asked for."""
    return {
        "asked": asked,
        "sites": {key: key for key in own_sites()},
        "quarters": [(name, _only_quarter(asked, name)) for name in _quarters(clock.now().date())],
        "everything": following(asked.fields, **{"from": None, "to": None, "quarter": None}),
        "words": words,
    }


def _only_quarter(asked: Asked, name: str) -> str:
    return following(asked.fields, **{"from": None, "to": None, "quarter": name})


def _quarters(today: date) -> list[str]:
    """The present quarter and those before it, the latest first."""
    number = today.year * 4 + (today.month - 1) // 3
    return [f"{n // 4}-Q{n % 4 + 1}" for n in range(number, number - QUARTERS, -1)]


def _plots(found: Rates, period: str) -> dict[str, plots.Plot]:
    labels = [words.period(day, period) for day in found.periods]
    stacks = [[line.people[action] for action in STACKED] for line in found.periods.values()]
    shares = [[line.opted_in(name).percent for line in found.periods.values()] for name in found.categories]
    return {"decisions": plots.bars(labels, stacks), "opt_in": plots.lines(labels, shares)}
