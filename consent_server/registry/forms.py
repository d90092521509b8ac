"""Flat fields of the editor's pages into entries of the registry, and back."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Any

from werkzeug.datastructures import MultiDict

from consent_server.registry.faults import walk
from consent_server.registry.form_schemas import WordingForm
from consent_server.registry.labels import COUNTRIES

Entry = dict[str, Any]
Faults = dict[str, list[str]]

PLAIN = (
    "name legal_name category role country legal_basis privacy_url opt_out_url consent_mode contract_date review_date"
).split()
LOCALISED = "purpose data retention transfers safeguard".split()
FLAGS = ("sells_or_shares", "sample")
CATEGORY_TEXTS = ("name", "purpose", "without")
TRACKER_PLAIN = ("kind", "name", "host")
TRACKER_LOCALISED = ("lifetime", "purpose")
LOADED = ("script", "frame", "pixel")
MAX_KEY = 31


def clash_fields(form: MultiDict[str, str]) -> dict[str, Any]:
    """A page of clashes as its schema takes it: beside each place, whose text is to stand there."""
    numbers = [field.removeprefix("at-") for field, value in form.items() if field[:3] == "at-" and value == "theirs"]
    return {**form.to_dict(), "give_way": [form.get(f"path-{number}", "") for number in numbers]}


def wording_form(form: MultiDict[str, str]) -> dict[str, Any]:
    """What a language's page was sent: every control whose name is a path is a text. Blank ones are left out."""
    texts = {path: text for path, text in form.items() if "/" in path}
    loaded: dict[str, Any] = WordingForm().load({"began": form.get("began", ""), "texts": texts})
    loaded["texts"] = {path: text for path, text in loaded["texts"].items() if text}
    return loaded


def provider_fields(form: MultiDict[str, str]) -> dict[str, Any]:
    """A provider's form as its schema takes it: rows of trackers in a list, without those that are left blank."""
    rows = [row for row in tracker_rows(form) if any(row.get(name, "").strip() for name in _ROW_TEXTS)]
    return {**form.to_dict(), "trackers": rows}


_ROW_TEXTS = ("name", "host", "lifetime", "purpose")
_ROW = re.compile(r"trackers-(\d{1,4})-(was|kind|name|host|lifetime|purpose)")


def tracker_rows(form: MultiDict[str, str]) -> list[dict[str, str]]:
    """The rows of trackers as they were typed, in their order on the page."""
    rows: dict[int, dict[str, str]] = {}
    for field, value in form.items():
        if found := _ROW.fullmatch(field):
            rows.setdefault(int(found[1]), {})[found[2]] = value
    return [rows[number] for number in sorted(rows)]


def provider_values(provider: Entry | None, locale: str) -> dict[str, Any]:
    """What the form shows of a provider: texts in the default language, trackers as rows."""
    if provider is None:
        return {"trackers": []}
    values: dict[str, Any] = {name: provider.get(name, "") for name in ("key", *PLAIN)}
    values |= {name: (provider.get(name) or {}).get(locale, "") for name in LOCALISED}
    values |= {name: "yes" if provider.get(name) else "" for name in (*FLAGS, "held")}
    values["country"] = COUNTRIES.get(values["country"], values["country"])
    values["hosts"] = "\n".join(provider.get("hosts", ()))
    values["trackers"] = [_tracker_values(n, tracker, locale) for n, tracker in enumerate(provider["trackers"])]
    return values


def _tracker_values(place: int, tracker: Entry, locale: str) -> dict[str, str]:
    texts = {name: (tracker.get(name) or {}).get(locale, "") for name in TRACKER_LOCALISED}
    return {"was": str(place), **{name: tracker[name] for name in TRACKER_PLAIN}, **texts}


def provider_of(form: Entry, locale: str, key: str) -> Entry:
    """The provider that a loaded form describes. What the form does not show (other languages) stays as it began."""
    began: Entry = form["began"] if isinstance(form["began"], dict) else {}
    entry = {**began, "key": key}
    _put_plain(entry, form, PLAIN)
    _put_localised(entry, form, LOCALISED, locale)
    entry |= {name: bool(form[name]) for name in FLAGS}
    # To hold a provider is an act of its own; here a hold can only be ended.
    if not form["held"]:
        entry.pop("held", None)
    entry["hosts"] = form["hosts"].split()
    known = began.get("trackers") if isinstance(began.get("trackers"), list) else []
    entry["trackers"] = [_tracker_of(row, known or [], locale) for row in form["trackers"]]
    return entry


