"""The record of what staff did, and its leaves."""

from consent_server.evidence.commitment import commit
from consent_server.evidence.models import LogQueue
from consent_server.staff.models import StaffEvent
from consent_server.staff.record import committed_act
from tests.factories import rows
from tests.staff.people import add_person, issue_token, sign_in


def test_each_act_has_a_leaf_that_commits_to_it(app, client, site):
    add_person(app)
    issue_token(app)
    sign_in(client)
    client.get("/audit/events")
    acts = [act for act in rows(app, StaffEvent) if act["verb"] != "publish"]
    assert [act["verb"] for act in acts] == ["account-add", "role-add", "token-add", "sign-in", "audit-search"]
    leaves = {row["hash"] for row in rows(app, LogQueue) if row["type"] == "staff/1"}
    assert leaves >= {commit("staff", act["nonce"], committed_act(StaffEvent(**act))) for act in acts}
    assert len({act["nonce"] for act in acts}) == len(acts)
