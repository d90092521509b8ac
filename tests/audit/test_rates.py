"""Rates: each decision is counted once, when it is sealed, and for good."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from consent_server.audit import rates, signals
from consent_server.audit.models import Rate, RateCategory
from consent_server.audit.rates import begin
from consent_server.extensions import db
from tests.factories import post, rows, seal

OPTIONAL = ("functional", "analytics", "marketing")


@pytest.fixture
def send(app, decision):
    def send(client=None, agent=None, **changes):
        headers = {"User_Agent": agent} if agent else {}
        signal = changes.get("signals", {})
        headers |= {"DNT": "1"} if signal.get("dnt") else {}
        headers |= {"Sec_GPC": "1"} if signal.get("gpc") else {}
        body = decision(**changes)
        assert post(client or app.test_client(), body, **headers).status_code == 201
        return body["event_id"]

    return send


def find(app, period="month", first=None, last=None, locale=None):
    with app.app_context():
        return rates.find(["ala"], period, first, last, locale)


def test_what_is_sealed_is_counted_once(app, send, site):
    send()
    send(allow=OPTIONAL)
    send(allow=("analytics",), notice=site.notices["es"])
    send(agent="Googlebot/2.1")
    assert not rows(app, Rate)
    for _ in range(3):
        seal(app)
    found = find(app)
    assert found.whole.people == {"reject_all": 1, "accept_all": 1, "custom": 1}
    assert found.whole.bots == {"reject_all": 1}
    assert (found.whole.refused.part, found.whole.refused.whole) == (1, 3)
    analytics, marketing = found.whole.opted_in("analytics"), found.whole.opted_in("marketing")
    assert (analytics.part, analytics.whole, marketing.part, marketing.whole) == (2, 3, 1, 3)
    assert {name: line.chose for name, line in found.languages.items()} == {"en": 2, "es": 1}
    send()
    seal(app)
    assert find(app).whole.people["reject_all"] == 2
    assert find(app, locale="es").whole.people == {"custom": 1}


def test_a_text_that_is_not_ours_has_no_language(app, send):
    send(notice="ab" * 32)
    seal(app)
    assert list(find(app).languages) == [""]


def test_days_and_months_say_the_same(app, send, clock):
    clock.set(datetime(2026, 9, 29, 23, 59, 59, tzinfo=UTC))
    for _ in range(6):
        send()
        seal(app)
        clock.advance(hours=12)
    by_day, by_month = find(app, "day"), find(app, "month")
    assert {str(day): line.chose for day, line in by_day.periods.items()} == {
        "2026-09-29": 1, "2026-09-30": 2, "2026-10-01": 2, "2026-10-02": 1
    }  # fmt: skip
    assert {str(day): line.chose for day, line in by_month.periods.items()} == {"2026-09-01": 3, "2026-10-01": 3}
    assert by_day.whole == by_month.whole
    # Part of a month is read by days, whatever the table shows.
    part = find(app, "month", date(2026, 9, 30), date(2026, 10, 1))
    assert {str(day): line.chose for day, line in part.periods.items()} == {"2026-09-01": 2, "2026-10-01": 2}
    assert {str(day): line.chose for day, line in find(app, "quarter").periods.items()} == {
        "2026-07-01": 3, "2026-10-01": 3
    }  # fmt: skip


def test_signals_are_counted_with_what_was_done(app, send):
    send(signals={"dnt": "1", "gpc": False})
    send(signals={"dnt": None, "gpc": True}, allow=("functional",))
    send(signals={"dnt": None, "gpc": True}, allow=OPTIONAL)
    send()
    seal(app)
    with app.app_context():
        found = signals.count(["ala"], None, None)
        [rule] = signals.rules(["ala"], None, None)
    dnt, gpc = found["dnt", "people"], found["gpc", "people"]
    assert (dnt.sent, dnt.acted.total(), dnt.decisions) == (1, 0, 4)
    assert gpc.acted == {"custom": 1} and gpc.not_acted == {"accept_all": 1}
    assert found["gpc", "bots"].decisions == 0
    assert (rule.number, rule.dnt, rule.gpc) == (1, "record", "refuse-marketing")


def test_counters_stay_when_decisions_are_erased(app, send):
    client = app.test_client()
    send(client)
    seal(app)
    form = {"event_id": "", "notice": ""}
    page = client.post("/ala/choices/erase", data=form, headers={"Origin": "http://privacy.ala.localhost:9000"})
    assert page.status_code == 303
    seal(app)
    assert find(app).whole.people == {"reject_all": 1}


@pytest.mark.parametrize("model", [Rate, RateCategory])
def test_counters_never_go_down(app, send, model):
    send()
    seal(app)
    before = rows(app, model)
    for statement in (update(model).values(count=0), delete(model)):
        with app.app_context(), pytest.raises(DBAPIError):
            db.session.execute(statement)
            db.session.commit()
    with app.app_context():
        db.session.execute(text(f"UPDATE {model.__tablename__} SET count = count + 1"))
        db.session.rollback()
    assert rows(app, model) == before


@given(st.dates(date(1972, 1, 10), date(2200, 1, 1)), st.sampled_from(rates.PERIODS))
def test_a_day_is_in_the_period_that_begins_before_it(day, period):
    start = begin(day, period)
    assert timedelta(0) <= day - start < timedelta(days={"day": 1, "week": 7, "month": 31, "quarter": 92}[period])
    assert begin(start, period) == start
