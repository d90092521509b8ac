"""A site file: refused with the line of each fault, imported, exported."""

import pytest
import yaml

from consent_server.database import begin_writing
from consent_server.embed.models import WidgetFile
from consent_server.extensions import db
from consent_server.policy.models import Notice, PolicyVersion
from consent_server.registry import drafts
from consent_server.registry import service as registry
from consent_server.registry.models import Draft
from consent_server.sites.models import Site
from tests.factories import ALA, everything, rows, site_content

ENGINES = ("sqlite",)
SMALL = yaml.safe_dump(site_content(), sort_keys=False)


@pytest.fixture
def run(app):
    """Runs an operator command: `run("site", "import", path)`."""
    runner = app.test_cli_runner()

    def invoke(*words):
        return runner.invoke(args=[str(word) for word in words])

    return invoke


@pytest.fixture
def small_file(tmp_path):
    path = tmp_path / "zoo.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def changed(old, new):
    assert old in SMALL, old
    return SMALL.replace(old, new, 1)


FAULTS = {
    "an http origin's path": (changed("https://www.zoo.example", "https://www.zoo.example/"), "site.origins[0]"),
    "an origin in upper case": (changed("https://www.zoo.example", "https://WWW.zoo.example"), "site.origins[0]"),
    "a wildcard origin": (changed("https://www.zoo.example", "https://*.zoo.example"), "site.origins[0]"),
    "the null origin": (changed("https://www.zoo.example", "'null'"), "site.origins[0]"),
    "no origins": (changed("origins:\n  - https://www.zoo.example\n", "origins: []\n"), "site.origins"),
    "the consent host": (
        changed("  - https://www.zoo.example", "  - http://privacy.ala.localhost:9000\n  - https://www.zoo.example"),
        "site.origins[0]",
    ),
    "the consent host at another port": (
        changed("  - https://www.zoo.example", "  - https://www.zoo.example\n  - https://privacy.ala.localhost"),
        "site.origins[1]",
    ),
    "a cookie domain of others": (changed("- zoo.example", "- elsewhere.example"), "site.cookie_domains[0]"),
    "a top-level cookie domain": (changed("- zoo.example", "- example"), "site.cookie_domains[0]"),
    "a reserved key": (changed("key: zoo", "key: v1"), "site.key"),
    "a key in upper case": (changed("key: zoo", "key: Zoo"), "site.key"),
    "a key with a space": (changed("key: zoo", "key: a zoo"), "site.key"),
    "a blank name": (changed("name: A Zoo", "name: '  '"), "site.name"),
    "a name with a control character": (changed("name: A Zoo", 'name: "A\\u202eZoo"'), "site.name"),
    "a name that is too long": (changed("name: A Zoo", "name: " + "a" * 201), "site.name"),
    "no such rule": (changed("name: A Zoo", "name: A Zoo\n  dnt: ignore"), "site.dnt"),
    "days as text": (changed("name: A Zoo", "name: A Zoo\n  choice_ttl_days: '180'"), "site.choice_ttl_days"),
    "days as a boolean": (changed("name: A Zoo", "name: A Zoo\n  choice_ttl_days: true"), "site.choice_ttl_days"),
    "proof shorter than choice": (
        changed("name: A Zoo", "name: A Zoo\n  proof_retention_days: 30"),
        "site.proof_retention_days",
    ),
    "a default locale that is none": (changed("default_locale: en", "default_locale: fr"), "site.default_locale"),
    "no contact": (changed("email: keeper@zoo.example", "email: keeper"), "site.contact.email"),
    "a setting that does not exist": (changed("name: A Zoo", "name: A Zoo\n  colour: red"), "site.colour"),
    "a boolean in words": (changed("required: true", "required: yes"), "categories[0].required"),
    "a boolean as a number": (changed("required: true", "required: 1"), "categories[0].required"),
    "a boolean as text": (changed("required: true", "required: 'true'"), "categories[0].required"),
    "no required category": (changed("required: true", "required: false"), "categories"),
    "a category twice": (changed("key: marketing", "key: analytics"), "categories[2].key"),
    "a provider twice": (changed("key: measurer", "key: counter"), "providers[1].key"),
    "a provider called like a category": (changed("key: counter", "key: analytics"), "providers[0].key"),
    "no such consent mode": (
        changed("name: Counter", "name: Counter\n  consent_mode: ours"),
        "providers[0].consent_mode",
    ),
    "a language with a region of too many letters": (changed("- en\n", "- en-unitedstates\n"), "site.locales[0]"),
    "a language that no tag is as long as": (changed("- en\n", f"- en{'-abcdefgh' * 4}\n"), "site.locales[0]"),
    "a provider of no category": (changed("category: marketing", "category: adverts"), "providers[2].category"),
    "an http privacy policy": (
        changed("https://counter.example/privacy", "http://counter.example/privacy"),
        "providers[0].privacy_url",
    ),
    "a script for a privacy policy": (
        changed("https://counter.example/privacy", "javascript:alert(1)"),
        "providers[0].privacy_url",
    ),
    "a privacy policy with a password": (
        changed("https://counter.example/privacy", "https://a:b@counter.example/"),
        "providers[0].privacy_url",
    ),
    "selling in words": (changed("sells_or_shares: true", "sells_or_shares: no"), "providers[1].sells_or_shares"),
    "a host with a path": (changed("- counter.example", "- counter.example/a"), "providers[0].hosts[0]"),
    "no such kind of tracker": (changed("kind: cookie", "kind: cooky"), "providers[0].trackers[0].kind"),
    "a pattern that means everything": (changed("name: _counter", "name: '**'"), "providers[0].trackers[0].name"),
    "wording in a locale it has not": (SMALL + "wording:\n  fr:\n    title: Bonjour\n", "wording.fr"),
    "wording that does not exist": (SMALL + "wording:\n  en:\n    accept_all: OK\n", "wording.en.accept_all"),
    "no policy": (changed("policy:\n  en:", "policy:\n  fr:"), "policy"),
    "a room of its own": (SMALL + "trackers: []\n", "trackers"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_at_its_line_and_nothing_is_imported(app, run, tmp_path, name):
    text, place = FAULTS[name]
    path = tmp_path / "zoo.yaml"
    path.write_text(text, encoding="utf-8")
    before = everything(app)
    for command in ("validate", "import"):
        result = run("site", command, path)
        assert result.exit_code == 1, result.output
        assert f": {place}: " in result.stderr
        line = int(result.stderr.split("line ", 1)[1].split(":", 1)[0])
        assert line == line_of(text, place), result.stderr
    assert everything(app) == before


def line_of(text, place):
    """The line of the last part of a place that the file has, found by walking the YAML ourselves."""
    node = yaml.compose(text, Loader=yaml.BaseLoader)
    line = 1
    for part in place.replace("[", ".[").split("."):
        if part.startswith("["):
            node = node.value[int(part[1:-1])]
            line = node.start_mark.line + 1
            continue
        found = [pair for pair in node.value if pair[0].value == part]
        if not found:
            break
        line, node = found[0][0].start_mark.line + 1, found[0][1]
    return line


def test_every_fault_is_named_in_the_order_of_the_file(app, run, tmp_path):
    text = SMALL.replace("key: zoo", "key: Zoo").replace("required: true", "required: maybe")
    path = tmp_path / "zoo.yaml"
    path.write_text(text.replace("https://adserver.example/privacy", "ftp://x"), encoding="utf-8")
    result = run("site", "import", path)
    places = [line.split(": ")[2] for line in result.stderr.splitlines() if "line " in line]
    assert places == ["site.key", "categories[0].required", "providers[3].privacy_url"]
    assert "3 faults; nothing was imported." in result.stderr


def test_a_file_that_is_not_utf_8(run, tmp_path):
    path = tmp_path / "zoo.yaml"
    path.write_bytes(b"site: \xff\n")
    result = run("site", "import", path)
    assert result.exit_code == 1
    assert "not UTF-8" in result.output


def test_alas_file_is_published_as_version_1(app, run):
    result = run("site", "import", ALA)
    assert result.exit_code == 0, result.output
    [site] = rows(app, Site)
    [version] = rows(app, PolicyVersion)
    assert (site["key"], site["dnt"], site["gpc"]) == ("ala", "record", "refuse-marketing")
    assert (version["number"], version["epoch"], version["published_by"]) == (1, 1, "operator")
    assert {notice["locale"] for notice in rows(app, Notice)} == set(site["locales"])
    [draft] = rows(app, Draft)
    assert (draft["content"] == draft["published"], draft["base"], draft["editors"]) == (True, 1, [])
    assert app.test_client().get("/ala/choices.js").status_code == 200


def test_alas_file_names_our_own_two_cookies_and_what_its_policy_promises(app):
    with app.app_context():
        content = registry.read_site_file(ALA.read_text(encoding="utf-8"))
    [necessary] = [category["key"] for category in content["categories"] if category["required"]]
    ours = {
        tracker["name"]
        for provider in content["providers"]
        if provider["category"] == necessary
        for tracker in provider["trackers"]
        if tracker["kind"] == "cookie"
    }
    assert {"visitor_choices", "__Host-visitor"} <= ours
    assert content["site"]["contact"]["email"] == "data-protection-officer@ala.org"
    assert "marketing" in {category["key"] for category in content["categories"]}
    assert "google-analytics" in {provider["key"] for provider in content["providers"]}
    assert "aboutads.info/choices" in content["policy"]["en"]


def test_what_is_not_from_alas_policy_is_marked_as_a_sample(app):
    with app.app_context():
        content = registry.read_site_file(ALA.read_text(encoding="utf-8"))
    for provider in content["providers"]:
        assert provider["sample"] == ("sample" in provider["name"]), provider["key"]


def test_validating_writes_nothing(app, run, small_file):
    before = everything(app)
    result = run("site", "validate", small_file)
    assert result.exit_code == 0
    assert "3 categories, 4 providers" in result.output
    assert everything(app) == before


def test_validating_says_what_somebody_should_look_at(run, small_file):
    due = "privacy_url: https://counter.example/privacy"
    small_file.write_text(changed(due, f"{due}\n  review_date: 2020-01-31"), encoding="utf-8")
    result = run("site", "validate", small_file)
    assert result.exit_code == 0
    assert "providers.counter.review_date: The day of the next review is past." in result.stderr


def test_the_same_file_again_changes_nothing(app, run, small_file):
    run("site", "import", small_file)
    before = everything(app)
    for words in ((), ("--publish", "Again.")):
        result = run("site", "import", small_file, *words)
        assert result.exit_code == 0
        assert "nothing has changed" in result.output
    assert everything(app) == before


@pytest.mark.parametrize("path", [ALA, None])
def test_an_exported_site_imports_without_a_change(app, run, small_file, tmp_path, path):
    path = path or small_file
    run("site", "import", path)
    exported = tmp_path / "exported.yaml"
    exported.write_text(run("site", "export", "ala" if path == ALA else "zoo").stdout, encoding="utf-8")
    before = everything(app)
    assert "nothing has changed" in run("site", "import", exported).output
    assert everything(app) == before


def test_a_change_becomes_a_draft_and_what_is_published_stands(app, run, small_file):
    run("site", "import", small_file)
    small_file.write_text(SMALL.replace("A Zoo", "The Zoo"), encoding="utf-8")
    result = run("site", "import", small_file)
    assert "draft" in result.output
    [draft] = rows(app, Draft)
    assert draft["content"]["site"]["name"] == "The Zoo"
    assert len(rows(app, PolicyVersion)) == 1
    assert rows(app, Site)[0]["name"] == "A Zoo"
    assert "A Zoo" in run("site", "export", "zoo").stdout


def test_a_change_may_be_published_at_once_with_its_reason(app, run, small_file):
    run("site", "import", small_file)
    small_file.write_text(SMALL.replace("A Zoo", "The Zoo"), encoding="utf-8")
    run("site", "import", small_file)
    result = run("site", "import", small_file, "--publish", "It is the only one.")
    assert result.exit_code == 0, result.output
    _, second = sorted(rows(app, PolicyVersion), key=lambda version: version["number"])
    assert (second["number"], second["epoch"], second["reason"]) == (2, 2, "It is the only one.")
    [draft] = rows(app, Draft)
    assert (draft["content"] == draft["published"], draft["base"], draft["editors"]) == (True, 2, [])
    assert rows(app, Site)[0]["name"] == "The Zoo"


def test_a_change_is_no_draft_while_one_is_in_review(app, run, small_file):
    run("site", "import", small_file)
    small_file.write_text(SMALL.replace("A Zoo", "The Zoo"), encoding="utf-8")
    run("site", "import", small_file)
    with app.app_context():
        begin_writing(db.session)
        drafts.submit("zoo", by="editor@example.org")
        db.session.commit()
    before = everything(app)
    small_file.write_text(SMALL.replace("A Zoo", "Our Zoo"), encoding="utf-8")
    result = run("site", "import", small_file)
    assert result.exit_code == 1
    assert "The draft is in review." in result.output
    assert everything(app) == before


def test_nothing_is_kept_of_an_import_that_fails_half_way(app, run, small_file, monkeypatch):
    def fail():
        raise RuntimeError("the disk is full")

    monkeypatch.setitem(app.extensions, "after-publication", fail)
    before = everything(app)
    assert run("site", "import", small_file).exit_code == 1
    assert everything(app) == before
    assert not rows(app, WidgetFile)


def test_a_site_that_is_not_there_cannot_be_exported(run):
    result = run("site", "export", "zoo")
    assert result.exit_code == 1
    assert "no published site" in result.output


def test_http_origins_are_for_development_only(settings, small_file):
    from dataclasses import replace

    from tests.factories import running

    small_file.write_text(SMALL.replace("https://www.zoo.example", "http://www.zoo.example"), encoding="utf-8")
    for environment, exit_code in (("development", 0), ("production", 1)):
        with running(replace(settings, environment=environment, public_url="https://privacy.zoo.example")) as app:
            result = app.test_cli_runner().invoke(args=["site", "validate", str(small_file)])
            assert result.exit_code == exit_code, result.output
