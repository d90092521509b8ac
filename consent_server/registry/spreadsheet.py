"""Providers from a spreadsheet (CSV): put into a content, without saving anything. Pure.

The columns are those of the public list (`/{site}/providers.csv`), in any order; only `provider` has to be there. One
line for each tracker, one for a provider without any. What is not in the file, or empty in it, stays as it is: a
spreadsheet adds and changes, it never takes away.
"""

import csv
import io
import re
import unicodedata
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

# Columns of a provider and of a tracker, by field.
PLAIN = ("legal_name", "category", "role", "country", "legal_basis", "privacy_url", "opt_out_url")
LOCALISED = ("purpose", "data", "retention", "transfers", "safeguard")
ANSWERS = ("sells_or_shares", "sample", "held")
DATES = ("contract_date", "review_date")
TRACKER = {"tracker_kind": "kind", "tracker": "name", "tracker_host": "host"}
TRACKER_LOCALISED = {"tracker_lifetime": "lifetime", "tracker_purpose": "purpose"}
COLUMNS = ("site", "key", "provider", *PLAIN, *LOCALISED, *ANSWERS, *DATES, *TRACKER, *TRACKER_LOCALISED)
WORDS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
# As many as a content may hold.
MAX_PROVIDERS, MAX_TRACKERS = 1000, 200
MAX_ROWS = 20_000
# Enough to see what is wrong with a file; it is not read further.
MAX_FAULTS = 100
# A cell that a spreadsheet program was kept from running as a formula.
GUARDED = re.compile(r"'(?=[=+\-@\t\r])")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in the file; `line` counts from 1, `column` is empty where it is no single one."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.column + ': ' if self.column else ''}{self.reason}"


@dataclass
class Sheet:
    """A content with the file's providers in it. `lines`: where in the file each provider (by key) is first named. It
    is to be validated like any other content, and saved only without faults."""

    content: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)


def put_in(content: dict[str, Any], text: str, locale: str) -> Sheet:
    """Puts a file's providers into a copy of the content; its texts are in `locale`."""
    sheet = Sheet(deepcopy(content))
    rows = _read(text, sheet)
    for line, row in rows:
        _put_row(sheet, line, row, locale)
        if len(sheet.content["providers"]) > MAX_PROVIDERS:
            sheet.faults.append(Fault(line, "", f"More than {MAX_PROVIDERS:,} providers."))
            break
        if len(sheet.faults) >= MAX_FAULTS:
            break
    return sheet


def validation_faults(messages: Any, sheet: Sheet) -> list[Fault]:
    """What marshmallow finds wrong in the sheet's content, at the file's lines; elsewhere at line 1."""
    keys = [provider["key"] for provider in sheet.content["providers"]]
    found = []
    for path, reason in _walk(messages, ()):
        in_provider = len(path) > 1 and path[0] == "providers" and isinstance(path[1], int)
        line = sheet.lines.get(keys[path[1]], 1) if in_provider else 1
        found.append(Fault(line, ".".join(map(str, path[2:] if in_provider else path)), reason))
    return found


def _walk(messages: Any, path: tuple[Any, ...]) -> list[tuple[tuple[Any, ...], str]]:
    if isinstance(messages, dict):
        return [found for name, inner in messages.items() for found in _walk(inner, (*path, name))]
    if isinstance(messages, list):
        return [found for inner in messages for found in _walk(inner, path)]
    return [(path, str(messages))]


