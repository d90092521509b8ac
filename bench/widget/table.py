"""The results as two tables, everybody's figures and ours beside the goals, and as JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bench.widget.contestants import BANNERS, FLOOR, OURS, PAGE
from bench.widget.goals import BEST_PEER, GOALS, Results, goals_of
from bench.widget.measures import MEASURES, Measure

NOTHING = "–"
VERDICTS = {True: "REACHED", False: "MISSED", None: "not measured"}


def tables(results: Results) -> str:
    return f"{grid(everybody(results))}\n\n{grid(beside_goals(results))}"


def everybody(results: Results) -> Iterator[Sequence[str]]:
    names = [one.name for one in (*BANNERS, PAGE) if one.name in results.loads]
    yield ["4× slower CPU, medians", *names]
    for measure in MEASURES:
        yield [measure.label, *(_cell(_shown(results, name, measure), measure.digits) for name in names)]


def _shown(results: Results, name: str, measure: Measure) -> float | None:
    """The page alone is what others are beyond of: nothing to say of itself."""
    return None if name == PAGE.name and measure.beyond_page else results.figure(name, measure)


def beside_goals(results: Results) -> Iterator[Sequence[str]]:
    yield ["", "ours", "ours/floor", "ours/best peer", "", "goal", ""]
    for measure in MEASURES:
        to_peer = results.ratio(measure, BEST_PEER)
        figures = [
            measure.label,
            _cell(results.figure(OURS.name, measure), measure.digits),
            _cell(results.ratio(measure, FLOOR.name), 2),
            _cell(to_peer, 2),
            results.best_peer(measure) if to_peer else "",
        ]
        for number, goal in enumerate(goals_of(measure)):
            yield [*(figures if number == 0 else [""] * len(figures)), str(goal), VERDICTS[results.reached(goal)]]
        if not any(goals_of(measure)):
            yield [*figures, "", ""]


def _cell(figure: float | None, digits: int) -> str:
    return NOTHING if figure is None else f"{figure:,.{digits}f}"


def grid(rows: Iterable[Sequence[str]]) -> str:
    """Lines with columns under each other; figures to the right."""
    held = [list(row) for row in rows]
    widths = [max(len(row[column]) for row in held) for column in range(len(held[0]))]
    lines = [" | ".join(_align(cell, widths[n], n) for n, cell in enumerate(row)).rstrip() for row in held]
    lines.insert(1, "-+-".join("-" * width for width in widths))
    return "\n".join(lines)


def _align(cell: str, width: int, column: int) -> str:
    figure = column and (cell == NOTHING or cell.replace(",", "").replace(".", "").replace("-", "").isdigit())
    return cell.rjust(width) if figure else cell.ljust(width)


def as_json(results: Results) -> str:
    """`{"loads": {contestant: [figures]}, "medians": {contestant: figures}, "goals": [goal and whether reached]}`; the
    loads as measured, the medians beyond the page alone where the tables say so."""
    medians: dict[str, Any] = {
        name: {measure.key: _shown(results, name, measure) for measure in MEASURES} for name in results.loads
    }
    goals = [{"measure": goal.measure, "goal": str(goal), "reached": results.reached(goal)} for goal in GOALS]
    return json.dumps({"loads": results.loads, "medians": medians, "goals": goals}, indent=1, ensure_ascii=False) + "\n"
