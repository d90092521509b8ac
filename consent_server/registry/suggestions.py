"""What a cookie of some name probably is: a list of known ones, loaded by the operator, for editors to take or change.

The list is the Open Cookie Database or one of its shape. What it calls functional or necessary may be either: nothing
is suggested as necessary because of it.
"""

import csv
import io
import re
from dataclasses import dataclass

from sqlalchemy import String, and_, delete, insert, or_, select

from consent_server.extensions import db
from consent_server.registry.fields import HOST_NAME
from consent_server.registry.models import CookieSuggestion

ATTRIBUTION = "Open Cookie Database, by its contributors, Apache License 2.0"
ATTRIBUTION_URL = "https://github.com/jkwakman/Open-Cookie-Database"
MAX_FOUND = 10
# Columns of the list, by our name for them.
COLUMNS = {
    "provider": "Platform",
    "label": "Category",
    "name": "Cookie / Data Key name",
    "host": "Domain",
    "purpose": "Description",
    "lifetime": "Retention period",
    "controller": "Data Controller",
    "privacy_url": "User Privacy & GDPR Rights Portals",
    "prefix": "Wildcard match",
}
LENGTHS = {c.name: c.type.length for c in CookieSuggestion.__table__.columns if isinstance(c.type, String)}
CATEGORIES = {"analytics": "analytics", "marketing": "marketing"}
OTHERS = "functional"


class ListFault(Exception):
    """The file is no such list."""


@dataclass(frozen=True)
class Suggestion:
    """What a cookie probably is. `category` is a proposal for an optional one, `label` what the list itself says."""

    name: str
    provider: str
    category: str
    label: str
    host: str
    purpose: str
    lifetime: str
    controller: str
    privacy_url: str


def read_list(text: str) -> list[dict[str, str | bool]]:
    """The rows of a list (CSV, UTF-8), cut to what a column holds; raises ListFault."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = set(COLUMNS.values()) - set(reader.fieldnames or ())
    if missing:
        raise ListFault(f"Not a list of cookies: it has no column {', '.join(sorted(missing))}.")
    try:
        return [row for line in reader if (row := _row(line))["name"]]
    except csv.Error as error:
        raise ListFault(f"Line {reader.line_num}: {error}.") from error


def _row(line: dict[str, str]) -> dict[str, str | bool]:
    texts = {ours: re.sub(r"[\x00-\x1f\x7f]+", " ", line[theirs] or "").strip() for ours, theirs in COLUMNS.items()}
    pattern = texts.pop("prefix") == "1" or texts["name"].endswith("*")
    texts["name"] = texts["name"].rstrip("*")
    texts["host"] = next(filter(_is_host, re.split(r"[\s,()]+", texts["host"].lower())), "")
    if not texts["privacy_url"].startswith("https://"):
        texts["privacy_url"] = ""
    return {**{name: text[: LENGTHS[name]] for name, text in texts.items()}, "prefix": pattern}


def _is_host(word: str) -> bool:
    return "." in word and HOST_NAME.match(word) is not None


def load(text: str) -> int:
    """Replaces the list by another one; returns how many rows it has."""
    rows = read_list(text)
    db.session.execute(delete(CookieSuggestion))
    if rows:
        db.session.execute(insert(CookieSuggestion), rows)
    db.session.flush()
    return len(rows)


def suggest(name: str) -> list[Suggestion]:
    """What a cookie (or a pattern such as `_ga_*`) probably is: exact names first, then the longest beginnings."""
    wanted = name.rstrip("*")
    if not wanted:
        return []
    beginnings = [wanted[:length] for length in range(1, min(len(wanted), 200) + 1)]
    known = CookieSuggestion.name
    found = db.session.scalars(
        select(CookieSuggestion).where(or_(known == wanted, and_(CookieSuggestion.prefix, known.in_(beginnings))))
    )
    best = sorted(found, key=lambda row: (row.name != wanted, -len(row.name), row.id))
    return list(dict.fromkeys(map(_suggestion, best)))[:MAX_FOUND]


def _suggestion(row: CookieSuggestion) -> Suggestion:
    return Suggestion(
        name=row.name + "*" if row.prefix else row.name,
        provider=row.provider,
        category=CATEGORIES.get(row.label.lower(), OTHERS),
        label=row.label,
        host=row.host,
        purpose=row.purpose,
        lifetime=row.lifetime,
        controller=row.controller,
        privacy_url=row.privacy_url,
    )
