"""What an admin may do with whose account: roles per site, ends, shutting out; and what nobody may do to themselves."""

import uuid

import pytest

from consent_server.staff.models import ROLES, ApiToken, OneTimeLink, Staff, StaffEvent, StaffRole, StaffSession
from tests.factories import everything, rows
from tests.staff.people import add_person, browser, issue_token, publish_zoo, sign_in
from tests.staff.test_second_factor import turn_on

ENGINES = ("sqlite",)
ADMIN, VERA = "admin@example.org", "vera@example.org"
PEOPLE = "/staff/ala/people"


@pytest.fixture
def vera(app, site):
    """The page of somebody who is an editor."""
    return f"{PEOPLE}/{add_person(app, VERA, ['editor'])}"


@pytest.fixture
def admin(app, site):
    """The browser of an admin."""
    add_person(app, ADMIN, ["admin"])
    return browser(app, ADMIN)


def roles_of(app, email):
    [staff] = [row for row in rows(app, Staff) if row["email"] == email]
    return {(row["site"], row["role"]) for row in rows(app, StaffRole) if row["staff_id"] == staff["id"]}


def account(app, email=VERA):
    return next(row for row in rows(app, Staff) if row["email"] == email)


# Each page of a site, with the roles that open it.
PAGES = {
    "/staff/ala/people": {"admin"},
    "/staff/ala/people/invite": {"admin"},
    "/staff/ala/record": {"admin", "auditor"},
    "/audit/": {"auditor"},
    "/staff/": set(ROLES),
    "/staff/account": set(ROLES),
}


@pytest.mark.parametrize("role", ROLES)
def test_which_role_opens_which_page(app, site, role):
    add_person(app, VERA, [role])
    client = browser(app, VERA)
    opened = {path for path in PAGES if client.get(path).status_code == 200}
    assert opened == {path for path, roles in PAGES.items() if role in roles}
    linked = client.get("/staff/").text
    for path in ("/staff/ala/people", "/staff/ala/record", "/audit/"):
        assert (f'href="{path}"' in linked) == (path in opened), path


@pytest.mark.parametrize("path", ["people", "people/invite", "record"])
def test_a_role_on_one_site_opens_nothing_on_another(app, admin, path):
    publish_zoo(app)
    response = admin.get(f"/staff/zoo/{path}")
    assert response.status_code == 403 and "on this site" in response.text
    assert admin.get(f"/staff/nosuch/{path}").status_code == 404


FORMS = ("roles", "expiry", "link", "second-factor", "disable", "enable")


@pytest.mark.parametrize("form", FORMS)
def test_only_admins_change_accounts(app, vera, form):
    others = [role for role in ROLES if role != "admin"]
    add_person(app, "all-but-admin@example.org", others)
    client = browser(app, "all-but-admin@example.org")
    before = everything(app)
    data = {"roles": ["admin"], "reason": "Because.", "expires": ""}
    assert client.post(f"{vera}/{form}", data=data).status_code == 403
    assert client.post(f"{PEOPLE}/invite", data={"email": "x@example.org", "roles": "editor"}).status_code == 403
    assert everything(app) == before


@pytest.mark.parametrize("form", FORMS)
def test_nobody_changes_their_own_account(app, admin, form):
    own = f"{PEOPLE}/{account(app, ADMIN)['id']}"
    assert "This is your own account" in admin.get(own).text
    before = everything(app)
    response = admin.post(f"{own}/{form}", data={"roles": list(ROLES), "reason": "Because.", "expires": "2999-01-01"})
    assert response.status_code == 403 and "Another admin" in response.text
    assert everything(app) == before


def test_nobody_invites_themselves(app, admin):
    assert admin.post(f"{PEOPLE}/invite", data={"email": ADMIN.upper(), "roles": "approver"}).status_code == 403
    assert roles_of(app, ADMIN) == {("ala", "admin")}


def test_roles_are_given_and_taken(app, admin, vera):
    client = browser(app, VERA)
    response = admin.post(f"{vera}/roles", data={"roles": ["approver", "auditor"]})
    assert "The roles are changed" in admin.get(response.location).text
    assert roles_of(app, VERA) == {("ala", "approver"), ("ala", "auditor")}
    assert client.get("/audit/").status_code == 200
    acts = {
        act["verb"]: act["detail"]["roles"] for act in rows(app, StaffEvent) if act["actor"] == ADMIN and act["site"]
    }
    assert acts == {"role-remove": ["editor"], "role-add": ["approver", "auditor"]}


