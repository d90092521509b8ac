"""Every address of the app and what holds for it, in one table; a route without an entry fails."""

import re
import uuid
from dataclasses import dataclass, replace
from functools import cached_property

import pytest
from itsdangerous import URLSafeTimedSerializer

from consent_server.embed.builds import HASH_LENGTH
from consent_server.embed.preview_pages import FRAME
from consent_server.errors import PROBLEM_JSON
from consent_server.extensions import db
from consent_server.policy import archive
from consent_server.policy import service as policy
from consent_server.security import NOTHING, PAGE
from consent_server.sites.service import RESERVED_KEYS
from tests.factories import (
    HOST,
    ORIGIN,
    decision_body,
    everything,
    make_settings,
    migrate_and_publish_ala,
    post,
    running,
    seal,
)
from tests.staff.people import AUDITOR as AUDITOR_EMAIL
from tests.staff.people import add_person, issue_token, new_link, sign_in

EDITOR, ADMIN_EMAIL, INVITED = "editor@example.org", "admin@example.org", "invited@example.org"
APPROVER, DPO = "approver@example.org", "dpo@example.org"
FOREIGN = "https://evil.example"
DEMO_HOST = "http://www.ala.localhost:9000"
TRACKER_HOST = "http://trackers.localhost:9000"

# Who gets an answer.
ANYONE, LISTED, VISITOR, STAFF, AUDITOR, TOKEN = "anyone", "listed origin", "visitor", "staff", "auditor", "audit:read"
EDITS, APPROVES = "editor", "approver"
ADMIN = "admin"
WRITE, PUBLISH, WRITE_OR_PUBLISH = "registry:write", "registry:publish", "registry:write or registry:publish"
RIGHTS = "rights:write"
BEARERS = (TOKEN, WRITE, PUBLISH, WRITE_OR_PUBLISH, RIGHTS)
# Which pages may read it: none, any without credentials, those of a listed origin with them.
NOBODY, ALL, LISTED_PAGE = "none", "*", "listed"
# Who keeps it, and for how long.
NOT_KEPT, PRIVATE, REVALIDATED = "no-store", "private, no-store", "no-cache"
SECOND = "public, max-age=1"
MINUTE, DAY, YEAR = "public, max-age=60", "public, max-age=86400", "public, max-age=31536000, immutable"
STALE = ", stale-while-revalidate=86400, stale-if-error=604800"
MINUTE_OR_STALE, FIVE_MINUTES_OR_STALE = MINUTE + STALE, "public, max-age=300" + STALE
# What an error looks like.
PROBLEM, HTML = PROBLEM_JSON, "text/html; charset=utf-8"
# Which sender a form needs: our own page by `Origin`; or, where a program signs in, none that is another's.
OWN, OWN_OR_NONE = "own origin", "own origin or none"


@dataclass(frozen=True)
class Route:
    """What holds for an address. `limited`: requests of one client are counted. `status`: of the proper request."""

    who: str = ANYONE
    cors: str = NOBODY
    cache: str = NOT_KEPT
    errors: str = HTML
    sender: str | None = None
    limited: bool = False
    status: int = 200
    host: str = HOST


PUBLIC_FILE = Route(cors=ALL, errors=PROBLEM)
STATEMENT = replace(PUBLIC_FILE, cache=DAY)
LIST = Route(cache=MINUTE)
CHOICES = Route(cache=PRIVATE)
CHOICES_FORM = replace(CHOICES, sender=OWN, status=303)
STAFF_PAGE = Route(STAFF)
STAFF_FORM = Route(sender=OWN_OR_NONE)
OWN_FORM = Route(STAFF, sender=OWN_OR_NONE, status=303)
# Without the code that it asks for.
CODE_FORM = replace(OWN_FORM, limited=True, status=422)
ADMIN_PAGE = Route(ADMIN)
ADMIN_FORM = Route(ADMIN, sender=OWN_OR_NONE, status=303)
EDITORS_PAGE = Route(EDITS)
EDITORS_FORM = Route(EDITS, sender=OWN_OR_NONE, status=422)
APPROVERS_FORM = Route(APPROVES, sender=OWN_OR_NONE, status=422)
WRITERS_CALL, PUBLISHERS_CALL = Route(WRITE, errors=PROBLEM), Route(PUBLISH, errors=PROBLEM)
REGISTRY_CALL = Route(WRITE_OR_PUBLISH, errors=PROBLEM)
DEMO = Route(host=DEMO_HOST)

