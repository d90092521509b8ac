"""What a decision means: which names it allows, after signals and after the visitor's other decisions. Pure.

A decision names categories (`choices`) and exceptions (`providers`). A provider is allowed if its exception says so,
else if its category is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from consent_server.consent.signals import Refusal


class Provider(Protocol):
    """What matters of a provider here."""

    @property
    def category(self) -> str: ...

    @property
    def sells_or_shares(self) -> bool: ...


@dataclass(frozen=True)
class Choice:
    """Categories and provider exceptions."""

    categories: dict[str, bool]
    providers: dict[str, bool]

    @property
    def grants(self) -> bool:
        """Whether anything at all is allowed."""
        return any(self.categories.values()) or any(self.providers.values())


def normalise(choice: Choice, providers: Mapping[str, Provider]) -> Choice:
    """The same choice without exceptions that say what their category says anyway."""
    kept = {
        key: allowed
        for key, allowed in sorted(choice.providers.items())
        if key not in providers or choice.categories.get(providers[key].category, False) != allowed
    }
    return Choice(choice.categories, kept)


def refuse(choice: Choice, refusal: Refusal, providers: Mapping[str, Provider]) -> Choice:
    """The choice less what a signal refuses: everything, or each provider that sells or shares, in any category;
    marketing, and a category of nothing but such providers, are off as a whole, with all in them."""
    if refusal.everything:
        return Choice(dict.fromkeys(choice.categories, False), {})
    if not refusal.sellers:
        return choice
    selling = {name for name in choice.categories if _only_sellers(name, providers)}
    off = {key for key, provider in providers.items() if provider.sells_or_shares or provider.category in selling}
    categories = {name: allowed and name not in selling for name, allowed in choice.categories.items()}
    exceptions = {key: allowed and key not in off for key, allowed in choice.providers.items()}
    exceptions |= dict.fromkeys(off, False)
    return normalise(Choice(categories, exceptions), providers)


def _only_sellers(category: str, providers: Mapping[str, Provider]) -> bool:
    inside = [provider.sells_or_shares for provider in providers.values() if provider.category == category]
    return category == "marketing" or (bool(inside) and all(inside))


@dataclass(frozen=True)
class State:
    """The effective choice so far, and when each name was last refused, by the browsers' own clocks (ms)."""

    choice: Choice
    refused_at: dict[str, int]


def follow(
    state: State | None,
    decided: Choice,
    decided_at: int,
    providers: Mapping[str, Provider],
) -> State:
    """The state after one more recorded decision.

    It follows the order of recording. Where the browsers' clocks disagree with that order (this decision claims to
    be older than an earlier recorded refusal) a name is on only if both allow it: a withdrawal never loses to a
    clock or to a late retry. Provider exceptions are keyed `+key`, apart from the categories' names.
    """
    refused_at = dict(state.refused_at) if state else {}
    refused = [name for name, allowed in decided.categories.items() if not allowed]
    refused += ["+" + key for key, allowed in decided.providers.items() if not allowed]
    for name in refused:
        refused_at[name] = max(decided_at, refused_at.get(name, decided_at))

    def stands(name: str) -> bool:
        return refused_at.get(name, decided_at) <= decided_at

    categories = {name: allowed and stands(name) for name, allowed in decided.categories.items()}
    exceptions = {}
    for key, allowed in decided.providers.items():
        category = providers[key].category if key in providers else ""
        exceptions[key] = allowed and stands("+" + key) and stands(category)
    for key in providers:
        if not stands("+" + key):
            exceptions[key] = False
    return State(normalise(Choice(categories, exceptions), providers), refused_at)
