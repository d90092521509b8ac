"""Three-way merge of what two people made of the same entry. Pure.

A value is what JSON holds; none stands for what is not there. Lists are compared by what their entries are called: by
`key`, by kind, host and name, or, for plain texts, by themselves.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]


@dataclass(frozen=True)
class Clash:
    """A place that both changed, each to something else."""

    path: Path
    base: Any
    mine: Any
    theirs: Any


def merge(base: Any, mine: Any, theirs: Any, *, give_way: Collection[Path] = ()) -> tuple[Any, list[Clash]]:
    """What both made of `base`, and the places where they clash: there mine stands, except at the paths in
    `give_way`, which are no clashes any more."""
    merging = _Merging(give_way, [])
    return merging.at((), base, mine, theirs), merging.clashes


@dataclass(frozen=True)
class _Merging:
    give_way: Collection[Path]
    clashes: list[Clash]

    def at(self, path: Path, base: Any, mine: Any, theirs: Any) -> Any:
        """What stands at one place; none where nothing does."""
        if mine == theirs or theirs == base:
            return mine
        if mine == base:
            return theirs
        parts = [_parts(value) for value in (mine, theirs)]
        if type(mine) is not type(theirs) or None in parts:
            return self._choose(Clash(path, base, mine, theirs))
        merged = self._inside(path, (_parts(base) or {}) if type(base) is type(mine) else {}, *parts)
        return merged if isinstance(mine, dict) else list(merged.values())

    def _inside(self, path: Path, base: Any, mine: Any, theirs: Any) -> dict[str, Any]:
        names = _in_one_order(list(mine), list(theirs))
        merged = {n: self.at((*path, n), base.get(n), mine.get(n), theirs.get(n)) for n in names}
        return {name: value for name, value in merged.items() if value is not None}

    def _choose(self, clash: Clash) -> Any:
        if clash.path in self.give_way:
            return clash.theirs
        self.clashes.append(clash)
        return clash.mine


def changed(before: Any, after: Any, path: Path = ()) -> list[Path]:
    """The places that differ, as deep as both have the same shape."""
    if before == after:
        return []
    old, new = _parts(before), _parts(after)
    if old is None or new is None:
        return [path]
    names = _in_one_order(list(new), list(old))
    found = [place for name in names for place in changed(old.get(name), new.get(name), (*path, name))]
    # What remains is another order of the same entries.
    return found or [path]


def _parts(value: Any) -> dict[str, Any] | None:
    """What a value consists of, by name; none for a text, or a list in which two are called the same."""
    if not isinstance(value, list):
        return value if isinstance(value, dict) else None
    named = {name: entry for entry in value if (name := _name(entry)) is not None}
    return named if len(named) == len(value) else None


def _name(entry: Any) -> str | None:
    if isinstance(entry, str):
        return entry
    if not isinstance(entry, dict):
        return None
    if isinstance(entry.get("key"), str):
        return str(entry["key"])
    parts = [entry.get(part) for part in ("kind", "host", "name")]
    return " ".join(map(str, parts)) if all(isinstance(part, str) for part in parts) else None


def _in_one_order(first: list[str], second: list[str]) -> list[str]:
    """All names in the first's order; those of the second alone each behind the one it follows there."""
    order = list(first)
    for place, name in enumerate(second):
        if name not in order:
            order.insert(order.index(second[place - 1]) + 1 if place else 0, name)
    return order