ROUTES = {
    "POST /v1/sites/<site>/consents": Route(LISTED, LISTED_PAGE, errors=PROBLEM, limited=True, status=201),
    "OPTIONS /v1/sites/<site>/consents": Route(LISTED, LISTED_PAGE, errors=PROBLEM, status=204),
    "GET /v1/sites/<site>/receipts/<uuid:event_id>": Route(VISITOR, errors=PROBLEM),
    "GET /v1/sites/<site>/config": replace(PUBLIC_FILE, cache=MINUTE_OR_STALE),
    "GET /v1/sites/<site>/notices/<sha256>": replace(PUBLIC_FILE, cache=YEAR),
    "GET /v1/sites/<site>/notices/<sha256>/<language>": replace(PUBLIC_FILE, cache=YEAR),
    "GET /v1/sites/<site>/changes/<int:since>/<language>": replace(PUBLIC_FILE, cache=MINUTE_OR_STALE),
    "GET /v1/sites/<site>/providers/<language>": replace(PUBLIC_FILE, cache=MINUTE_OR_STALE),
    "GET /v1/sites/<site>/policies/<int:number>": replace(PUBLIC_FILE, cache=YEAR),
    # A decision is sent, which is no report.
    "POST /v1/sites/<site>/findings": Route(LISTED, ALL, errors=PROBLEM, limited=True, status=422),
    "GET /v1/audit/events": Route(TOKEN, errors=PROBLEM),
    "GET /v1/audit/rates": Route(TOKEN, errors=PROBLEM),
    "GET /v1/audit/signals": Route(TOKEN, errors=PROBLEM),
    "GET /v1/audit/coverage": Route(TOKEN, errors=PROBLEM),
    "GET /v1/audit/providers": Route(TOKEN, errors=PROBLEM),
    "GET /v1/audit/retention": Route(TOKEN, errors=PROBLEM),
    "GET /v1/audit/findings": Route(TOKEN, errors=PROBLEM),
    "GET /v1/audit/visitors/<uuid:visitor_id>": Route(TOKEN, errors=PROBLEM),
    # Without the format, phrase and sizes that they ask for.
    "GET /v1/audit/export": Route(TOKEN, errors=PROBLEM, status=422),
    "GET /v1/audit/sample": Route(TOKEN, errors=PROBLEM, status=422),
    "GET /v1/audit/log/consistency": Route(TOKEN, errors=PROBLEM, status=422),
    "GET /v1/audit/bundle": Route(TOKEN, errors=PROBLEM),
    "GET /v1/audit/events/<uuid:event_id>/proof": Route(TOKEN, errors=PROBLEM),
    # An empty object is sent, and there is nothing to review.
    "GET /v1/admin/sites/<site>/draft": REGISTRY_CALL,
    "PUT /v1/admin/sites/<site>/draft": replace(WRITERS_CALL, status=428),
    "GET /v1/admin/sites/<site>/draft/diff": REGISTRY_CALL,
    "GET /v1/admin/sites/<site>/draft/comments": REGISTRY_CALL,
    "POST /v1/admin/sites/<site>/draft/comments": replace(REGISTRY_CALL, status=422),
    "POST /v1/admin/sites/<site>/draft/revert": replace(REGISTRY_CALL, status=422),
    "POST /v1/admin/sites/<site>/draft/submit": replace(WRITERS_CALL, status=409),
    "POST /v1/admin/sites/<site>/draft/take-back": replace(WRITERS_CALL, status=409),
    "POST /v1/admin/sites/<site>/draft/approve": replace(PUBLISHERS_CALL, status=409),
    "POST /v1/admin/sites/<site>/draft/reject": replace(PUBLISHERS_CALL, status=409),
    "POST /v1/admin/sites/<site>/draft/publish": replace(PUBLISHERS_CALL, status=422),
    "POST /v1/admin/sites/<site>/draft/schedule": replace(PUBLISHERS_CALL, status=422),
    "DELETE /v1/admin/sites/<site>/draft/schedule": replace(PUBLISHERS_CALL, status=409),
    "GET /v1/admin/sites/<site>/holds": REGISTRY_CALL,
    "POST /v1/admin/sites/<site>/holds": replace(REGISTRY_CALL, status=422),
    "POST /v1/admin/sites/<site>/holds/<provider>/confirm": replace(PUBLISHERS_CALL, status=404),
    "POST /v1/admin/sites/<site>/reviews": replace(REGISTRY_CALL, status=422),
    "POST /v1/admin/sites/<site>/erasures": Route(RIGHTS, errors=PROBLEM, status=422),
    "GET /<site>/choices.js": replace(PUBLIC_FILE, cache=FIVE_MINUTES_OR_STALE),
    "GET /<site>/choices.<short_hash>.js": replace(PUBLIC_FILE, cache=YEAR),
    "GET /embed/<name>.<short_hash>.js": replace(PUBLIC_FILE, cache=YEAR),
    "GET /<site>/choices": CHOICES,
    "POST /<site>/choices": replace(CHOICES_FORM, limited=True),
    "GET /<site>/choices.json": replace(CHOICES, errors=PROBLEM),
    "GET /<site>/choices/receipts/<uuid:event_id>": replace(CHOICES, who=VISITOR),
    "GET /<site>/choices/receipts.zip": replace(CHOICES, who=VISITOR),
    "GET /log/checkpoint": replace(PUBLIC_FILE, cache=SECOND),
    "GET /log/tile/<path:tile>": replace(PUBLIC_FILE, cache=YEAR),
    "GET /log/key": replace(PUBLIC_FILE, cache=SECOND),
    "GET /log/rotations": replace(PUBLIC_FILE, cache=SECOND),
    "GET /log/verify.py": replace(PUBLIC_FILE, cache=DAY),
    "POST /<site>/choices/forget": CHOICES_FORM,
    "GET /<site>/choices/erase": CHOICES,
    "POST /<site>/choices/erase": replace(CHOICES_FORM, limited=True),
    "GET /<site>/providers": LIST,
    "GET /<site>/providers.json": replace(PUBLIC_FILE, cache=MINUTE),
    "GET /<site>/providers.csv": replace(PUBLIC_FILE, cache=MINUTE),
    "GET /<site>/trial/<ticket>": Route(),
    "POST /<site>/trial/<ticket>": Route(sender=OWN, status=303),
    "POST /<site>/trial/<ticket>/end": Route(sender=OWN, status=303),
    "GET /<site>/policy": LIST,
    "GET /<site>/policy/<int:number>": LIST,
    "GET /<site>/policy/<int:first>..<int:second>": LIST,
    "GET /<site>/policy/compare": Route(status=422),
    "GET /<site>/policy/history": LIST,
    "GET /<site>/policy/archived/<day>": LIST,
    "GET /<site>/policy/feed.xml": replace(PUBLIC_FILE, cache=MINUTE),
    "GET /.well-known/dnt/": STATEMENT,
    "GET /<site>/dnt": STATEMENT,
    "GET /.well-known/gpc.json": STATEMENT,
    "GET /<site>/gpc.json": STATEMENT,
    "GET /staff/sign-in": Route(),
    "POST /staff/sign-in": replace(STAFF_FORM, limited=True, status=422),
    "POST /staff/sign-out": replace(STAFF_FORM, status=303),
    "GET /staff/": STAFF_PAGE,
    "POST /staff/code": replace(STAFF_FORM, limited=True, status=422),
    "GET /staff/forgotten": Route(),
    "POST /staff/forgotten": replace(STAFF_FORM, limited=True, status=422),
    "GET /staff/new-password/<token>": Route(),
    "POST /staff/new-password/<token>": replace(STAFF_FORM, limited=True, status=422),
    "GET /staff/<site>/announce/<int:number>": replace(EDITORS_PAGE, status=404),
    "GET /staff/account": STAFF_PAGE,
    "GET /staff/account/second-factor": STAFF_PAGE,
    "POST /staff/account/second-factor": CODE_FORM,
    "POST /staff/account/second-factor/begin": OWN_FORM,
    "GET /staff/account/second-factor/code.svg": STAFF_PAGE,
    "POST /staff/account/second-factor/recovery": CODE_FORM,
    "POST /staff/account/second-factor/off": CODE_FORM,
    "GET /staff/account/sessions": STAFF_PAGE,
    "POST /staff/account/sessions/<uuid:session_id>/end": OWN_FORM,
    "POST /staff/account/sessions/others/end": OWN_FORM,
    "GET /staff/account/tokens": STAFF_PAGE,
    "POST /staff/account/tokens": replace(OWN_FORM, limited=True, status=422),
    "POST /staff/account/tokens/<uuid:token_id>/revoke": OWN_FORM,
    "GET /staff/<site>/people": ADMIN_PAGE,
    "GET /staff/<site>/people/invite": ADMIN_PAGE,
    "POST /staff/<site>/people/invite": replace(ADMIN_FORM, status=422),
    "GET /staff/<site>/people/<uuid:person_id>": ADMIN_PAGE,
    "POST /staff/<site>/people/<uuid:person_id>/roles": ADMIN_FORM,
    "POST /staff/<site>/people/<uuid:person_id>/expiry": ADMIN_FORM,
    "POST /staff/<site>/people/<uuid:person_id>/tokens/<uuid:token_id>/revoke": ADMIN_FORM,
    "POST /staff/<site>/people/<uuid:person_id>/link": replace(ADMIN_FORM, status=200),
    "POST /staff/<site>/people/<uuid:person_id>/second-factor": ADMIN_FORM,
    "POST /staff/<site>/people/<uuid:person_id>/disable": replace(ADMIN_FORM, status=422),
    "POST /staff/<site>/people/<uuid:person_id>/enable": ADMIN_FORM,
    "GET /staff/<site>/record": ADMIN_PAGE,
    "GET /staff/<site>/": EDITORS_PAGE,
    "GET /staff/<site>/registry.yaml": EDITORS_PAGE,
    "GET /staff/<site>/providers": EDITORS_PAGE,
    "GET /staff/<site>/providers/new": EDITORS_PAGE,
    "POST /staff/<site>/providers/new": EDITORS_FORM,
    "GET /staff/<site>/providers/<key>": EDITORS_PAGE,
    "POST /staff/<site>/providers/<key>": EDITORS_FORM,
    "GET /staff/<site>/providers/<key>/remove": EDITORS_PAGE,
    "POST /staff/<site>/providers/<key>/remove": EDITORS_FORM,
    "GET /staff/<site>/providers/<key>/hold": EDITORS_PAGE,
    "POST /staff/<site>/providers/<key>/hold": EDITORS_FORM,
    "GET /staff/<site>/categories": EDITORS_PAGE,
    "GET /staff/<site>/categories/new": EDITORS_PAGE,
    "POST /staff/<site>/categories/new": EDITORS_FORM,
    "GET /staff/<site>/categories/<key>": EDITORS_PAGE,
    "POST /staff/<site>/categories/<key>": EDITORS_FORM,
    "GET /staff/<site>/wording": EDITORS_PAGE,
    "GET /staff/<site>/wording/<locale>": EDITORS_PAGE,
    # Nothing is changed, so nothing is wrong.
    "POST /staff/<site>/wording/<locale>": replace(EDITORS_FORM, status=303),
    "GET /staff/<site>/text/<locale>": EDITORS_PAGE,
    "POST /staff/<site>/text/<locale>": replace(EDITORS_FORM, status=303),
    "GET /staff/<site>/import": EDITORS_PAGE,
    "POST /staff/<site>/import": EDITORS_FORM,
    "GET /staff/<site>/preview": EDITORS_PAGE,
    "GET /staff/<site>/preview/banner": EDITORS_PAGE,
    "GET /staff/<site>/preview/<ticket>/choices.js": PUBLIC_FILE,
    "GET /staff/<site>/review": EDITORS_PAGE,
    # There is nothing to review.
    "POST /staff/<site>/review/submit": replace(EDITORS_FORM, status=409),
    "POST /staff/<site>/review/take-back": replace(EDITORS_FORM, status=409),
    "POST /staff/<site>/review/send-back": APPROVERS_FORM,
    "POST /staff/<site>/review/approve": replace(APPROVERS_FORM, status=409),
    "POST /staff/<site>/review/comment": EDITORS_FORM,
    "POST /staff/<site>/review/revert": replace(EDITORS_FORM, status=404),
    "POST /staff/<site>/review/unchanged": EDITORS_FORM,
    "GET /staff/<site>/publish": EDITORS_PAGE,
    "POST /staff/<site>/publish": APPROVERS_FORM,
    "POST /staff/<site>/publish/call-off": replace(APPROVERS_FORM, status=409),
    "GET /staff/<site>/holds": EDITORS_PAGE,
    "POST /staff/<site>/holds/<key>": replace(APPROVERS_FORM, status=404),
    "GET /staff/password": STAFF_PAGE,
    "POST /staff/password": Route(STAFF, sender=OWN_OR_NONE, limited=True, status=422),
    "GET /audit/": Route(AUDITOR),
    "GET /audit/zone": Route(AUDITOR),
    "POST /audit/zone": Route(AUDITOR, sender=OWN_OR_NONE, status=422),
    "GET /audit/events": Route(AUDITOR),
    "POST /audit/find": Route(AUDITOR, sender=OWN_OR_NONE, status=422),
    "GET /audit/visitors/<uuid:visitor_id>": Route(AUDITOR),
    "GET /audit/rates": Route(AUDITOR),
    "GET /audit/signals": Route(AUDITOR),
    "GET /audit/coverage": Route(AUDITOR),
    "GET /audit/providers": Route(AUDITOR),
    "GET /audit/log": Route(AUDITOR),
    # No checkpoint is sent, and none of ours has the size of the house's.
    "POST /audit/log": Route(AUDITOR, sender=OWN_OR_NONE, status=422),
    "GET /audit/log/<int:size>.json": Route(AUDITOR, errors=PROBLEM, status=404),
    "GET /audit/log/<int:size>/checkpoint": Route(AUDITOR, status=404),
    "GET /audit/retention": Route(AUDITOR),
    "GET /audit/findings": Route(AUDITOR),
    "GET /audit/events/<uuid:event_id>": Route(AUDITOR),
    "GET /audit/exports": Route(AUDITOR),
    # Without a format, and without a phrase.
    "POST /audit/exports": Route(AUDITOR, sender=OWN_OR_NONE, status=422),
    "POST /audit/exports/bundle": Route(AUDITOR, sender=OWN_OR_NONE),
    "GET /audit/sample": Route(AUDITOR),
    "POST /audit/sample": Route(AUDITOR, sender=OWN_OR_NONE, status=422),
    "POST /audit/sample/archive": Route(AUDITOR, sender=OWN_OR_NONE, status=422),
    "GET /audit/events/<uuid:event_id>/shown": Route(AUDITOR),
    "GET /audit/visitors/<uuid:visitor_id>/pack": Route(AUDITOR),
    "GET /audit/events/<uuid:event_id>/shown/banner": Route(AUDITOR),
    "GET /docs": Route(),
    "GET /docs/problems/<slug>": Route(),
    "GET /openapi.json": Route(errors=PROBLEM),
    "GET /healthz": Route(errors=PROBLEM),
    "GET /readyz": Route(errors=PROBLEM),
    "GET /static/<path:filename>": Route(cache=REVALIDATED),
}
IN_DEVELOPMENT = {
    "GET /demo/": DEMO,
    "GET /demo/files/<path:filename>": replace(DEMO, cache=REVALIDATED),
    "GET /demo/trackers/<name>.js": Route(cors=ALL, errors=PROBLEM, host=TRACKER_HOST),
}
ALL_ROUTES = ROUTES | IN_DEVELOPMENT


