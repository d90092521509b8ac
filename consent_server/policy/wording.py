"""What differs between two texts, word by word. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, GONE, NEW = "same", "gone", "new"
# Words beyond these are shown as one block gone and one new: matching takes the square of their number.
MAX_WORDS = 800
# Texts less alike than this, as `difflib` counts, are one gone and one new.
ALIKE = 0.5
# Thai, Lao, kana and Han leave no space between words: they go by character.
UNSPACED = r"\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff"
# A line's end within a paragraph, other than before the next item of a list, a heading, a quotation or a table's row.
SOFT_BREAK = re.compile(r"\n(?!\s*(?:[-*+>#|]|\d+[.)]))[^\S\n]*")


@dataclass(frozen=True)
class Span:
    """A run of a text: the `same` in both, `gone`, or `new`."""

    kind: str
    text: str


@dataclass(frozen=True)
class Passage:
    """Some paragraphs; without spans where they are the same in both texts."""

    spans: tuple[Span, ...] = ()


def compare_texts(before: str, after: str, *, by_word: bool = True) -> list[Passage]:
    """Two texts paragraph by paragraph, and where those differ word by word, if they are prose."""
    old, new = _paragraphs(before), _paragraphs(after)
    found = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Passage())
        else:
            spans = compare_words if by_word else _spans
            found += [Passage(tuple(spans(*pair))) for pair in _pairs(old[a:b], new[c:d])]
    return found


def _paragraphs(text: str) -> list[str]:
    """Paragraphs of Markdown. Where their lines were broken makes no difference."""
    return [SOFT_BREAK.sub(" ", paragraph) for paragraph in re.split(r"\n\s*\n", text.strip()) if paragraph]


def _pairs(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """What stands in the place of what; the rest stands alone."""
    for place in range(max(len(old), len(new))):
        yield old[place] if place < len(old) else "", new[place] if place < len(new) else ""


def compare_words(before: str, after: str) -> list[Span]:
    """The spans of two texts in their order, what is gone before what is new in its place."""
    old, new = _words(before), _words(after)
    if len(old) > MAX_WORDS or len(new) > MAX_WORDS:
        return _spans(before, after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return _spans(before, after)
    found: list[Span] = []
    for same, a, b, c, d in _runs(matcher, old):
        found += [Span(SAME, "".join(old[a:b]))] if same else _spans("".join(old[a:b]), "".join(new[c:d]))
    return found


def _runs(matcher: SequenceMatcher[str], old: list[str]) -> Iterator[tuple[bool, int, int, int, int]]:
    """The matcher's runs; a space between two changes belongs to them, so that a phrase is not cut to words."""
    changed: tuple[int, int, int, int] | None = None
    for kind, a, b, c, d in matcher.get_opcodes():
        same = kind == "equal"
        if same and not (changed and b < len(old) and not "".join(old[a:b]).strip()):
            if changed:
                yield False, *changed
            changed = None
            yield True, a, b, c, d
        else:
            changed = (changed[0], b, changed[2], d) if changed else (a, b, c, d)
    if changed:
        yield False, *changed


def _words(text: str) -> list[str]:
    """Words, and what is between them."""
    return re.findall(rf"[{UNSPACED}]|[^\W{UNSPACED}]+|\s+|\W", text)


def _spans(before: str, after: str) -> list[Span]:
    return [Span(kind, text) for kind, text in ((GONE, before), (NEW, after)) if text]
