"""For staff: texts that announce a version, ready to copy."""

from datetime import timedelta

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consent_server import clock
from consent_server.errors import NotFound
from consent_server.policy import versions
from consent_server.policy.announcement import write_kit
from consent_server.policy.glance import describe
from consent_server.staff.permissions import require_site_role
from consent_server.staff.places import Task
from consent_server.staff.service import Account
from consent_server.texts import FALLBACK, has_pages, language_name
from consent_server.visitor_page import PageQuery

ROLES = ("editor", "approver")
# How long a material version waits on the list of tasks to be announced.
WAITING = timedelta(days=7)

blueprint = Blueprint("announcement-pages", __name__)
query = PageQuery()


@blueprint.get("/staff/<site>/announce/<int:number>")
@require_site_role(*ROLES)
def announcement(site: str, number: int) -> ResponseReturnValue:
    """An e-mail, a post and a line for a page, in each language that has pages"""
    step = versions.find(site, number)
    if number == 1:
        raise NotFound("The first version changes nothing.")
    locales = [locale for locale in step.after["site"]["locales"] if has_pages(locale)] or [FALLBACK]
    asked = query.load(request.args)["lang"]
    locale = asked if asked in locales else locales[0]
    kit = write_kit(
        step.after["site"],
        number=number,
        published_at=step.version.published_at,
        sentences=describe(step.changes, step.before, step.after, locale),
        public_url=current_app.config["SETTINGS"].public_url,
        locale=locale,
    )
    names = {found: language_name(found) for found in locales}
    return render_template(
        "policy/announcement.html", site=site, version=step.version, kit=kit, locale=locale, locales=names
    )


def tasks(account: Account, site: str) -> list[Task]:
    """A material version of the last days waits to be announced."""
    if account.roles_on(site).isdisjoint(ROLES):
        return []
    latest = versions.latest_material(site)
    if latest is None or latest.published_at < clock.now() - WAITING:
        return []
    href = url_for("announcement-pages.announcement", site=site, number=latest.number)
    return [Task(f"Announce version {latest.number}", href, "An e-mail, a post and a line for a page, ready to copy.")]