def routes_of(app):
    """`METHOD rule` of everything the app answers; HEAD goes with GET, and OPTIONS by itself is Flask's own."""
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", *(["OPTIONS"] if rule.provide_automatic_options else [])}
    }


# The preview is a frame that only our own page may hold, with one script in it.
FRAMES = {
    "GET /staff/<site>/preview": f"{PAGE}; frame-src 'self'",
    "GET /staff/<site>/preview/banner": FRAME,
    "GET /audit/events/<uuid:event_id>/shown": f"{PAGE}; frame-src 'self'",
    "GET /audit/events/<uuid:event_id>/shown/banner": FRAME,
}


class House:
    """The app with something at every address, and everyone who may ask."""

    def __init__(self, app):
        self.app = app
        with app.app_context():
            self.notice = policy.published("ala").notices["en"]
            archive.archive("ala", "# Policy", day="2018-05-23", title="Policy", locale="en", by="operator")
            db.session.commit()
        visitor, body = app.test_client(), self.decision()
        self.visitor_cookie = post(visitor, body).headers["Set-Cookie"].partition(";")[0]
        seal(app)
        script = visitor.get("/ala/choices.js").headers["ETag"].strip('"')[:HASH_LENGTH]
        add_person(app)
        add_person(app, EDITOR, ["editor"])
        add_person(app, APPROVER, ["approver"])
        add_person(app, ADMIN_EMAIL, ["admin"])
        add_person(app, DPO, ["dpo"])
        person_id = add_person(app, INVITED, ["editor"])
        writes, publishes = issue_token(app, EDITOR, [WRITE]), issue_token(app, APPROVER, [PUBLISH])
        self.tokens = {TOKEN: issue_token(app), WRITE: writes, PUBLISH: publishes, WRITE_OR_PUBLISH: publishes}
        self.tokens[RIGHTS] = issue_token(app, DPO, [RIGHTS])
        self.staff = {email: app.test_client() for email in (AUDITOR_EMAIL, EDITOR, APPROVER, ADMIN_EMAIL)}
        for email, client in self.staff.items():
            assert sign_in(client, email).status_code == 303
        self.values = {
            "<site>": "ala",
            "<uuid:event_id>": body["event_id"],
            "<uuid:visitor_id>": self.visitor_cookie.partition("=")[2].partition(".")[0],
            "<int:size>": "99",
            "<sha256>": self.notice,
            "<language>": "es-MX",
            "<provider>": "sample-ads",
            "<int:number>": "1",
            "<int:since>": "1",
            "<int:first>": "1",
            "<int:second>": "1",
            "<day>": "2018-05-23",
            "<slug>": "clock",
            "providers/<key>": "providers/sample-ads",
            "categories/<key>": "categories/marketing",
            "holds/<key>": "holds/sample-ads",
            "<locale>": "es",
            "trial/<ticket>": f"trial/{URLSafeTimedSerializer(app.config['SECRET_KEY'], salt='trial').dumps('ala')}",
            "<ticket>": URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="preview").dumps(["ala", "es"]),
            "<token>": new_link(app, EDITOR),
            "<uuid:person_id>": str(person_id),
            # Gone already: to end it again is no error.
            "<uuid:session_id>": body["event_id"],
            "<uuid:token_id>": body["event_id"],
            "choices.<short_hash>": f"choices.{script}",
            "<name>.<short_hash>": f"rest.{app.config['BUILDS']['rest'].hash}",
            "files/<path:filename>": "files/demo.css",
            "<path:filename>": "style.css",
            "<path:tile>": "0/000.p/2",
            "<name>": "analytics",
        }

    def decision(self):
        return decision_body(self.notice)

    def address(self, name, others=None):
        """The address of something that is there; `others` replaces what stands for one of the rule's variables."""
        path = name.split(" ")[1]
        for variable, value in {**self.values, **(others or {})}.items():
            path = path.replace(variable, value)
        return path

    def ask(self, name, *, client=None, path=None, method=None, headers=()):
        """One request; as nobody in particular, unless it says more."""
        route, own_method = ALL_ROUTES[name], name.split(" ")[0]
        body = {}
        if route.who == LISTED:
            body = {"json": self.decision()}
        elif route.who in BEARERS and own_method in ("POST", "PUT"):
            body = {"json": {}}
        elif own_method == "POST":
            form = {"event_id": self.decision()["event_id"], "notice": self.notice}
            body = {"data": form | {"decision": "reject_all", "roles": "editor"}}
        client = client or self.app.test_client(use_cookies=False)
        path, method = path or self.address(name), method or own_method
        with client.open(path, method=method, headers=dict(headers), base_url=route.host, **body) as response:
            # Reads it: a file that is sent stays open until then.
            assert response.data is not None
            return response

    def ask_properly(self, name, *, path=None, headers=()):
        """The same from whoever the address is for."""
        route = ALL_ROUTES[name]
        own = {
            LISTED: {"Origin": ORIGIN},
            VISITOR: {"Cookie": self.visitor_cookie},
            **{who: {"Authorization": f"Bearer {token}"} for who, token in self.tokens.items()},
        }.get(route.who, {"Origin": HOST} if route.sender else {})
        return self.ask(name, client=self.client_for(route), path=path, headers=own | dict(headers))

    @cached_property
    def answers(self):
        """What each answers properly, by name."""
        return {name: self.ask_properly(name) for name in ALL_ROUTES}

    def client_for(self, route):
        """The browser of somebody whom the address is for, where it asks to sign in."""
        email = {
            STAFF: AUDITOR_EMAIL, AUDITOR: AUDITOR_EMAIL, ADMIN: ADMIN_EMAIL, EDITS: EDITOR, APPROVES: APPROVER
        }.get(route.who)  # fmt: skip
        return self.staff[email] if email else None

    def ask_anonymously(self, name):
        """The same from whoever has read the address somewhere; a form comes from our own page."""
        return self.ask(name, headers={"Origin": HOST} if ALL_ROUTES[name].sender else {})