def _read(text: str, sheet: Sheet) -> list[tuple[int, dict[str, str]]]:
    """The file's lines as what stands in their columns; cells that are empty are left out."""
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    # Where the comma is the decimal sign, spreadsheet programs write semicolons.
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        twice = {name for n, name in enumerate(columns) if name in columns[:n]}
        sheet.faults += [Fault(1, name, "This column is there twice.") for name in sorted(twice)]
        sheet.faults += [Fault(1, name, "There is no such column.") for name in columns if name not in COLUMNS]
        if "provider" not in columns:
            sheet.faults.append(Fault(1, "provider", "This column has to be there."))
        rows = []
        for cells in reader:
            row = {name: GUARDED.sub("", cell.strip(), count=1) for name, cell in zip(columns, cells, strict=False)}
            if any(cell.strip() for cell in cells[len(columns) :]):
                sheet.faults.append(Fault(reader.line_num, "", "More cells than columns."))
            rows.append((reader.line_num, {name: cell for name, cell in row.items() if cell}))
            if len(rows) > MAX_ROWS:
                sheet.faults.append(Fault(reader.line_num, "", f"More than {MAX_ROWS:,} lines."))
                break
    except csv.Error as error:
        sheet.faults.append(Fault(reader.line_num, "", f"This is not CSV: {error}."))
    return [] if sheet.faults else [(line, row) for line, row in rows if row]


def _put_row(sheet: Sheet, line: int, row: dict[str, str], locale: str) -> None:
    if row.get("site", sheet.content["site"]["key"]) != sheet.content["site"]["key"]:
        sheet.faults.append(Fault(line, "site", "This is the list of another site."))
        return
    if "provider" not in row:
        sheet.faults.append(Fault(line, "provider", "The name is missing."))
        return
    provider = _provider(sheet.content, row)
    sheet.lines.setdefault(provider["key"], line)
    provider["name"] = row["provider"]
    _put_fields(provider, row, (*PLAIN, *DATES), LOCALISED, locale)
    for name in ANSWERS:
        if name in row:
            if row[name].lower() not in WORDS:
                sheet.faults.append(Fault(line, name, "`yes` or `no`."))
            else:
                provider[name] = WORDS[row[name].lower()]
    if any(name in row for name in (*TRACKER, *TRACKER_LOCALISED)):
        _put_tracker(sheet, line, provider, row, locale)


def _provider(content: dict[str, Any], row: dict[str, str]) -> dict[str, Any]:
    """The provider a line is of: by key, else by name; a new one where there is none."""
    providers = content["providers"]
    named = (lambda p: p["key"] == row["key"]) if "key" in row else (lambda p: p["name"] == row["provider"])
    found = next(filter(named, providers), None)
    if found is None:
        taken = {entry["key"] for entry in (*providers, *content["categories"])}
        found = {"key": row.get("key") or _free_key(row["provider"], taken), "hosts": [], "trackers": []}
        found.update(sells_or_shares=False, sample=False)
        providers.append(found)
    return found


def _free_key(name: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:28]
    key = key if key[:1].isalpha() else f"p-{key}".rstrip("-")
    number = 1
    free = key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    return free


def _put_fields(
    entry: dict[str, Any], row: dict[str, str], plain: tuple[str, ...], localised: tuple[str, ...], locale: str
) -> None:
    entry.update({name: row[name] for name in plain if name in row})
    for name in localised:
        if name in row:
            entry[name] = {**entry.get(name, {}), locale: row[name]}


def _put_tracker(sheet: Sheet, line: int, provider: dict[str, Any], row: dict[str, str], locale: str) -> None:
    missing = [column for column in ("tracker_kind", "tracker") if column not in row]
    if missing:
        sheet.faults += [Fault(line, column, "A tracker has a name and a kind.") for column in missing]
        return
    own = {ours: row.get(column, "") for column, ours in TRACKER.items()}
    tracker = next((one for one in provider["trackers"] if {name: one[name] for name in own} == own), None)
    if tracker is None and len(provider["trackers"]) == MAX_TRACKERS:
        sheet.faults.append(Fault(line, "tracker", f"More than {MAX_TRACKERS} trackers of one provider."))
        return
    if tracker is None:
        tracker = own
        provider["trackers"].append(tracker)
    texts = {ours: row[column] for column, ours in TRACKER_LOCALISED.items() if column in row}
    _put_fields(tracker, texts, (), tuple(texts), locale)
