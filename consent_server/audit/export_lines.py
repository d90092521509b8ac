"""An exported event as a line of text: JSON, or CSV that a spreadsheet cannot run. No database."""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from types import SimpleNamespace
from typing import Any

from consent_server.audit.export_rows import COMMON
from consent_server.audit.records import common

# A spreadsheet would run a cell that begins with one of these as a formula; the wide forms are read as the others.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
QUOTED = frozenset('",\r\n')
HEADER = (
    "log_index event_id recorded_at decided_at expires_at visitor page site policy notice language action surface on "
    "off providers_on providers_off dnt_header dnt_script dnt_acted_on gpc_header gpc_script gpc_acted_on browser os "
    "device automated"
).split()
# Decisions differ in who and when, and hardly in the rest: that many different rests are kept, formatted.
KEPT = 4_096

AT_ONCE = 1_000

Line = Callable[[Any], str]


def pieces(kind: str, rows: Iterator[Any], locales: dict[bytes, str]) -> Iterator[tuple[bytes, int]]:
    """The lines of rows (`export_rows.COLUMNS`), some at a time, and how many. `kind` is `csv` (with a line of names
    at its head) or `jsonl`; `locales` maps a notice's SHA-256 to its locale."""
    line = _csv(locales) if kind == "csv" else _jsonl(locales)
    if kind == "csv":
        yield (",".join(HEADER) + "\r\n").encode(), 0
    while some := list(islice(rows, AT_ONCE)):
        yield "".join(map(line, some)).encode(), len(some)


def _jsonl(locales: dict[bytes, str]) -> Line:
    dumps = json.dumps

    @lru_cache(KEPT)
    def rest(*values: Any) -> str:
        return dumps(_record(values, locales))[1:]

    def line(row: Any) -> str:
        event_id, recorded_at, decided_at, expires_at, visitor, page, log_index, *values = row
        return (
            f'{{"event_id": "{event_id}", "recorded_at": "{recorded_at}", "decided_at": "{decided_at}", '
            f'"expires_at": "{expires_at}", "visitor": {dumps(visitor)}, "page": {dumps(page)}, '
            f'"log_index": {dumps(log_index)}, {rest(*values)}\n'
        )

    return line


def _csv(locales: dict[bytes, str]) -> Line:
    @lru_cache(KEPT)
    def rest(*values: Any) -> str:
        return ",".join(map(cell, _cells(_record(values, locales))))

    def line(row: Any) -> str:
        event_id, recorded_at, decided_at, expires_at, visitor, page, log_index, *values = row
        leading = "" if log_index is None else log_index
        return (
            f"{leading},{event_id},{recorded_at},{decided_at},{expires_at},{visitor or ''},{cell(page or '')},"
            f"{rest(*values)}\r\n"
        )

    return line


def _record(values: tuple[Any, ...], locales: dict[bytes, str]) -> dict[str, Any]:
    """What many events have in common, in the words of `/v1/audit/events`."""
    event = SimpleNamespace(**dict(zip(COMMON, values, strict=True)))
    event.choices, event.providers = json.loads(event.choices), json.loads(event.providers)
    return common(event, locales.get(event.notice))


def _cells(record: dict[str, Any]) -> list[str]:
    """The same as texts, in the order of HEADER."""
    dnt, gpc, agent = record["signals"]["dnt"], record["signals"]["gpc"], record["agent"]
    signals = [signal[name] for signal in (dnt, gpc) for name in ("header", "js", "acted_on")]
    values = [
        record["site"],
        record["policy"]["number"],
        record["notice"],
        record["locale"],
        record["action"],
        record["surface"],
        *_on_and_off(record["choices"]),
        *_on_and_off(record["providers"]),
        *signals,
        agent["browser"],
        agent["os"],
        agent["device"],
        record["automated"],
    ]
    return [_word(value) for value in values]


def _on_and_off(names: dict[str, bool]) -> tuple[str, str]:
    """Keys that are on, and those that are off, each list with spaces between."""
    on = sorted(name for name, allowed in names.items() if allowed)
    return " ".join(on), " ".join(sorted(names.keys() - set(on)))


def _word(value: Any) -> str:
    if value is None:
        return ""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def cell(text: str) -> str:
    """A text as a cell of CSV (RFC 4180 §2). One that a spreadsheet would run as a formula gets an apostrophe before
    it, and quotes around both (OWASP, CSV Injection)."""
    guarded = text.startswith(FORMULA)
    if guarded:
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if guarded or not QUOTED.isdisjoint(text) else text