@pytest.fixture(scope="module")
def house(request, tmp_path_factory):
    """One for all tests: they leave it as it is, but for decisions of new visitors."""
    engine = request.getfixturevalue(getattr(request, "param", "sqlite"))
    with engine.filled("ala", migrate_and_publish_ala) as url:
        # With a limit, so that counting shows.
        settings = make_settings(tmp_path_factory.mktemp("house"), url, consent_rate="1000 per hour")
        with running(settings) as app:
            yield House(app)


def names(**wanted):
    """Routes whose entry has these values."""
    found = [name for name, route in ALL_ROUTES.items() if all(getattr(route, k) == v for k, v in wanted.items())]
    assert found, wanted
    return found


PRODUCTION = {"environment": "production", "public_url": "https://privacy.ala.org"}


@pytest.mark.parametrize(("changes", "table"), [({}, ALL_ROUTES), (PRODUCTION, ROUTES)])
def test_every_route_has_an_entry(tmp_path, changes, table):
    with running(make_settings(tmp_path, f"sqlite:///{tmp_path / 'none.db'}", **changes)) as app:
        assert routes_of(app) == set(table)


# Whatever the statements behind it, each is there on either database; the rest is the same on both.
@pytest.mark.parametrize("house", ["sqlite", "postgresql"], indirect=True)
def test_each_answers_whom_it_is_for(house):
    answers = {name: answer.status_code for name, answer in house.answers.items()}
    assert answers == {name: route.status for name, route in ALL_ROUTES.items()}


