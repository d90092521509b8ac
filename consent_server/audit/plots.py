"""Plots as shapes: where bars, lines and marks stand in a drawing of WIDTH by HEIGHT. Pure; the page draws them.

A plot only shows the shape of the table beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

WIDTH, HEIGHT = 800, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 8, 12, 28
MAX_LABELS = 8


@dataclass(frozen=True)
class Mark:
    """A mark of an axis: its place along it, and its words."""

    place: float
    text: str


@dataclass(frozen=True)
class Bar:
    """A part of a stacked bar; `series` is its number, from 0."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True)
class Plot:
    """`rows`: marks of the vertical axis, `columns`: of the horizontal one. `lines` holds for each series the points
    of its pieces (a series breaks off where there is nothing to take a share of)."""

    rows: list[Mark]
    columns: list[Mark]
    bars: list[Bar]
    lines: list[list[str]]


def bars(labels: Sequence[str], stacks: Sequence[Sequence[int]]) -> Plot:
    """Stacked bars: for each label the counts of the series, the lowest first."""
    top, step = scale(max((sum(stack) for stack in stacks), default=0))
    width = _inner() / max(len(labels), 1)
    drawn = []
    for number, stack in enumerate(stacks):
        below = 0
        for series, count in enumerate(stack):
            if count:
                height = _height() * count / top
                y = _y((below + count) / top)
                drawn.append(Bar(_r(LEFT + width * (number + 0.1)), _r(y), _r(width * 0.8), _r(height), series))
            below += count
    marks = [Mark(_r(_y(value / top)), f"{value:,}") for value in range(0, top + 1, step)]
    return Plot(marks, _columns(labels), drawn, [])


def lines(labels: Sequence[str], series: Sequence[Sequence[float | None]]) -> Plot:
    """A line for each series of percentages, one value a label."""
    width = _inner() / max(len(labels), 1)
    drawn = []
    for values in series:
        pieces: list[list[str]] = [[]]
        for number, value in enumerate(values):
            if value is None:
                pieces.append([])
            else:
                pieces[-1].append(f"{_r(LEFT + width * (number + 0.5))},{_r(_y(value / 100))}")
        drawn.append([" ".join(piece) for piece in pieces if piece])
    marks = [Mark(_r(_y(value / 100)), f"{value} %") for value in range(0, 101, 25)]
    return Plot(marks, _columns(labels), [], drawn)


def scale(highest: int) -> tuple[int, int]:
    """The top of an axis that holds a count, and the step between its marks: 1, 2 or 5 times a power of ten, at most
    five steps."""
    highest = max(highest, 1)
    power = 10 ** floor(log10(highest))
    for step in (power // 10, power // 5, power // 2, power, 2 * power):
        if step and -(-highest // step) <= 5:
            return -(-highest // step) * step, step
    return highest, highest


def _columns(labels: Sequence[str]) -> list[Mark]:
    """Every label, or every second, third…: as many as there is room for."""
    width, nth = _inner() / max(len(labels), 1), -(-len(labels) // MAX_LABELS)
    return [
        Mark(_r(LEFT + width * (number + 0.5)), label)
        for number, label in enumerate(labels)
        if number % max(nth, 1) == 0
    ]


def _inner() -> float:
    return WIDTH - LEFT - RIGHT


def _height() -> float:
    return HEIGHT - TOP - BOTTOM


def _y(part: float) -> float:
    return TOP + _height() * (1 - part)


def _r(value: float) -> float:
    return round(value, 1)
