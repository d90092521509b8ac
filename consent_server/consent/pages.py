"""`/{site}/choices`: what a visitor has decided, and everything they can do about it."""

import uuid
from typing import Any

from flask import Blueprint, Response, json, request

from consent_server import clock
from consent_server.consent import cookies, erasure, service
from consent_server.consent.cookies import ChoicesCookie
from consent_server.consent.effect import Choice
from consent_server.consent.exchange import (
    check_decision_rate,
    cookie_domain,
    sender,
    set_cookies,
    visitor,
    write_choices_cookie,
)
from consent_server.consent.forms import ChoicesForm, ChoicesQuery, form_values
from consent_server.consent.leftovers import leftovers
from consent_server.consent.portable import portable
from consent_server.consent.signals import Signal, parse_dnt, parse_gpc
from consent_server.consent.standing import Standing, find_standing
from consent_server.errors import ClockSkew, Conflict, Erased, StaleNotice, Unavailable
from consent_server.extensions import db
from consent_server.policy import service as policy
from consent_server.policy.service import Published, Terms
from consent_server.security import require_same_origin
from consent_server.visitor_page import Frame, frame, render

blueprint = Blueprint("choices", __name__)
query = ChoicesQuery()
form = ChoicesForm()


@blueprint.after_request
def keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.get("/<site>/choices")
def page(site: str) -> Response:
    """The latest choice, and the form to change it."""
    published = policy.published(site)
    asked = query.load(request.args)
    here = frame(published.terms.document, asked)
    standing = _standing(published)
    return render(
        "consent/choices.html",
        here,
        done=asked["done"],
        history=asked["history"] == "show",
        standing=standing,
        signals=_signal_lines(published, here, standing),
        categories=_categories(published.terms, standing, here),
        event_id=clock.new_id(),
        notice=published.notices[here.notice_locale],
    )


@blueprint.post("/<site>/choices")
def decide(site: str) -> Response:
    """Records what the form says, and shows the page anew."""
    check_decision_rate()
    require_same_origin(origin_needed=True)
    published = policy.published(site)
    standing = _standing(published)
    sent = form.load(form_values(request.form))
    decision = _decision(published, standing, sent)
    # What was read so far is a snapshot, which would not show a decision that is recorded meanwhile.
    db.session.rollback()
    try:
        recorded = _record(site, decision)
    except StaleNotice:
        return _back(published, "stale")
    done = {"accept_all": "accepted", "reject_all": "rejected", "withdraw": "withdrawn"}
    response = _back(published, done.get(decision["action"], "saved"))
    set_cookies(response, site, recorded, write_choices=True)
    _expire_leftovers(response, published, recorded.choice)
    return response


