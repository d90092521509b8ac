"""The draft over the API: the order of checks, editors who meet, and who may do what."""

import json
from copy import deepcopy

import pytest

from consent_server.errors import PROBLEM_JSON
from consent_server.policy.models import PolicyVersion
from consent_server.registry import handover
from consent_server.staff import mail
from consent_server.staff.models import StaffEvent
from tests.factories import everything, rows
from tests.staff.people import add_person, issue_token, publish_zoo

ENGINES = ("sqlite",)
DRAFT = "/v1/admin/sites/ala/draft"
PEOPLE = {
    "editor": ("editor@example.org", ["editor"], ["registry:write"]),
    "second editor": ("second@example.org", ["editor"], ["registry:write"]),
    "approver": ("approver@example.org", ["approver"], ["registry:publish"]),
    "both": ("both@example.org", ["editor", "approver"], ["registry:write", "registry:publish"]),
    "auditor": ("auditor@example.org", ["auditor"], ["audit:read"]),
}


class Person:
    """Somebody with a token."""

    def __init__(self, app, token=None):
        self.client, self.headers = app.test_client(use_cookies=False), {}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method, path="", body=None, **headers):
        headers = {name.replace("_", "-"): text for name, text in headers.items()}
        sent = {} if body is None else {"json": body}
        path = path if path.startswith("/v1/") else f"{DRAFT}{path}"
        return self.client.open(path, method=method, headers=self.headers | headers, **sent)

    def edit(self, change):
        """Reads the draft, changes it, puts it back."""
        answer = self.ask("GET")
        content = answer.json
        change(content)
        return self.ask("PUT", body=content, If_Match=answer.headers["ETag"])

    def rename(self, name):
        return self.edit(lambda content: content["providers"][1].update(name=name))


@pytest.fixture
def people(app, site):
    for email, roles, _ in PEOPLE.values():
        add_person(app, email, roles)
    found = {who: Person(app, issue_token(app, email, scopes)) for who, (email, _, scopes) in PEOPLE.items()}
    return found | {"nobody": Person(app)}


@pytest.fixture
def editor(people):
    return people["editor"]


@pytest.fixture
def approver(people):
    return people["approver"]


def assert_problem(answer, status, slug):
    assert (answer.status_code, answer.content_type) == (status, PROBLEM_JSON), answer.text
    assert answer.json["type"] == f"/docs/problems/{slug}"


def test_the_draft_is_the_site_file_in_json(app, editor):
    answer = editor.ask("GET")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert list(answer.json) and set(answer.json) == {"site", "policy", "categories", "providers", "wording"}
    assert answer.headers["ETag"].startswith('"') and answer.headers["Cache-Control"] == "no-store"
    [version] = rows(app, PolicyVersion)
    assert answer.json == version["content"]


def test_what_was_read_can_be_put_back(app, editor):
    before = everything(app)
    answer = editor.ask("GET")
    again = editor.ask("PUT", body=answer.json, If_Match=answer.headers["ETag"])
    assert (again.status_code, again.json, again.headers["ETag"]) == (200, answer.json, answer.headers["ETag"])
    assert everything(app) == before


def test_a_change_is_answered_with_its_etag(editor):
    before = editor.ask("GET")
    answer = editor.rename("Other")
    after = editor.ask("GET")
    assert answer.json == after.json
    assert answer.headers["ETag"] == after.headers["ETag"] != before.headers["ETag"]
    assert after.json["providers"][1]["name"] == "Other"


def test_defaults_are_filled_in_and_refusals_said(editor):
    def add(content):
        content["providers"].append({"key": "new", "name": "New", "category": "marketing", **more})

    more = {"privacy_url": "https://new.example"}
    assert editor.edit(add).json["providers"][-1]["trackers"] == []
    more = {"privacy_url": "http://new2.example", "key": "new2"}
    answer = editor.edit(add)
    assert_problem(answer, 422, "invalid")
    assert list(answer.json["errors"]["providers"]) == ["5"]
    more = {"privacy_url": "https://new.example", "key": "new3", "legal_basis": "legitimate-interest"}
    answer = editor.edit(add)
    assert "consent" in answer.json["errors"]["providers"]["5"]["legal_basis"][0]


