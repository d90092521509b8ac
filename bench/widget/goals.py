"""The goals of the design, section 8, and whether a run reaches them. Absolute times drift: most goals are ratios."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from bench.widget.contestants import FLOOR, OURS, PAGE, PEERS, Contestant
from bench.widget.measures import MEASURES, Figures, Measure

BEST_PEER = "best peer"
FIRST_REQUEST = 6144


@dataclass(frozen=True)
class Goal:
    """At most `bound` times another's figure; where no other is named, at most `bound`."""

    measure: str
    bound: float
    of: str = ""

    def __str__(self) -> str:
        return f"≤ {self.bound:g} × {self.of}" if self.of else f"≤ {self.bound:g}"


GOALS = (
    Goal("bytes", FIRST_REQUEST),
    Goal("requests", 1),
    Goal("script", 1.4, FLOOR.name),
    Goal("script", 0.6, "vanilla-cookieconsent"),
    Goal("long_tasks", 0),
    # Unchanged, but for what two loads of the same page differ by.
    Goal("first_paint", 1.1, PAGE.name),
    Goal("seen", 1.1, FLOOR.name),
    Goal("seen_slow_4g", 1.1, FLOOR.name),
    Goal("shift", 0),
    Goal("gone", 1.2, FLOOR.name),
    Goal("next_paint", 1.2, FLOOR.name),
    Goal("heap", 60),
    Goal("nodes", 20),
    Goal("back_script", 1.3, FLOOR.name),
    Goal("back_script", 0.4, BEST_PEER),
    Goal("back_heap", 15),
    Goal("back_nodes", 0),
    Goal("back_requests", 0),
)


class Results:
    """Every contestant's figures, load by load. A figure is the median of its loads."""

    def __init__(self) -> None:
        self.loads: dict[str, list[Figures]] = {}

    def add(self, contestant: Contestant, figures: Figures) -> None:
        self.loads.setdefault(contestant.name, []).append(figures)

    def figure(self, name: str, measure: Measure) -> float | None:
        """None where a contestant has no such figure, as the page alone has none of a banner."""
        found = self._median(name, measure)
        page = self._median(PAGE.name, measure) if measure.beyond_page else 0
        return None if found is None or page is None else found - page

    def _median(self, name: str, measure: Measure) -> float | None:
        values = [figures[measure.key] for figures in self.loads.get(name, ()) if measure.key in figures]
        return median(values) if values else None

    def best_peer(self, measure: Measure) -> str:
        """The peer with the least of it."""
        figures = {peer.name: self.figure(peer.name, measure) for peer in PEERS}
        measured = {name: figure for name, figure in figures.items() if figure is not None}
        return min(measured, key=measured.__getitem__) if measured else ""

    def ratio(self, measure: Measure, other: str) -> float | None:
        """Ours to another's; None where there is nothing to divide by."""
        name = self.best_peer(measure) if other == BEST_PEER else other
        ours, theirs = self.figure(OURS.name, measure), self.figure(name, measure)
        return None if ours is None or theirs is None or theirs <= 0 else ours / theirs

    def reached(self, goal: Goal) -> bool | None:
        """None where it could not be measured."""
        measure = next(one for one in MEASURES if one.key == goal.measure)
        value = self.ratio(measure, goal.of) if goal.of else self.figure(OURS.name, measure)
        # Two digits, as the table shows a ratio.
        return None if value is None else round(value, 2) <= goal.bound


def goals_of(measure: Measure) -> Iterator[Goal]:
    return (goal for goal in GOALS if goal.measure == measure.key)
