"""What people read of the published: the provider list, and the policy with its versions."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, json, request

from consent_server import clock
from consent_server.policy import markdown, service
from consent_server.policy.document import split_at_providers
from consent_server.policy.models import PolicyVersion
from consent_server.security import allow_everyone
from consent_server.visitor_page import Frame, PageQuery, cache_for_a_minute, frame, render

blueprint = Blueprint("policy-pages", __name__)
query = PageQuery()

# A spreadsheet would run a cell that begins with one of these as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "site key category provider legal_name role country purpose legal_basis data retention transfers safeguard "
    "privacy_url opt_out_url sells_or_shares held sample tracker_kind tracker tracker_host tracker_lifetime "
    "tracker_purpose"
).split()


@blueprint.get("/<site>/providers")
def providers(site: str) -> Response:
    """Everyone who may receive data, by category."""
    terms = service.published(site).terms
    version = service.find_version(site, terms.number)
    page = frame(terms.document, query.load(request.args))
    response = render("policy/providers.html", page, version=version, groups=by_category(terms.document, page))
    return cache_for_a_minute(response)


@blueprint.get("/<site>/providers.json")
def providers_json(site: str) -> Response:
    """The same for programs; texts in all their languages."""
    terms = service.published(site).terms
    version = service.find_version(site, terms.number)
    body = {
        "site": site,
        "policy": {
            "number": terms.number,
            "sha256": terms.sha256,
            "published_at": clock.to_rfc3339(version.published_at),
        },
        "categories": terms.document["categories"],
        "providers": terms.document["providers"],
    }
    response = Response(json.dumps(body), content_type="application/json")
    return allow_everyone(cache_for_a_minute(response))


@blueprint.get("/<site>/providers.csv")
def providers_csv(site: str) -> Response:
    """The same as a spreadsheet: one line for each tracker, one for a provider without any."""
    document = service.published(site).terms.document
    page = frame(document, query.load(request.args))
    file = io.StringIO()
    # Without a byte order mark, spreadsheet programs take the file for another encoding.
    file.write("\ufeff")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([_safe_cell(cell) for cell in row] for row in _rows(document, page))
    response = Response(file.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{site}-providers.csv"'
    response.headers.add("Vary", "Accept-Language")
    return allow_everyone(cache_for_a_minute(response))


def _safe_cell(cell: str) -> str:
    return "'" + cell if cell.startswith(FORMULA) else cell


def _rows(document: dict[str, Any], page: Frame) -> Iterator[list[str]]:
    for provider in document["providers"]:
        row = [
            document["site"],
            provider["key"],
            provider["category"],
            provider["name"],
            *(provider.get(name, "") for name in ("legal_name", "role", "country")),
            page.localised(provider.get("purpose"))[0],
            provider.get("legal_basis", ""),
            *(page.localised(provider.get(name))[0] for name in ("data", "retention", "transfers", "safeguard")),
            *(provider.get(name, "") for name in ("privacy_url", "opt_out_url")),
            *("yes" if provider.get(name) else "no" for name in ("sells_or_shares", "held", "sample")),
        ]
        for tracker in provider["trackers"]:
            texts = (page.localised(tracker.get(name))[0] for name in ("lifetime", "purpose"))
            yield [*row, tracker["kind"], tracker["name"], tracker["host"], *texts]
        if not provider["trackers"]:
            yield [*row, *[""] * 5]


def by_category(document: dict[str, Any], page: Frame) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each category with its providers, in the document's order."""
    return [
        (page.category(category), [p for p in document["providers"] if p["category"] == category["key"]])
        for category in document["categories"]
    ]


@blueprint.get("/<site>/policy")
def policy(site: str) -> Response:
    """The policy in force."""
    terms = service.published(site).terms
    return _policy_page(terms.document, service.find_version(site, terms.number), permanent=False)


@blueprint.get("/<site>/policy/<int:number>")
def version(site: str, number: int) -> Response:
    """One version of the policy, at its permanent address."""
    found = service.find_version(site, number)
    return _policy_page(service.terms_of_version(site, number).document, found, permanent=True)


def _policy_page(document: dict[str, Any], version: PolicyVersion, *, permanent: bool) -> Response:
    page = frame(document, query.load(request.args))
    text, language = page.localised(document["policy"])
    before, after = split_at_providers(text)
    # The ids of the provider list are part of its public address; headings of the text step aside.
    taken = tuple(category["key"] for category in document["categories"])
    first = markdown.render(before, taken)
    second = markdown.render(after, (*taken, *markdown.ids(first))) if after is not None else None
    current = service.published(version.site).terms.number
    response = render(
        "policy/policy.html",
        page,
        version=version,
        replaced_by=service.find_version(version.site, version.number + 1) if version.number < current else None,
        permanent=permanent,
        first=first,
        second=second,
        text_marks=page.marks(language),
        groups=by_category(document, page),
    )
    return cache_for_a_minute(response)
