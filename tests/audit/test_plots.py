"""Shapes of plots: nothing leaves the drawing, and what is larger stands higher."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.audit.plots import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, bars, lines, scale

counts = st.integers(0, 10**9)


@given(st.integers(0, 10**12))
def test_an_axis_holds_its_highest_value_in_few_round_steps(highest):
    top, step = scale(highest)
    assert top >= highest and top % step == 0 and 1 <= top // step <= 5
    assert str(step).rstrip("0") in ("1", "2", "5")


@given(st.lists(st.lists(counts, min_size=3, max_size=3), max_size=60))
def test_bars_stand_on_each_other_inside_the_drawing(stacks):
    plot = bars([str(n) for n in range(len(stacks))], stacks)
    assert len(plot.bars) == sum(count > 0 for stack in stacks for count in stack)
    for bar in plot.bars:
        assert bar.x >= LEFT - 1 and bar.x + bar.width <= WIDTH - RIGHT + 1
        assert bar.y >= TOP - 1 and bar.y + bar.height <= HEIGHT - BOTTOM + 1
    assert len(plot.columns) <= 8 and (not stacks or plot.columns[0].text == "0")


def test_a_line_breaks_off_where_there_is_nothing():
    plot = lines(["a", "b", "c", "d"], [[0.0, None, 100.0, 50.0], [None, None, None, None]])
    first, second = plot.lines
    assert [len(piece.split()) for piece in first] == [1, 2] and second == []
    heights = [float(point.split(",")[1]) for piece in first for point in piece.split()]
    assert heights == [HEIGHT - BOTTOM, TOP, pytest.approx((TOP + HEIGHT - BOTTOM) / 2)]


def test_nothing_at_all_is_a_plot_too():
    assert bars([], []).bars == [] and lines([], []).lines == []
