"""Who is next: mail to those who can take a draft further. To be sent once the act is committed."""

from flask import current_app

from consent_server.registry.models import APPROVED, DRAFT, IN_REVIEW, Draft
from consent_server.sites import service as sites
from consent_server.staff import mail
from consent_server.staff.service import people_with

SUBJECTS = {
    DRAFT: "The draft for {site} is back with its editors",
    IN_REVIEW: "The draft for {site} waits for review",
    APPROVED: "The draft for {site} is approved",
}
TEXTS = {
    DRAFT: "It can be edited again. What was said of it stands beside the changes:",
    IN_REVIEW: "Its changes can be read, commented on, approved or sent back here:",
    APPROVED: "It can be published, now or at a time, here:",
}


def next_people(draft: Draft) -> list[str]:
    """E-mails of those who can take the draft further from where it stands."""
    if draft.state == DRAFT:
        editors = set(people_with("editor", draft.site))
        return [email for email in draft.editors if email in editors]
    approvers = people_with("approver", draft.site)
    if draft.state == IN_REVIEW and current_app.config["SETTINGS"].four_eyes:
        return [email for email in approvers if email not in draft.editors]
    return approvers


def tell(draft: Draft, by: str) -> None:
    """Writes to whoever is next, other than the one who has just acted."""
    if mail.is_configured() and draft.changed:
        page = "publish" if draft.state == APPROVED else "review"
        _write(next_people(draft), by, draft.site, SUBJECTS[draft.state], f"{TEXTS[draft.state]}\n\n{{pages}}/{page}\n")


def tell_held(site: str, provider: str, by: str) -> None:
    """Writes to the approvers that somebody else has held a provider back."""
    if mail.is_configured():
        text = f"{by} has held the provider {provider}. Its reason, and whether it stays held:\n\n{{pages}}/holds\n"
        _write(people_with("approver", site), by, site, "A provider on {site} is held", text)


def _write(people: list[str], by: str, key: str, subject: str, text: str) -> None:
    site = sites.find(key)
    pages = f"{current_app.config['SETTINGS'].public_url}/staff/{key}"
    for email in people:
        if email != by:
            mail.send_soon(email, subject.format(site=site.name if site else key), text.replace("{pages}", pages))