@blueprint.get("/<site>/choices.json")
def download(site: str) -> Response:
    """Everything recorded about this visitor, as a file."""
    body = portable(site, _standing(policy.published(site)))
    response = Response(json.dumps(body, indent=2), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{site}-choices.json"'
    return response


@blueprint.post("/<site>/choices/forget")
def forget(site: str) -> Response:
    """Takes the choice and the consent ID out of this browser; the record stays."""
    require_same_origin(origin_needed=True)
    response = _back(policy.published(site), "forgotten")
    response.headers.add("Set-Cookie", cookies.forget_visitor())
    domain = cookie_domain(site)
    if domain is not None:
        response.headers.add("Set-Cookie", cookies.expire(cookies.CHOICES, domain))
    return response


@blueprint.get("/<site>/choices/erase")
def confirm_erasure(site: str) -> Response:
    """Says what an erasure does before it is done."""
    published = policy.published(site)
    here = frame(published.terms.document, query.load(request.args))
    return render("consent/erase.html", here, standing=_standing(published))


@blueprint.post("/<site>/choices/erase")
def erase(site: str) -> Response:
    """Turns everything optional off, then erases the visitor's record."""
    check_decision_rate()
    require_same_origin(origin_needed=True)
    published = policy.published(site)
    terms, standing = published.terms, _standing(published)
    proven = visitor()
    if proven is None or not standing.recorded:
        return _back(published, None)
    nothing = Choice(dict.fromkeys(terms.categories, False), {})
    response = _back(published, "erased")
    refusal = ChoicesCookie(terms.number, terms.epoch, clock.now().date(), "withdraw", nothing, under_gpc=False)
    write_choices_cookie(response, site, refusal)
    _expire_leftovers(response, published, nothing)
    response.headers.add("Set-Cookie", cookies.forget_visitor())
    if standing.choice.grants:
        response.headers["Tk"] = "U"
    # What was read so far must not hold the transaction that erases.
    db.session.rollback()
    erasure.erase(proven)
    return response


def _header_signals() -> tuple[Signal, Signal]:
    """Do Not Track and Global Privacy Control as this request carries them."""
    dnt, gpc = parse_dnt(request.headers.get("DNT")), parse_gpc(request.headers.get("Sec-GPC"))
    return Signal(dnt, None), Signal(gpc, None)


def _standing(published: Published) -> Standing:
    return find_standing(published, visitor(), *_header_signals())


def _signal_lines(published: Published, here: Frame, standing: Standing) -> list[tuple[str, str]]:
    """For each signal that is on, its key and what the page says about it."""
    dnt, gpc = _header_signals()
    rules, banner, words = published.rules, here.texts["banner"], here.texts["choices_page"]
    by_rule = {"refuse-marketing": banner["gpc"], "refuse-all": banner["gpc_refuse_all"], "record": words["gpc_record"]}
    about_dnt = banner["dnt_refuse" if rules.dnt == "refuse" else "dnt"]
    lines = [
        (gpc, "gpc", "Global Privacy Control", by_rule[rules.gpc]),
        (dnt, "dnt", "Do Not Track", about_dnt),
    ]
    return [
        (key, words["express"].format(signal=name) if key in standing.express else line)
        for signal, key, name, line in lines
        if signal.on
    ]


def _categories(terms: Terms, standing: Standing, here: Frame) -> list[dict[str, Any]]:
    """The categories with what stands of each, and the single providers that differ from theirs."""
    return [
        {
            **here.category(category),
            "on": category["required"] or standing.choice.categories.get(category["key"], False),
            "exceptions": [
                {**provider, "on": standing.choice.providers[provider["key"]]}
                for provider in terms.document["providers"]
                if provider["category"] == category["key"] and provider["key"] in standing.choice.providers
            ],
        }
        for category in terms.document["categories"]
    ]


def _decision(published: Published, standing: Standing, sent: dict[str, Any]) -> dict[str, Any]:
    """The form as a decision (`DecisionSchema`), about the categories of the text that was shown."""
    shown = policy.terms_of_notice(published.rules.key, sent["notice"]) or published.terms
    action = sent["decision"]
    choices = dict.fromkeys(shown.categories, action == "accept_all")
    providers: dict[str, bool] = {}
    if action == "save":
        choices = {name: name in sent["allow"] for name in shown.categories} | dict.fromkeys(sent["allow"], True)
        providers = {key: key in sent["allow_provider"] for key in sent["provider"]}
        granted = any(choices.values()) or any(providers.values())
        action = "withdraw" if standing.granted and not granted else "custom"
    dnt, gpc = _header_signals()
    return {
        "event_id": sent["event_id"],
        "action": action,
        "choices": choices,
        "providers": providers,
        "surface": "page",
        "notice": sent["notice"],
        "decided_at": None,
        # The page is its own script: it saw a signal if it said so.
        "signals": {"dnt": dnt.header if "dnt" in sent["said"] else None, "gpc": gpc.on and "gpc" in sent["said"]},
        "page": None,
        "automated": None,
    }


def _record(site: str, decision: dict[str, Any]) -> service.Recorded:
    """Records the decision under the form's own event id, so that a form sent twice is one row; under a new one where
    that has grown old, was used for another decision, or its answer, and the visitor's cookie in it, never arrived."""
    sent_by = sender(request.host_url.rstrip("/"))
    for event_id in (decision["event_id"], clock.new_id(), clock.new_id()):
        try:
            recorded = service.record(site, {**decision, "event_id": event_id}, sent_by)
        except (ClockSkew, Conflict, Erased):
            continue
        if recorded.fresh or _is_own(site, event_id):
            return recorded
    raise Unavailable("The choice could not be recorded.")


def _is_own(site: str, event_id: uuid.UUID) -> bool:
    proven = visitor()
    return proven is not None and any(event.event_id == event_id for event in service.history(site, proven))


def _expire_leftovers(response: Response, published: Published, choice: Choice) -> None:
    """Removes the cookies of providers that are not allowed, as far as they came with the request."""
    domain = cookie_domain(published.rules.key)
    if domain is not None:
        names = leftovers(published.terms.document, choice, published.rules.cookie_domains, request.cookies)
        for name in names:
            response.headers.add("Set-Cookie", cookies.expire(name, domain))


def _back(published: Published, done: str | None) -> Response:
    """To the page, which says what was done, in the language it was in."""
    here = frame(published.terms.document, query.load(request.args))
    return Response(status=303, headers={"Location": here.link("choices.page", done=done)})