def add_hosts(entry: Entry, began: Any) -> None:
    """What a provider's new trackers are loaded from belongs to it, so that it is held back whoever put it on the
    page."""
    known = [tracker.get("host") for tracker in (began or {}).get("trackers", ()) if isinstance(tracker, dict)]
    loaded = [tracker["host"] for tracker in entry["trackers"] if tracker["kind"] in LOADED]
    new = [host for host in loaded if host and host not in known]
    entry["hosts"] = list(dict.fromkeys([*entry["hosts"], *new]))


def _tracker_of(row: Entry, known: list[Any], locale: str) -> Entry:
    was = int(row["was"]) if row["was"].isdecimal() and len(row["was"]) < 5 else len(known)
    began = known[was] if was < len(known) and isinstance(known[was], dict) else {}
    tracker = {**began, **{name: row[name] for name in TRACKER_PLAIN}}
    _put_localised(tracker, row, TRACKER_LOCALISED, locale)
    return tracker


def _put_plain(entry: Entry, form: Entry, names: Iterable[str]) -> None:
    for name in names:
        if form[name]:
            entry[name] = form[name]
        else:
            entry.pop(name, None)


def _put_localised(entry: Entry, form: Entry, names: Iterable[str], locale: str) -> None:
    for name in names:
        known = entry.get(name) if isinstance(entry.get(name), dict) else {}
        if form[name] == (known or {}).get(locale, ""):
            continue
        texts = {language: text for language, text in (known or {}).items() if language != locale}
        _put_plain(entry, {name: ({locale: form[name]} if form[name] else {}) | texts}, (name,))


def category_values(category: Entry | None, locale: str, others: Iterable[str] = ()) -> dict[str, str]:
    """What the form shows of a category; its texts in other languages under names such as `purpose-es`."""
    if category is None:
        return {}
    values = {"key": category["key"], "required": "yes" if category["required"] else ""}
    values |= {name: (category.get(name) or {}).get(locale, "") for name in CATEGORY_TEXTS}
    return values | {
        f"{name}-{other}": (category.get(name) or {}).get(other, "") for other in others for name in CATEGORY_TEXTS
    }


def category_fields(form: MultiDict[str, str], others: Iterable[str]) -> dict[str, Any]:
    """A category's form as its schema takes it: texts in other languages by language."""
    texts = {
        other: {name: form[f"{name}-{other}"] for name in CATEGORY_TEXTS if f"{name}-{other}" in form}
        for other in others
    }
    return {**form.to_dict(), "others": texts}


def category_of(form: Entry, locale: str, key: str) -> Entry:
    """The category that a loaded form describes."""
    began: Entry = form["began"] if isinstance(form["began"], dict) else {}
    entry = {**began, "key": key, "required": bool(form["required"])}
    _put_localised(entry, form, CATEGORY_TEXTS, locale)
    for other, texts in form["others"].items():
        _put_localised(entry, texts, texts, other)
    return entry


def free_key(name: str, taken: Collection[str]) -> str:
    """A key made of a name that nothing else has: "Zoë & Co." becomes `zoe-co`."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-").lstrip("0123456789-")[:MAX_KEY].strip("-") or "provider"
    numbered = (f"{slug[: MAX_KEY - 4].strip('-')}-{number}" for number in range(2, 1000))
    return slug if slug not in taken else next(key for key in numbered if key not in taken)


def faults_at(messages: Any, controls: Collection[str], joint: str = "-") -> Faults:
    """A schema's nested messages by the control they belong to: the longest one that begins their path, joined. Those
    of no control are under an empty name, led in by their path."""
    faults: Faults = {}
    for path, reason in walk(messages):
        parts = [str(part) for part in path]
        ids = (joint.join(parts[:end]) for end in range(len(parts), 0, -1))
        control = next((found for found in ids if found in controls), "")
        words = reason if control or not parts else f"{' '.join(parts)}: {reason}"
        known = faults.setdefault(control, [])
        if words not in known:
            known.append(words)
    return faults
