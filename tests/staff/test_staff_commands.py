"""`flask staff add` and `flask staff token`."""

from consent_server.staff.models import Staff, StaffRole
from tests.factories import rows
from tests.staff.people import AUDITOR, PASSWORD, publish_zoo, sign_in


def run(app, *words, given=None):
    return app.test_cli_runner().invoke(args=["staff", *words], input=given)


def test_an_account_gets_its_roles_on_every_site(app, client, site):
    publish_zoo(app)
    added = run(
        app, "add", "Auditor@Example.org", "--role", "auditor", "--role", "dpo", "--password-stdin", given=PASSWORD
    )
    assert added.exit_code == 0, added.output
    assert added.output == "auditor@example.org: auditor, dpo on ala, zoo.\n"
    assert {(row["site"], row["role"]) for row in rows(app, StaffRole)} == {
        (site, role) for site in ("ala", "zoo") for role in ("auditor", "dpo")
    }
    assert sign_in(client).status_code == 303


def test_a_password_that_was_not_given_is_made_and_printed_once(app, client, site):
    output = run(app, "add", AUDITOR, "--role", "auditor", "--site", "ala").output
    password = output.splitlines()[1].removeprefix("Password, shown this once: ")
    assert sign_in(client, password=password).status_code == 303
    assert run(app, "add", AUDITOR, "--role", "dpo").output == f"{AUDITOR}: dpo on ala.\n"
    assert sign_in(client, password=password).status_code == 303
    assert len(rows(app, Staff)) == 1 and len(rows(app, StaffRole)) == 2


def test_a_given_password_for_a_known_account_lifts_the_lock_and_signs_out(app, client, site):
    run(app, "add", AUDITOR, "--role", "auditor", "--password-stdin", given="the first password\n")
    browser = app.test_client()
    sign_in(browser, password="the first password")
    for _ in range(5):
        sign_in(client, password="wrong")
    assert run(app, "add", AUDITOR, "--role", "auditor", "--password-stdin", given=PASSWORD).exit_code == 0
    assert browser.get("/staff/").status_code == 303
    assert sign_in(client).status_code == 303


def test_faults_are_said_and_nothing_is_written(app, site):
    for words, given in (
        (("add", "nobody", "--role", "auditor"), None),
        (("add", AUDITOR), None),
        (("add", AUDITOR, "--role", "king"), None),
        (("add", AUDITOR, "--role", "auditor", "--site", "nowhere"), None),
        (("add", AUDITOR, "--role", "auditor", "--password-stdin"), "short"),
        (("token", AUDITOR, "--scope", "audit:read"), None),
    ):
        result = run(app, *words, given=given)
        assert result.exit_code != 0 and "Error" in result.output
        assert "Traceback" not in result.output
    assert rows(app, Staff) == []


def test_a_token_is_printed_alone(app, client, site):
    run(app, "add", AUDITOR, "--role", "auditor")
    output = run(app, "token", AUDITOR, "--scope", "audit:read").output
    assert output.count("\n") == 1
    headers = {"Authorization": f"Bearer {output.strip()}"}
    assert client.get("/v1/audit/events", headers=headers).json == {"events": [], "next": None}
    refused = run(app, "token", AUDITOR, "--scope", "rights:write")
    assert refused.exit_code == 1 and "needs the role dpo" in refused.output


def test_without_a_site_there_is_nothing_to_give_roles_on(app):
    assert "There is no site yet" in run(app, "add", AUDITOR, "--role", "auditor").output
