"""A recorded decision in words."""

from datetime import date, timedelta
from typing import Any

from consent_server.consent.models import ConsentEvent

ACTIONS = {
    "accept_all": "Accepted all",
    "reject_all": "Rejected all",
    "custom": "Chose",
    "withdraw": "Withdrew",
    "signal": "Signal only",
    "imported": "Imported",
}
SURFACES = {
    "banner": "First layer",
    "preferences": "Preferences dialog",
    "page": "Page “Your choices”",
    "api": "A script on the page",
}
AUTOMATED = {
    "human": "No",
    "declared": "Declared bot",
    "suspected": "Suspected",
}
SWITCHED = {"true": "On", "false": "Off"}
SENT = {"true": "Sent", "false": "Not sent"}
PERIODS = {"day": "Day", "week": "Week", "month": "Month", "quarter": "Quarter"}
GROUNDS = {
    "visitor": "By the visitor, on their choices page",
    "request": "On a request that staff answered",
    "retention": "Kept long enough",
}
FAULTS = {"undeclared": "Not declared by any provider", "not-allowed": "Declared, but not allowed by the visitor"}
FINDINGS = {"host": "Host", "cookie": "Cookie"}
LEAVES = {
    "consent/1": "decisions",
    "staff/1": "acts of staff",
    "policy/1": "policy versions",
    "notice/1": "notices",
    "widget/1": "builds of the script",
    "export/1": "exports",
    "erasure/1": "days of erasures",
    "purge/1": "purges",
    "mark/1": "time marks",
    "key/1": "changes of key",
    "origin/1": "beginnings",
}
RULES = {
    "record": "Recorded only",
    "refuse": "Refuses everything optional",
    "refuse-marketing": "Refuses marketing, and every provider that sells or shares",
    "refuse-all": "Refuses everything optional",
}


def period(start: date, kind: str) -> str:
    """A period in words: "2026-11-22", "2026-W47", "2026-11", "2026 Q4"."""
    match kind:
        case "week":
            year, week, _ = start.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return f"{start:%Y-%m}"
        case "quarter":
            return f"{start.year} Q{(start.month + 2) // 3}"
    return start.isoformat()


def percent(share: float | None) -> str:
    """ "41.3 %", or a dash where there is nothing to take a share of."""
    return "–" if share is None else f"{share:.1f} %"


def duration(length: timedelta) -> str:
    """About how long, in the largest unit: "4 seconds", "3 days"."""
    seconds = max(int(length.total_seconds()), 0)
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size or seconds == size:
            return f"{seconds // size} {unit}{'' if seconds // size == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def choices_in_words(event: ConsentEvent) -> str:
    """For example "All off", or "On: functional. Except google-analytics: on"; what is not named is off."""
    on, off = _split(event.choices)
    words = "All off" if not on else "All on" if not off else f"On: {', '.join(on)}"
    allowed, refused = _split(event.providers)
    for label, names in (("on", allowed), ("off", refused)):
        if names:
            words += f". Except {', '.join(names)}: {label}"
    return words


def _split(names: dict[str, bool]) -> tuple[list[str], list[str]]:
    return [name for name, on in names.items() if on], [name for name, on in names.items() if not on]


def signals_in_words(event: ConsentEvent) -> str:
    """Names of the signals that the browser sent, or "None"."""
    sent = []
    if "1" in (event.dnt_header, event.dnt_js):
        sent.append("DNT")
    if event.gpc_header or event.gpc_js:
        sent.append("GPC")
    return " and ".join(sent) or "None"


def signal_in_words(header: Any, script: Any, acted_on: bool) -> str:
    """One signal in full: where it was seen, with what value, and whether it was acted on."""
    places = (("header", header), ("script", script))
    seen = [f"{place}: {'1' if value is True else value}" for place, value in places if value not in (None, False)]
    if not seen:
        return "Not sent"
    return f"Sent ({', '.join(seen)}). {'Acted on' if acted_on else 'Not acted on'}."


def device_in_words(event: ConsentEvent) -> str:
    return ", ".join(part for part in (event.browser, event.os, event.device) if part) or "Unknown"