def test_what_is_for_a_visitor_is_not_there_for_others(house):
    stranger = {"Cookie": f"__Host-visitor={uuid.uuid4()}.{'A' * 43}"}
    for name in names(who=VISITOR):
        for headers in ({}, stranger, {"Authorization": f"Bearer {house.tokens[WRITE]}"}):
            assert house.ask(name, headers=headers).status_code == 404, (name, headers)
        # An auditor's token opens the API; pages are the visitor's own.
        opened = house.ask(name, headers={"Authorization": f"Bearer {house.tokens[TOKEN]}"}).status_code
        assert opened == (200 if name.startswith("GET /v1/") else 404), name


def test_what_is_for_listed_pages_is_refused_to_others(house):
    before = everything(house.app)
    for name in names(who=LISTED):
        for origin in (None, "null", FOREIGN, f"{ORIGIN}.evil.example", ORIGIN.replace("https", "http")):
            response = house.ask(name, headers={"Origin": origin} if origin else {})
            assert (response.status_code, response.content_type) == (403, PROBLEM), (name, origin)
    assert everything(house.app) == before


def test_what_is_for_staff_asks_for_sign_in(house):
    for name in names(who=STAFF) + names(who=AUDITOR) + names(who=ADMIN) + names(who=EDITS) + names(who=APPROVES):
        response = house.ask_anonymously(name)
        back = f"?next={house.address(name)}" if name.startswith("GET") else ""
        assert (response.status_code, response.location) == (303, f"/staff/sign-in{back}"), name


