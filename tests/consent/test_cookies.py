"""The two cookies: what is written can be read, and nothing else can."""

import hashlib
import uuid
from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from consent_server.consent.cookies import (
    ChoicesCookie,
    VisitorCookie,
    expire,
    forget_visitor,
    mint_visitor,
    read_visitor,
    says_the_same,
    set_choices,
    set_visitor,
)
from consent_server.consent.effect import Choice

names = st.text("abcz09_-", min_size=1, max_size=4).map(lambda rest: "n" + rest)
cookies = st.builds(
    ChoicesCookie,
    policy=st.integers(1, 9999),
    epoch=st.integers(1, 999),
    day=st.dates(date(2026, 1, 1), date(2099, 12, 31)),
    action=st.sampled_from(("accept_all", "reject_all", "custom", "withdraw")),
    choice=st.builds(Choice, st.dictionaries(names, st.booleans()), st.dictionaries(names, st.booleans())),
    under_gpc=st.booleans(),
)


def read_as_documented(text):
    """The cookie's query string, read by its description alone."""
    pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    assert [name for name, _ in pairs] == ["v", "p", "e", "d", "a", "on", "g"]
    said = dict(pairs)
    granted = said["on"].split(",") if said["on"] else []
    return {
        "version": said["v"],
        "policy": int(said["p"]),
        "epoch": int(said["e"]),
        "day": date.fromisoformat(said["d"]),
        "action": said["a"],
        "categories": {name for name in granted if name[0] not in "+-"},
        "providers": {name[1:]: name[0] == "+" for name in granted if name[0] in "+-"},
        "under_gpc": {"1": True, "": False}[said["g"]],
    }


@given(cookies)
def test_the_choices_cookie_says_what_was_chosen(cookie):
    assert read_as_documented(str(cookie)) == {
        "version": "1",
        "policy": cookie.policy,
        "epoch": cookie.epoch,
        "day": cookie.day,
        "action": cookie.action,
        "categories": {name for name, allowed in cookie.choice.categories.items() if allowed},
        "providers": cookie.choice.providers,
        "under_gpc": cookie.under_gpc,
    }


@given(cookies)
def test_its_value_needs_no_quoting(cookie):
    assert not set(str(cookie)) - set("abcdefghijklmnopqrstuvwxyz0123456789_-=&,%2B")


@given(cookies, cookies)
def test_two_cookies_say_the_same_if_they_grant_the_same_under_the_same_version(one, other):
    def meaning(cookie):
        said = read_as_documented(str(cookie))
        del said["day"], said["action"]
        return said

    assert says_the_same([str(one)], one)
    assert says_the_same([str(one)], other) == (meaning(one) == meaning(other))


@given(cookies)
def test_two_copies_and_none_say_nothing(cookie):
    assert not says_the_same([], cookie)
    assert not says_the_same([str(cookie), str(cookie)], cookie)


@given(cookies, st.text())
def test_another_text_says_nothing_and_breaks_nothing(cookie, text):
    assume("v=1" not in text)
    assert not says_the_same([text], cookie)


@pytest.mark.parametrize("extra", ["&v=1", "&x=", "&on=marketing"])
def test_a_cookie_with_a_key_more_says_nothing(extra):
    cookie = ChoicesCookie(1, 1, date(2026, 11, 22), "reject_all", Choice({}, {}), False)
    assert not says_the_same([str(cookie) + extra], cookie)


def test_the_order_of_what_is_granted_does_not_matter():
    cookie = ChoicesCookie(1, 1, date(2026, 11, 22), "custom", Choice({"a": True, "b": True}, {}), False)
    assert says_the_same([str(cookie).replace("a,b", "b,a")], cookie)


def test_a_visitors_cookie_is_read_as_it_was_written():
    cookie = mint_visitor()
    assert read_visitor([str(cookie)]) == cookie
    assert cookie.id.version == 4
    assert cookie.secret_hash == hashlib.sha256(cookie.secret.encode()).digest()


def test_no_two_visitors_are_alike():
    minted = [mint_visitor() for _ in range(50)]
    assert len({cookie.id for cookie in minted}) == len({cookie.secret for cookie in minted}) == 50


@given(st.uuids(version=4), st.binary(min_size=32, max_size=32))
def test_any_visitors_cookie_survives_the_round_trip(identifier, secret):
    import base64

    cookie = VisitorCookie(identifier, base64.urlsafe_b64encode(secret).decode().rstrip("="))
    assert read_visitor([str(cookie)]) == cookie


GOOD = "1fd0b4a8-6a3c-4b62-9d26-3c1b5a0e7f11." + "A" * 43


@pytest.mark.parametrize(
    "values",
    [
        [],
        [""],
        [GOOD, GOOD],
        [GOOD.upper()],
        [GOOD + "\n"],
        [" " + GOOD],
        [GOOD[:-1]],
        [GOOD + "A"],
        [GOOD.replace(".", "_")],
        [GOOD.replace("4b62", "7b62")],
        [GOOD.replace("9d26", "cd26")],
        [GOOD.replace("A" * 43, "é" * 43)],
        [GOOD.replace("-", "")],
    ],
)
def test_what_is_not_exactly_a_visitors_cookie_counts_as_none(values):
    assert read_visitor(values) is None


@given(st.lists(st.text(), max_size=3))
def test_reading_never_fails(values):
    found = read_visitor(values)
    assert found is None or values == [str(found)]


def test_attributes():
    visitor = VisitorCookie(uuid.UUID("1fd0b4a8-6a3c-4b62-9d26-3c1b5a0e7f11"), "A" * 43)
    own = "Path=/; Max-Age={}; HttpOnly; Secure; SameSite=None; Partitioned"
    assert set_visitor(visitor, days=180) == f"__Host-visitor={GOOD}; {own.format(15552000)}"
    assert forget_visitor() == f"__Host-visitor=; {own.format(0)}"
    choices = ChoicesCookie(12, 3, date(2026, 11, 22), "reject_all", Choice({"marketing": False}, {}), False)
    value = "visitor_choices=v=1&p=12&e=3&d=2026-11-22&a=reject_all&on=&g=; Domain=ala.org; Path=/; Max-Age=86400"
    assert set_choices(choices, domain="ala.org", days=1, secure=False) == f"{value}; SameSite=Lax"
    assert set_choices(choices, domain="ala.org", days=1, secure=True) == f"{value}; SameSite=Lax; Secure"
    assert expire("_ga", "ala.org") == "_ga=; Domain=ala.org; Path=/; Max-Age=0"
