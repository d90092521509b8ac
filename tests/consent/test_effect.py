"""What decisions add up to, in any order of recording."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.consent.effect import Choice, State, follow, normalise, refuse
from consent_server.consent.signals import Refusal


@dataclass(frozen=True)
class Provider:
    category: str
    sells_or_shares: bool


CATEGORIES = ("analytics", "functional", "marketing")
PROVIDERS = {
    "counter": Provider("analytics", False),
    "measurer": Provider("analytics", True),
    "player": Provider("functional", False),
    "mailer": Provider("marketing", False),
    "adserver": Provider("marketing", True),
}

categories = st.fixed_dictionaries(dict.fromkeys(CATEGORIES, st.booleans()))
choices = st.builds(Choice, categories, st.dictionaries(st.sampled_from(sorted(PROVIDERS)), st.booleans()))
# Few moments, so that equal ones and both orders come up.
events = st.lists(st.tuples(choices, st.integers(0, 4)), min_size=1, max_size=6)


def allows(choice, provider):
    """Whether a provider may run: its exception says so, else its category."""
    return choice.providers.get(provider, choice.categories[PROVIDERS[provider].category])


def record(sequence):
    state = None
    for choice, decided_at in sequence:
        state = follow(state, choice, decided_at, PROVIDERS)
    return state.choice


@given(events)
def test_a_category_is_on_if_the_last_recorded_allows_it_and_none_decided_later_refused_it(sequence):
    last, last_decided = sequence[-1]
    for name in CATEGORIES:
        refused_later = any(not choice.categories[name] and at > last_decided for choice, at in sequence)
        assert record(sequence).categories[name] == (last.categories[name] and not refused_later)


@given(events)
def test_a_provider_is_on_only_if_the_last_recorded_allows_it_and_none_decided_later_refused_it(sequence):
    last, last_decided = sequence[-1]
    final = record(sequence)
    for key in PROVIDERS:
        if allows(final, key):
            assert allows(last, key)
            assert not any(not allows(choice, key) and at > last_decided for choice, at in sequence)


@given(st.lists(st.tuples(choices, st.integers(0, 4)), max_size=5), st.integers(0, 5))
def test_a_withdrawal_never_loses_to_a_late_retry(others, place):
    """Whatever was decided before the withdrawal, and whenever it arrives, nothing is on."""
    withdrawal = (Choice(dict.fromkeys(CATEGORIES, False), {}), 5)
    sequence = [*others[:place], withdrawal, *others[place:]]
    assert not record(sequence).grants


@given(choices, st.permutations(range(4)))
def test_in_order_the_last_decision_counts_as_it_is(choice, moments):
    earlier = [(Choice(dict.fromkeys(CATEGORIES, bool(at % 2)), {"player": not at % 2}), at) for at in sorted(moments)]
    assert record([*earlier, (choice, 9)]) == normalise(choice, PROVIDERS)


@given(events)
def test_the_memory_of_refusals_only_grows(sequence):
    state = None
    for choice, decided_at in sequence:
        after = follow(state, choice, decided_at, PROVIDERS)
        for name, at in (state.refused_at if state else {}).items():
            assert after.refused_at[name] >= at
        state = after


def test_following_leaves_what_it_was_given_alone():
    state = State(Choice({"analytics": True}, {}), {"analytics": 3})
    follow(state, Choice({"analytics": False}, {}), 7, {})
    assert state == State(Choice({"analytics": True}, {}), {"analytics": 3})


@given(choices)
def test_normalising_changes_nothing_but_what_goes_without_saying(choice):
    normal = normalise(choice, PROVIDERS)
    assert all(allows(normal, key) == allows(choice, key) for key in PROVIDERS)
    assert all(allowed != normal.categories[PROVIDERS[key].category] for key, allowed in normal.providers.items())
    assert normalise(normal, PROVIDERS) == normal


def test_an_exception_for_a_provider_that_is_not_known_is_kept():
    choice = Choice({"analytics": True}, {"gone": True})
    assert normalise(choice, {}) == choice


@given(choices)
def test_refusing_sellers_reaches_each_of_them_in_any_category(choice):
    after = refuse(choice, Refusal(sellers=True), PROVIDERS)
    assert not any(allows(after, key) for key, provider in PROVIDERS.items() if provider.sells_or_shares)
    assert after.categories == choice.categories | {"marketing": False}
    assert allows(after, "player") == allows(choice, "player")
    assert allows(after, "counter") == allows(choice, "counter")


@given(choices)
def test_refusing_everything_leaves_nothing(choice):
    assert not refuse(choice, Refusal(everything=True), PROVIDERS).grants


@pytest.mark.parametrize("refusal", [Refusal(), Refusal(sellers=True), Refusal(everything=True)])
@given(choice=choices)
def test_refusing_twice_is_refusing_once_and_never_allows(refusal, choice):
    once = refuse(normalise(choice, PROVIDERS), refusal, PROVIDERS)
    assert refuse(once, refusal, PROVIDERS) == once
    assert all(allows(choice, key) for key in PROVIDERS if allows(once, key))


def test_a_category_of_sellers_only_is_off_as_a_whole():
    providers = {"a": Provider("social", True), "b": Provider("social", True)}
    assert refuse(Choice({"social": True}, {}), Refusal(sellers=True), providers) == Choice({"social": False}, {})


def test_an_empty_category_stays_but_marketing_does_not():
    choice = Choice({"social": True, "marketing": True}, {})
    assert refuse(choice, Refusal(sellers=True), {}).categories == {"social": True, "marketing": False}
