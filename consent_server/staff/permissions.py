"""Who may see a page or call the API."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from consent_server.errors import Forbidden, Unauthorized
from consent_server.extensions import db
from consent_server.sites import service as sites
from consent_server.staff import sessions, tokens

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


def require_sign_in(view: View[P]) -> View[P]:
    """A page for whoever is signed in (`g.staff`); others are sent to sign in first, and then back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if sessions.present() is None:
            back = request.full_path.removesuffix("?") if request.method == "GET" else None
            return redirect(url_for("staff.sign_in", next=back), 303)
        return view(*args, **kwargs)

    return guarded


def require_role(role: str) -> Callable[[View[P]], View[P]]:
    """A page for whoever has the role on some site; on which, `g.staff` knows, and the view must ask."""

    def decorate(view: View[P]) -> View[P]:
        @require_sign_in
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not g.staff.sites_as(role):
                raise Forbidden(f"This page is for people with the role {role}. Your account does not have it.")
            return view(*args, **kwargs)

        return guarded

    return decorate


def require_site_role(*roles: str) -> Callable[[View[P]], View[P]]:
    """A page under `/staff/<site>/…` for whoever has one of the roles on that very site. 404 for an unknown site."""

    def decorate(view: View[P]) -> View[P]:
        @require_sign_in
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            site = str(kwargs["site"])
            held = g.staff.roles_on(site)
            if not held:
                # Raises NotFound where there is no such site.
                sites.revision(site)
                db.session.rollback()
            if held.isdisjoint(roles):
                raise Forbidden(f"This page is for people with the role {' or '.join(roles)} on this site.")
            return view(*args, **kwargs)

        return guarded

    return decorate


def present_bearer() -> tokens.Bearer | None:
    """What the request's bearer token opens at present (RFC 6750); none without a token that is known and valid."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return tokens.find(token.strip()) if scheme.lower() == "bearer" else None


def require_scope(*scopes: str) -> Callable[[View[P]], View[P]]:
    """An API call that needs a bearer token with one of these scopes at present (RFC 6750); it becomes `g.bearer`.

    Where the address names a site, it must be the token's: whether there is another one is nobody's business.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            bearer = present_bearer()
            db.session.rollback()
            if bearer is None:
                raise Unauthorized("A bearer token is needed that is known here and has not expired.")
            if bearer.scopes.isdisjoint(scopes):
                wanted = " or ".join(scopes)
                raise Forbidden(f"This needs a token with the scope {wanted}, and an owner who still has its role.")
            if kwargs.get("site", bearer.site) != bearer.site:
                raise Forbidden(f"This token is for the site {bearer.site} only.")
            g.bearer = bearer
            return view(*args, **kwargs)

        return guarded

    return decorate
