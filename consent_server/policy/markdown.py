"""A policy's Markdown as HTML that is safe whoever wrote it: HTML in it is text, and what is left is filtered. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = frozenset("a blockquote br code em h2 h3 h4 h5 h6 hr li ol p pre strong table tbody td th thead tr ul".split())
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, **{f"h{level}": {"id"} for level in range(2, 7)}}
SCHEMES = frozenset(("https", "http", "mailto", "tel"))

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Text:
    """HTML, and its second-level headings as (id, words)."""

    html: str
    contents: tuple[tuple[str, str], ...]


@lru_cache(maxsize=64)
def render(markdown: str, taken: tuple[str, ...] = ()) -> Text:
    """Markdown with an id on each heading, none of them in `taken`. The page has its own first-level heading: where
    the text has one too, all of its headings move a level down."""
    tokens = _markdown.parse(markdown)
    shift = 1 if any(token.tag == "h1" for token in tokens) else 0
    known = set(taken)
    contents = []
    for token, inline in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type not in ("heading_open", "heading_close"):
            continue
        token.tag = f"h{min(int(token.tag[1]) + shift, 6)}"
        if token.type == "heading_open" and inline is not None:
            words = _words(inline)
            token.attrSet("id", _free(_slug(words), known))
            if token.tag == "h2":
                contents.append((str(token.attrGet("id")), words))
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    clean = nh3.clean(html, tags=set(TAGS), attributes=ATTRIBUTES, url_schemes=set(SCHEMES))
    return Text(clean, tuple(contents))


def ids(text: Text) -> Iterable[str]:
    return re.findall(r'<h\d id="([^"]+)"', text.html)


def _words(inline: Token) -> str:
    return "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))


def _slug(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words.lower())
    return re.sub(r"[^\w]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-") or "section"


def _free(slug: str, known: set[str]) -> str:
    number = 1
    found = slug
    while found in known:
        number += 1
        found = f"{slug}-{number}"
    known.add(found)
    return found
