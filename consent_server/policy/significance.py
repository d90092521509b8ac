"""Which changes are material by rule, and whose permission they end. Pure; a person confirms the one and the other.

Material is what someone who allowed a provider could not know: a new provider, a new purpose or new data, a longer
time, another country, a sale, another role. Names, links, spelling, the policy's prose, one more tracker of a provider
for its purpose, and whatever goes, are editorial.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from consent_server.policy.diff import Change

# How alike two words are that differ in spelling only, as `difflib` counts.
SAME_WORD = 0.75
UNITS = {
    "second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_629_800, "year": 31_557_600,
    "segundo": 1, "minuto": 60, "hora": 3600, "día": 86_400, "semana": 604_800, "mes": 2_629_800, "año": 31_557_600,
}  # fmt: skip
DURATION = re.compile(r"(\d+(?:[.,]\d+)?)\s*(" + "|".join(UNITS) + r")(?:s|es)?\b", re.IGNORECASE)
# From the most to the least that a rule does for visitors.
STRICTNESS = {
    "dnt": ("refuse", "record"),
    "gpc": ("refuse-all", "refuse-marketing", "record"),
    "page": ("origin", "path"),
}

Rule = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Reason:
    """Why a change is material; `rule` is a key of `RULES`."""

    rule: str
    change: Change


# What each rule says of a change, in the words of the publish page.
RULES = {
    "provider": "a new provider",
    "category": "a new category",
    "moved": "a provider in another category",
    "required": "a category that cannot be refused any more",
    "purpose": "a new purpose",
    "data": "new data",
    "retention": "data kept longer",
    "country": "another country",
    "transfers": "data sent elsewhere, or with other safeguards",
    "selling": "data sold or shared",
    "role": "another role",
    "legal_basis": "another legal basis",
    "signals": "a browser's signal that counts for less",
    "record": "more in the record of a choice, or for longer",
}


def new_words(before: Any, after: Any) -> bool:
    """Whether a text says something else now: words that were not there, or that are gone, spelling aside. A text
    that is added beside others is their translation; one that is taken away says nothing new."""
    if before is None or after is None:
        return before is None and isinstance(after, dict)
    old, new = _words(before), _words(after)
    return any(not _spelt_alike(word, old) for word in new) or any(not _spelt_alike(word, new) for word in old)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _spelt_alike(word: str, words: list[str]) -> bool:
    # A figure, or a word as short as "no", is another one as soon as it is spelt otherwise.
    cutoff = 1.0 if word.isdigit() or len(word) < 4 else SAME_WORD
    return word in words or bool(get_close_matches(word, words, n=1, cutoff=cutoff))


def seconds(text: str) -> float | None:
    """A duration in words, such as "14 months"; none where it is not told in figures."""
    found = DURATION.findall(text)
    return sum(float(figure.replace(",", ".")) * UNITS[unit.lower()] for figure, unit in found) if found else None


def longer(before: Any, after: Any) -> bool:
    """Whether a time is longer than before, or may be: only figures tell that it is not."""
    if not isinstance(before, str) or not isinstance(after, str):
        return new_words(before, after)
    old, new = seconds(before), seconds(after)
    return new > old if old is not None and new is not None else new_words(before, after)


def _other(before: Any, after: Any) -> bool:
    return bool(after != before)


def _now_there(before: Any, after: Any) -> bool:
    return after is not None and after != before


def _turned_on(before: Any, after: Any) -> bool:
    return bool(after) and not before


def _lower(name: str) -> Rule:
    order = STRICTNESS[name]
    return lambda before, after: order.index(after) > order.index(before)


def _gone_or_new_words(before: Any, after: Any) -> bool:
    return (after is None and isinstance(before, dict)) or new_words(before, after)


PROVIDER_RULES: dict[str, tuple[str, Rule]] = {
    "category": ("moved", _other),
    "purpose": ("purpose", new_words),
    "data": ("data", new_words),
    "retention": ("retention", longer),
    "country": ("country", _now_there),
    "transfers": ("transfers", new_words),
    "safeguard": ("transfers", _gone_or_new_words),
    "sells_or_shares": ("selling", _turned_on),
    "role": ("role", _other),
    "legal_basis": ("legal_basis", _other),
}
TRACKER_RULES: dict[str, tuple[str, Rule]] = {"purpose": ("purpose", new_words), "lifetime": ("retention", longer)}
CATEGORY_RULES: dict[str, tuple[str, Rule]] = {"purpose": ("purpose", new_words), "required": ("required", _turned_on)}
SITE_RULES: dict[str, tuple[str, Rule]] = {
    "dnt": ("signals", _lower("dnt")),
    "gpc": ("signals", _lower("gpc")),
    "page": ("record", _lower("page")),
    "choice_ttl_days": ("record", lambda before, after: after > before),
    "proof_retention_days": ("record", lambda before, after: after > before),
}


def reasons(changes: Iterable[Change]) -> list[Reason]:
    """Why these changes are material, one reason for each that is."""
    return [Reason(rule, change) for change in changes if (rule := _rule(change)) is not None]


def is_material(changes: Iterable[Change]) -> bool:
    return bool(reasons(changes))


def _rule(change: Change) -> str | None:
    match change.path:
        case ("providers" | "categories" as kind, _):
            return {"providers": "provider", "categories": "category"}[kind] if change.before is None else None
        case ("providers", _, "trackers", _, field, *_):
            return _judge(TRACKER_RULES, field, change)
        case ("providers", _, field, *_):
            return _judge(PROVIDER_RULES, field, change)
        case ("categories", _, field, *_):
            return _judge(CATEGORY_RULES, field, change)
        case ("site", field, *_):
            return _judge(SITE_RULES, field, change)
    return None


def _judge(rules: dict[str, tuple[str, Rule]], field: str, change: Change) -> str | None:
    name, rule = rules.get(field, ("", _other))
    return name if name and rule(change.before, change.after) else None


def told(changes: Iterable[Change]) -> list[Change]:
    """What a material version tells visitors of: what is material by rule. Where nothing is, whoever published it as
    material meant all of it."""
    changes = list(changes)
    return [reason.change for reason in reasons(changes)] or changes


def affected(changes: Iterable[Change], before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """What nobody may be taken to have allowed any more: keys of providers in optional categories, and of optional
    categories, that these changes to `after`, published as material, concern.

    All optional categories where a person calls material what is in no entry (the policy's prose, or nothing at all).
    """
    changes = list(changes)
    optional = {category["key"] for category in after["categories"] if not category["required"]}
    if not reasons(changes) and not any(change.path[0] in ("categories", "providers") for change in changes):
        return optional
    reached = {(change.path[0], change.path[1]) for change in told(changes) if len(change.path) > 1}
    providers = {
        provider["key"]
        for provider in after["providers"]
        if ("providers", provider["key"]) in reached and provider["category"] in optional
    }
    return providers | {key for key in optional if ("categories", key) in reached}
