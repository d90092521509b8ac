"""Staff pages: the overview of a site's draft, and the whole registry as a file."""

from collections.abc import Iterator

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from consent_server import clock
from consent_server.registry import drafts, service
from consent_server.registry.faults import path_in_words
from consent_server.registry.frame import may_read, receive_form, show
from consent_server.registry.models import APPROVED, DRAFT, IN_REVIEW
from consent_server.registry.refusals import warnings
from consent_server.registry.translations import to_translate
from consent_server.staff.places import Place, Task
from consent_server.staff.service import Account
from consent_server.texts import language_name

blueprint = Blueprint("registry", __name__, url_prefix="/staff/<site>")
blueprint.before_request(receive_form)

ROLES = frozenset(("editor", "approver"))
PLACES = (
    Place("Overview", "registry.overview", ROLES),
    Place("Providers", "providers.listed", ROLES),
    Place("Categories", "categories.listed", ROLES),
    Place("Texts", "wording.listed", ROLES),
)


def tasks(account: Account, site: str) -> list[Task]:
    """What waits for an editor or an approver."""
    return list(_tasks(account, site))


def _tasks(account: Account, site: str) -> Iterator[Task]:
    roles = account.roles_on(site)
    draft = drafts.current(site)
    review = url_for("review.page", site=site)
    if "approver" in roles and draft.state == IN_REVIEW and drafts.may_approve(draft, account.email):
        yield Task("Review the draft", review, f"{draft.submitted_by} sent it to review.")
    if "approver" in roles and draft.state == APPROVED and draft.publish_at is None:
        yield Task("Publish the draft", url_for("publishing.page", site=site), f"{draft.approved_by} approved it.")
    if "editor" not in roles:
        return
    if draft.state == DRAFT and draft.changed:
        yield Task("Finish your draft", review, "It has changes that are not in review yet.")
    cautions = warnings(draft.content, clock.now().date())
    if cautions:
        yield Task(
            "Look at entries that are due", url_for("registry.overview", site=site), f"{len(cautions)} to check."
        )


@blueprint.get("/")
@may_read
def overview(site: str) -> ResponseReturnValue:
    """Where the draft stands, and what there is to do"""
    draft = drafts.current(site)
    languages = {
        locale: count
        for locale in draft.content["site"]["locales"]
        if (count := len(to_translate(draft.content, locale)))
    }
    cautions = [
        {"where": path_in_words(found.path, draft.content), "reason": found.reason, "path": found.path}
        for found in warnings(draft.content, clock.now().date())
    ]
    return show("registry/overview.html", draft, languages=languages, language_of=language_name, cautions=cautions)


@blueprint.get("/registry.yaml")
@may_read
def export(site: str) -> Response:
    """The whole draft as one site file, to keep or to import elsewhere"""
    response = Response(service.write_site_file(drafts.current(site).content), content_type="application/yaml")
    response.headers["Content-Disposition"] = f'attachment; filename="{site}.yaml"'
    return response