def test_what_is_for_one_role_is_refused_to_other_staff(house):
    for name in names(who=AUDITOR) + names(who=ADMIN) + names(who=APPROVES):
        assert house.ask(name, client=house.staff[EDITOR]).status_code == 403, name
    for name in names(who=EDITS):
        assert house.ask(name, client=house.staff[AUDITOR_EMAIL]).status_code == 403, name


@pytest.mark.parametrize(
    ("who", "other"), [(TOKEN, WRITE), (WRITE, PUBLISH), (PUBLISH, WRITE), (WRITE_OR_PUBLISH, TOKEN), (RIGHTS, WRITE)]
)
def test_what_needs_a_token_needs_one_with_the_scope(house, who, other):
    for name in names(who=who):
        for headers in ({}, {"Authorization": "Bearer cst_unknown"}, {"Authorization": house.tokens[who]}):
            response = house.ask(name, headers=headers)
            assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer"), (name, headers)
        # Being signed in opens pages, not the API: a cookie goes along with requests that a foreign page makes.
        for client in house.staff.values():
            assert house.ask(name, client=client).status_code == 401, name
        response = house.ask(name, headers={"Authorization": f"Bearer {house.tokens[other]}"})
        assert (response.status_code, response.content_type) == (403, PROBLEM), name


