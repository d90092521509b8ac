"""What differs between two contents makes the one of the other, and nothing else does."""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from consent_server.policy.diff import Change, apply, compare, reordered
from tests.policy.contents import BASE, contents, edited, provider


@given(contents(), contents())
def test_changes_applied_to_the_one_give_the_other(a, b):
    kept = deepcopy(a)
    assert apply(compare(a, b), a) == b
    assert a == kept, "what is compared is left alone"


@given(contents())
def test_nothing_differs_from_itself(a):
    assert compare(a, deepcopy(a)) == []


@given(contents(), contents())
def test_no_path_is_named_twice_and_each_change_is_one(a, b):
    changes = compare(a, b)
    assert len({change.path for change in changes}) == len(changes)
    assert all(change.before != change.after for change in changes)


@given(contents(), contents(), st.data())
def test_what_is_left_out_stays_as_it_was(a, b, data):
    changes = compare(a, b)
    if not changes:
        return
    left_out = data.draw(st.sampled_from(changes))
    rest = [change for change in changes if change != left_out]
    partly = apply(rest, a)
    assert apply([left_out], partly) == b or left_out.path[-1] == "(order)" or left_out.before is None
    assert not {change.path for change in compare(partly, a)} & {left_out.path}


def test_a_change_names_the_entry_it_is_in():
    def edit(content):
        counter = provider(content, "counter")
        counter["retention"]["en"] = "26 months"
        counter["hosts"].append("b.example")
        counter["trackers"][0]["purpose"] = {"en": "Tell visits apart."}
        del counter["role"]

    assert compare(BASE, edited(edit)) == [
        Change(("providers", "counter", "role"), "processor", None),
        Change(("providers", "counter", "retention", "en"), "14 months", "26 months"),
        Change(("providers", "counter", "hosts"), ["counter.example"], ["counter.example", "b.example"]),
        Change(
            ("providers", "counter", "trackers", "cookie zoo.example _c", "purpose"),
            None,
            {"en": "Tell visits apart."},
        ),
    ]


def test_order_is_a_change_of_its_own():
    [change] = compare(BASE, edited(lambda content: content["providers"].reverse()))
    assert change == Change(("providers", "(order)"), ["host", "counter", "adserver"], ["adserver", "counter", "host"])
    assert reordered(change)


def test_where_something_new_stands_is_no_new_order():
    new = {**BASE["providers"][0], "key": "new", "name": "New"}
    added, order = compare(BASE, edited(lambda content: content["providers"].insert(0, new)))
    assert added == Change(("providers", "new"), None, new)
    assert order.path == ("providers", "(order)") and not reordered(order)
    assert compare(BASE, edited(lambda content: content["providers"].append(new))) == [added]


def test_trackers_that_nothing_tells_apart_are_one_value():
    def twice(content):
        trackers = provider(content, "counter")["trackers"]
        trackers.append(dict(trackers[0]))

    [change] = compare(BASE, edited(twice))
    assert change.path == ("providers", "counter", "trackers")
    assert apply([change], BASE) == edited(twice)


def test_true_is_not_one():
    assert compare({"a": True}, {"a": 1}) == [Change(("a",), True, 1)]


def test_a_change_to_what_is_gone_changes_nothing():
    change = Change(("providers", "nobody", "country"), None, "US")
    assert apply([change], BASE) == BASE
    assert apply([Change(("providers", "nobody"), {}, None)], BASE) == BASE
