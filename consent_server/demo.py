"""The demo page, in development only: a library association's site, our script, and three gated stand-ins."""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from consent_server.security import allow_everyone

FOLDER = Path(__file__).parent.parent / "examples" / "demo"
TRACKERS = {"functional": "sample_video_prefs", "analytics": "_ga", "marketing": "_sample_ads"}

blueprint = Blueprint(
    "demo",
    __name__,
    url_prefix="/demo",
    template_folder=str(FOLDER),
    static_folder=str(FOLDER),
    static_url_path="/files",
)


@blueprint.get("/")
def page() -> BaseResponse:
    """The page, under the strict policy that the embedding guide recommends."""
    settings = current_app.config["SETTINGS"]
    address = urlsplit(request.host_url)
    port = f":{address.port}" if address.port else ""
    if address.hostname in ("127.0.0.1", urlsplit(settings.public_url).hostname):
        return redirect(f"http://www.ala.localhost{port}/demo/")
    consent_host = settings.public_url
    nonce = secrets.token_urlsafe(16)
    html = render_template(
        "index.html",
        consent_host=consent_host,
        trackers_host=f"http://trackers.localhost{port}",
        trackers=list(TRACKERS),
        nonce=nonce,
        lang="es" if request.args.get("lang") == "es" else "en",
    )
    response = Response(html)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self'; "
        f"connect-src {consent_host}; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types visitor-choices"
    )
    return response


@blueprint.get("/trackers/<name>.js")
def tracker(name: str) -> Response:
    """A stand-in for a tracker: says that it ran, and leaves a cookie that a withdrawal has to clear."""
    if name not in TRACKERS:
        abort(404)
    script = (
        f'document.cookie = "{TRACKERS[name]}=1; path=/; max-age=86400";\n'
        f'document.documentElement.classList.add("ran-{name}");\n'
        'document.dispatchEvent(new Event("demo:ran"));\n'
    )
    return allow_everyone(Response(script, content_type="text/javascript; charset=utf-8"))
