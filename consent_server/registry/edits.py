"""Which fields an edit of a draft changed. Pure."""

from collections.abc import Iterator
from typing import Any

Path = tuple[str, ...]


def changed_fields(before: Any, after: Any, path: Path = ()) -> Iterator[tuple[str, Any, Any]]:
    """Each field that differs: its path, what was there and what is there now; none for what was or is not there.

    Entries go by key (`providers/counter/retention/en`), trackers by kind, host and name; an entry that came or went is
    one field.
    """
    if before == after:
        return
    old, new = _entries(before), _entries(after)
    if old is None or new is None or type(before) is not type(after):
        yield "/".join(path), before, after
        return
    for name in dict.fromkeys([*old, *new]):
        yield from changed_fields(old.get(name), new.get(name), (*path, name))
    if isinstance(before, list) and list(old) != list(new):
        yield "/".join((*path, "(order)")), list(old), list(new)


def _entries(value: Any) -> dict[str, Any] | None:
    """What is under names; none for a text, a number, or a list of such."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        return None
    named = {str(entry.get("key") or f"{entry['kind']} {entry['host']} {entry['name']}"): entry for entry in value}
    return named if len(named) == len(value) else None
