"""At a glance: sentences, in a visitor's language, that name every change between two contents of a site. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from consent_server.policy.diff import ORDER, Change, compare, identity, reordered
from consent_server.policy.document import public
from consent_server.policy.significance import is_material
from consent_server.texts import FALLBACK, Texts, category_texts, direction, has_texts, lookup, texts_in

# What a field is called at a glance; any other is a technical detail.
FIELDS = {
    **{name: name for name in ("name", "category", "purpose", "without", "data", "retention", "lifetime", "country")},
    **{name: name for name in ("transfers", "role", "legal_basis", "privacy_url", "opt_out_url", "trackers")},
    **{name: name for name in ("contact", "origins", "locales")},
    **dict.fromkeys(("choice_ttl_days", "proof_retention_days", "page"), "record"),
    "default_locale": "locales",
    "legal_name": "name",
    "safeguard": "transfers",
}
# The parts of a content in the order they are told of.
PARTS = ("providers", "categories", "site", "policy", "wording")
# Signals go by their names, in every language.
SIGNALS = {"dnt": "Do Not Track", "gpc": "Global Privacy Control"}
# Longer texts are left to the comparison.
MAX_VALUE = 60


def sentences(before: dict[str, Any], after: dict[str, Any], locale: str) -> list[str]:
    """What differs between two contents; none where nothing does that visitors are told."""
    return describe(compare(public(before), public(after)), before, after, locale)


def describe(changes: Iterable[Change], before: dict[str, Any], after: dict[str, Any], locale: str) -> list[str]:
    """The same of some of their changes. What is material comes first."""
    changes = list(changes)
    words = _words(before, after, locale)
    entries: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        parts = 2 if change.path[0] in ("providers", "categories") else 1
        entries.setdefault(change.path[:parts], []).append(change)
    ordered = sorted(entries.items(), key=lambda entry: (not is_material(entry[1]), PARTS.index(entry[0][0])))
    return list(dict.fromkeys(sentence for path, found in ordered for sentence in words.entry(path, found)))


def language_of(locale: str, default_locale: str) -> str:
    """The language that sentences for a locale are in: its own, else the site's, else English."""
    return next(filter(has_texts, (locale, default_locale)), FALLBACK)


def _words(before: dict[str, Any], after: dict[str, Any], locale: str) -> "Words":
    default_locale = after["site"]["default_locale"]
    language = language_of(locale, default_locale)
    return Words(before, after, language, default_locale, texts_in(language))


