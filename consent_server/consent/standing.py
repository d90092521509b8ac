"""What stands in a browser: the visitor's latest choice as its signals leave it."""

from dataclasses import dataclass

from consent_server import clock
from consent_server.consent import service
from consent_server.consent.cookies import VisitorCookie
from consent_server.consent.effect import Choice, refuse
from consent_server.consent.models import ConsentCurrent, ConsentEvent
from consent_server.consent.signals import Signal, refusal_by
from consent_server.policy.service import Published


@dataclass(frozen=True)
class Standing:
    """`events`: the visitor's decisions, newest first; `expired`: the choice was too long ago, nothing stands of it;
    `overridden`: a signal refuses what an earlier choice allowed; `express`: the signals that refuse what a choice
    made while they were on allows."""

    choice: Choice
    current: ConsentCurrent | None
    events: list[ConsentEvent]
    expired: bool = False
    overridden: bool = False
    express: frozenset[str] = frozenset()

    @property
    def recorded(self) -> bool:
        return self.current is not None

    @property
    def granted(self) -> bool:
        """Whether the record allows anything, whatever the signals say now."""
        return self.current is not None and Choice(self.current.choices, self.current.providers).grants


def find_standing(published: Published, visitor: VisitorCookie | None, dnt: Signal, gpc: Signal) -> Standing:
    """What stands for whoever proves to be the visitor; everything off for anyone else."""
    terms = published.terms
    nothing = Choice(dict.fromkeys(terms.categories, False), {})
    current = service.current_choice(published.rules.key, visitor)
    if visitor is None or current is None:
        return Standing(nothing, None, [])
    events = service.history(published.rules.key, visitor)
    if current.expires_at <= clock.now():
        return Standing(nothing, current, events, expired=True)
    recorded = Choice(
        {name: current.choices.get(name, False) for name in terms.categories},
        {key: allowed for key, allowed in current.providers.items() if key in terms.providers},
    )
    by_dnt, by_gpc = refusal_by(dnt, gpc, dnt_rule=published.rules.dnt, gpc_rule=published.rules.gpc)
    latest = events[0] if events else None
    choice, express = recorded, set()
    # A choice made while the signal was seen to be on is express, and outlives it.
    for name, refusal, seen in (
        ("dnt", by_dnt, latest and latest.dnt_js == "1"),
        ("gpc", by_gpc, latest and latest.gpc_js),
    ):
        refused = refuse(choice, refusal, terms.providers)
        if seen and refused != choice:
            express.add(name)
        elif refusal:
            choice = refused
    return Standing(choice, current, events, overridden=choice != recorded, express=frozenset(express))
