"""Who may do what with a draft: role by act. What is allowed may still fail for other reasons: here forms are empty."""

import pytest

from tests.staff.people import add_person, publish_zoo, sign_in, signed_in

ENGINES = ("sqlite",)
SITE = "/staff/ala"
READ = ("", "providers", "providers/sample-ads", "categories", "wording", "text/en", "preview", "review", "publish")
READ += ("holds", "registry.yaml", "providers/sample-ads/hold", "categories/marketing", "wording/es")
EDIT = ("providers/new", "providers/sample-ads", "providers/sample-ads/remove", "categories/new", "import")
EDIT += ("categories/marketing", "wording/es", "text/es", "review/submit", "review/take-back")
APPROVE = ("review/approve", "review/send-back", "publish", "publish/call-off", "holds/sample-ads")
BOTH = ("review/comment", "review/revert", "review/unchanged", "providers/sample-ads/hold")
MAY = {
    "editor": {*EDIT, *BOTH},
    "approver": {*APPROVE, *BOTH},
    "auditor": set(),
    "dpo": set(),
    "admin": set(),
}


@pytest.mark.parametrize("role", MAY)
def test_each_role_does_what_it_is_for(app, site, role):
    client = signed_in(app, f"{role}-only@example.org", role)
    for act in {*EDIT, *APPROVE, *BOTH}:
        status = client.post(f"{SITE}/{act}", data={}).status_code
        assert (status != 403) == (act in MAY[role]), (role, act, status)
        assert status < 500, (role, act)


@pytest.mark.parametrize("role", MAY)
def test_each_role_sees_what_it_is_for(app, site, role):
    client = signed_in(app, f"{role}-only@example.org", role)
    for page in READ:
        status = client.get(f"{SITE}/{page}").status_code
        assert status == (200 if MAY[role] else 403), (role, page)


def test_a_role_on_another_site_opens_nothing_here(app, site):
    publish_zoo(app)
    add_person(app, "zoo@example.org", ["editor", "approver"], "zoo")
    client = app.test_client()
    sign_in(client, "zoo@example.org")
    assert client.get("/staff/zoo/providers").status_code == 200
    assert client.get(f"{SITE}/providers").status_code == 403
    assert client.post(f"{SITE}/providers/new", data={"name": "x"}).status_code == 403
