"""Two people at the same entry: nothing that either wrote is lost without a word."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from consent_server.registry.merge import Clash, changed, merge

words = st.sampled_from(["", "one", "two", "three"])
trackers = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["cookie", "script"]), "name": st.sampled_from("abcd"), "host": words},
        optional={"purpose": st.dictionaries(st.sampled_from(["en", "es"]), words)},
    ),
    max_size=4,
    unique_by=lambda tracker: (tracker["kind"], tracker["name"], tracker["host"]),
)
entries = st.fixed_dictionaries(
    {"key": st.just("counter"), "name": words},
    optional={
        "country": words,
        "purpose": st.dictionaries(st.sampled_from(["en", "es", "fr"]), words),
        "hosts": st.lists(st.sampled_from("abcdef"), unique=True),
        "sells_or_shares": st.booleans(),
        "trackers": trackers,
    },
)


@given(entries, entries)
def test_whoever_changed_nothing_takes_over_what_the_other_did(base, other):
    assert merge(base, other, base) == (other, [])
    assert merge(base, base, other) == (other, [])
    assert merge(base, other, other) == (other, [])


@given(entries, entries, entries)
def test_every_field_is_either_ones_unless_both_changed_it(base, mine, theirs):
    before = copy.deepcopy((base, mine, theirs))
    merged, clashes = merge(base, mine, theirs)
    assert (base, mine, theirs) == before
    for name in set(base) | set(mine) | set(theirs):
        if mine.get(name) == base.get(name):
            assert merged.get(name) == theirs.get(name)
        elif theirs.get(name) == base.get(name):
            assert merged.get(name) == mine.get(name)
    for clash in clashes:
        assert len({repr(clash.base), repr(clash.mine), repr(clash.theirs)}) == 3


@given(entries, entries, entries)
def test_one_who_gives_way_everywhere_has_no_clash_left(base, mine, theirs):
    _, clashes = merge(base, mine, theirs)
    paths = {clash.path for clash in clashes}
    merged, left = merge(base, mine, theirs, give_way=paths)
    assert left == []
    # What was decided once is not asked again: against what is there now it is a change of one side alone.
    assert merge(theirs, merged, theirs) == (merged, [])


@given(entries, entries)
def test_what_differs_is_named_and_nothing_else(before, after):
    assert (changed(before, after) == []) == (before == after)
    assert changed(before, before) == []


def test_both_ones_changes_are_kept():
    base = {"key": "a", "name": "A", "purpose": {"en": "Counts."}, "hosts": ["x.example"]}
    mine = {**base, "purpose": {"en": "Counts.", "es": "Cuenta."}, "hosts": ["x.example", "mine.example"]}
    theirs = {**base, "name": "B", "hosts": ["x.example", "theirs.example"]}
    merged, clashes = merge(base, mine, theirs)
    assert clashes == []
    assert merged["name"] == "B" and merged["purpose"] == {"en": "Counts.", "es": "Cuenta."}
    assert set(merged["hosts"]) == {"x.example", "mine.example", "theirs.example"}


def test_two_people_each_add_a_tracker():
    def tracker(name):
        return {"kind": "cookie", "name": name, "host": "example.org"}

    base = {"trackers": [tracker("_a")]}
    mine, theirs = {"trackers": [tracker("_a"), tracker("_mine")]}, {"trackers": [tracker("_theirs"), tracker("_a")]}
    merged, clashes = merge(base, mine, theirs)
    assert clashes == []
    assert {entry["name"] for entry in merged["trackers"]} == {"_a", "_mine", "_theirs"}


def test_a_clash_is_named_and_mine_stands_until_i_give_way():
    base, mine, theirs = {"name": "A"}, {"name": "B"}, {"name": "C"}
    assert merge(base, mine, theirs) == (mine, [Clash(("name",), "A", "B", "C")])
    assert merge(base, mine, theirs, give_way={("name",)}) == (theirs, [])


def test_an_entry_that_one_removed_and_the_other_changed_is_a_clash():
    assert merge({"name": "A"}, {"name": "B"}, None) == ({"name": "B"}, [Clash((), {"name": "A"}, {"name": "B"}, None)])
    assert merge({"name": "A"}, {"name": "A"}, None) == (None, [])


def test_another_order_is_a_difference():
    assert changed({"hosts": ["a", "b"]}, {"hosts": ["b", "a"]}) == [("hosts",)]
