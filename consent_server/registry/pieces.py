"""The pieces of a draft that are edited one at a time: an entry, a language's texts, the policy's own text. Pure."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from consent_server.registry.translations import put_texts, texts_of

Content = dict[str, Any]


@dataclass(frozen=True)
class Piece:
    """How a piece is read out of a site's content (none where it is not there), and how content is made that holds
    another one (none takes it away)."""

    read: Callable[[Content], Any]
    write: Callable[[Content, Any], Content]


def find(content: Content, kind: str, key: str) -> Any:
    """An entry of `providers` or `categories`; none where there is none."""
    return next((entry for entry in content[kind] if entry["key"] == key), None)


def entry(kind: str, key: str) -> Piece:
    """One of the `providers` or `categories`; a new one is put at the end."""

    def write(content: Content, value: Any) -> Content:
        entries = [value if known["key"] == key else known for known in content[kind]]
        if find(content, kind, key) is None:
            entries.append(value)
        return {**content, kind: [known for known in entries if known is not None]}

    return Piece(lambda content: find(content, kind, key), write)


def policy_text(locale: str) -> Piece:
    """The policy's own text in one language."""

    def write(content: Content, value: Any) -> Content:
        texts = {**content["policy"], locale: value}
        return {**content, "policy": {name: text for name, text in texts.items() if text}}

    return Piece(lambda content: content["policy"].get(locale), write)


def wording(locale: str) -> Piece:
    """All short texts in one language: those of the banner, of the categories, providers and trackers."""
    return Piece(
        lambda content: texts_of(content, locale),
        lambda content, value: put_texts(deepcopy(content), locale, value),
    )
