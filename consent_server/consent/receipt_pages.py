"""`/{site}/choices/receipts/…`: a visitor's receipts, for people."""

import uuid
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for

from consent_server.consent import exchange, proofs, service
from consent_server.consent.models import ConsentEvent
from consent_server.consent.pack import find_pack, write_pack
from consent_server.consent.pages import keep_private
from consent_server.consent.shown import line_above
from consent_server.errors import NotFound
from consent_server.policy import service as policy
from consent_server.visitor_page import Frame, PageQuery, frame, render

blueprint = Blueprint("receipt-pages", __name__)
blueprint.after_request(keep_private)
query = PageQuery()


@blueprint.get("/<site>/choices/receipts/<uuid:event_id>")
def page(site: str, event_id: uuid.UUID) -> Response:
    """One decision: what was decided under which text, its place in the log, and how to verify that"""
    here = frame(policy.published(site).terms.document, query.load(request.args))
    event = proofs.find_event(site, event_id, exchange.visitor())
    document = policy.terms_of_version(site, event.policy).document
    receipt = proofs.find_receipt(event)
    return render(
        "consent/receipt.html",
        here,
        event=event,
        receipt=receipt,
        notice=proofs.notice_of(receipt) if receipt else None,
        line=line_above(event, document["rules"]),
        categories=_categories(event, document, here),
        exceptions=[
            {**provider, "on": event.providers[provider["key"]]}
            for provider in document["providers"]
            if provider["key"] in event.providers
        ],
        address=url_for("receipts.receipt", site=site, event_id=event_id),
    )


@blueprint.get("/<site>/choices/receipts.zip")
def pack(site: str) -> Response:
    """All receipts of this visitor, with texts and verifier, as a zip file"""
    visitor = exchange.visitor()
    if visitor is None or not service.proves(visitor):
        raise NotFound("We have no record of a choice from this browser.")
    found = find_pack([site], visitor.id)
    response = Response(_each_by_itself(write_pack(found)), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{site}-receipts.zip"'
    return response


def _each_by_itself(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Each piece in an application context of its own, so that no transaction is open while a slow client reads."""
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]

    def sent() -> Iterator[bytes]:
        while True:
            with app.app_context():
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    return sent()


def _categories(event: ConsentEvent, document: dict[str, Any], here: Frame) -> list[dict[str, Any]]:
    """The optional categories of then, as their notice names them, and what was decided of each."""
    return [
        {**here.category(category), "on": event.choices.get(category["key"], False)}
        for category in document["categories"]
        if not category["required"]
    ]
