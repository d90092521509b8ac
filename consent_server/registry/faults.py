"""What is wrong with a draft, told where it is: on the form of one entry, and in words for everything else. Pure."""

from typing import Any

from consent_server.registry.labels import field_name, tracker_name
from consent_server.texts import language_name

Content = dict[str, Any]


def faults_of_entry(messages: Any, kind: str, place: int, content: Content) -> tuple[Any, list[str]]:
    """A schema's messages apart: those of one entry, as they are, and those of everything else, in words."""
    if not isinstance(messages, dict) or not isinstance(messages.get(kind), dict):
        return {}, in_words(messages, content)
    own = messages[kind].get(place, {})
    rest = {name: inner for name, inner in messages.items() if name != kind}
    rest[kind] = {name: inner for name, inner in messages[kind].items() if name != place}
    return own, in_words(rest, content)


def in_words(messages: Any, content: Content) -> list[str]:
    """Each message led in by where it is: "Google Analytics, What for: No markup."."""
    return list(dict.fromkeys(_told(path, reason, content) for path, reason in walk(messages)))


def walk(messages: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], str]]:
    """A schema's messages with the path of each; marshmallow's own names for places are left out."""
    if isinstance(messages, dict):
        return [
            found
            for name, inner in messages.items()
            for found in walk(inner, path if name in ("_schema", "value") else (*path, name))
        ]
    if isinstance(messages, list):
        return [found for inner in messages for found in walk(inner, path)]
    return [(path, str(messages))]


def _told(path: tuple[Any, ...], reason: str, content: Content) -> str:
    where = path_in_words(path, content)
    return f"{where}: {reason}" if where else reason


def path_in_words(path: tuple[Any, ...], content: Content) -> str:
    """Where a path leads: entries by their names, whether it names them by place or by key, fields by theirs."""
    names: list[str] = []
    value: Any = content
    for part in path:
        value, name = _step(value, part)
        if name:
            names.append(language_name(part) if part in content["site"]["locales"] else name)
    return ", ".join(names)


def _step(value: Any, part: Any) -> tuple[Any, str]:
    if isinstance(value, list):
        entry = value[part] if isinstance(part, int) and part < len(value) else None
        if entry is None:
            entry = next((found for found in value if isinstance(found, dict) and part in _names(found)), None)
        if isinstance(entry, dict):
            return entry, tracker_name(entry) if "kind" in entry else _title(entry)
        return None, str(part + 1 if isinstance(part, int) else part)
    inner = value.get(part) if isinstance(value, dict) else None
    plural = part in ("providers", "categories", "trackers", "site")
    return inner, "" if plural else field_name(str(part))


def _names(entry: dict[str, Any]) -> tuple[str, ...]:
    return str(entry.get("key")), " ".join(str(entry.get(name)) for name in ("kind", "host", "name"))


def _title(entry: dict[str, Any]) -> str:
    name = entry.get("name")
    return name if isinstance(name, str) else next(iter((name or {}).values()), str(entry.get("key", "")))
