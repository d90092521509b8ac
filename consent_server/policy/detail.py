"""A comparison field by field, in the words of a page. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from consent_server.policy.diff import ORDER, Change, identity, reordered
from consent_server.policy.wording import Passage, compare_texts
from consent_server.texts import Texts, category_texts, language_name, localised

# Labels of the provider list that go by another name than their field; other fields have labels of the comparison.
LABELS = {"privacy_url": "privacy_policy", "opt_out_url": "opt_out", "sells_or_shares": "selling"}
# Fields in the order of the provider list; others follow.
FIELDS = (
    "name legal_name category kind host purpose without data retention lifetime legal_basis role country transfers "
    "safeguard privacy_url opt_out_url sells_or_shares held required hosts trackers"
).split()
PROSE = ("name", "purpose", "without", "data", "retention", "lifetime", "transfers", "safeguard")
# Fields whose values have words of their own among the labels.
NAMED = ("role", "legal_basis", "kind")
# The parts of a comparison, what concerns providers first, and what their headings are called among the texts.
PARTS = {"providers": "providers", "categories": "categories", "policy": "text", "wording": "wording", "site": "site"}


@dataclass(frozen=True)
class Row:
    """One field: what it is called, and its passages. `language`: of the text, where it is a text in one."""

    label: str
    language: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Entry:
    """One entry that came (`added`), went (`removed`) or is other than it was (`changed`). `part`: of `PARTS`, with the
    name of its heading among the page's texts."""

    part: str
    title: str
    mark: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Details:
    """Makes entries of changes, in one language."""

    before: dict[str, Any]
    after: dict[str, Any]
    texts: Texts
    locale: str

    def parts(self, changes: list[Change]) -> list[tuple[str, list[Entry]]]:
        """What changed, part by part and entry by entry."""
        return [(part, list(found)) for part, found in groupby(self._entries(changes), key=lambda entry: entry.part)]

    def _entries(self, changes: list[Change]) -> list[Entry]:
        grouped: dict[tuple[str, ...], list[Change]] = {}
        for change in changes:
            if change.path[-1] != ORDER or reordered(change):
                grouped.setdefault(change.path[: self._depth(change)], []).append(change)
        ordered = sorted(grouped.items(), key=lambda group: list(PARTS).index(group[0][0]))
        return [self._entry(path, found) for path, found in ordered]

    def _depth(self, change: Change) -> int:
        """How much of a path names the entry: two parts in a list of entries, four for a tracker."""
        if change.path[0] not in ("providers", "categories"):
            return 1
        return 4 if change.path[2:3] == ("trackers",) and change.path[3:] not in ((), (ORDER,)) else 2

    def _entry(self, path: tuple[str, ...], changes: list[Change]) -> Entry:
        whole = changes[0] if changes[0].path == path and len(path) > 1 and path[-1] != ORDER else None
        in_order = sorted(changes, key=lambda change: _place("".join(change.path[len(path) : len(path) + 1])))
        rows = self._whole(path, whole) if whole else [self._row(change, len(path)) for change in in_order]
        mark = "changed" if not whole else "added" if whole.before is None else "removed"
        return Entry(PARTS[path[0]], self._title(path), mark, tuple(rows))

    def _title(self, path: tuple[str, ...]) -> str:
        page = self.texts["compare_page"]
        match path:
            case ("site" | "policy" | "wording", *_):
                return ""
            case (_, name) if name == ORDER:
                return str(page["order"])
            case ("categories", key):
                return self._category(key)
            case ("providers", key):
                return str(self._provider(key)["name"])
            case (_, key, _, name):
                sides = [_find(content["providers"], key).get("trackers", ()) for content in (self.after, self.before)]
                tracker = _find(sides[0], name) or _find(sides[1], name)
                return f"{self._provider(key)['name']} · {tracker['name']}"
        return ""

    def _whole(self, path: tuple[str, ...], change: Change) -> Iterator[Row]:
        """Every field of an entry that came or went, as it can be read in the provider list."""
        entry: dict[str, Any] = change.after if change.before is None else change.before
        for name, value in sorted(entry.items(), key=lambda item: _place(item[0])):
            if value in ("", [], False) or name == "key" or (name == "name" and not isinstance(value, dict)):
                continue
            value, language = self._own_language(value)
            sides = (None, value) if change.before is None else (value, None)
            yield self._row(Change((*path, name), *sides), len(path), language)

    def _own_language(self, value: Any) -> tuple[Any, str]:
        if not isinstance(value, dict):
            return value, self.locale
        return localised(value, self.locale, self.after["site"]["default_locale"])

    def _row(self, change: Change, depth: int, language: str = "") -> Row:
        field = change.path[depth : depth + 1]
        inner = change.path[depth + 1 :]
        name = field[0] if field else change.path[-1]
        label = self._label(change.path[0], name)
        if change.path[0] == "wording":
            label = self._label("site", inner[-1]) if inner else self.texts["compare_page"]["wording"]
        elif change.path[:2] == ("site", "contact") and inner:
            label = f"{label}: {self._label('site', inner[-1])}"
        language = language or self._language(change)
        if language != self.locale:
            label = f"{label} ({language_name(language)})"
        texts = [self._say(name, value) for value in (change.before, change.after)]
        return Row(label, language, tuple(compare_texts(*texts, by_word=_is_prose(change))))

    def _language(self, change: Change) -> str:
        """The locale a text is in, where its path names one."""
        if change.path[0] in ("policy", "wording"):
            return change.path[1] if len(change.path) > 1 else self.locale
        last = change.path[-1]
        return last if last in {*self.before["site"]["locales"], *self.after["site"]["locales"]} else self.locale

    def _label(self, room: str, field: str) -> str:
        page, labels = self.texts["compare_page"], self.texts["labels"]
        if room == "policy":
            return str(page["text"])
        if field == ORDER:
            return str(page["order"])
        return str(page["fields"].get(field) or labels.get(LABELS.get(field, field), field))

    def _say(self, field: str, value: Any) -> str:
        """A value in words; paragraphs of it are compared one by one."""
        page, labels = self.texts["compare_page"], self.texts["labels"]
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(page["yes" if value else "no"])
        if isinstance(value, list):
            return "\n\n".join(self._item(field, item) for item in value)
        if isinstance(value, dict):
            return "\n\n".join(f"{self._language_mark(name)}{self._say(name, inner)}" for name, inner in value.items())
        if field == "category":
            return self._category(value)
        if field == "country":
            return str(self.texts["countries"].get(value, value))
        if field in NAMED:
            return str(labels[f"{field}_{value}"])
        return str(page["rules"].get(f"{field}_{value}", value))

    def _item(self, field: str, item: Any) -> str:
        if isinstance(item, dict):
            return self._tracker(item)
        # What is no entry of such a list is the name that its order has for one.
        return self._named(str(item)) if field in (ORDER, "trackers") else str(item)

    def _tracker(self, tracker: dict[str, Any]) -> str:
        """All that is published of it: whoever approves a provider sees how long its cookies last."""
        lifetime, purpose = (self._own_language(tracker.get(name, ""))[0] for name in ("lifetime", "purpose"))
        known = (self.texts["labels"]["kind_" + tracker["kind"]], tracker.get("host"), lifetime)
        return f"{tracker['name']} ({', '.join(filter(None, known))}){f': {purpose}' if purpose else ''}"

    def _named(self, name: str) -> str:
        """What the order of a list calls an entry."""
        if _find(self.after["categories"], name):
            return self._category(name)
        provider = _find(self.after["providers"], name) or _find(self.before["providers"], name)
        return str(provider.get("name") or name.split(" ", 2)[-1])

    def _language_mark(self, name: str) -> str:
        return f"{language_name(name)}: " if name in self.after["site"]["locales"] else ""

    def _provider(self, key: str) -> dict[str, Any]:
        return _find(self.after["providers"], key) or _find(self.before["providers"], key)

    def _category(self, key: str) -> str:
        category = _find(self.after["categories"], key) or _find(self.before["categories"], key) or {"key": key}
        return category_texts(category, self.locale, self.after["site"]["default_locale"])["name"]


def _is_prose(change: Change) -> bool:
    """Whether a change is within a text in one language: the last part of its path is a locale or names a wording."""
    return change.path[0] in ("policy", "wording") or (change.path[0] != "site" and change.path[-2] in PROSE)


def _place(field: str) -> int:
    return FIELDS.index(field) if field in FIELDS else len(FIELDS)


def _find(entries: Any, name: str) -> dict[str, Any]:
    return next((entry for entry in entries if identity(entry) == name), {})