def test_whoever_has_no_role_left_is_gone_from_the_site(app, admin, vera):
    response = admin.post(f"{vera}/roles", data={})
    assert response.location.startswith(f"{PEOPLE}?")
    assert VERA not in admin.get(PEOPLE).text and admin.get(vera).status_code == 404
    assert roles_of(app, VERA) == set()


def test_a_role_that_there_is_not_is_refused(app, admin, vera):
    assert admin.post(f"{vera}/roles", data={"roles": ["king"]}).status_code == 422
    assert admin.post(f"{PEOPLE}/invite", data={"email": "x@example.org", "roles": ["king"]}).status_code == 422
    assert admin.post(f"{PEOPLE}/invite", data={"email": "x@example.org"}).status_code == 422
    assert admin.post(f"{PEOPLE}/invite", data={"email": "no address", "roles": ["editor"]}).status_code == 422
    assert roles_of(app, VERA) == {("ala", "editor")}


def test_somebody_who_has_an_account_gets_roles_and_no_link(app, admin, site):
    publish_zoo(app)
    add_person(app, VERA, ["editor"], "zoo")
    response = admin.post(f"{PEOPLE}/invite", data={"email": VERA, "roles": ["auditor"]})
    assert "The account was there already" in admin.get(response.location).text
    assert roles_of(app, VERA) == {("zoo", "editor"), ("ala", "auditor")}
    assert rows(app, OneTimeLink) == []
    late = {"email": VERA, "roles": ["auditor"], "expires": "2999-01-01"}
    assert admin.post(f"{PEOPLE}/invite", data=late).status_code == 422


@pytest.mark.parametrize("form", ["expiry", "link", "second-factor", "disable", "enable"])
def test_the_admin_of_one_site_has_no_say_over_an_account_of_two(app, admin, vera, form):
    """Or inviting the approver of another site would be a way to become them."""
    publish_zoo(app)
    add_person(app, VERA, ["approver"], "zoo")
    assert "admin of all of them" in admin.get(vera).text
    before = everything(app)
    data = {"reason": "Because.", "expires": "2999-01-01"}
    assert admin.post(f"{vera}/{form}", data=data).status_code == 403
    assert everything(app) == before
    assert admin.post(f"{vera}/roles", data={"roles": ["auditor"]}).status_code == 303
    assert roles_of(app, VERA) == {("zoo", "approver"), ("ala", "auditor")}
    add_person(app, ADMIN, ["admin"], "zoo")
    assert admin.post(f"{vera}/{form}", data=data).status_code in (200, 303)


def test_an_invitation_that_waits_is_not_opened_from_another_site(app, admin, site):
    """Otherwise whoever guesses whom a site invites could take up the invitation in their place."""
    publish_zoo(app)
    add_person(app, "keeper@example.org", ["admin"], "zoo")
    browser(app, "keeper@example.org").post("/staff/zoo/people/invite", data={"email": VERA, "roles": ["approver"]})
    [waiting] = rows(app, OneTimeLink)
    response = admin.post(f"{PEOPLE}/invite", data={"email": VERA, "roles": ["editor"]})
    assert response.status_code == 303 and rows(app, OneTimeLink) == [waiting]
    assert roles_of(app, VERA) == {("zoo", "approver"), ("ala", "editor")}


def test_an_admin_revokes_tokens_of_the_own_site(app, admin, vera):
    publish_zoo(app)
    add_person(app, VERA, ["editor"], "zoo")
    for site in ("ala", "zoo"):
        issue_token(app, VERA, ["registry:write"], site)
    here, there = (row["id"] for row in sorted(rows(app, ApiToken), key=lambda row: row["site"]))
    assert admin.get(vera).text.count("Revoke") == 1
    for token in (here, there):
        assert admin.post(f"{vera}/tokens/{token}/revoke").status_code == 303
    assert [row["id"] for row in rows(app, ApiToken)] == [there]
    assert [act["actor"] for act in rows(app, StaffEvent) if act["verb"] == "token-revoke"] == [ADMIN]


