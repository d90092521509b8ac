"""Which fields an edit changed."""

from hypothesis import given
from hypothesis import strategies as st

from consent_server.policy.diff import compare
from consent_server.registry.edits import changed_fields
from tests.factories import site_content


def places(before, after):
    return [path for path, *_ in changed_fields(before, after)]


def test_a_field_of_an_entry_goes_by_its_key():
    before, after = site_content(), site_content()
    after["providers"][1]["country"] = "US"
    after["providers"][1]["trackers"][0]["purpose"] = {"en": "Measures"}
    assert places(before, after) == [
        "providers/measurer/trackers/cookie measurer.example _measurer/purpose",
        "providers/measurer/country",
    ]


def test_an_entry_that_came_or_went_is_one_field():
    before, after = site_content(), site_content()
    new = after["providers"].pop(0) | {"key": "new"}
    after["providers"].append(new)
    found = {path: (old, value) for path, old, value in changed_fields(before, after)}
    assert found["providers/counter"] == (before["providers"][0], None)
    assert found["providers/new"] == (None, new)


def test_another_order_is_a_change():
    before, after = site_content(), site_content()
    after["categories"].reverse()
    order = ["necessary", "analytics", "marketing"]
    assert list(changed_fields(before, after)) == [("categories/(order)", order, order[::-1])]


values = st.recursive(
    st.booleans() | st.text(max_size=3),
    lambda inner: (
        st.lists(st.text(max_size=3), max_size=3)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        | st.lists(st.builds(lambda key, value: {"key": key, "v": value}, st.sampled_from("xyz"), inner), max_size=3)
    ),
)


@given(values, values)
def test_it_finds_a_change_where_there_is_one(before, after):
    assert bool(places(before, after)) == (before != after)


def test_it_names_places_as_the_diff_does():
    before, after = site_content(), site_content()
    after["site"]["name"] = "The Zoo"
    after["providers"][2]["trackers"][0]["lifetime"] = {"en": "1 day"}
    del after["categories"][1]
    named = {"/".join(change.path) for change in compare(before, after)}
    assert {path for path in places(before, after) if not path.endswith("(order)")} == named
