"""Operator commands: texts from before, and providers from a spreadsheet."""

import pytest

from consent_server.policy import archive
from consent_server.registry import drafts

NEW = "provider,category,privacy_url,purpose\nHeat Map,analytics,https://heat.example/,See clicks.\n"


@pytest.fixture
def run(app, site):
    def invoke(*args):
        return app.test_cli_runner().invoke(args=[str(arg) for arg in args])

    return invoke


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "file"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def draft(app):
    with app.app_context():
        return drafts.current("ala")


def test_a_dry_run_shows_and_saves_nothing(app, run, file):
    before = draft(app).content
    result = run("site", "import-providers", "ala", file(NEW))
    assert result.exit_code == 0, result.output
    assert result.output == "New provider under Analytics: Heat Map.\nNothing was saved; --save does.\n"
    assert draft(app).content == before


def test_it_is_saved_as_the_draft(app, run, file):
    result = run("site", "import-providers", "ala", file(NEW), "--save")
    assert result.output.endswith("Saved as the draft.\n")
    assert draft(app).content["providers"][-1]["key"] == "heat-map"
    assert draft(app).editors == ["operator"]
    result = run("site", "import-providers", "ala", file(NEW))
    assert result.output == "Nothing changes.\n"


def test_what_is_refused_is_named_with_its_line(app, run, file):
    result = run("site", "import-providers", "ala", file(NEW.replace("https", "http")), "--save")
    assert result.exit_code == 1
    assert "line 2: privacy_url" in result.output and "nothing was changed" in result.output
    result = run("site", "import-providers", "ala", file("provider,colour\nA,red\n"))
    assert "line 1: colour: There is no such column." in result.output
    assert run("site", "import-providers", "nosuch", file(NEW)).exit_code == 1


def test_a_text_from_before(app, run, file):
    arguments = ("site", "archive", "ala", file("# Old\n"), "--title", "Policy of 2018")
    result = run(*arguments, "--date", "2018-05-23")
    assert result.output == "ala: archived, at /ala/policy/archived/2018-05-23.\n"
    with app.app_context():
        found = archive.find_archived("ala", "2018-05-23")
        assert (found.text, found.locale, found.title) == ("# Old\n", "en", "Policy of 2018")
    assert "cannot be changed" in run(*arguments, "--date", "2018-05-23").output
    assert run(*arguments, "--date", "May 2018").exit_code == 2
    assert run("site", "archive", "nosuch", *arguments[3:], "--date", "2018-05-23").exit_code == 1
    assert "UTF-8" in run("site", "archive", "ala", file(b"\xff"), *arguments[4:], "--date", "2018-05-24").output


def test_a_text_from_before_has_a_name_and_a_language(run, file):
    for named, *more in (
        ("title", "--title", " "),
        ("title", "--title", "x" * 201),
        ("locale", "--title", "Old", "--locale", "x" * 40),
        ("locale", "--title", "Old", "--locale", "en us"),
        ("text", "--title", "Old"),
    ):
        text = "" if named == "text" else "# Old\n"
        result = run("site", "archive", "ala", file(text), "--date", "2018-05-23", *more)
        assert result.exit_code == 1 and f"{named}: " in result.output


def test_a_spreadsheet_is_in_a_language_of_the_site(run, file):
    result = run("site", "import-providers", "ala", file(NEW), "--locale", "fa")
    assert result.exit_code == 1 and "fa is not one of the site's locales" in result.output
