"""The script's addresses."""

from flask import Response, request
from flask_smorest import Blueprint

from consent_server.embed import service
from consent_server.embed.builds import Build
from consent_server.embed.trial_pages import running_trial
from consent_server.errors import problems
from consent_server.security import allow_everyone

blueprint = Blueprint("embed", __name__, description="The banner's script.")

FRESH = "public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800"
SCRIPT = {"200": {"description": "The script", "content": {"text/javascript": {}}}, **problems(404)}
IMMUTABLE = "public, max-age=31536000, immutable"


@blueprint.route("/<site>/choices.js")
@blueprint.doc(responses=SCRIPT)
def choices(site: str) -> Response:
    """The script: code, current policy and the default locale's notice, in one file"""
    return running_trial(site) or _serve(service.script(site), FRESH)


@blueprint.route("/<site>/choices.<short_hash>.js")
@blueprint.doc(responses=SCRIPT)
def pinned_choices(site: str, short_hash: str) -> Response:
    """The same at an immutable address, for Subresource Integrity"""
    return _serve(service.pinned_script(site, short_hash), IMMUTABLE)


@blueprint.route("/embed/<name>.<short_hash>.js")
@blueprint.doc(responses=SCRIPT)
def part(name: str, short_hash: str) -> Response:
    """A part the script loads on demand"""
    return _serve(service.part(name, short_hash), IMMUTABLE)


def _serve(build: Build, cache: str) -> Response:
    """A file in the encoding the client takes, or 304. The encodings were made beforehand."""
    accepted = request.accept_encodings
    encoding = "br" if accepted["br"] > 0 else "gzip" if accepted["gzip"] > 0 else "identity"
    etag = f"{build.hash}-{encoding}"
    if etag in request.if_none_match:
        response = Response(status=304)
    else:
        content = {"br": build.brotli, "gzip": build.gzip, "identity": build.content}[encoding]
        response = Response(content, content_type="text/javascript; charset=utf-8")
        if encoding != "identity":
            response.headers["Content-Encoding"] = encoding
    response.set_etag(etag)
    response.headers["Cache-Control"] = cache
    response.headers["Vary"] = "Accept-Encoding"
    return allow_everyone(response)
