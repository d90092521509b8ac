"""The frame around every staff page: navigation by role, and the line about the site's draft."""

from typing import Any

from flask import g, request, url_for

from consent_server.sites import service as sites
from consent_server.staff.places import Place, lines_of, places
from consent_server.staff.service import Account


def frame() -> dict[str, Any]:
    """`links`, `lines` and, where the account has several sites, the `site`'s name. For the page's site, or for the
    account's first one on a page of none."""
    own = own_sites()
    asked = (request.view_args or {}).get("site")
    key = asked if asked in own else next(iter(own), "")
    return {
        "site": site_name(key) if len(own) > 1 else None,
        "links": _with_current(links(key) + links(None)),
        "lines": lines_of(g.staff, key) if asked in own else [],
    }


def own_sites() -> list[str]:
    """Keys of the sites on which the account has a role."""
    account: Account = g.staff
    return sorted({site for site, _ in account.roles})


def site_name(key: str) -> str:
    site = sites.find(key)
    return site.name if site else key


def links(key: str | None) -> list[dict[str, str]]:
    """Where the account may go on one site; with none, the places that belong to no site."""
    return [
        {"name": place.name, "href": _address(place, key)}
        for place in places()
        if place.per_site == (key is not None) and _may_go(place, key)
    ]


def _address(place: Place, key: str | None) -> str:
    return url_for(place.endpoint, site=key) if key is not None else url_for(place.endpoint)


def _may_go(place: Place, key: str | None) -> bool:
    account: Account = g.staff
    held = account.roles_on(key) if key is not None else {role for _, role in account.roles}
    return not place.roles.isdisjoint(held)


def _with_current(found: list[dict[str, str]]) -> list[dict[str, str]]:
    """Marks the link that leads here (`page`), or to the room that this page is in (`true`)."""
    above = [link["href"] for link in found if request.path.startswith(link["href"])]
    nearest = max(above, key=len, default=None)
    # A site's overview lies above every other page of the site.
    if nearest == f"/staff/{(request.view_args or {}).get('site')}/" != request.path:
        nearest = None
    current = "page" if nearest == request.path else "true"
    return [{**link, "current": current if link["href"] == nearest else ""} for link in found]