class TestOrderOfChecks:
    """401, 403, 415, 428 or 412, 422, 409."""

    @pytest.fixture
    def present(self, editor):
        return editor.ask("GET").headers["ETag"]

    @pytest.fixture
    def in_review(self, editor):
        editor.rename("Other")
        assert editor.ask("POST", "/submit").status_code == 200

    def put(self, who, data, content_type="application/json", **headers):
        headers = who.headers | {name.replace("_", "-"): text for name, text in headers.items()}
        return who.client.put(DRAFT, data=data, content_type=content_type, headers=headers)

    def test_who_comes_first(self, people):
        for who, status, slug in (("nobody", 401, "unauthorized"), ("approver", 403, "forbidden")):
            assert_problem(self.put(people[who], "x", "text/plain"), status, slug)

    def test_then_the_type(self, editor):
        for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json", ""):
            assert_problem(self.put(editor, "x", content_type), 415, "unsupported-media-type")

    def test_then_the_precondition(self, editor, present):
        assert_problem(self.put(editor, "{"), 428, "precondition-required")
        for other in ('"0"', present.strip('"') + "0", f"W/{present}", f'{present[:-1]}x"', "-"):
            assert_problem(self.put(editor, "{", If_Match=other), 412, "precondition-failed")

    def test_one_of_several_is_enough_and_any_will_do_for_who_says_so(self, editor, present):
        body = json.dumps(editor.ask("GET").json)
        for condition in (f'"0", {present}', "*"):
            assert self.put(editor, body, If_Match=condition).status_code == 200

    def test_then_the_body(self, editor, in_review):
        present = editor.ask("GET").headers["ETag"]
        for body in ("{", '{"site": 1, "site": 1}', b"\xff", "NaN"):
            assert_problem(self.put(editor, body, If_Match=present), 400, "malformed")
        for body in ("{}", "[]", "null", '"x"'):
            assert_problem(self.put(editor, body, If_Match=present), 422, "invalid")

    def test_then_the_state(self, editor, in_review):
        answer = editor.ask("GET")
        changed = deepcopy(answer.json)
        changed["site"]["name"] = "Another"
        for body in (changed, answer.json):
            assert_problem(self.put(editor, json.dumps(body), If_Match=answer.headers["ETag"]), 409, "state")

    def test_a_body_that_is_too_large(self, editor, present):
        assert_problem(self.put(editor, b" " * 5_000_001, If_Match=present), 413, "too-large")


def test_a_site_keeps_its_key(editor):
    answer = editor.edit(lambda content: content["site"].update(key="other"))
    assert_problem(answer, 422, "invalid")
    assert "key" in answer.json["errors"]["site"]


def test_the_second_editor_is_told_and_loses_nothing(people):
    first, second = people["editor"], people["second editor"]
    seen = second.ask("GET")
    assert first.rename("First").status_code == 200
    mine = seen.json
    mine["providers"][2]["name"] = "Second (sample)"
    refused = second.ask("PUT", body=mine, If_Match=seen.headers["ETag"])
    assert_problem(refused, 412, "precondition-failed")
    assert second.ask("GET").json["providers"][1]["name"] == "First"
    # Brought together, it goes in.
    assert second.edit(lambda content: content["providers"][2].update(name="Second (sample)")).status_code == 200
    names = [provider["name"] for provider in first.ask("GET").json["providers"]]
    assert names[1:3] == ["First", "Second (sample)"]
    assert set(first.ask("GET", "/diff").json["editors"]) == {"editor@example.org", "second@example.org"}


