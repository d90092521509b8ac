"""What programs read of the published: configuration, notices, policy documents."""

from flask import Response, get_template_attribute, json, request
from flask_smorest import Blueprint

from consent_server.errors import NotFound, problems
from consent_server.policy import changes, markup, notices, service
from consent_server.policy.glance import language_of
from consent_server.policy.pages import by_category
from consent_server.security import allow_everyone
from consent_server.texts import direction, has_pages, nearest, texts_in
from consent_server.visitor_page import frame

blueprint = Blueprint("policy", __name__, url_prefix="/v1/sites/<site>", description="What is published.")

FRESH = "public, max-age=60, stale-while-revalidate=86400, stale-if-error=604800"
IMMUTABLE = "public, max-age=31536000, immutable"


@blueprint.route("/config")
@blueprint.doc(responses={"200": {"description": "The configuration"}, **problems(404)})
def config(site: str) -> Response:
    """The site's current policy: its categories, providers with their trackers, and notices"""
    published = service.published(site)
    terms = published.terms
    body = {
        "site": site,
        "policy": {"number": terms.number, "sha256": terms.sha256},
        "epoch": terms.epoch,
        "categories": [{"key": c["key"], "required": c["required"]} for c in terms.document["categories"]],
        "providers": [
            {
                **{name: provider[name] for name in ("key", "name", "category", "sells_or_shares", "hosts")},
                "trackers": [{name: tracker[name] for name in ("kind", "name", "host")}
                             for tracker in provider["trackers"]],
            }
            for provider in terms.document["providers"]
        ],
        "notices": published.notices,
    }  # fmt: skip
    return _fresh(body)


@blueprint.route("/notices/<sha256>")
@blueprint.doc(responses={"200": {"description": "The notice"}, **problems(404)})
def notice(site: str, sha256: str) -> Response:
    """A notice, byte for byte what its SHA-256 is of"""
    return _document(service.find_notice(site, _hash(sha256)), sha256)


@blueprint.route("/notices/<sha256>/<language>")
@blueprint.doc(responses={"200": {"description": "The notice and its SHA-256"}, **problems(404)})
def nearest_notice(site: str, sha256: str, language: str) -> Response:
    """The notice that goes with another, in the locale nearest to a language"""
    found, document = notices.nearest_notice(site, _hash(sha256).hex(), language[:35])
    return _document(b'{"notice":%b,"sha256":"%b"}' % (document, found.encode()), found)


@blueprint.route("/changes/<int:since>/<language>")
@blueprint.doc(responses={"200": {"description": "Sentences, and the words around them"}, **problems(404)})
def changes_since(site: str, since: int, language: str) -> Response:
    """What material versions have changed since one, at a glance, in the locale nearest to a language"""
    rules = service.published(site).rules
    locale = nearest(language[:35], rules.locales) or rules.default_locale
    spoken = language_of(locale, rules.default_locale)
    news = changes.news(site, since, locale)
    words = texts_in(spoken)["changes"]
    body = {
        "lang": spoken,
        "dir": direction(spoken),
        "number": news.number,
        "sentences": news.sentences,
        **{name: words[name] for name in ("line", "again", "dismiss", "more")},
        "href": f"/{site}/policy/{news.since}..{news.number}",
    }
    return _fresh(body)


@blueprint.route("/providers/<language>")
@blueprint.doc(responses={"200": {"description": "The list's markup by category, as nested lists"}, **problems(404)})
def provider_list(site: str, language: str) -> Response:
    """The provider list as its page shows it, for `<visitor-providers>` inside any page"""
    document = service.published(site).terms.document
    page = frame(document, {"lang": nearest(language[:35], filter(has_pages, document["locales"]))})
    write = get_template_attribute("policy/_providers.html", "provider_list")
    body = {
        "lang": page.locale,
        "dir": direction(page.locale),
        "categories": {
            group[0]["key"]: markup.read(write([group], 2, page, page.texts, page.localise))
            for group in by_category(document, page)
        },
    }
    return _fresh(body)


@blueprint.route("/policies/<int:number>")
@blueprint.doc(responses={"200": {"description": "The document"}, **problems(404)})
def policy_document(site: str, number: int) -> Response:
    """A policy version's document, byte for byte what its SHA-256 is of"""
    version = service.find_version(site, number)
    return _document(version.document, version.sha256.hex())


def _hash(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 32 or found.hex() != text:
        raise NotFound("There is no such document.")
    return found


def _fresh(body: object) -> Response:
    response = Response(json.dumps(body), content_type="application/json")
    response.headers["Cache-Control"] = FRESH
    response.add_etag()
    response.make_conditional(request)
    return allow_everyone(response)


def _document(document: bytes, sha256: str) -> Response:
    response = Response(document, content_type="application/json")
    response.headers["Cache-Control"] = IMMUTABLE
    response.set_etag(sha256)
    response.make_conditional(request)
    return allow_everyone(response)
