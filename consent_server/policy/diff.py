"""What differs between two contents of a site, and the one made from the other by its differences. Pure.

An entry of a list is known by its `key`, a tracker by kind, host and name, so that a change names the entry it is in
wherever that stands. A list of anything else (hosts, origins, locales) is one value.
"""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]

# Ends the path of a list's order. No entry is known by this.
ORDER = "(order)"


@dataclass(frozen=True)
class Change:
    """What was at `path` and what is there now; none where there was or is nothing.

    `("providers", "counter")` is an entry that came or went, `("providers", "counter", "retention", "en")` a text in
    one locale, `("providers", "(order)")` the identities of a list's entries in their order.
    """

    path: Path
    before: Any
    after: Any


def identity(entry: Any) -> str | None:
    """What a list's entry is known by. Neither kinds nor hosts hold a space, so that no two trackers read alike."""
    if not isinstance(entry, dict):
        return None
    if "key" in entry:
        return str(entry["key"])
    if "kind" in entry:
        return f"{entry['kind']} {entry.get('host', '')} {entry.get('name', '')}"
    return None


def compare(a: Any, b: Any) -> list[Change]:
    """The changes that make `b` of `a`, in the order of `a`, what is new after it."""
    return list(_compare((), a, b))


def _compare(path: Path, a: Any, b: Any) -> Iterable[Change]:
    if isinstance(a, dict) and isinstance(b, dict):
        yield from _compare_entries(path, a, b)
    elif (old := _by_identity(a)) is not None and (new := _by_identity(b)) is not None and (old or new):
        yield from _compare_entries(path, old, new)
        if _kept_then_new(old, new) != list(new):
            yield Change((*path, ORDER), list(old), list(new))
    elif type(a) is not type(b) or a != b:
        yield Change(path, a, b)


def _compare_entries(path: Path, a: dict[str, Any], b: dict[str, Any]) -> Iterable[Change]:
    for name in dict.fromkeys([*a, *b]):
        yield from _compare((*path, name), a.get(name), b.get(name))


def _by_identity(value: Any) -> dict[str, Any] | None:
    """A list's entries by what they are known by; none where they are not entries, or two are known by the same."""
    if not isinstance(value, list):
        return None
    entries = {name: entry for entry in value if (name := identity(entry)) is not None}
    return entries if len(entries) == len(value) else None


def _kept_then_new(old: Iterable[str], new: Iterable[str]) -> list[str]:
    """The order that applying leaves: what stays as it stood, what is new after it."""
    new = list(new)
    return [*(name for name in old if name in new), *(name for name in new if name not in old)]


def reordered(change: Change) -> bool:
    """Whether an order's change moved entries that were there already, rather than say where new ones stand."""
    kept = [name for name in change.before if name in change.after]
    return kept != [name for name in change.after if name in change.before]


def apply(changes: Iterable[Change], a: Any) -> Any:
    """`a` with changes made; with all that `compare` found, it is `b`. A part of them may be applied, too."""
    result = deepcopy(a)
    for change in changes:
        if not change.path:
            return deepcopy(change.after)
        parent = _parent(result, change.path)
        if parent is not None:
            _put(parent, change.path[-1], deepcopy(change.after))
    return result


def _parent(value: Any, path: Path) -> Any:
    """What holds the last part of a path; none where that is gone."""
    for name in path[:-1]:
        value = value.get(name) if isinstance(value, dict) else (_by_identity(value) or {}).get(name)
        if value is None:
            return None
    return value


def _put(parent: Any, name: str, value: Any) -> None:
    if name == ORDER:
        place = {known: index for index, known in enumerate(value)}
        parent.sort(key=lambda entry: place.get(identity(entry) or "", len(place)))
    elif isinstance(parent, dict):
        _put_field(parent, name, value)
    else:
        _put_entry(parent, name, value)


def _put_field(parent: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        parent.pop(name, None)
    else:
        parent[name] = value


def _put_entry(parent: list[Any], name: str, value: Any) -> None:
    index = next((n for n, entry in enumerate(parent) if identity(entry) == name), None)
    if value is None:
        if index is not None:
            del parent[index]
    elif index is None:
        parent.append(value)
    else:
        parent[index] = value
