"""Generic texts by locale, for any site; a site file's wording overrides those of the first layer.

Every language has the texts of the banner (`BANNER`); those that have all the texts also have pages of their own.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
FALLBACK = "en"
BANNER = ("language", "banner", "dialog", "embed", "standard")
# Languages that go by two names, and Chinese regions that say which script they write (CLDR, likely subtags).
ALIASES = {
    "fil": "tl",
    "iw": "he",
    "ji": "yi",
    "zh-tw": "zh-hant",
    "zh-hk": "zh-hant",
    "zh-mo": "zh-hant",
    "zh": "zh-hans",
}

Texts = dict[str, dict[str, Any]]


def nearest(language: str, locales: Iterable[str]) -> str | None:
    """The locale that a language tag means: the tag whole, then without its last subtag and so on (RFC 4647 §3.4)."""
    known = {locale.lower(): locale for locale in locales}
    tag = language.lower()
    while tag:
        for one in (tag, ALIASES.get(tag)):
            if one in known:
                return known[one]
        tag = tag.rpartition("-")[0]
    return None


def other_languages(locales: Iterable[str], default_locale: str) -> list[str]:
    """Languages (primary subtags, aliases too) of pages that may be asked in another locale than the default one."""
    others = {locale.split("-")[0] for locale in locales if locale != default_locale}
    return sorted(others | {alias for alias, of in ALIASES.items() if of in others and "-" not in alias})


@cache
def available() -> tuple[str, ...]:
    """The locales there are generic texts in."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def texts_in(locale: str) -> Texts:
    """The generic texts of a locale; of the nearest one where it has none of its own; else English. Sections that a
    language lacks are not in it."""
    name = nearest(locale, available()) or FALLBACK
    texts: Texts = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return texts


def has_pages(locale: str) -> bool:
    """Whether there are pages in this locale."""
    return "pages" in texts_in(locale) and nearest(locale, available()) is not None


def page_texts_in(locale: str) -> Texts:
    """The texts of pages in a locale, else in English."""
    return texts_in(locale if has_pages(locale) else FALLBACK)


def direction(locale: str) -> str:
    direction: str = texts_in(locale)["language"]["dir"]
    return direction


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
    words = page_texts_in(locale)["pages"]
    month = words["months"].split()[moment.month - 1]
    return str(words["date"].format(day=moment.day, month=month, year=moment.year))


def moment_in_words(moment: datetime, locale: str) -> str:
    """A moment to the minute in UTC, written out."""
    date = day_in_words(moment, locale)
    return str(page_texts_in(locale)["pages"]["moment"].format(date=date, clock=f"{moment:%H:%M}"))


def language_name(locale: str) -> str:
    """A language's name in itself; its tag where we have no texts in it."""
    found = nearest(locale, available())
    return str(texts_in(locale)["language"]["name"]) if found else locale
