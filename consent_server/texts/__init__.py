"""Generic texts by locale, for any site; a site file's wording overrides those of the first layer.

Every language has the texts that the script shows (`BANNER`); those that have all texts also have pages of their own.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
FALLBACK = "en"
BANNER = ("language", "banner", "dialog", "embed", "standard", "changes")
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
# Written from right to left; a site may have texts of its own in them, and we have none.
RIGHT_TO_LEFT = frozenset(("ckb", "dv", "fa", "ps", "sd", "ug", "ur"))
CATEGORY_TEXTS = ("name", "purpose", "without")

Texts = dict[str, dict[str, Any]]


def lookup(language: str, locales: Iterable[str]) -> str | None:
    """The locale that a language tag names: the tag whole, then without its last subtag and so on (RFC 4647 §3.4)."""
    locales = tuple(locales)
    known = {_one_name(locale): locale for locale in locales} | {locale.lower(): locale for locale in locales}
    tag = language.lower()
    while tag:
        for one in (tag, _one_name(tag)):
            if one in known:
                return known[one]
        tag = tag.rpartition("-")[0]
    return None


def _one_name(tag: str) -> str:
    return ALIASES.get(tag.lower(), tag.lower())


def _primary(tag: str) -> str:
    return _one_name(tag.split("-")[0]).split("-")[0]


def nearest(language: str, locales: Iterable[str]) -> str | None:
    """The locale for someone who reads a language: the one its tag names, else the first one of the same language."""
    locales = tuple(locales)
    same = (locale for locale in locales if _primary(locale) == _primary(language))
    return lookup(language, locales) or next(same, None)


@cache
def available() -> tuple[str, ...]:
    """The locales there are generic texts in."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def _read(name: str) -> Texts:
    # Parsed in C where that is to be had: in a seventh of the time.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    texts: Texts = yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), loader)  # noqa: S506 (both are safe)
    return texts


@cache
def has_texts(locale: str) -> bool:
    """Whether there are generic texts in this locale."""
    return lookup(locale, available()) is not None


def has_pages(locale: str) -> bool:
    """Whether there are pages in this locale."""
    return has_texts(locale) and "pages" in texts_in(locale)


@cache
def texts_in(locale: str) -> Texts:
    """The generic texts of a locale, else English ones. Sections that a language lacks are not in it."""
    return _read(lookup(locale, available()) or FALLBACK)


def page_texts_in(*locales: str) -> Texts:
    """The texts of pages in the first of these locales that has pages, else in English."""
    return texts_in(next(filter(has_pages, locales), FALLBACK))


def direction(locale: str) -> str:
    """`ltr` or `rtl`."""
    if has_texts(locale):
        return str(texts_in(locale)["language"]["dir"])
    return "rtl" if _primary(locale) in RIGHT_TO_LEFT else "ltr"


def localised(texts: dict[str, Any] | None, locale: str, default_locale: str) -> tuple[str, str]:
    """A text of a site file, and the locale it is in: this one, else the site's default one, else any."""
    if not texts:
        return "", locale
    tag = lookup(locale, texts) or lookup(default_locale, texts) or next(iter(texts))
    return str(texts[tag]), tag


def category_texts(category: dict[str, Any], locale: str, default_locale: str) -> dict[str, str]:
    """`name`, `purpose` and `without` (what is lost) of a category, all in one language, and which (`lang`).

    In the locale: the site's own words if it has written all of them in it, else the standard ones of the category's
    key. Where there are neither: the same in the site's default locale, then in English.
    """
    for language in (locale, default_locale, FALLBACK):
        standard = texts_in(language)["standard"].get(category["key"]) if has_texts(language) else None
        found = _own_texts(category, language, standard or {}) or standard
        if found:
            return {"lang": language, **found}
    written = {name: localised(category.get(name), default_locale, FALLBACK)[0] for name in CATEGORY_TEXTS}
    return {"lang": default_locale, **written, "name": written["name"] or category["key"]}


def _own_texts(category: dict[str, Any], language: str, standard: dict[str, str]) -> dict[str, str]:
    """The site's own words for a category, whole in a language or not at all; what it has left open in every language
    is filled from the standard ones."""
    written = {name: category[name] for name in CATEGORY_TEXTS if category.get(name)}
    own = {name: str(texts[tag]) for name, texts in written.items() if (tag := lookup(language, texts))}
    if not own or len(own) < len(written):
        return {}
    # Who says what a category is for has also said what is lost without it.
    left = ("name",) if "purpose" in own else CATEGORY_TEXTS
    rest = {name: standard[name] for name in left if name in standard}
    return {"name": category["key"], "purpose": "", "without": "", **rest, **own}


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
    return str(texts_in(locale)["language"]["name"]) if has_texts(locale) else locale
