"""Do Not Track and Global Privacy Control: every header, every script, every rule, against the rules in plain words."""

import uuid
from datetime import UTC, datetime
from itertools import product

import pytest

from consent_server.consent.effect import Choice, refuse
from consent_server.consent.event import Sender, build_event
from consent_server.consent.signals import Refusal, Signal, parse_dnt, parse_gpc, refusal_by
from consent_server.policy.service import ProviderTerms, Terms
from consent_server.sites.service import SiteRules

# What a browser or a stranger may send, and whether it says "on".
DNT_HEADERS = {None: None, "": None, "1": "1", "0": "0", "1xyz": "1", "0!": "0", "2": None, " 1": None, "true": None}
GPC_HEADERS = {None: None, "": None, "1": "1", "0": None, "1, 1": "1", "0,1": "1", "true": None, "11": None}

PROVIDERS = {
    "counter": ProviderTerms("analytics", False, (), None),
    "measurer": ProviderTerms("analytics", True, (), None),
    "mailer": ProviderTerms("marketing", False, (), None),
    "adserver": ProviderTerms("marketing", True, (), None),
}
TERMS = Terms(1, 1, "ab" * 32, 1, ("analytics", "marketing"), frozenset(), PROVIDERS, {})


@pytest.mark.parametrize(("header", "expected"), DNT_HEADERS.items())
def test_dnt_header(header, expected):
    assert parse_dnt(header) == expected


@pytest.mark.parametrize(("header", "expected"), GPC_HEADERS.items())
def test_gpc_header(header, expected):
    assert parse_gpc(header) == expected


@pytest.mark.parametrize(("header", "js", "on"), [(h, j, "1" in (h, j)) for h in (None, "0", "1") for j in (None, "0", "1")])  # fmt: skip # noqa: E501
def test_a_signal_is_on_if_either_says_so(header, js, on):
    assert Signal(header, js).on == on


def rules(dnt, gpc):
    return SiteRules("zoo", "Zoo", frozenset(), (), ("en",), "en", {}, dnt, gpc, "origin", 180, 730, 1)


def decision(allow, dnt, gpc):
    return {
        "event_id": uuid.UUID(int=0),
        "action": "custom",
        "choices": {"analytics": "analytics" in allow, "marketing": "marketing" in allow},
        "providers": {},
        "surface": "banner",
        "notice": "00" * 32,
        "decided_at": datetime(2026, 11, 22, tzinfo=UTC),
        "signals": {"dnt": dnt, "gpc": gpc},
        "page": None,
        "automated": None,
    }


def plain_words(allow, dnt_header, dnt_js, gpc_header, gpc_js, dnt_rule, gpc_rule):
    """Who may run in the end, and which signal was acted on, told without our code.

    A signal refuses by its rule, unless the page's script saw it too: then the choice was made knowing of it.
    """
    may = {key: provider.category in allow for key, provider in PROVIDERS.items()}
    gpc_reaches = {"record": (), "refuse-marketing": ("measurer", "mailer", "adserver"), "refuse-all": tuple(PROVIDERS)}
    # `measurer` sells though it counts; marketing is off as a whole.
    reached = {
        "dnt": tuple(PROVIDERS) if dnt_rule == "refuse" and (dnt_header == "1" or dnt_js == "1") else (),
        "gpc": gpc_reaches[gpc_rule] if gpc_header == "1" or gpc_js else (),
    }
    express = {"dnt": dnt_js == "1", "gpc": gpc_js}
    for signal, keys in reached.items():
        if not express[signal]:
            may |= dict.fromkeys(keys, False)
    acted_on = {signal: bool(keys) and not any(may[key] for key in keys) for signal, keys in reached.items()}
    return may, acted_on


def everything_that_can_be_sent():
    return product(
        ((), ("analytics",), ("marketing",), ("analytics", "marketing")),
        DNT_HEADERS,
        (None, "0", "1"),
        GPC_HEADERS,
        (False, True),
        ("record", "refuse"),
        ("record", "refuse-marketing", "refuse-all"),
    )


def test_every_header_script_and_rule():
    now = datetime(2026, 11, 22, tzinfo=UTC)
    for case in everything_that_can_be_sent():
        allow, dnt_header, dnt_js, gpc_header, gpc_js, dnt_rule, gpc_rule = case
        sender = Sender("https://www.zoo.example", "", dnt_header, gpc_header, None)
        event = build_event(decision(allow, dnt_js, gpc_js), sender, rules(dnt_rule, gpc_rule), TERMS, now)
        dnt, gpc = DNT_HEADERS[dnt_header], GPC_HEADERS[gpc_header]
        may, acted_on = plain_words(allow, dnt, dnt_js, gpc, gpc_js, dnt_rule, gpc_rule)
        categories, exceptions = event.row["choices"], event.row["providers"]
        effect = {key: exceptions.get(key, categories[provider.category]) for key, provider in PROVIDERS.items()}
        assert effect == may, case
        recorded = [event.row[f"{name}_{part}"] for name in ("dnt", "gpc") for part in ("header", "js", "acted_on")]
        assert recorded == [dnt, dnt_js, acted_on["dnt"], gpc == "1", gpc_js, acted_on["gpc"]], case


@pytest.mark.parametrize("gpc_rule", ["record", "refuse-marketing", "refuse-all"])
def test_under_the_rule_record_do_not_track_changes_nothing(gpc_rule):
    for dnt, gpc in product((Signal(None, None), Signal("1", None), Signal("1", "1")), repeat=2):
        with_dnt = refusal_by(dnt, gpc, dnt_rule="record", gpc_rule=gpc_rule)
        assert with_dnt == refusal_by(Signal(None, None), gpc, dnt_rule="record", gpc_rule=gpc_rule)
        assert not with_dnt[0]


def test_what_is_allowed_alone_in_marketing_is_off_with_it():
    """As the page does it (`widget/src/choice.js`): the signal turns off all of marketing, sellers or not."""
    allowed = Choice({"analytics": False, "marketing": False}, {"mailer": True, "counter": True})
    assert refuse(allowed, Refusal(sellers=True), PROVIDERS) == Choice(allowed.categories, {"counter": True})
