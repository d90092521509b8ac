"""What programs read of the published."""

import hashlib

import pytest

from tests.factories import publish, read_ala


def test_config(client, site):
    response = client.get("/v1/sites/ala/config")
    assert response.status_code == 200
    config = response.json
    assert config["site"] == "ala"
    assert config["policy"] == {"number": 1, "sha256": site.terms.sha256}
    assert config["epoch"] == 1
    assert config["notices"] == site.notices
    assert {category["key"]: category["required"] for category in config["categories"]} == {
        "necessary": True, "functional": False, "analytics": False, "marketing": False,
    }  # fmt: skip
    assert {"key", "name", "category", "sells_or_shares", "hosts", "trackers"} == set(config["providers"][0])


def test_config_is_revalidated(app, client, site):
    first = client.get("/v1/sites/ala/config")
    again = client.get("/v1/sites/ala/config", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with app.app_context():
        publish(read_ala())
    changed = client.get("/v1/sites/ala/config", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


@pytest.mark.parametrize("locale", ["en", "es"])
def test_a_notice_is_served_byte_for_byte_for_ever(client, site, locale):
    sha256 = site.notices[locale]
    response = client.get(f"/v1/sites/ala/notices/{sha256}")
    assert hashlib.sha256(response.data).hexdigest() == sha256
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = client.get(f"/v1/sites/ala/notices/{sha256}", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_a_policys_document_is_served_byte_for_byte_for_ever(app, client, site):
    with app.app_context():
        publish(read_ala())
    response = client.get("/v1/sites/ala/policies/1")
    assert hashlib.sha256(response.data).hexdigest() == site.terms.sha256
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/sites/nosuch/config",
        "/v1/sites/ala/notices/" + "0" * 64,
        "/v1/sites/ala/notices/" + "0" * 63,
        "/v1/sites/ala/notices/zz",
        "/v1/sites/ala/policies/2",
        "/v1/sites/ala/policies/0",
        "/v1/sites/ala/policies/-1",
        "/v1/sites/ala/policies/99999999999999999999",
        "/v1/sites/ala%00/config",
    ],
)
def test_what_is_not_there(client, site, path):
    response = client.get(path)
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


def test_a_notice_in_upper_case_is_another_address(client, site):
    assert client.get(f"/v1/sites/ala/notices/{site.notices['en'].upper()}").status_code == 404
