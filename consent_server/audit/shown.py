"""What was shown for a decision, with every hash made again from what is kept."""

from dataclasses import dataclass
from typing import Any

from consent_server.consent.models import ConsentEvent
from consent_server.consent.shown import line_above
from consent_server.embed.as_shown import find_code, find_script
from consent_server.embed.builds import Build
from consent_server.evidence import service as evidence
from consent_server.evidence.commitment import digest, parse
from consent_server.policy import service as policy


@dataclass(frozen=True)
class Text:
    """Something the decision names by its SHA-256: that hash, the one made now of what is kept (none where nothing
    is), and its place in the log (none where it is not sealed)."""

    named: str
    made: str | None
    leaf: int | None

    @property
    def same(self) -> bool:
        return self.named == self.made


@dataclass(frozen=True)
class Shown:
    """`notice` is none where the text is not known; `line` the one about a signal that stood above it; `script` is
    none where the build, or the site's own script with it, is not kept. `leaf`: the decision's own."""

    event: ConsentEvent
    notice: dict[str, Any] | None
    line: str | None
    script: Build | None
    leaf: int | None
    texts: dict[str, Text]


def find_shown(event: ConsentEvent) -> Shown:
    """What the person behind an event saw."""
    version = policy.find_version(event.site, event.policy)
    rules = policy.terms_of_version(event.site, event.policy).document["rules"]
    row = policy.notices_by_sha256({event.notice}).get(event.notice)
    # One that was written afterwards is not one that was shown: whoever sent the event had only named it.
    if row is not None and row.written_at > event.recorded_at:
        row = None
    code = find_code(row.widget) if row else None
    texts = {
        "policy": _text("policy/1", version.sha256, version.document),
        "notice": _text("notice/1", event.notice, row.document if row else None),
    }
    if row is not None:
        texts["widget"] = _text("widget/1", row.widget, code.content if code else None)
    return Shown(
        event=event,
        notice=parse(row.document) if row else None,
        line=line_above(event, rules),
        script=find_script(event.site, code, row.policy_version_id) if row and code else None,
        leaf=evidence.leaf_of_event(event.event_id),
        texts=texts,
    )


def _text(leaf_type: str, named: bytes, kept: bytes | None) -> Text:
    leaf = evidence.leaves_of(leaf_type, [named]).get(named)
    return Text(named.hex(), digest(kept).hex() if kept is not None else None, leaf)
