"""Generic texts by locale, for any site; a site file's wording overrides those of the first layer."""

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
