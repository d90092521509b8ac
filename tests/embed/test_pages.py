"""The script's addresses: encodings, caches, addresses that never change, and the size of what ALA's visitors load."""

import gzip
import hashlib
import re
from dataclasses import replace

import brotli
import pytest

from consent_server.embed import builds
from consent_server.embed.builds import Build, literal
from consent_server.embed.service import compose, widget_config
from consent_server.registry import service as registry
from tests.factories import publish, read_ala, site_content

ENGINES = ("sqlite",)


# Code, configuration and notice of ALA's own site: what a visitor waits for.
MAX_GZIP_BYTES = 6144
FRESH = "public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800"
IMMUTABLE = "public, max-age=31536000, immutable"


def get(client, path="/ala/choices.js", **headers):
    return client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def parts_in(file):
    """Addresses of the parts that a built file asks for."""
    return {f"/embed/{name.decode()}.js" for name in re.findall(rb"[a-z]+\.[0-9a-f]{8}\b", file)}


def test_alas_script_is_one_small_file(app, client, site):
    """In production: in development there is one more domain in it."""
    rules = replace(site.rules, cookie_domains=("ala.org",))
    with app.app_context():
        script = compose(replace(site, rules=rules)).content
    size = len(gzip.compress(script, 9))
    assert size <= MAX_GZIP_BYTES, f"{size} bytes"


def test_the_script_holds_code_policy_and_the_default_notice(app, client, site):
    script = get(client).data
    with app.app_context():
        config = widget_config(site)
    assert config["notice"] == site.notices["en"]
    assert script.count(literal(config).encode()) == 1
    assert builds.PLACEHOLDER not in script
    code = app.config["BUILDS"]["choices"].content
    before, after = code.split(builds.PLACEHOLDER)
    assert script.startswith(before) and script.endswith(after)


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("deflate", None),
        ("*", "br"),
    ],
)
def test_encodings(client, site, accepts, encoding):
    response = get(client, Accept_Encoding=accepts)
    assert response.headers.get("Content-Encoding") == encoding
    decode = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}[encoding]
    assert decode(response.data) == get(client).data
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.content_length == len(response.data)


def test_headers(client, site):
    headers = get(client).headers
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert headers["Cache-Control"] == FRESH
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("accepts", ["identity", "gzip", "br"])
def test_a_known_script_is_not_sent_again(client, site, accepts):
    first = get(client, Accept_Encoding=accepts)
    again = get(client, Accept_Encoding=accepts, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary", "Access-Control-Allow-Origin"):
        assert again.headers[name] == first.headers[name]


def test_each_encoding_has_a_tag_of_its_own(client, site):
    tags = {get(client, Accept_Encoding=accepts).headers["ETag"] for accepts in ("identity", "gzip", "br")}
    assert len(tags) == 3
    assert all(re.fullmatch(r'"[^"]+"', tag) for tag in tags)


def test_a_publication_changes_the_tag(app, client, site):
    tag = get(client).headers["ETag"]
    with app.app_context():
        publish(read_ala())
    assert get(client, If_None_Match=tag).status_code == 200


def pinned(script):
    return f"/ala/choices.{hashlib.sha256(script).hexdigest()[:8]}.js"


def test_the_same_at_an_address_that_never_changes(client, site):
    script = get(client)
    response = get(client, pinned(script.data))
    assert response.data == script.data
    assert response.headers["Cache-Control"] == IMMUTABLE
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_a_pinned_script_outlives_a_publication(app, client, site):
    old = get(client).data
    with app.app_context():
        publish(read_ala())
    assert get(client).data != old
    assert get(client, pinned(old)).data == old


def test_parts_and_scripts_outlive_a_release(app, client, site):
    old, parts = get(client).data, app.config["BUILDS"]
    files = {name: Build(name, b"// newer\n" + build.content) for name, build in parts.items()}
    app.config |= {"BUILDS": files, "WIDGET_SHA256": files["choices"].sha256}
    assert app.test_cli_runner().invoke(args=["release"]).exit_code == 0
    new = get(client).data
    assert new.startswith(b"// newer")
    assert get(client, pinned(old)).data == old
    for build in [*parts.values(), *files.values()]:
        if build.name == builds.CODE:
            continue
        response = get(client, f"/embed/{build.name}.{build.hash}.js")
        assert (response.data, response.headers["Cache-Control"]) == (build.content, IMMUTABLE)


def test_a_release_of_a_part_less_still_serves_it(app, client, site):
    """Yesterday's script asks for the parts of yesterday."""
    parts = dict(app.config["BUILDS"])
    gone = parts.pop("modes")
    app.config["BUILDS"] = parts
    assert app.test_cli_runner().invoke(args=["release"]).exit_code == 0
    response = get(client, f"/embed/modes.{gone.hash}.js")
    assert response.data == gone.content


def test_parts(app, client, site):
    """Each file asks for parts that are there, and each part is asked for by one of them."""
    asked = parts_in(get(client).data)
    assert len(asked) == 1
    for path in asked:
        asked = asked | parts_in(get(client, path).data)
    parts = [b for b in app.config["BUILDS"].values() if b.name not in (builds.CODE, builds.TRIAL)]
    assert asked == {f"/embed/{part.name}.{part.hash}.js" for part in parts}
    for path in asked:
        response = get(client, path)
        assert hashlib.sha256(response.data).hexdigest()[:8] in path
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert response.headers["Cache-Control"] == IMMUTABLE


@pytest.mark.parametrize(
    "path",
    [
        "/nosuch/choices.js",
        "/ala/choices.00000000.js",
        "/ala/choices.x.js",
        "/embed/rest.00000000.js",
        "/embed/rest.js",
        "/embed/rest.0.js",
        "/embed/choices.00000000.js",
        "/embed/nosuch.00000000.js",
        "/embed/..%2f..%2fsettings.00000000.js",
    ],
)
def test_what_is_not_there(client, site, path):
    response = get(client, path)
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"


def test_the_code_alone_is_no_part(app, client, site):
    assert get(client, f"/embed/choices.{app.config['BUILDS']['choices'].hash}.js").status_code == 404


def test_no_name_that_filter_lists_hide(app):
    for name in app.config["BUILDS"]:
        assert not re.search(r"cookie|gdpr|cmp|banner|notice|popup|tracking|privacy-", name)


def test_the_address_says_nothing_of_this_deployment(app, client, site):
    """Everything the script needs it takes from its own address."""
    script = get(client).data
    settings = replace(app.config["SETTINGS"])
    assert settings.public_url.encode() not in script


def test_a_site_may_have_the_longest_key(app, database_url):
    key = "z" * 31
    with app.app_context():
        publish(registry.validate(site_content(key)))
    script = get(app.test_client(), f"/{key}/choices.js").data
    with app.app_context():
        publish(registry.validate(site_content(key)))
    old = get(app.test_client(), f"/{key}/choices.{hashlib.sha256(script).hexdigest()[:8]}.js")
    assert old.data == script
