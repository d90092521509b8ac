"""What the API and the page "Your choices" share: who sends, how often, and which cookies the answer writes."""

from flask import Response, current_app, request

from consent_server.consent import cookies, service
from consent_server.consent.event import Sender
from consent_server.policy import service as policy
from consent_server.rates import check_rate


def check_decision_rate() -> None:
    """Raises TooManyRequests where this client decides more often than the setting allows."""
    check_rate("decide", current_app.config["SETTINGS"].consent_rate)


def sender(origin: str) -> Sender:
    """What the present request says of its sender."""
    return Sender(
        origin=origin,
        user_agent=request.headers.get("User-Agent", ""),
        dnt=request.headers.get("DNT"),
        gpc=request.headers.get("Sec-GPC"),
        visitor=visitor(),
    )


def visitor() -> cookies.VisitorCookie | None:
    """The visitor's cookie, as the present request carries it; nothing is proven yet."""
    return cookies.read_visitor(request.cookies.getlist(cookies.VISITOR))


def cookie_domain(site: str) -> str | None:
    """The site's cookie domain that this host may set cookies for."""
    return policy.remembered(site).rules.cookie_domain(request.host.rsplit(":", 1)[0])


def set_cookies(response: Response, site: str, recorded: service.Recorded, *, write_choices: bool) -> None:
    """Writes the two cookies, and `Tk: U` where what is allowed has changed (W3C TPE §6.2). Only for an answer that
    inserted a row."""
    if recorded.changed:
        response.headers["Tk"] = "U"
    if recorded.visitor is None or recorded.cookie is None:
        return
    days = policy.remembered(site).rules.choice_ttl_days
    response.headers.add("Set-Cookie", cookies.set_visitor(recorded.visitor, days=days))
    if write_choices:
        write_choices_cookie(response, site, recorded.cookie)


def write_choices_cookie(response: Response, site: str, cookie: cookies.ChoicesCookie) -> None:
    """Writes the readable cookie, where this host lies under a cookie domain of the site."""
    domain = cookie_domain(site)
    if domain is not None:
        days = policy.remembered(site).rules.choice_ttl_days
        value = cookies.set_choices(cookie, domain=domain, days=days, secure=request.is_secure)
        response.headers.add("Set-Cookie", value)
