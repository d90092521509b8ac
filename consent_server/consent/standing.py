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
    """`events`: the visitor's decisions, newest first; `overridden`: a signal refuses what an earlier choice allowed;
    `expired`: the choice was too long ago, and nothing stands of it."""

    choice: Choice
    current: ConsentCurrent | None
    events: list[ConsentEvent]
    overridden: bool = False
    expired: bool = False

    @property
    def recorded(self) -> bool:
        return self.current is not None


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
    refusals = refusal_by(dnt, gpc, dnt_rule=published.rules.dnt, gpc_rule=published.rules.gpc)
    choice = recorded
    # A choice made while the signal was seen to be on is express, and outlives it.
    seen = (events[0].dnt_js == "1", events[0].gpc_js) if events else (False, False)
    for refusal, express in zip(refusals, seen, strict=True):
        if refusal and not express:
            choice = refuse(choice, refusal, terms.providers)
    return Standing(choice, current, events, overridden=choice != recorded)
