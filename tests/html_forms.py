"""A page's forms as a browser would send them."""

from html.parser import HTMLParser
from typing import Any


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._form: dict[str, str] = {}
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        name, value = given.get("name", ""), given.get("value") or ""
        if tag == "form":
            self._form = self.found.setdefault(given.get("action", ""), {})
        elif tag == "textarea":
            self._area = name
            self._form[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and (self._select not in self._form or "selected" in given):
            self._form[self._select] = value
        elif tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self._form[name] = value

    def handle_data(self, data: str) -> None:
        if self._area:
            # The first line break after the tag is none of the text.
            self._form[self._area] += data.removeprefix("\n") if not self._form[self._area] else data

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area
        self._select = "" if tag == "select" else self._select


def form(page: str, action: str) -> dict[str, str]:
    """The fields of the form that is sent to an address, as the page shows them."""
    parser = _Forms()
    parser.feed(page)
    return parser.found[action]