def test_a_disabled_account_is_shut_out_at_once(app, admin, vera, client):
    theirs = browser(app, VERA)
    token = issue_token(app, VERA, ["registry:write"])
    admin.post(f"{vera}/link")
    assert admin.post(f"{vera}/disable", data={"reason": " "}).status_code == 422
    assert theirs.get("/staff/").status_code == 200
    response = admin.post(f"{vera}/disable", data={"reason": "Left in November."})
    assert "The account is disabled" in admin.get(response.location).text
    assert theirs.get("/staff/").status_code == 303
    assert sign_in(client, VERA).status_code == 403
    assert rows(app, ApiToken) == rows(app, OneTimeLink) == []
    assert len(rows(app, StaffSession)) == 1
    [act] = [act for act in rows(app, StaffEvent) if act["verb"] == "account-disable"]
    assert (act["actor"], act["site"], act["detail"]["reason"]) == (ADMIN, "ala", "Left in November.")
    assert admin.post(f"{vera}/enable").status_code == 303
    assert sign_in(client, VERA).status_code == 303
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/v1/audit/events", headers=headers).status_code == 401


def test_an_account_ends_with_its_last_day(app, admin, clock, site):
    last = clock.now().date().isoformat()
    client = app.test_client()
    response = admin.post(f"{PEOPLE}/invite", data={"email": VERA, "roles": ["auditor"], "expires": last})
    link = response.text.partition("/staff/new-password/")[2][:43]
    client.post(f"/staff/new-password/{link}", data={"new": "a password of some length"})
    assert sign_in(client, VERA, "a password of some length").status_code == 303
    token = issue_token(app, VERA)
    headers = {"Authorization": f"Bearer {token}"}
    end = account(app)["expires_at"]
    assert (end.hour, end.minute) == (0, 0) and end > clock.now()
    clock.set(end)
    clock.advance(seconds=-1)
    assert client.get("/v1/audit/events", headers=headers).status_code == 200
    clock.advance(seconds=1)
    assert client.get("/v1/audit/events", headers=headers).status_code == 401
    assert client.get("/staff/").status_code == 303
    assert sign_in(client, VERA, "a password of some length").status_code == 403


def test_the_end_of_an_account_can_be_changed_and_is_recorded_by_hashes(app, admin, vera, clock):
    for expires, status in (("2001-01-01", 422), ("next week", 422), ("9999-12-31", 422), ("2999-12-31", 303)):
        assert admin.post(f"{vera}/expiry", data={"expires": expires}).status_code == status, expires
    assert 'value="2999-12-31"' in admin.get(vera).text and "until 2999-12-31" in admin.get(PEOPLE).text
    [act] = [act for act in rows(app, StaffEvent) if act["verb"] == "account-expiry"]
    [[name, before, after]] = act["detail"]["fields"]
    assert (act["detail"]["until"], name, before, len(after)) == ("2999-12-31", "expires_at", "", 64)
    admin.post(f"{vera}/expiry", data={"expires": ""})
    assert account(app)["expires_at"] is None
    changes = [act["detail"]["fields"] for act in rows(app, StaffEvent) if act["verb"] == "account-expiry"]
    assert [["expires_at", after, ""]] in changes and len(changes) == 2


def test_a_lost_second_factor_is_turned_off_by_an_admin(app, clock, admin, vera):
    theirs = browser(app, VERA)
    turn_on(theirs, clock)
    assert "Turn off the second factor" in admin.get(vera).text
    assert admin.post(f"{vera}/second-factor").status_code == 303
    assert theirs.get("/staff/").status_code == 303
    assert sign_in(theirs, VERA).status_code == 303
    act = next(row for row in rows(app, StaffEvent) if row["verb"] == "second-factor-off")
    assert act["actor"] == ADMIN


def test_somebody_of_another_site_is_not_there(app, admin, site):
    publish_zoo(app)
    stranger = add_person(app, VERA, ["editor"], "zoo")
    for person in (stranger, uuid.uuid4()):
        assert admin.get(f"{PEOPLE}/{person}").status_code == 404
        assert admin.post(f"{PEOPLE}/{person}/disable", data={"reason": "Because."}).status_code == 404


def test_the_home_page_names_invitations_that_wait(app, admin):
    assert "Nothing waits for you here" in admin.get("/staff/").text
    admin.post(f"{PEOPLE}/invite", data={"email": VERA, "roles": ["editor"]})
    page = admin.get("/staff/").text
    assert "1 invitation not taken up yet" in page and VERA in page
