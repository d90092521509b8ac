"""What programs read of the published: configuration, notices, policy documents."""

from flask import Response, json, request
from flask_smorest import Blueprint

from consent_server.errors import NotFound, problems
from consent_server.policy import service
from consent_server.security import allow_everyone

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
    response = Response(json.dumps(body), content_type="application/json")
    response.headers["Cache-Control"] = FRESH
    response.add_etag()
    response.make_conditional(request)
    return allow_everyone(response)


@blueprint.route("/notices/<sha256>")
@blueprint.doc(responses={"200": {"description": "The notice"}, **problems(404)})
def notice(site: str, sha256: str) -> Response:
    """A notice, byte for byte what its SHA-256 is of"""
    return _document(service.find_notice(site, _hash(sha256)), sha256)


@blueprint.route("/notices/<sha256>/<language>")
@blueprint.doc(responses={"200": {"description": "The notice and its SHA-256"}, **problems(404)})
def nearest_notice(site: str, sha256: str, language: str) -> Response:
    """The notice that goes with another, in the locale nearest to a language"""
    found, document = service.nearest_notice(site, _hash(sha256).hex(), language[:35])
    return _document(b'{"notice":%b,"sha256":"%b"}' % (document, found.encode()), found)


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


def _document(document: bytes, sha256: str) -> Response:
    response = Response(document, content_type="application/json")
    response.headers["Cache-Control"] = IMMUTABLE
    response.set_etag(sha256)
    response.make_conditional(request)
    return allow_everyone(response)