# Each act, with a state in which it is possible, and who may do it.
READERS, EDITORS, APPROVERS = (
    {"editor", "second editor", "approver", "both"},
    {"editor", "second editor", "both"},
    {"approver", "both"},
)
FORM = {"material": True, "reason": "A test."}
TABLE = {
    ("GET", ""): ("draft", READERS, None),
    ("PUT", ""): ("draft", EDITORS, "the draft"),
    ("GET", "/diff"): ("draft", READERS, None),
    ("GET", "/comments"): ("draft", READERS, None),
    ("POST", "/comments"): ("draft", READERS, {"text": "Well."}),
    ("POST", "/revert"): ("draft", READERS, {"path": "providers/google-analytics/name"}),
    ("POST", "/submit"): ("draft", EDITORS, None),
    ("POST", "/take-back"): ("in-review", EDITORS, None),
    ("POST", "/approve"): ("in-review", APPROVERS, None),
    ("POST", "/reject"): ("in-review", APPROVERS, {"reason": "Why?"}),
    ("POST", "/publish"): ("approved", APPROVERS, FORM),
    ("POST", "/schedule"): ("approved", APPROVERS, FORM | {"at": "tomorrow"}),
    ("DELETE", "/schedule"): ("planned", APPROVERS, None),
    ("GET", "/v1/admin/sites/ala/holds"): ("draft", READERS, None),
    ("POST", "/v1/admin/sites/ala/holds"): ("draft", READERS, {"provider": "sample-ads", "reason": "Now."}),
    ("POST", "/v1/admin/sites/ala/holds/sample-video/confirm"): ("held", APPROVERS, None),
    ("POST", "/v1/admin/sites/ala/reviews"): ("draft", READERS, {"note": "Read through."}),
}


@pytest.fixture
def bring(app, people, clock):
    """Brings the draft into a state by people who do nothing else here."""
    for email, roles, scopes in (
        ("writer@example.org", ["editor"], ["registry:write"]),
        ("reader@example.org", ["approver"], ["registry:publish"]),
    ):
        add_person(app, email, roles)
        people[email.partition("@")[0]] = Person(app, issue_token(app, email, scopes))
    tomorrow = f"{clock.now().replace(microsecond=0).isoformat()[:10]}T23:59:59.999+00:00"

    def to(state):
        writer, reader = people["writer"], people["reader"]
        assert writer.rename("Other").status_code == 200
        if state == "held":
            hold = {"provider": "sample-video", "reason": "At once."}
            assert writer.ask("POST", "/v1/admin/sites/ala/holds", hold).status_code == 201
        if state in ("in-review", "approved", "planned"):
            assert writer.ask("POST", "/submit").status_code == 200
        if state in ("approved", "planned"):
            assert reader.ask("POST", "/approve").status_code == 200
        if state == "planned":
            assert reader.ask("POST", "/schedule", FORM | {"at": tomorrow}).status_code == 200

    to.tomorrow = tomorrow
    return to


@pytest.mark.parametrize("act", TABLE, ids=" ".join)
def test_who_may_do_what(app, people, bring, act):
    method, path = act
    state, allowed, body = TABLE[act]
    bring(state)
    headers = {}
    if body == "the draft":
        answer = people["writer"].ask("GET")
        body, headers = answer.json, {"If_Match": answer.headers["ETag"]}
    elif body and body.get("at"):
        body = body | {"at": bring.tomorrow}
    before = everything(app)
    for who in [*PEOPLE, "nobody"]:
        if who not in allowed:
            answer = people[who].ask(method, path, body, **headers)
            slug = ("forbidden", 403) if who in PEOPLE else ("unauthorized", 401)
            assert_problem(answer, slug[1], slug[0])
    assert everything(app) == before
    # One of those who may is enough: the act changes the state.
    for who in sorted(allowed) if method == "GET" else sorted(allowed)[:1]:
        answer = people[who].ask(method, path, body, **headers)
        assert answer.status_code in (200, 201, 204), (who, answer.text)


@pytest.mark.parametrize("act", TABLE, ids=" ".join)
def test_a_token_is_for_its_own_site(app, people, act):
    """Also where there is no such site."""
    publish_zoo(app)
    method, path = act
    address = path if path.startswith("/v1/") else f"{DRAFT}{path}"
    for other in ("zoo", "nosuch"):
        answer = people["both"].ask(method, address.replace("/ala/", f"/{other}/"), {})
        assert_problem(answer, 403, "forbidden")


