"""Generic texts by locale, for any site; a site file's wording overrides those of the first layer."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
FALLBACK = "en"
RIGHT_TO_LEFT = frozenset(("ar", "fa", "he", "ur", "yi"))


@cache
def texts_in(locale: str) -> dict[str, dict[str, str]]:
    """The generic texts of a locale; of its language where the region has none of its own; else English."""
    for tag in (locale, locale.split("-")[0], FALLBACK):
        path = FOLDER / f"{tag}.yaml"
        if path.is_file():
            texts: dict[str, dict[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
            return texts
    raise FileNotFoundError(FALLBACK)


def direction(locale: str) -> str:
    return "rtl" if locale.split("-")[0] in RIGHT_TO_LEFT else "ltr"


def localise(texts: dict[str, Any] | None, locale: str, default_locale: str) -> str:
    """A text of a site file in a locale, else in its language, else in the site's default locale, else any."""
    if not texts:
        return ""
    for tag in (locale, locale.split("-")[0], default_locale):
        if tag in texts:
            return str(texts[tag])
    return str(next(iter(texts.values())))


def day_in_words(moment: datetime, locale: str) -> str:
    """A moment's day in UTC, written out: "22 November 2026"."""
    words = texts_in(locale)["pages"]
    month = words["months"].split()[moment.month - 1]
    return words["date"].format(day=moment.day, month=month, year=moment.year)


def moment_in_words(moment: datetime, locale: str) -> str:
    """A moment to the minute in UTC, written out."""
    date = day_in_words(moment, locale)
    return texts_in(locale)["pages"]["moment"].format(date=date, clock=f"{moment:%H:%M}")


def language_name(locale: str) -> str:
    """A language's name in itself; its tag where we have no texts in it."""
    words = texts_in(locale)["pages"]
    return words["language"] if words["code"] == locale.split("-")[0] else locale
