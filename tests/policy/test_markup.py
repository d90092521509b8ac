"""Markup as nested lists says what the markup said."""

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from consent_server.policy import markup

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u00a0"), min_size=1).filter(
    str.strip
)


def test_a_fragment():
    found = markup.read(
        '<section class="x" aria-labelledby="a">\n<h2 id="a">A &amp; B</h2>\n<p>One <b>two</b> </p></section>'
    )
    assert found == [
        ["section", {"aria-labelledby": "a"}, ["h2", {"id": "a"}, "A & B"], ["p", {}, "One ", ["b", {}, "two"]]]
    ]


@given(st.recursive(TEXT, lambda inner: st.tuples(st.sampled_from(("p", "ul")), st.lists(inner, max_size=3))))
def test_what_is_escaped_comes_back_whole(node):
    def write(of):
        return str(escape(of)) if isinstance(of, str) else f"<{of[0]} id='x'>{''.join(map(write, of[1]))}</{of[0]}>"

    def words(of):
        return of if isinstance(of, str) else "".join(map(words, of[2:] if isinstance(of, list) else of[1]))

    def spaced(text):
        return "".join(text.split())

    assert spaced("".join(map(words, markup.read(write(node))))) == spaced(words(node))