def test_every_form_says_which_sender_it_needs():
    posts = {name for name in ALL_ROUTES if not name.startswith(("GET ", "OPTIONS "))}
    assert {name for name in posts if ALL_ROUTES[name].sender or ALL_ROUTES[name].who in (LISTED, *BEARERS)} == posts


FOREIGN_SENDERS = [
    {"Origin": FOREIGN},
    {"Origin": "null"},
    # A page of the site itself is another's page, too: whoever writes there must not act as the visitor here.
    {"Origin": ORIGIN},
    {"Origin": f"{HOST}.evil.example"},
    {"Origin": HOST, "Sec-Fetch-Site": "cross-site"},
    {"Origin": HOST, "Sec-Fetch-Site": "same-site"},
    {"Origin": HOST, "Sec-Fetch-Site": "none"},
]


def test_a_form_of_a_foreign_page_does_nothing(house):
    before = everything(house.app)
    for name in names(sender=OWN) + names(sender=OWN_OR_NONE):
        client = house.staff[AUDITOR_EMAIL]
        for headers in FOREIGN_SENDERS + ([{}] if ALL_ROUTES[name].sender == OWN else []):
            response = house.ask(name, client=client, headers={"Cookie": house.visitor_cookie} | headers)
            assert (response.status_code, response.content_type) == (403, HTML), (name, headers)
            assert "Set-Cookie" not in response.headers
    assert everything(house.app) == before


def test_a_form_without_a_sender_is_taken_where_programs_sign_in(house):
    for name in names(sender=OWN_OR_NONE):
        route = ALL_ROUTES[name]
        response = house.ask(name, client=house.client_for(route))
        assert response.status_code == route.status, name


@pytest.mark.parametrize("origin", [ORIGIN, FOREIGN, None])
def test_which_pages_may_read_an_answer(house, origin):
    for name, route in ALL_ROUTES.items():
        if (route.who == LISTED and origin != ORIGIN) or route.sender:
            continue
        headers = house.ask_properly(name, headers={"Origin": origin} if origin else {}).headers
        expected = {NOBODY: (None, None), ALL: ("*", None), LISTED_PAGE: (origin, "true")}[route.cors]
        readable = headers.get("Access-Control-Allow-Origin"), headers.get("Access-Control-Allow-Credentials")
        assert readable == expected, name
        embeddable = "same-origin" if route.cors == NOBODY else "cross-origin"
        assert headers["Cross-Origin-Resource-Policy"] == embeddable, name
        # A cache between must not give one page's permission to another.
        assert ("Origin" in headers.get("Vary", "")) == (route.cors == LISTED_PAGE), name


