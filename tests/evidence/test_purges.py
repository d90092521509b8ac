"""Naming in the log what was deleted because it was kept long enough."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from consent_server.database import begin_writing
from consent_server.evidence import purges, service
from consent_server.extensions import db
from tests.evidence.sealed import leaves_of, mark, members_of
from tests.factories import post


@given(st.sets(st.integers(0, 200)))
def test_runs_name_each_number_once_and_nothing_else(numbers):
    runs = list(purges.runs_of(sorted(numbers)))
    assert [n for first, last in runs for n in range(first, last + 1)] == sorted(numbers)
    # No two of them could be one.
    assert all(before[1] + 1 < after[0] for before, after in pairwise(runs))


def test_a_mark_tells_which_leaves_are_old_enough(app, client, decision, clock):
    marks = []
    for _ in range(3):
        post(client, decision())
        mark(app)
        marks.append((max(leaves_of(app, "mark/1")), clock.now()))
        clock.advance(hours=1)
    with app.app_context():
        assert service.sealed_by(marks[0][1] - timedelta(milliseconds=1)) == 0
        for index, at in marks:
            assert service.sealed_by(at) == index
            assert service.sealed_by(at + timedelta(minutes=59)) == index


def test_a_leaf_names_no_more_than_fits(app, site, monkeypatch):
    widest = 10**19 - 1
    monkeypatch.setattr(purges, "runs_of", lambda rising: [(widest, widest)] * (purges.MOST_RUNS * 2 + 1))
    with app.app_context():
        begin_writing(db.session)
        service.purge([], "A rule of a site: decisions are kept for 730 days.")
        db.session.commit()
    assert [len(leaf["runs"]) for leaf in members_of(app, "purge/1")] == [purges.MOST_RUNS, purges.MOST_RUNS, 1]
