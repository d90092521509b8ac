"""A site file's YAML, and where in it a fault lies. Pure."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

MAX_BYTES = 5_000_000
MAX_DEPTH = 20
Path = tuple[Any, ...]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, with its place: `line` counts from 1."""

    line: int
    path: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.path + ': ' if self.path else ''}{self.reason}"


class SiteFileFault(Exception):
    """The file cannot be taken; `faults` names every reason."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class _Loader(yaml.SafeLoader):
    """YAML 1.2's idea of a boolean: `no` and `off` are words (and Norway's country code), not false."""


_LEFT_OUT = {f"tag:yaml.org,2002:{kind}" for kind in ("bool", "timestamp", "merge")}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _LEFT_OUT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def read(text: str) -> tuple[Any, dict[Path, int]]:
    """The file's value and the line of each place in it.

    Raises SiteFileFault for what is not YAML, for a key given twice, and for aliases (a few of them can blow up to
    gigabytes).
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise SiteFileFault([Fault(1, "", f"The file is larger than {MAX_BYTES:,} bytes.")])
    try:
        _refuse_bombs(text)
        node = yaml.compose(text, Loader=_Loader)
        lines: dict[Path, int] = {}
        if node is not None:
            _note_lines(node, (), lines)
        return yaml.load(text, Loader=_Loader), lines  # noqa: S506, a SafeLoader
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "This is not YAML."
        raise SiteFileFault([Fault(line, "", str(reason))]) from error


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they read, where YAML can write them so."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def write(value: Any) -> str:
    """A value as YAML, in the order it has."""
    written: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    return written


def _refuse_bombs(text: str) -> None:
    """Refuses what a reader would spend gigabytes or minutes on, before it does."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise SiteFileFault([Fault(line, "", "Aliases (*name) are not taken.")])
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise SiteFileFault([Fault(line, "", "The file is nested too deeply.")])


def _note_lines(node: yaml.Node, path: Path, lines: dict[Path, int]) -> None:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise SiteFileFault([Fault(key.start_mark.line + 1, "", "A key is one word.")])
            if key.value in seen:
                line = key.start_mark.line + 1
                raise SiteFileFault(
                    [
                        Fault(
                            line,
                            _dotted((*path, key.value)),
                            "This key is there twice.",
                        )
                    ]
                )
            seen.add(key.value)
            _note_lines(value, (*path, key.value), lines)
            lines[(*path, key.value)] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_lines(value, (*path, index), lines)


def faults_at(messages: Any, lines: dict[Path, int]) -> list[Fault]:
    """marshmallow's messages as a list of faults, each at the nearest place the file has a line for."""
    faults = [_fault(path, reason, lines) for path, reason in _walk(messages, ())]
    return sorted(faults, key=lambda fault: (fault.line, fault.path))


def _walk(messages: Any, path: Path) -> list[tuple[Path, str]]:
    if isinstance(messages, dict):
        return [found for key, inner in messages.items() for found in _walk(inner, (*path, key))]
    if isinstance(messages, list):
        return [found for inner in messages for found in _walk(inner, path)]
    return [(path, str(messages))]


def _fault(path: Path, reason: str, lines: dict[Path, int]) -> Fault:
    path = tuple(part for part in path if part not in ("_schema", "value"))
    known = path
    while known and known not in lines:
        known = known[:-1]
    return Fault(lines.get(known, 1), _dotted(path), reason)


def _dotted(path: Path) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")
