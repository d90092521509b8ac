"""What the site says of itself to browsers: its Do Not Track status and its Global Privacy Control statement."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, json

from consent_server.errors import NotFound
from consent_server.policy import service
from consent_server.security import allow_everyone
from consent_server.sites import service as sites

blueprint = Blueprint("wellknown", __name__)

# W3C TPE §6.2.1. `D`: Do Not Track is disregarded, as the policy says, and has to say.
# Under `refuse` one answer still stands for all visitors: `N` would be false for those who allowed something in spite
# of their signal, `C` for those who did not, `P` would promise what other hosts' logs may not keep, `?` needs `Tk` on
# each of their answers. `T`, "might track", overclaims nothing; policy and config say the rest.
TRACKING = {"record": "D", "refuse": "T"}


@blueprint.get("/.well-known/dnt/")
def default_dnt() -> Response:
    """The tracking status of the consent host's default site."""
    return dnt(_default_site())


@blueprint.get("/<site>/dnt")
def dnt(site: str) -> Response:
    """A site's tracking status (W3C TPE §6.3), for its own hosts to redirect to."""
    rules = service.published(site).rules
    public_url = current_app.config["SETTINGS"].public_url
    row = sites.find(site)
    origins = row.origins if row else []
    body = {
        "tracking": TRACKING[rules.dnt],
        "controller": [f"{origin}/" for origin in origins[:1]],
        "same-party": list(dict.fromkeys(urlsplit(url).hostname for url in [*origins, public_url])),
        "policy": f"{public_url}/{site}/policy",
        "config": f"{public_url}/{site}/choices",
    }
    return _statement(json.dumps(body), "application/tracking-status+json")


@blueprint.get("/.well-known/gpc.json")
def default_gpc() -> Response:
    """The Global Privacy Control statement of the consent host's default site."""
    return gpc(_default_site())


@blueprint.get("/<site>/gpc.json")
def gpc(site: str) -> Response:
    """Whether a site abides by Global Privacy Control (GPC §4), and since when it says so."""
    current = service.published(site).terms
    rule = current.document["rules"]["gpc"]
    number = current.number
    while number > 1 and service.terms_of_version(site, number - 1).document["rules"]["gpc"] == rule:
        number -= 1
    since = service.find_version(site, number).published_at
    body = {"gpc": rule != "record", "lastUpdate": since.date().isoformat()}
    return _statement(json.dumps(body), "application/json")


def _default_site() -> str:
    keys = sites.all_keys()
    if not keys:
        raise NotFound("No site has been imported yet.")
    return keys[0]


def _statement(body: str, content_type: str) -> Response:
    """Sets no cookie, and may be kept for a day: whoever is to allow more tracking has to say so a day before."""
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = "public, max-age=86400"
    return allow_everyone(response)
