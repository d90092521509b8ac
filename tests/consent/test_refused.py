"""What `POST /v1/sites/{site}/consents` does not take: each with its status, in the one error shape, and
nothing written."""

import json
import uuid
from io import BytesIO

import pytest

from tests.factories import HOST, ORIGIN, everything, post

ENGINES = ("sqlite",)
EVERYTHING = ("functional", "analytics", "marketing")


def assert_problem(response, status, slug):
    """RFC 9457, with the members that every error of ours has, and no cookie."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    problem = response.json
    assert problem["type"] == f"/docs/problems/{slug}"
    assert problem["status"] == status
    assert problem["title"] and problem["detail"]
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.headers.getlist("Set-Cookie")
    assert "Tk" not in response.headers
    return problem


def assert_readable(response, origin=ORIGIN):
    assert response.headers["Access-Control-Allow-Origin"] == origin
    assert response.headers["Access-Control-Allow-Credentials"] == "true"


MALFORMED = {
    "nothing": b"",
    "half an object": b'{"event_id": ',
    "a word": b"reject_all",
    "a key twice": b'{"action": "accept_all", "action": "reject_all"}',
    "an inner key twice": b'{"choices": {"marketing": true, "marketing": false}}',
    "a key twice by escape": b'{"a": 1, "\\u0061": 2}',
    "a lone surrogate": b'{"page": "\\ud800"}',
    "a lone low surrogate": b'{"page": "\\udc00x"}',
    "a lone surrogate as a key": b'{"\\udfff": 1}',
    "a lone surrogate deep inside": b'{"a": [{"b": "\\ud83d"}]}',
    "an encoded surrogate": b'{"page": "\xed\xa0\x80"}',
    "NaN": b'{"choices": NaN}',
    "Infinity": b'{"choices": -Infinity}',
    "U+0000 as an escape": b'{"page": "a\\u0000b"}',
    "U+0000 raw": b'{"page": "a\x00b"}',
    "a raw control character": b'{"page": "a\nb"}',
    "not UTF-8": b'{"page": "\xff"}',
    "UTF-16": '{"page": ""}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "nested too deeply": b"[" * 4000 + b"]" * 4000,
    "a number too long to read": b'{"choices": ' + b"9" * 5000 + b"}",
    "two values": b"{} {}",
    "a comment": b"{} // and more",
    "a trailing comma": b'{"a": 1,}',
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_json_that_all_readers_agree_on(app, client, site, name):
    before = everything(app)
    response = post(client, MALFORMED[name])
    assert_problem(response, 400, "malformed")
    assert_readable(response)
    assert everything(app) == before


INVALID = [
    # what changes in a good body, and the field that is named
    ({"event_id": "4711"}, "event_id"),
    ({"event_id": 4711}, "event_id"),
    ({"event_id": None}, "event_id"),
    ({"event_id": str(uuid.uuid4())}, "event_id"),
    ({"event_id": str(uuid.uuid1())}, "event_id"),
    ({"event_id": "{0193a3c4-0000-7000-8000-000000000000}"}, "event_id"),
    ({"event_id": "urn:uuid:0193a3c4-0000-7000-8000-000000000000"}, "event_id"),
    ({"event_id": "0193a3c4000070008000000000000000"}, "event_id"),
    ({"event_id": "0193A3C4-0000-7000-8000-000000000000"}, "event_id"),
    # Right version, another variant.
    ({"event_id": "0193a3c4-0000-7000-c000-000000000000"}, "event_id"),
    ({"action": "reject"}, "action"),
    ({"action": None}, "action"),
    ({"action": ["reject_all"]}, "action"),
    ({"surface": "popup"}, "surface"),
    ({"choices": None}, "choices"),
    ({"choices": []}, "choices"),
    ({"choices": {"marketing": "yes"}}, "choices"),
    ({"choices": {"marketing": 1}}, "choices"),
    ({"choices": {"marketing": 0}}, "choices"),
    ({"choices": {"marketing": None}}, "choices"),
    ({"choices": {"marketing": "false"}}, "choices"),
    ({"choices": {"market\u202eing": False}}, "choices"),
    ({"choices": {"a\u0007": False}}, "choices"),
    ({"choices": {"": False}}, "choices"),
    ({"choices": {"no-such-category": False}}, "choices"),
    ({"choices": {f"c{n}": False for n in range(201)}}, "choices"),
    ({"providers": {"no-such-provider": False}}, "providers"),
    ({"providers": {"sample-ads": "no"}}, "providers"),
    ({"providers": ["sample-ads"]}, "providers"),
    ({"notice": "0" * 63}, "notice"),
    ({"notice": "0" * 64 + "\n"}, "notice"),
    ({"notice": "A" * 64}, "notice"),
    ({"notice": None}, "notice"),
    ({"decided_at": "yesterday"}, "decided_at"),
    ({"decided_at": "2026-11-22T10:00:00"}, "decided_at"),
    ({"decided_at": "9999-12-31T23:59:59-01:00"}, "decided_at"),
    ({"decided_at": "0001-01-01T00:00:00+14:00"}, "decided_at"),
    ({"decided_at": 1763805600}, "decided_at"),
    ({"signals": {"dnt": "2"}}, "signals"),
    ({"signals": {"dnt": True}}, "signals"),
    ({"signals": {"gpc": "1"}}, "signals"),
    ({"signals": {"gpc": 1}}, "signals"),
    ({"signals": {"gpc": None}}, "signals"),
    ({"signals": {"ccpa": True}}, "signals"),
    ({"signals": None}, "signals"),
    ({"page": "javascript:alert(1)"}, "page"),
    ({"page": "www.ala.org"}, "page"),
    ({"page": "https://"}, "page"),
    ({"page": "https://www.ala.org/a\u0007b"}, "page"),
    ({"page": "https://www.ala.org/a\u202eb"}, "page"),
    ({"page": "https://www.ala.org/a b"}, "page"),
    ({"page": "https://[::1/"}, "page"),
    ({"page": 7}, "page"),
    ({"automated": "human"}, "automated"),
    ({"visitor_id": str(uuid.uuid4())}, "visitor_id"),
    ({"action": "reject_all", "choices": {"marketing": True}}, "choices"),
    ({"action": "withdraw", "choices": {}, "providers": {"sample-ads": True}}, "choices"),
]


@pytest.mark.parametrize(("changes", "field"), INVALID)
def test_a_field_that_is_wrong_is_named(app, client, decision, changes, field):
    before = everything(app)
    response = post(client, decision(**changes))
    problem = assert_problem(response, 422, "invalid")
    assert list(problem["errors"]) == [field]
    assert_readable(response)
    assert everything(app) == before


@pytest.mark.parametrize("field", ["event_id", "action", "choices", "surface", "notice", "decided_at"])
def test_a_field_that_is_missing_is_named(client, decision, field):
    body = decision()
    del body[field]
    assert list(assert_problem(post(client, body), 422, "invalid")["errors"]) == [field]


@pytest.mark.parametrize("body", ["[]", "null", '"reject_all"', "7", "true"])
def test_json_that_is_no_object(client, site, body):
    assert_problem(post(client, body), 422, "invalid")


def test_a_required_category_is_not_a_choice_but_may_be_named(client, decision):
    body = decision(choices={"necessary": False, "marketing": False})
    response = post(client, body)
    assert response.status_code == 201
    assert response.json["choices"] == dict.fromkeys(EVERYTHING, False)


def test_8192_bytes_are_taken_and_one_more_is_not(app, client, decision):
    body = json.dumps(decision()).encode()
    assert post(client, body.ljust(8192)).status_code == 201
    before = everything(app)
    body = json.dumps(decision()).encode()
    response = post(client, body.ljust(8193))
    assert_problem(response, 413, "too-large")
    assert_readable(response)
    assert everything(app) == before


@pytest.mark.parametrize(("length", "status"), [(8192, 201), (8193, 413), (200_000, 413)])
def test_a_chunked_body_is_measured_as_it_comes(app, client, decision, length, status):
    before = everything(app)
    response = client.post(
        "/v1/sites/ala/consents",
        input_stream=BytesIO(json.dumps(decision()).encode().ljust(length)),
        headers={"Origin": ORIGIN, "Transfer-Encoding": "chunked"},
        content_type="application/json",
        # As gunicorn says that the stream ends by itself.
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert response.status_code == status
    assert (everything(app) == before) == (status != 201)


FOREIGN = [
    None,
    "null",
    "https://elsewhere.example",
    "http://www.ala.org",
    "https://www.ala.org:8443",
    "https://www.ala.org/",
    "https://WWW.ala.org",
    "https://ala.org",
    "https://www.ala.org.elsewhere.example",
    "https://evilwww.ala.org",
    "https://www.ala.org https://elsewhere.example",
    HOST,
    "",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_that_the_site_does_not_list(app, client, decision, origin):
    before = everything(app)
    response = post(client, decision(), Origin=origin)
    assert_problem(response, 403, "forbidden")
    assert not [name for name, _ in response.headers if name.startswith("Access-Control-")]
    assert everything(app) == before


@pytest.mark.parametrize("key", ["nosuch", "ALA", "ala%00", "v1"])
def test_a_site_that_is_not_known(app, client, decision, key):
    before = everything(app)
    response = post(client, decision(), site=key)
    assert_problem(response, 404, "not-found")
    assert not [name for name, _ in response.headers if name.startswith("Access-Control-")]
    assert everything(app) == before


@pytest.mark.parametrize(
    "content_type", ["", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/html", "json"]
)
def test_a_kind_of_body_that_is_not_read(app, client, decision, content_type):
    before = everything(app)
    response = post(client, decision(), content_type=content_type)
    assert_problem(response, 415, "unsupported-media-type")
    assert_readable(response)
    assert everything(app) == before


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_other_methods(client, site, method):
    response = client.open("/v1/sites/ala/consents", method=method, headers={"Origin": ORIGIN})
    assert_problem(response, 405, "method-not-allowed")
    assert {name.strip() for name in response.headers["Allow"].split(",")} == {"POST", "OPTIONS"}