def test_a_role_that_is_gone_takes_the_tokens_power_along(app, people):
    from consent_server.database import begin_writing
    from consent_server.extensions import db
    from consent_server.staff import service as staff

    with app.app_context():
        begin_writing(db.session)
        staff.remove_roles(staff.find("editor@example.org"), ["editor"], "ala", "operator")
        db.session.commit()
    assert_problem(people["editor"].ask("GET"), 403, "forbidden")


def test_four_eyes_compare_persons_with_all_their_tokens(app, people, bring):
    """Whoever has both roles, and two tokens, is still one person."""
    add_person(app, "both@example.org", ["approver"])
    second_token = Person(app, issue_token(app, "both@example.org", ["registry:publish"]))
    assert people["both"].rename("Other").status_code == 200
    assert people["editor"].ask("POST", "/submit").status_code == 200
    assert_problem(second_token.ask("POST", "/approve"), 403, "forbidden")
    assert people["approver"].ask("POST", "/approve").json["approved_by"] == "approver@example.org"


def test_from_draft_to_publication(app, editor, approver, people):
    assert editor.rename("Other").status_code == 200
    assert editor.ask("POST", "/submit").json["state"] == "in-review"
    diff = approver.ask("GET", "/diff").json
    [change] = diff["changes"]
    assert change == {"path": ["providers", "google-analytics", "name"], "before": "Google Analytics", "after": "Other"}
    assert (diff["material"], diff["state"], diff["base"]) == (False, "in-review", 1)
    assert approver.ask("POST", "/reject", {"reason": "Not yet."}).json["state"] == "draft"
    assert editor.ask("GET", "/comments").json["comments"][0]["text"] == "Not yet."
    for who, act in ((editor, "/submit"), (editor, "/take-back"), (editor, "/submit"), (approver, "/approve")):
        assert who.ask("POST", act).status_code == 200
    assert_problem(editor.ask("POST", "/publish", FORM), 403, "forbidden")
    answer = approver.ask("POST", "/publish", FORM)
    assert answer.status_code == 201
    assert set(answer.json) == {"number", "sha256"} and answer.json["number"] == 2
    client = app.test_client()
    assert client.get("/v1/sites/ala/config").json["policy"] == answer.json
    assert client.get(answer.headers["Location"]).headers["ETag"].strip('"') == answer.json["sha256"]
    assert approver.ask("GET", "/diff").json["changes"] == []
    verbs = [row["verb"] for row in sorted(rows(app, StaffEvent), key=lambda row: row["id"].int)]
    assert [verb for verb in verbs if verb.startswith(("draft", "publish"))] == [
        "publish",
        "draft-change",
        "draft-submit",
        "draft-send-back",
        "draft-submit",
        "draft-take-back",
        "draft-submit",
        "draft-approve",
        "publish",
    ]


def test_what_is_approved_is_what_was_looked_at(editor, approver):
    """Taken back, changed and submitted again while the approver was reading."""
    editor.rename("Harmless")
    editor.ask("POST", "/submit")
    read = approver.ask("GET", "/diff").json["etag"]
    editor.ask("POST", "/take-back")
    editor.rename("Something else")
    editor.ask("POST", "/submit")
    assert_problem(approver.ask("POST", "/approve", If_Match=read), 412, "precondition-failed")
    now = approver.ask("GET", "/diff").json["etag"]
    assert approver.ask("POST", "/approve", If_Match=now).json["state"] == "approved"


def test_rejecting_goes_without_a_reason(editor, approver):
    editor.rename("Other")
    editor.ask("POST", "/submit")
    assert approver.ask("POST", "/reject").json["state"] == "draft"
    assert editor.ask("GET", "/comments").json["comments"] == []


