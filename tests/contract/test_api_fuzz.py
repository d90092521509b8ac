"""The API against its own description: whatever is sent, the answer is one that /openapi.json names."""

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from consent_server.consent.models import ConsentEvent
from tests.factories import ORIGIN, decision_body, rows
from tests.staff.people import add_person, issue_token

# The stricter one of the two.
ENGINES = ("postgresql",)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# Fields of a decision that do not decide whether it is looked at.
FREE = ["action", "choices", "providers", "surface", "decided_at", "signals", "page", "automated"]

few = settings(
    max_examples=8,
    deadline=None,
    # Without shrinking: it would take longer than all the rest.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)


@pytest.fixture
def api(app, site):
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


@pytest.fixture
def headers(app, site):
    """Sent by a listed page, with a good token: past the door."""
    add_person(app, roles=["auditor", "editor", "approver", "dpo"])
    token = issue_token(app, scopes=["audit:read", "registry:write", "registry:publish", "rights:write"])
    return {"Origin": ORIGIN, "Authorization": f"Bearer {token}"}


def operations(api, mode):
    """Nothing is wrong for an operation that takes any text."""
    found = [result.ok() for result in api.get_all_operations()]
    return [one for one in found if mode == GenerationMode.POSITIVE or one.query or one.body]


def assert_described(case, headers):
    case.validate_response(case.call(headers=headers), checks=CHECKS)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_whatever_is_sent_the_answer_is_described(api, headers, mode):
    for operation in operations(api, mode):

        @few
        @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
        def answer(case, known):
            if known and "site" in case.path_parameters:
                case.path_parameters["site"] = "ala"
            assert_described(case, headers)

        answer()


def test_whatever_is_decided_the_answer_is_described(app, api, headers, site):
    """With an id and a notice that are good, so that it gets as far as the database."""

    @few
    @given(case=api["/v1/sites/{site}/consents"]["POST"].as_strategy(), kept=st.sets(st.sampled_from(FREE)))
    def answer(case, kept):
        case.path_parameters["site"] = "ala"
        good = decision_body(site.notices["en"])
        case.body = good | {name: case.body[name] for name in kept if name in case.body}
        assert_described(case, headers)

    answer()
    assert rows(app, ConsentEvent)


# What somebody may try in the place of a rule's variable.
ODD = [
    "%00", "ala%00", "%FF%FE", "%ED%A0%80", "%2e%2e", "%F0%9F%8D%AA", "0", "2147483648", "9223372036854775808",
    "1" + "0" * 60, "x" * 2000, "'", "%3Cb%3E",
]  # fmt: skip

ANY_LANGUAGE = ("/v1/sites/ala/changes/1/@", "/v1/sites/ala/providers/@")


def test_an_odd_address_is_not_there(app, client, site):
    answers = {}
    for rule in app.url_map.iter_rules():
        for variable in re.findall("<[^>]+>", rule.rule) if "GET" in rule.methods else ():
            pattern = re.sub("<[^>]+>", "1", rule.rule.replace(variable, "@").replace("<site>", "ala"))
            for odd in ODD:
                with client.get(pattern.replace("@", odd)) as response:
                    answers[pattern, odd] = response.status_code
    # Pages for staff ask for sign-in first, and the API for a token. Any language has one that is nearest to it.
    expected = {address: (200, 404) if address[0] in ANY_LANGUAGE else (303, 401, 404) for address in answers}
    assert {address: status for address, status in answers.items() if status not in expected[address]} == {}
