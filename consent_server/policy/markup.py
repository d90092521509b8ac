"""Markup as nested lists, for scripts that build it where a page's policy forbids them to parse it. Pure."""

import re
from html.parser import HTMLParser
from typing import Any

# What carries meaning; how it looks is the page's own matter.
KEPT = ("id", "href", "rel", "lang", "dir", "scope", "role", "tabindex", "aria-label", "aria-labelledby")

# `[tag, {attribute: value}, child, …]`; a child is another one or a text.
Node = list[Any]


def read(markup: str) -> list[Any]:
    """The nodes of well-formed markup of ours without void elements; white space alone is no text."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    (root,) = reader.open
    return root[2:]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[Node] = [["", {}]]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = [tag, {name: value or "" for name, value in attrs if name in KEPT}]
        self.open[-1].append(node)
        self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.open[-1].append(re.sub(r"\s+", " ", data))