@pytest.mark.parametrize(
    "body",
    [{}, {"material": True}, {"reason": "x"}, FORM | {"material": "yes"}, FORM | {"reason": " "}, FORM | {"x": 1}, []],
)
def test_publishing_says_whether_it_is_material_and_why(bring, people, body):
    bring("approved")
    assert_problem(people["approver"].ask("POST", "/publish", body), 422, "invalid")


@pytest.mark.parametrize("at", ["", "noon", "2026-13-01T00:00:00Z", "2026-11-22T10:00:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_is_none(bring, people, at):
    bring("approved")
    answer = people["approver"].ask("POST", "/schedule", FORM | {"at": at})
    assert_problem(answer, 422, "invalid")
    assert "at" in answer.json["errors"]


def test_a_planned_publication_is_said_and_called_off(bring, people):
    bring("planned")
    approver = people["approver"]
    assert approver.ask("GET", "/diff").json["publish_at"] == bring.tomorrow.replace("+00:00", "Z")
    assert approver.ask("DELETE", "/schedule").json["publish_at"] is None
    assert_problem(approver.ask("DELETE", "/schedule"), 409, "state")


def test_a_hold_is_visible_at_once_and_waits_for_somebody_else(app, people):
    holds = "/v1/admin/sites/ala/holds"
    answer = people["both"].ask("POST", holds, {"provider": "sample-ads", "reason": "It is broken."})
    assert (answer.status_code, answer.json["number"]) == (201, 2)
    assert app.test_client().get("/v1/sites/ala/config").json["policy"] == answer.json
    [hold] = people["approver"].ask("GET", holds).json["holds"]
    assert (hold["provider"], hold["held_by"], hold["reason"]) == ("sample-ads", "both@example.org", "It is broken.")
    assert_problem(people["both"].ask("POST", f"{holds}/sample-ads/confirm"), 403, "forbidden")
    assert people["approver"].ask("POST", f"{holds}/sample-ads/confirm").status_code == 204
    assert people["approver"].ask("GET", holds).json["holds"] == []
    assert_problem(people["approver"].ask("POST", f"{holds}/sample-ads/confirm"), 404, "not-found")
    assert_problem(people["editor"].ask("POST", holds, {"provider": "nosuch", "reason": "x"}), 404, "not-found")
    assert_problem(people["editor"].ask("POST", holds, {"provider": "ala", "reason": "x"}), 422, "invalid")


class TestMail:
    """Whoever is next is told, once it is committed."""

    @pytest.fixture
    def letters(self, monkeypatch):
        sent = []
        monkeypatch.setattr(mail, "is_configured", lambda: True)
        monkeypatch.setattr(handover.mail, "send_soon", lambda to, subject, text: sent.append((to, subject, text)))
        return sent

    def test_each_step_tells_those_who_can_go_on(self, people, letters):
        editor, approver = people["editor"], people["approver"]
        editor.rename("Other")
        assert letters == []
        editor.ask("POST", "/submit")
        assert [to for to, *_ in letters] == ["approver@example.org", "both@example.org"]
        assert "waits for review" in letters[0][1] and "/staff/ala/review" in letters[0][2]
        letters.clear()
        approver.ask("POST", "/reject")
        assert [to for to, *_ in letters] == ["editor@example.org"]
        editor.ask("POST", "/submit")
        letters.clear()
        approver.ask("POST", "/approve")
        assert [to for to, *_ in letters] == ["both@example.org"]
        assert "/staff/ala/publish" in letters[0][2]

    def test_whoever_edited_is_not_asked_to_approve(self, people, letters):
        people["both"].rename("Other")
        people["editor"].ask("POST", "/submit")
        assert [to for to, *_ in letters] == ["approver@example.org"]

    def test_a_hold_is_told_to_those_who_can_confirm_it(self, people, letters):
        form = {"provider": "sample-ads", "reason": "It is broken."}
        people["both"].ask("POST", "/v1/admin/sites/ala/holds", form)
        [(to, subject, text)] = letters
        assert to == "approver@example.org" and "held" in subject
        assert "sample-ads" in text and "/staff/ala/holds" in text