@dataclass(frozen=True)
class Words:
    """Sentences about what lies between two contents, in one language."""

    before: dict[str, Any]
    after: dict[str, Any]
    language: str
    default_locale: str
    texts: Texts

    def entry(self, path: tuple[str, ...], changes: list[Change]) -> Iterator[str]:
        """The sentences about one entry, or about what is no entry."""
        match path:
            case (_, name) if name == ORDER:
                if reordered(changes[0]):
                    yield self.texts["changes"]["order"]
            case ("providers", key):
                yield from self._provider(key, changes)
            case ("categories", key):
                yield from self._category(key, changes)
            case ("policy",):
                yield self.texts["changes"]["text"]
            case ("wording",):
                yield self.texts["changes"]["wording"]
            case _:
                yield self._changed(self.after["site"]["name"], changes)

    def _say(self, text: str, /, **values: str) -> str:
        return str(self.texts["changes"][text].format(**values))

    def _provider(self, key: str, changes: list[Change]) -> Iterator[str]:
        provider = _entry(self.after["providers"], key) or _entry(self.before["providers"], key)
        say = partial(self._say, provider=provider["name"])
        if len(changes[0].path) == 2:
            new = changes[0].before is None
            yield say("provider_new" if new else "provider_gone", category=self._category_name(provider["category"]))
            return
        turned = {change.path[2]: bool(change.after) for change in changes if len(change.path) == 3}
        for field, on, off in (("sells_or_shares", "sells", "sells_not"), ("held", "held", "released")):
            if field in turned:
                yield say(on if turned[field] else off)
        fields = [change for change in changes if change.path[2] not in ("sells_or_shares", "held")]
        own = [change for change in fields if change.path[2] != "trackers" or len(change.path) == 3]
        if own:
            yield self._changed(provider["name"], own)
        yield from self._trackers(provider["name"], key, [change for change in fields if change not in own])

    def _trackers(self, provider: str, key: str, changes: list[Change]) -> Iterator[str]:
        orders = [change for change in changes if change.path[3] == ORDER]
        whole = [change for change in changes if len(change.path) == 4 and change not in orders]
        for name, found in (
            ("tracker_new", [change.after for change in whole if change.before is None]),
            ("tracker_gone", [change.before for change in whole if change.after is None]),
        ):
            if found:
                yield self._say(name, provider=provider, names=", ".join(tracker["name"] for tracker in found))
        inner: dict[str, list[Change]] = {}
        for change in changes:
            if len(change.path) > 4:
                inner.setdefault(change.path[3], []).append(change)
        for name, found in inner.items():
            tracker = _entry(_entry(self.after["providers"], key)["trackers"], name)
            yield self._changed(f"{provider}, {tracker['name']}", found, depth=4)
        if any(map(reordered, orders)):
            yield self.texts["changes"]["order"]

    def _category(self, key: str, changes: list[Change]) -> Iterator[str]:
        say = partial(self._say, category=self._category_name(key))
        if len(changes[0].path) == 2:
            yield say("category_new" if changes[0].before is None else "category_gone")
            return
        for change in changes:
            if change.path[2] == "required":
                yield say("category_required" if change.after else "category_optional")
        rest = [change for change in changes if change.path[2] != "required"]
        if rest:
            yield self._changed(self._category_name(key), rest)

    def _changed(self, name: str, changes: list[Change], depth: int = 0) -> str:
        """ "Changed for …", with each field once."""
        depth = depth or (1 if changes[0].path[0] == "site" else 2)
        details: dict[str, str] = {}
        for change in sorted(changes, key=lambda change: _place(change.path[depth])):
            label = self._label(change.path[depth])
            details[label] = details.get(label) or self._values(change, depth)
        joined = ", ".join(f"{label} ({values})" if values else label for label, values in details.items())
        return self._say("changed", name=name, details=joined)

    def _label(self, field: str) -> str:
        return SIGNALS.get(field) or str(self.texts["changes"]["fields"][FIELDS.get(field, "other")])

    def _values(self, change: Change, depth: int) -> str:
        """Before and after, where both are short and in this language."""
        field, inner = change.path[depth], change.path[depth + 1 :]
        if change.before is None or change.after is None:
            return ""
        if field == "category":
            return self._arrow(self._category_name(change.before), self._category_name(change.after))
        if field == "country":
            countries = self.texts.get("countries", {})
            return self._arrow(*(countries.get(code, code) for code in (change.before, change.after)))
        said = field in ("name", "legal_name") or (field in ("retention", "lifetime") and inner)
        if said and (not inner or lookup(self.language, inner)):
            return self._arrow(change.before, change.after)
        return ""

    def _arrow(self, before: str, after: str) -> str:
        if max(len(before), len(after)) > MAX_VALUE:
            return ""
        # An arrow is not mirrored with the text around it.
        return f"{before} {'←' if direction(self.language) == 'rtl' else '→'} {after}"

    def _category_name(self, key: str) -> str:
        category = _entry(self.after["categories"], key) or _entry(self.before["categories"], key)
        return category_texts(category, self.language, self.default_locale)["name"]


def _place(field: str) -> int:
    return list(FIELDS).index(field) if field in FIELDS else len(FIELDS)


def _entry(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The entry of a list known by a name; empty where there is none."""
    return next((entry for entry in entries if identity(entry) == name), {})
