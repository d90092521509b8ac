"""What a policy has changed, as people read it: in every look, without JavaScript, in another language; and how staff
announce it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import expect

from e2e.conftest import NewVisitor
from e2e.processes import ROOT
from e2e.servers import ConsentServer
from e2e.test_accessibility import check

EDITOR, PASSWORD = "editor@library.example", "eleven quiet reading rooms"
HEAT_MAP = {
    "key": "heat-map",
    "name": "Heat Map (sample)",
    "category": "analytics",
    "country": "GB",
    "legal_basis": "consent",
    "purpose": {"en": "See where people click.", "es": "Ver dónde se hace clic."},
    "transfers": {"en": "United States"},
    "safeguard": {"en": "Standard contractual clauses"},
    "privacy_url": "https://www.heat-map.example/a-very-long-address/of-a-privacy-policy/that-does-not-fit.html",
    "review_date": "2031-02-03",
    "sample": True,
    "trackers": [{"kind": "cookie", "name": "_heat_map", "host": "ala.org", "lifetime": {"en": "1 year"}}],
}
PAGES = (
    "/ala/policy/1..3",
    "/ala/policy/2..3?lang=es",
    "/ala/policy/history",
    "/ala/policy/archived/2018-05-23",
    "/ala/providers",
)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsentServer]:
    """A server on which ALA's policy has three versions, all material, and a text from before."""
    folder = tmp_path_factory.mktemp("changed")
    server = ConsentServer(folder, [])
    server.prepare()
    content = yaml.safe_load((ROOT / "examples" / "ala.yaml").read_text(encoding="utf-8"))
    analytics = next(entry for entry in content["providers"] if entry["key"] == "google-analytics")
    analytics["country"] = "IE"
    content["providers"].append(HEAT_MAP)
    _publish(server, folder, content)
    content["policy"]["en"] = content["policy"]["en"].replace("before you say yes", "until you say yes")
    _publish(server, folder, content)
    text = folder / "old.md"
    text.write_text("# Privacy\n\nWe use cookies.\n", encoding="utf-8")
    server.flask("site", "archive", "ala", str(text), "--date", "2018-05-23", "--title", "Policy of 2018")
    server.flask("staff", "add", EDITOR, "--role", "editor", "--password-stdin", given=PASSWORD + "\n")
    server.start()
    yield server
    server.stop()


def _publish(server: ConsentServer, folder: Path, content: dict[str, Any]) -> None:
    file = folder / "site.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    server.flask("site", "import", str(file), "--publish", "A test.")


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(changed: ConsentServer, new_visitor: NewVisitor, path: str) -> None:
    page = new_visitor(reduced_motion="reduce").page
    page.goto(changed.origin + path)
    check(page)


def test_from_the_policy_to_what_changed(changed: ConsentServer, new_visitor: NewVisitor) -> None:
    page = new_visitor(java_script_enabled=False).page
    page.goto(f"{changed.origin}/ala/policy")
    page.get_by_role("link", name="All versions").click()
    expect(page.get_by_role("heading", level=2, name="Version 3")).to_be_visible()
    page.get_by_label("From version").fill("3")
    page.get_by_label("To version").fill("1")
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(f"{changed.origin}/ala/policy/1..3")
    expect(page.get_by_text("The text of the policy has changed.")).to_be_visible()
    expect(page.get_by_role("deletion").filter(has_text="before")).to_be_visible()
    expect(page.get_by_role("insertion").filter(has_text="until")).to_be_visible()
    page.get_by_role("link", name="All versions").click()
    page.get_by_role("link", name="Compare with version 1").click()
    expect(page.get_by_text("New provider under Analytics: Heat Map (sample).")).to_be_visible()
    expect(page.get_by_text("country (United States → Ireland)")).to_be_visible()
    expect(page.get_by_text("2031")).to_have_count(0)


def test_an_editor_copies_an_announcement(changed: ConsentServer, new_visitor: NewVisitor) -> None:
    page = new_visitor(reduced_motion="reduce").page
    page.goto(f"{changed.origin}/staff/")
    page.get_by_label("E-mail").fill(EDITOR)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Announce version 3").click()
    check(page)
    subject = page.get_by_label("Subject")
    expect(subject).to_have_value("American Library Association: our privacy policy has changed")
    page.get_by_role("link", name="Español").click()
    expect(subject).to_have_value("American Library Association: nuestra política de privacidad ha cambiado")
