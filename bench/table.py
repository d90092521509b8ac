"""One table of figures beside their goals."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Goal:
    """A bound on our figure: in its unit, or, where none is given, as a ratio to the bare view's."""

    at_least: bool
    bound: float
    unit: str = ""

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g} {self.unit or '× bare'}"

    def reached(self, ours: float, ratio: float) -> bool:
        value = ours if self.unit else ratio
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True)
class Line:
    """One measure in one case: each side's figures in the order of the rounds."""

    measure: str
    case: str
    bare: list[float]
    ours: list[float]
    goal: Goal | None = None

    @property
    def ratio(self) -> float:
        """The median of the rounds' own ratios: what disturbs the machine disturbs both sides of a round."""
        return median(ours / bare for ours, bare in zip(self.ours, self.bare, strict=True))

    @property
    def cells(self) -> tuple[str, ...]:
        ours = median(self.ours)
        verdict = ""
        if self.goal:
            verdict = "reached" if self.goal.reached(ours, self.ratio) else "MISSED"
        figures = (_short(median(self.bare)), _short(ours), f"{self.ratio:.2f}")
        return (self.measure, self.case, *figures, str(self.goal or ""), verdict)


def _short(figure: float) -> str:
    return f"{figure:,.{0 if figure >= 100 else 1 if figure >= 1 else 3}f}"


HEAD = ("measure", "case", "bare", "ours", "ratio", "goal", "")


def print_table(lines: list[Line]) -> None:
    rows = [HEAD, *(line.cells for line in lines)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    for row in rows:
        print(" | ".join(_align(n, cell, widths[n]) for n, cell in enumerate(row)).rstrip())
        if row is HEAD:
            print("-+-".join("-" * width for width in widths))


@dataclass(frozen=True)
class Measure:
    """One figure by itself, in its unit."""

    name: str
    figure: float
    unit: str
    goal: Goal | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        verdict = ("reached" if self.goal.reached(self.figure, 0) else "MISSED") if self.goal else ""
        return self.name, _short(self.figure), self.unit, str(self.goal or ""), verdict


def print_measures(measures: list[Measure]) -> None:
    rows = [measure.cells for measure in measures]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        cells = (cell.rjust(widths[n]) if n == 1 else cell.ljust(widths[n]) for n, cell in enumerate(row))
        print(" | ".join(cells).rstrip())


def _align(column: int, cell: str, width: int) -> str:
    return cell.rjust(width) if 2 <= column <= 4 else cell.ljust(width)
