"""The provider list of a draft: searched, narrowed down, sorted; with what is new in it. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from consent_server.registry.labels import COUNTRIES, category_names
from consent_server.registry.pieces import find

Content = dict[str, Any]
SORTS = ("name", "category", "country", "trackers")


@dataclass(frozen=True)
class Row:
    """One provider as the list shows it. `marks` are words: what somebody should know before opening it."""

    key: str
    name: str
    category: str
    country: str
    trackers: int
    marks: tuple[str, ...]


def rows(content: Content, published: Content, today: date, *, text: str = "", category: str = "") -> list[Row]:
    """The providers that match: whose names, hosts or trackers hold the text, and that are in the category."""
    names = category_names(content)
    found = (entry for entry in content["providers"] if category in ("", entry["category"]))
    return [_row(entry, published, names, today) for entry in found if text.casefold() in _searched(entry)]


def sort(found: list[Row], by: str, *, downwards: bool) -> list[Row]:
    """Sorted by a column, then by name."""
    by_name = sorted(found, key=lambda row: row.name.casefold())
    return sorted(by_name, key=lambda row: _comparable(getattr(row, by)), reverse=downwards)


def removed(content: Content, published: Content) -> list[dict[str, Any]]:
    """Providers that are published and not in the draft any more."""
    return [entry for entry in published["providers"] if find(content, "providers", entry["key"]) is None]


def _comparable(value: str | int) -> str | int:
    return value.casefold() if isinstance(value, str) else value


def _searched(entry: dict[str, Any]) -> str:
    words = [entry["key"], entry["name"], entry.get("legal_name", ""), *entry["hosts"]]
    words += [word for tracker in entry["trackers"] for word in (tracker["name"], tracker["host"])]
    return "\n".join(words).casefold()


def _row(entry: dict[str, Any], published: Content, names: dict[str, str], today: date) -> Row:
    country = entry.get("country", "")
    return Row(
        key=entry["key"],
        name=entry["name"],
        category=names[entry["category"]],
        country=COUNTRIES.get(country, country),
        trackers=len(entry["trackers"]),
        marks=tuple(_marks(entry, find(published, "providers", entry["key"]), today)),
    )


def _marks(entry: dict[str, Any], before: Any, today: date) -> list[str]:
    due = date.fromisoformat(entry["review_date"]) < today if entry.get("review_date") else False
    marks = {
        "New": before is None,
        "Changed": before is not None and before != entry,
        "Held": bool(entry.get("held")),
        "Review due": due,
        "Sample": bool(entry["sample"]),
    }
    return [word for word, applies in marks.items() if applies]
