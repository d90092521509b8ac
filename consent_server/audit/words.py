"""A recorded decision in words."""

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
SENT = {"true": "Sent", "false": "Not sent"}


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


def names_of(providers: list[dict[str, str] | str]) -> list[str]:
    """Names of the providers in a notice; those of earlier releases hold the names alone."""
    return [provider if isinstance(provider, str) else provider["name"] for provider in providers]


def device_in_words(event: ConsentEvent) -> str:
    return ", ".join(part for part in (event.browser, event.os, event.device) if part) or "Unknown"


def line_above(event: ConsentEvent, rules: dict[str, str]) -> str | None:
    """Which of a notice's lines about signals stood above its text: `gpc`, `dnt` or none. The page's script decides
    by what it sees itself, under the rules of the policy version (`widget/src/layer.js`)."""
    if event.gpc_js and rules["gpc"] != "record":
        return "gpc"
    return "dnt" if event.dnt_js == "1" and rules["dnt"] == "record" else None
