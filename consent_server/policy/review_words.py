"""The changes of a draft as a reviewer reads them: entry by entry, each change by itself. Pure."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from consent_server.policy.detail import Details, Row
from consent_server.policy.diff import Change
from consent_server.registry.labels import FIELDS
from consent_server.texts import direction, texts_in

WORDS: dict[str, str] = texts_in("en")["compare_page"]
MARKS = {"added": "Added", "removed": "Removed", "changed": "Changed"}


@dataclass(frozen=True)
class Item:
    """One change: its path as comments name it, and its rows. A change of a field has one, a new entry has many."""

    path: str
    mark: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Group:
    """The changes of one entry, under its name."""

    heading: str
    title: str
    items: list[Item]


def groups(changes: list[Change], before: dict[str, Any], after: dict[str, Any]) -> list[Group]:
    """Everything that changes, with what concerns providers first. What comes with a new entry (its place in the
    list) is not told apart from it."""
    details = Details(before, after, texts_in("en"), "en")
    found: dict[tuple[str, str], Group] = {}
    for change in changes:
        for part, entries in details.parts([change]):
            heading = WORDS[part]
            for entry in entries:
                group = found.setdefault((heading, entry.title), Group(heading, entry.title, []))
                group.items.append(Item("/".join(change.path), MARKS[entry.mark], tuple(map(_named, entry.rows))))
    order = [WORDS[part] for part, _ in details.parts(changes)]
    return sorted(found.values(), key=lambda group: order.index(group.heading))


def _named(row: Row) -> Row:
    """Fields that the public does not read have no words among the texts of public pages."""
    return Row(FIELDS.get(row.label, row.label), row.language, row.passages)


def marks(language: str) -> Markup:
    """The attributes that name a text's language where it is not the page's."""
    return Markup() if language == "en" else Markup(' lang="{}" dir="{}"').format(language, direction(language))


# What the template of a change asks for.
FOR_CHANGES = {"words": WORDS, "marks": marks, "lang": "en"}
