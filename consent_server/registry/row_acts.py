"""What the buttons in a provider's form do before anything is saved: rows of trackers, and suggestions for them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from consent_server.registry.suggestions import Suggestion, suggest

# What a suggestion says of a tracker, and of a provider that is still empty.
OF_TRACKER = {"host": "host", "lifetime": "lifetime", "purpose": "purpose"}
OF_PROVIDER = {"name": "provider", "privacy_url": "privacy_url", "legal_name": "controller"}


@dataclass(frozen=True)
class Acted:
    """The form's values as they are now, where to go on, and what is suggested for which row."""

    values: dict[str, Any]
    focus: str
    suggestions: dict[int, list[Suggestion]] = field(default_factory=dict)


def act(values: dict[str, Any], pressed: Mapping[str, str], optional: Collection[str]) -> Acted | None:
    """Does what a button of a row asks for; none where no such button was pressed. `optional`: the categories that a
    suggestion may propose."""
    rows: list[dict[str, str]] = values["trackers"]
    if pressed.get("act") == "add-tracker":
        return Acted({**values, "trackers": [*rows, {}]}, f"trackers-{len(rows)}-kind")
    row, _, choice = next((pressed[name] for name in ("remove", "suggest", "take") if name in pressed), "").partition(
        ":"
    )
    if not row.isdecimal() or len(row) > 3 or int(row) >= len(rows):
        return None
    number = int(row)
    if "remove" in pressed:
        return Acted({**values, "trackers": [*rows[:number], *rows[number + 1 :]]}, "add-tracker")
    found = suggest(rows[number].get("name", "").strip())
    if "suggest" in pressed:
        return Acted(values, f"suggest-{number}", {number: found})
    if not choice.isdecimal() or len(choice) > 2 or int(choice) >= len(found):
        return None
    return Acted(_taken(values, number, found[int(choice)], optional), f"trackers-{number}-purpose")


def _taken(values: dict[str, Any], number: int, suggestion: Suggestion, optional: Collection[str]) -> dict[str, Any]:
    """A suggestion in the form, to be looked at: the row's texts are its own now, the rest only where nothing was."""
    rows = [dict(row) for row in values["trackers"]]
    said = {ours: getattr(suggestion, theirs) for ours, theirs in OF_TRACKER.items()}
    rows[number] |= {name: text for name, text in said.items() if text}
    rows[number]["kind"] = rows[number].get("kind") or "cookie"
    proposed = {ours: getattr(suggestion, theirs) for ours, theirs in OF_PROVIDER.items()}
    # Only for what visitors can refuse: a list cannot know what is necessary here.
    proposed["category"] = suggestion.category if suggestion.category in optional else ""
    empty = {name: text for name, text in proposed.items() if text and not values.get(name)}
    return {**values, **empty, "trackers": rows}
