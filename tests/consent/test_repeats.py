"""The same event more than once, and decisions in an order that clocks disagree with."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from consent_server import clock as real_clock
from consent_server.consent.models import ConsentCurrent, ConsentEvent, Visitor
from consent_server.evidence.models import LogQueue
from consent_server.registry import service as registry
from tests.consent.test_refused import assert_problem, assert_readable
from tests.consent.test_visitor import choices_cookie, visitor_cookie
from tests.factories import everything, post, publish, rows, running, site_content

EVERYTHING = ("functional", "analytics", "marketing")
ALL_ON = dict.fromkeys(EVERYTHING, True)
ALL_OFF = dict.fromkeys(EVERYTHING, False)


def at_once(count, act):
    """Runs `act(n)` in as many threads, all set off together."""
    barrier = threading.Barrier(count)

    def run(n):
        barrier.wait()
        return act(n)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def queued(app):
    return [leaf for leaf in rows(app, LogQueue) if leaf["type"] == "consent/1"]


def test_the_same_event_twenty_times_at_once_is_one_row(app, decision):
    body = decision()
    answers = at_once(20, lambda _: post(app.test_client(), body))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert {answer.json["event_id"] for answer in answers} == {body["event_id"]}
    assert len([answer for answer in answers if answer.headers.getlist("Set-Cookie")]) == 1
    assert [len(rows(app, model)) for model in (ConsentEvent, Visitor, ConsentCurrent)] == [1, 1, 1]
    assert len(queued(app)) == 1


def test_the_same_event_at_two_workers_is_one_row(app, settings, decision):
    body = decision()
    with running(settings) as other:
        answers = at_once(8, lambda n: post((app, other)[n % 2].test_client(), body))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len(rows(app, ConsentEvent)) == len(queued(app)) == 1


def test_decisions_of_one_visitor_at_once_are_all_kept(app, bare_client, decision):
    cookie = visitor_cookie(post(bare_client, decision()))
    sent = f"__Host-visitor={cookie['id']}.{cookie['secret']}"
    answers = at_once(10, lambda n: post(bare_client, decision(allow=EVERYTHING if n % 2 else ()), Cookie=sent))
    assert {answer.status_code for answer in answers} == {201}
    assert len(rows(app, ConsentEvent)) == len(queued(app)) == 11
    assert len(rows(app, Visitor)) == len(rows(app, ConsentCurrent)) == 1


def test_a_repeat_is_answered_alike_and_sets_nothing(app, client, decision):
    body = decision(allow=("analytics",))
    first = post(client, body)
    before = everything(app)
    again = post(client, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert not again.headers.getlist("Set-Cookie")
    assert "Tk" not in again.headers
    assert_readable(again)
    assert everything(app) == before


def test_headers_and_cookies_do_not_make_it_another_event(client, bare_client, decision):
    body = decision()
    post(client, body)
    again = post(bare_client, body, DNT="1", Sec_GPC="1", User_Agent="Lynx", Origin="https://my.ala.org")
    assert again.status_code == 200


def test_the_same_body_in_another_order_of_keys_is_the_same_event(client, decision):
    body = decision(providers={"sample-ads": False, "google-analytics": False})
    post(client, body)
    turned = {key: body[key] for key in reversed(body)}
    turned["choices"] = {key: body["choices"][key] for key in reversed(body["choices"])}
    assert post(client, turned).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "withdraw"},
        {"surface": "page"},
        {"choices": {"functional": False, "analytics": False}},
        {"providers": {"sample-ads": False}},
        {"decided_at": "2020-01-01T00:00:00Z"},
        {"signals": {"dnt": "1", "gpc": False}},
        {"page": "https://my.ala.org/"},
        {"notice": "ab" * 32},
    ],
)
def test_another_body_under_the_same_id_is_a_conflict(app, client, decision, changes):
    body = decision()
    post(client, body)
    before = everything(app)
    response = post(client, body | changes)
    assert_problem(response, 409, "conflict")
    assert_readable(response)
    assert everything(app) == before


def test_a_grant_does_not_pass_under_the_id_of_a_refusal(app, client, decision):
    body = decision()
    post(client, body)
    assert_problem(post(client, decision(allow=EVERYTHING, event_id=body["event_id"])), 409, "conflict")


def test_an_id_of_another_site_is_a_conflict_and_tells_nothing(app, client, decision):
    with app.app_context():
        publish(registry.validate(site_content()))
        notice = app.test_client().get("/v1/sites/zoo/config").json["notices"]["en"]
    body = decision()
    post(client, body)
    elsewhere = decision(event_id=body["event_id"], notice=notice, choices={}, page=None)
    response = post(client, elsewhere, site="zoo", Origin="https://www.zoo.example")
    assert_problem(response, 409, "conflict")


def test_without_its_cookie_a_repeat_tells_what_the_body_said_and_sets_none(app, client, bare_client, decision):
    body = decision()
    post(client, body)
    post(client, decision(allow=EVERYTHING))
    again = post(bare_client, body)
    assert again.status_code == 200
    assert again.json["choices"] == ALL_OFF
    assert not again.headers.getlist("Set-Cookie")


def test_with_its_cookie_a_repeat_tells_what_is_in_effect_now(client, decision):
    body = decision(allow=EVERYTHING)
    post(client, body)
    post(client, decision(action="withdraw"))
    assert post(client, body).json["choices"] == ALL_OFF


def test_with_anothers_cookie_nothing_of_theirs_comes_out(app, client, decision):
    mine, stranger = decision(), app.test_client()
    post(client, mine)
    post(stranger, decision(allow=EVERYTHING))
    before = everything(app)
    again = post(stranger, mine)
    assert again.status_code == 200
    assert again.json["choices"] == ALL_OFF
    assert not again.headers.getlist("Set-Cookie")
    assert everything(app) == before


def test_a_visitors_id_without_the_secret_opens_nothing(app, client, bare_client, decision):
    body = decision()
    visitor = visitor_cookie(post(client, body))
    post(client, decision(allow=EVERYTHING))
    again = post(bare_client, body, Cookie=f"__Host-visitor={visitor['id']}.{'B' * 43}")
    assert again.json["choices"] == ALL_OFF


def at(clock, **ahead):
    return real_clock.to_rfc3339(clock.now() + timedelta(**ahead))


def test_a_withdrawal_after_an_accept_dated_nine_minutes_ahead_stands(app, client, decision, clock):
    assert post(client, decision(allow=EVERYTHING, decided_at=at(clock, minutes=9))).json["choices"] == ALL_ON
    clock.advance(seconds=5)
    assert post(client, decision(action="withdraw")).json["choices"] == ALL_OFF
    [current] = rows(app, ConsentCurrent)
    assert current["choices"] == ALL_OFF


def test_a_late_retry_of_an_accept_does_not_undo_a_withdrawal(app, client, decision, clock):
    stuck = decision(allow=EVERYTHING)
    clock.advance(minutes=1)
    post(client, decision(action="withdraw"))
    clock.advance(minutes=1)
    late = post(client, stuck)
    assert late.status_code == 201
    assert late.json["choices"] == ALL_OFF
    assert "&on=&" in choices_cookie(late)
    [current] = rows(app, ConsentCurrent)
    assert current["choices"] == ALL_OFF
    # What was decided is kept as it was decided.
    assert sorted(str(event["choices"]["marketing"]) for event in rows(app, ConsentEvent)) == ["False", "True"]


def test_a_late_retry_of_a_refusal_takes_back_what_was_allowed_meanwhile(client, decision, clock):
    stuck = decision()
    clock.advance(minutes=1)
    post(client, decision(allow=EVERYTHING))
    assert post(client, stuck).json["choices"] == ALL_OFF


def test_an_accept_after_a_refusal_counts(client, decision, clock):
    post(client, decision())
    clock.advance(seconds=1)
    assert post(client, decision(allow=EVERYTHING)).json["choices"] == ALL_ON


def test_an_accept_in_the_same_second_as_a_refusal_counts(client, decision):
    post(client, decision())
    assert post(client, decision(allow=EVERYTHING)).json["choices"] == ALL_ON


def test_only_what_was_refused_later_stays_off(client, decision, clock):
    stuck = decision(allow=EVERYTHING)
    clock.advance(minutes=1)
    post(client, decision(allow=("functional",)))
    assert post(client, stuck).json["choices"] == {"functional": True, "analytics": False, "marketing": False}
