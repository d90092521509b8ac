"""What people read of how a policy changed: two versions compared, all versions, texts from before, and the feed."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from consent_server.errors import NotFound
from consent_server.policy import archive, markdown, service, versions
from consent_server.policy.detail import Details
from consent_server.policy.diff import compare
from consent_server.policy.document import public
from consent_server.policy.feed import Feed, Item, write_feed
from consent_server.policy.glance import describe, language_of
from consent_server.policy.models import PolicyVersion
from consent_server.security import allow_everyone
from consent_server.visitor_page import Frame, PageQuery, cache_for_a_minute, frame, render

blueprint = Blueprint("policy-changes", __name__)

PAGE_LENGTH = 20
NUMBER = validate.Range(1, versions.MAX_NUMBER - 1)


class HistoryQuery(PageQuery):
    """`below`: only versions with a lower number."""

    below = fields.Integer(load_default=versions.MAX_NUMBER - 1, validate=NUMBER)


class PairQuery(PageQuery):
    """The form that asks for two versions."""

    first = fields.Integer(required=True, data_key="from", validate=NUMBER)
    second = fields.Integer(required=True, data_key="to", validate=NUMBER)


query, history_query, pair_query = PageQuery(), HistoryQuery(), PairQuery()


def _frame(site: str, schema: PageQuery = query) -> tuple[Frame, dict[str, Any]]:
    """The page's frame, and what its address asks for; a site that is not there comes before what is asked of it."""
    document = service.published(site).terms.document
    asked: dict[str, Any] = schema.load(request.args)
    return frame(document, asked), asked


@blueprint.get("/<site>/policy/<int:first>..<int:second>")
def comparison(site: str, first: int, second: int) -> ResponseReturnValue:
    """Any two versions compared: sentences first, then field by field."""
    page, _ = _frame(site)
    ends = [service.find_version(site, number) for number in (first, second)]
    if first > second:
        return redirect(page.link("policy-changes.comparison", first=second, second=first), 308)
    before, after = (public(version.content) for version in ends)
    changes = compare(before, after)
    response = render(
        "policy/comparison.html",
        page,
        ends=ends,
        sentences=describe(changes, before, after, page.locale),
        parts=Details(before, after, page.texts, page.locale).parts(changes),
    )
    return cache_for_a_minute(response)


@blueprint.get("/<site>/policy/compare")
def compare_any(site: str) -> ResponseReturnValue:
    """Sends the form's two versions to the address of their comparison."""
    page, asked = _frame(site, pair_query)
    first, second = sorted((asked["first"], asked["second"]))
    return redirect(page.link("policy-changes.comparison", first=first, second=second), 303)


@blueprint.get("/<site>/policy/history")
def history(site: str) -> Response:
    """All versions, the latest first, with what each has changed; and texts from before."""
    page, asked = _frame(site, history_query)
    current = service.published(site).terms.number
    found = versions.below(site, asked["below"], PAGE_LENGTH + 1)
    steps = [(step, _sentences(page, step)) for step in found[:PAGE_LENGTH]]
    if not steps:
        raise NotFound("There are no earlier versions.")
    response = render(
        "policy/history.html",
        page,
        steps=steps,
        current=current,
        older=len(found) > PAGE_LENGTH,
        newer=steps[0][0].version.number < current,
        archived=archive.archived(site),
        day_of=archive.day_of,
    )
    return cache_for_a_minute(response)


def _sentences(page: Frame, step: versions.Step) -> list[str]:
    return describe(step.changes, step.before, step.after, page.locale) if step.version.number > 1 else []


@blueprint.get("/<site>/policy/archived/<day>")
def archived_text(site: str, day: str) -> Response:
    """A text of the policy from before its first version."""
    page, _ = _frame(site)
    found = archive.find_archived(site, day)
    response = render(
        "policy/archived.html",
        page,
        archived=found,
        date=archive.day_of(found),
        text=markdown.render(found.text),
        text_marks=page.marks(found.locale),
    )
    return cache_for_a_minute(response)


@blueprint.get("/<site>/policy/feed.xml")
def feed(site: str) -> Response:
    """The latest material changes, as an Atom feed in the page's language."""
    page, _ = _frame(site)
    words = page.texts["history_page"]
    steps = versions.material(site, PAGE_LENGTH)
    first = service.find_version(site, 1)
    written = write_feed(
        Feed(
            address=_whole(page.link("policy-changes.feed")),
            page=_whole(page.link("policy-pages.policy")),
            title=words["feed_title"].format(site=page.name),
            author=page.name,
            language=language_of(page.locale, page.default_locale),
            moment=steps[0].version.published_at if steps else first.published_at,
        ),
        [_item(page, step.version, words, _sentences(page, step)) for step in steps],
    )
    response = Response(written, content_type="application/atom+xml; charset=utf-8")
    response.headers["Content-Language"] = page.locale
    response.headers.add("Vary", "Accept-Language")
    return allow_everyone(cache_for_a_minute(response))


def _item(page: Frame, version: PolicyVersion, words: dict[str, Any], sentences: list[str]) -> Item:
    number = version.number
    return Item(
        # The same in every language: it is what a reader knows the entry by.
        address=_whole(f"/{page.site}/policy/{number}"),
        link=_whole(page.link("policy-changes.comparison", first=number - 1, second=number)),
        title=words["feed_entry"].format(number=number),
        moment=version.published_at,
        sentences=tuple(sentences),
    )


def _whole(path: str) -> str:
    return f"{current_app.config['SETTINGS'].public_url}{path}"
