"""What programs read of the published."""

import hashlib
from urllib.parse import quote_from_bytes

import pytest

from consent_server.policy import service as policy
from consent_server.registry import service as registry
from tests.factories import publish, read_ala, site_content

ENGINES = ("sqlite",)


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


@pytest.mark.parametrize("locale", ["en", "es", "yi"])
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


def ask_nearest(client, sha256, language, site="ala", **headers):
    asked = quote_from_bytes(language.encode("utf-8", "surrogateescape"), safe="")
    return client.get(f"/v1/sites/{site}/notices/{sha256}/{asked}", headers=headers)


@pytest.mark.parametrize(
    ("language", "locale"),
    [
        ("es", "es"),
        ("ES-mx", "es"),
        ("zh-TW", "zh-Hant"),
        ("zh-CN", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("fil", "tl"),
        ("iw-IL", "he"),
        ("en-GB", "en"),
        # Not offered, or no language at all: what was asked about.
        ("fi", "en"),
        ("pt-BR", "en"),
        ("*", "en"),
        ("..", "en"),
        ("%", "en"),
        ("🦊", "en"),
        ("\udcff", "en"),
        ("es;q=0.5", "en"),
        ("<script>", "en"),
        # Only so much of a tag is read as one can be long.
        ("es-" + "x" * 7000, "es"),
        ("es" + "-x" * 3500, "es"),
        ("-" * 7000, "en"),
    ],
)
def test_the_notice_that_goes_with_another_in_the_nearest_locale(client, site, language, locale):
    response = ask_nearest(client, site.notices["en"], language)
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert set(response.json) == {"notice", "sha256"}
    assert response.json["sha256"] == site.notices[locale]
    assert response.json["notice"] == client.get(f"/v1/sites/ala/notices/{site.notices[locale]}").json
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_it_goes_from_any_locale_to_any_other(client, site):
    for asked in ("es", "yi", "zh-Hans"):
        for locale, sha256 in site.notices.items():
            assert ask_nearest(client, site.notices[asked], locale).json["sha256"] == sha256
        assert ask_nearest(client, site.notices[asked], "fi").json["sha256"] == site.notices[asked]


def test_its_notice_is_byte_for_byte_what_its_hash_is_of(client, site):
    response = ask_nearest(client, site.notices["en"], "ar")
    document = response.data.removeprefix(b'{"notice":').removesuffix(b',"sha256":"%b"}' % site.notices["ar"].encode())
    assert hashlib.sha256(document).hexdigest() == site.notices["ar"]


def test_a_known_one_is_not_sent_again(client, site):
    first = ask_nearest(client, site.notices["en"], "es")
    again = ask_nearest(client, site.notices["en"], "es", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = ask_nearest(client, site.notices["en"], "fr", **{"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_it_is_of_the_same_version_and_release_as_the_one_shown(app, client, site):
    """A page that was opened before a publication goes on in the words of its own version."""
    with app.app_context():
        publish(read_ala())
    app.config["WIDGET_SHA256"] = b"\1" * 32
    assert app.test_cli_runner().invoke(args=["release"]).exit_code == 0
    now = client.get("/v1/sites/ala/config").json["notices"]
    assert ask_nearest(client, site.notices["en"], "es").json["sha256"] == site.notices["es"] != now["es"]
    assert ask_nearest(client, now["en"], "es").json["sha256"] == now["es"]


def test_another_sites_notice_is_not_there(app, client, site):
    with app.app_context():
        publish(registry.validate(site_content()))
        zoo = policy.published("zoo").notices["en"]
    assert ask_nearest(client, zoo, "en", site="zoo").status_code == 200
    for sha256, key in ((zoo, "ala"), (site.notices["en"], "zoo"), (site.notices["en"], "nosuch")):
        response = ask_nearest(client, sha256, "en", site=key)
        assert (response.status_code, response.content_type) == (404, "application/problem+json")
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("rest", ["/", "/es/", "/es/fr", "//", "/%2F", "/es%2Ffr", "/es%00"])
def test_a_language_is_one_part_of_the_address(client, site, rest):
    response = client.get(f"/v1/sites/ala/notices/{site.notices['en']}{rest}")
    assert (response.status_code, response.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize("sha256", ["0" * 64, "0" * 63, "zz", "G" * 64, "é" * 64])
def test_nothing_goes_with_a_notice_that_is_not_there(client, site, sha256):
    assert ask_nearest(client, sha256, "es").status_code == 404


def test_a_notice_in_upper_case_is_another_address(client, site):
    assert client.get(f"/v1/sites/ala/notices/{site.notices['en'].upper()}").status_code == 404
    assert ask_nearest(client, site.notices["en"].upper(), "es").status_code == 404
