"""The short texts of a site by language: which there are, and which are still to be translated. Pure.

A text goes by its path: `wording/title`, `categories/analytics/purpose`, `providers/counter/retention`,
`providers/counter/trackers/cookie example.org _c/purpose`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from consent_server.texts import category_texts, has_texts, texts_in

BANNER = ("title", "text")
CATEGORY = ("name", "purpose", "without")
PROVIDER = ("purpose", "data", "retention", "transfers", "safeguard")
TRACKER = ("lifetime", "purpose")


@dataclass(frozen=True)
class ShortText:
    """`own` is what is written in the language, `source` the same in the site's default one, `shown` what visitors
    read where nothing is written: a standard text in their language, or nothing. `group` is whose text it is."""

    path: str
    group: str
    field: str
    own: str
    source: str
    shown: str

    @property
    def missing(self) -> bool:
        """Whether visitors read it in another language than their own."""
        return bool(self.source) and not self.own and not self.shown


def short_texts(content: dict[str, Any], locale: str) -> list[ShortText]:
    """Every short text of a site, in one language: the banner's, those of categories, providers and trackers."""
    default = content["site"]["default_locale"]
    return [*_banner_texts(content, locale), *_entry_texts(content, locale, default)]


def to_translate(content: dict[str, Any], locale: str) -> list[ShortText]:
    """What visitors of this language read in another."""
    return [text for text in short_texts(content, locale) if text.missing]


def texts_of(content: dict[str, Any], locale: str) -> dict[str, str]:
    """What is written in a language, by path."""
    return {text.path: text.own for text in short_texts(content, locale) if text.own}


def put_texts(content: dict[str, Any], locale: str, texts: dict[str, str]) -> dict[str, Any]:
    """Changes content so that exactly these texts are written in a language."""
    for path, _, holder, fields in _holders(content):
        for field in fields:
            _put(holder, field, locale, texts.get(f"{path}/{field}", ""))
    banner = {field: texts[f"wording/{field}"] for field in BANNER if texts.get(f"wording/{field}")}
    if banner or locale in content["wording"]:
        content["wording"][locale] = banner
    if not banner:
        content["wording"].pop(locale, None)
    return content


def _put(holder: dict[str, Any], field: str, locale: str, text: str) -> None:
    known = holder.get(field) or {}
    if text == known.get(locale, ""):
        return
    texts = {name: own for name, own in (known | {locale: text}).items() if own or name != locale}
    if texts:
        holder[field] = texts
    else:
        del holder[field]


def _holders(content: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], tuple[str, ...]]]:
    """Each entry that has texts: its path, whose they are, the entry, and which fields."""
    default = content["site"]["default_locale"]
    for category in content["categories"]:
        name = category_texts(category, default, default)["name"]
        yield f"categories/{category['key']}", name, category, CATEGORY
    for provider in content["providers"]:
        path = f"providers/{provider['key']}"
        yield path, provider["name"], provider, PROVIDER
        for tracker in provider["trackers"]:
            name = f"{tracker['kind']} {tracker['host']} {tracker['name']}"
            yield f"{path}/trackers/{name}", f"{provider['name']}, {tracker['name']}", tracker, TRACKER


def _banner_texts(content: dict[str, Any], locale: str) -> Iterator[ShortText]:
    site = content["site"]
    default = site["default_locale"]
    names = ", ".join(
        category_texts(category, locale, default)["name"]
        for category in content["categories"]
        if not category["required"]
    )
    for field in BANNER:
        shown = ""
        if has_texts(locale):
            shown = texts_in(locale)["banner"][field].format(site=site["name"], categories=names)
        own, source = (content["wording"].get(found, {}).get(field, "") for found in (locale, default))
        yield ShortText(f"wording/{field}", "", field, own, source, shown)


def _entry_texts(content: dict[str, Any], locale: str, default: str) -> Iterator[ShortText]:
    for path, group, holder, fields in _holders(content):
        standard = _standard(holder, locale) if fields == CATEGORY else {}
        for field in fields:
            texts = holder.get(field) or {}
            own, source = texts.get(locale, ""), texts.get(default, "")
            yield ShortText(f"{path}/{field}", group, field, own, source, standard.get(field, ""))


def _standard(category: dict[str, Any], locale: str) -> dict[str, str]:
    """The standard texts of a category in a language, which visitors read where the site has not written them."""
    texts = texts_in(locale)["standard"].get(category["key"], {}) if has_texts(locale) else {}
    return {name: str(text) for name, text in texts.items()}
