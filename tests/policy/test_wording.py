"""Two texts compared: what is gone and what is new, put together, is the one and the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.policy.wording import GONE, NEW, SAME, Passage, Span, compare_texts, compare_words

TEXT = st.text("ab cd.\n計次", max_size=40)


@given(TEXT, TEXT)
def test_nothing_is_lost(before, after):
    spans = compare_words(before, after)
    assert "".join(span.text for span in spans if span.kind != NEW) == before
    assert "".join(span.text for span in spans if span.kind != GONE) == after


@given(TEXT)
def test_the_same_text(text):
    assert {span.kind for span in compare_words(text, text)} <= {SAME}
    assert set(compare_texts(text, text)) <= {Passage()}


def test_words():
    assert compare_words("We count all visits here.", "We count most visits here.") == [
        Span(SAME, "We count "),
        Span(GONE, "all"),
        Span(NEW, "most"),
        Span(SAME, " visits here."),
    ]


def test_a_phrase_is_not_cut_to_words():
    spans = compare_words("One click on it refuses it all, at once.", "One click on it turns everything down, at once.")
    assert Span(GONE, "refuses it all") in spans and Span(NEW, "turns everything down") in spans


def test_what_is_another_text_altogether():
    assert compare_words("Up to two years.", "26 months") == [Span(GONE, "Up to two years."), Span(NEW, "26 months")]


def test_a_long_text_is_not_matched_word_by_word():
    before, after = "a " * 3_000, "b " * 3_000
    assert compare_words(before, after) == [Span(GONE, before), Span(NEW, after)]


def test_paragraphs():
    found = compare_texts("One.\n\nTwo is here.\n\nThree.", "One.\n\nTwo was here.\n\nThree.\n\nFour.")
    assert found[0] == found[2] == Passage()
    assert found[1].spans[1:3] == (Span(GONE, "is"), Span(NEW, "was"))
    assert found[3].spans == (Span(NEW, "Four."),)


@pytest.mark.parametrize(
    "broken", ["Some words in\na line.\n\n- one\n- two", "Some\nwords in a\nline.\n\n- one\n- two\n"]
)
def test_where_lines_are_broken_makes_no_difference(broken):
    assert compare_texts("Some words in a line.\n\n- one\n- two", broken) == [Passage()]
