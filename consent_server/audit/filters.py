"""Filters on the auditors' page: their names, and links that take them away again. Pure."""

from dataclasses import dataclass
from urllib.parse import urlencode

from consent_server.audit.words import ACTIONS, AUTOMATED, SENT, SURFACES

LABELS = {
    "site": "Site",
    "visitor": "Consent ID",
    "event": "Event",
    "from": "From",
    "to": "To",
    "action": "Action",
    "category": "Category",
    "policy": "Policy version",
    "locale": "Language",
    "surface": "Where",
    "dnt": "Do Not Track",
    "gpc": "Global Privacy Control",
    "automated": "Automated",
}
WORDS = {"action": ACTIONS, "surface": SURFACES, "automated": AUTOMATED, "dnt": SENT, "gpc": SENT}


@dataclass(frozen=True)
class ActiveFilter:
    """A filter in force, in words, and the query string without it."""

    label: str
    value: str
    without: str


def active_filters(asked: dict[str, str]) -> list[ActiveFilter]:
    """The filters in force, in the order of the form. A list without one of them begins at its start again."""
    found = []
    for name, label in LABELS.items():
        if name in asked:
            gone = {name, "cursor"} | ({"value"} if name == "category" else set())
            rest = {key: value for key, value in asked.items() if key not in gone}
            found.append(ActiveFilter(label, _in_words(name, asked), urlencode(rest)))
    return found


def _in_words(name: str, asked: dict[str, str]) -> str:
    value = asked[name]
    if name == "category":
        return f"{value} {'on' if asked.get('value') == 'true' else 'off'}"
    return WORDS.get(name, {}).get(value, value)