def test_who_keeps_an_answer_and_how_long(house):
    for name, route in ALL_ROUTES.items():
        response = house.answers[name]
        assert response.headers["Cache-Control"] == route.cache, name
        if "public" in route.cache:
            assert "Set-Cookie" not in response.headers, name
            assert "Cookie" not in response.headers.get("Vary", ""), name


def test_only_forms_and_decisions_set_cookies(house):
    for name in ALL_ROUTES:
        if name.startswith(("GET", "OPTIONS")):
            assert "Set-Cookie" not in house.answers[name].headers, name


def test_how_much_an_answer_may_do(house):
    """No inline code on our own pages, and nothing at all in what is not a page."""
    for name, route in ALL_ROUTES.items():
        headers = house.answers[name].headers
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Referrer-Policy"] == "same-origin", name
        policy = headers["Content-Security-Policy"]
        if route.host == DEMO_HOST and headers["Content-Type"] == HTML:
            assert "unsafe" not in policy and "default-src 'none'" in policy
        else:
            own = FRAMES.get(name, PAGE if headers["Content-Type"] == HTML else NOTHING)
            assert re.sub("nonce-[\\w-]+", "nonce-{nonce}", policy) == own, name


def assert_error(name, response, status):
    assert (response.status_code, response.content_type) == (status, ALL_ROUTES[name].errors), name
    assert "no-store" in response.headers["Cache-Control"], name
    assert "Set-Cookie" not in response.headers, name
    if response.content_type == PROBLEM:
        problem = response.json
        assert (problem["status"], problem["type"].rpartition("/")[0]) == (status, "/docs/problems"), name
        assert problem["title"] and problem["detail"], name
    else:
        assert "<h1" in response.text and 'lang="en"' in response.text, name


def test_a_method_that_an_address_does_not_take(house):
    for name in ALL_ROUTES:
        response = house.ask(name, method="PATCH")
        assert_error(name, response, 405)
        assert name.split(" ")[0] in response.headers["Allow"].split(", "), name


NOT_THERE = {
    "<site>": "nosuch",
    "<uuid:event_id>": "0193a3c4-0000-7000-8000-000000000000",
    "<uuid:visitor_id>": "0193a3c4-0000-4000-8000-000000000000",
    "<sha256>": "0" * 64,
    "<int:number>": "99",
    "<slug>": "nosuch",
    "<provider>": "nosuch",
    "providers/<key>": "providers/nosuch",
    "categories/<key>": "categories/nosuch",
    "holds/<key>": "holds/nosuch",
    "<locale>": "nosuch",
    "<ticket>": "nosuch",
    "<token>": "nosuch",
    "<uuid:person_id>": "0193a3c4-0000-7000-8000-000000000000",
    "<sha256>/<language>": f"{'0' * 64}/es",
    "choices.<short_hash>": "choices.00000000",
    "<name>.<short_hash>": "rest.00000000",
    "files/<path:filename>": "files/nosuch.css",
    "<path:filename>": "nosuch.css",
    "<path:tile>": "0/999",
    "<name>": "nosuch",
}


@pytest.mark.parametrize("variable", NOT_THERE)
def test_what_is_not_there(house, variable):
    for name in ALL_ROUTES:
        path = house.address(name, {variable: NOT_THERE[variable]})
        if path != house.address(name):
            # A token is told nothing of other sites.
            own = variable == "<site>" and ALL_ROUTES[name].who in BEARERS
            assert_error(name, house.ask_properly(name, path=path), 403 if own else 404)


def test_whose_requests_are_counted(house, monkeypatch):
    limiter, counted = house.app.extensions["rates"].limiter, []
    hit = limiter.hit
    monkeypatch.setattr(limiter, "hit", lambda *what: counted.append(what) or hit(*what))
    for name, route in ALL_ROUTES.items():
        counted.clear()
        house.ask_properly(name)
        assert len(counted) == route.limited, name


def test_head_says_what_get_says(house):
    for name in ALL_ROUTES:
        if name.startswith("GET") and ALL_ROUTES[name].who == ANYONE:
            whole, head = house.ask(name), house.ask(name, method="HEAD")
            assert head.status_code == whole.status_code and not head.data, name
            for header in ("Content-Type", "Cache-Control", "ETag", "Access-Control-Allow-Origin"):
                assert head.headers.get(header) == whole.headers.get(header), (name, header)


def test_no_site_has_the_key_of_an_address_of_ours(app):
    """Sites stand at the root and under /staff/, beside these."""
    rules = [rule.rule.split("/")[1:] for rule in app.url_map.iter_rules()]
    fixed = {parts[0] for parts in rules} | {parts[1] for parts in rules if parts[0] == "staff" and len(parts) > 1}
    assert {name for name in fixed if re.fullmatch(r"[a-z][a-z0-9_-]*", name)} <= RESERVED_KEYS
