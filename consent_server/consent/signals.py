"""Do Not Track and Global Privacy Control: what arrived, and what was done about it. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Signal:
    """One signal as received in the header and as the page's script saw it."""

    header: str | None
    js: str | None

    @property
    def on(self) -> bool:
        return self.header == "1" or self.js == "1"


def parse_dnt(header: str | None) -> str | None:
    """`1`, `0` or none. What follows the first character is an extension, and ignored (W3C TPE §5.2)."""
    first = (header or "")[:1]
    return first if first in ("0", "1") else None


def parse_gpc(header: str | None) -> str | None:
    """`1` or none. Only the single character `1` counts; servers join repeated fields with commas (GPC §3.2)."""
    return "1" if any(part.strip() == "1" for part in (header or "").split(",")) else None


@dataclass(frozen=True)
class Refusal:
    """What the signals refuse under a site's rules, before anyone chose otherwise."""

    everything: bool = False
    sellers: bool = False

    def __bool__(self) -> bool:
        return self.everything or self.sellers


def refusal_by(dnt: Signal, gpc: Signal, *, dnt_rule: str, gpc_rule: str) -> tuple[Refusal, Refusal]:
    """What DNT and GPC each refuse. Rules: `record`, `refuse` (DNT); `record`, `refuse-marketing`, `refuse-all`."""
    by_dnt = Refusal(everything=dnt.on and dnt_rule == "refuse")
    by_gpc = Refusal(
        everything=gpc.on and gpc_rule == "refuse-all",
        sellers=gpc.on and gpc_rule == "refuse-marketing",
    )
    return by_dnt, by_gpc
