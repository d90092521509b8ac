"""An auditor takes decisions away and verifies them on a computer of their own; axe looks at every page on the way."""

import csv
import subprocess
import sys
import zipfile
from http.client import HTTPConnection
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.auditors import sign_in
from e2e.conftest import NewVisitor
from e2e.customer import CustomerSite
from e2e.servers import ConsentServer
from e2e.test_accessibility import check

VERIFIER = Path(__file__).parents[1] / "consent_server" / "evidence" / "verify.py"
PHRASE = "seven wet herons"


@pytest.fixture
def decided(library: CustomerSite, new_visitor: NewVisitor) -> None:
    """Three decisions on record."""
    for words in ("Reject all", "Accept all", "Reject all"):
        visitor = new_visitor()
        visitor.visit()
        visitor.decide(words)


@pytest.fixture
def auditor(new_visitor: NewVisitor, server: ConsentServer, auditor_account: tuple[str, str]) -> Page:
    """The page of someone who is signed in."""
    page = new_visitor(reduced_motion="reduce").page
    sign_in(page, server, *auditor_account)
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit")
    return page


@pytest.fixture
def key(server: ConsentServer) -> str:
    """The log's public key, as an auditor noted it earlier."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/log/key")
    found = connection.getresponse().read().decode().strip()
    connection.close()
    return found


def download(page: Page, button: str, to: Path) -> Path:
    with page.expect_download() as coming:
        page.get_by_role("button", name=button).click()
    path = to / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def verify(*arguments: str) -> str:
    """What the verifier says, run as a program of its own."""
    found = subprocess.run([sys.executable, str(VERIFIER), *arguments], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def test_what_is_taken_away_verifies_elsewhere(
    server: ConsentServer,
    decided: None,
    auditor: Page,
    key: str,
    tmp_path: Path,
) -> None:
    go(auditor, "Exports")
    expect(auditor.get_by_role("main")).to_contain_text("Nothing was exported yet.")
    check(auditor)
    auditor.get_by_label("Action").select_option("Rejected all")
    with download(auditor, "Export decisions", tmp_path).open(newline="") as file:
        actions = [row["action"] for row in csv.DictReader(file)]
        # Others may have decided on this server before.
        assert len(actions) >= 2 and set(actions) == {"reject_all"}
    bundle = download(auditor, "Export the bundle", tmp_path)
    assert "here as they were committed" in verify("bundle", str(bundle), "--key", key)
    go(auditor, "Exports")
    expect(auditor.get_by_role("row").filter(has_text="CSV")).to_contain_text("Whole")
    check(auditor)
    auditor.get_by_label("From").evaluate("field => { field.type = 'text'; field.value = 'soon' }")
    auditor.get_by_role("button", name="Export decisions").click()
    expect(auditor.get_by_role("alert")).to_contain_text("A day such as")
    check(auditor)

    go(auditor, "Sample")
    check(auditor)
    with auditor.expect_download() as coming:
        auditor.get_by_role("link", name="Download the checkpoint").click()
    kept = coming.value.path().read_bytes()
    auditor.get_by_label("Your phrase").fill(PHRASE)
    auditor.get_by_label("Decisions").fill("2")
    auditor.get_by_role("button", name="Draw").click()
    expect(auditor.get_by_role("heading", name="2 decisions drawn")).to_be_visible()
    check(auditor)
    sample = download(auditor, "Download with proofs", tmp_path)
    assert "2 verified" in verify("sample", str(sample), "--phrase", PHRASE, "--key", key)
    with zipfile.ZipFile(sample) as archive:
        assert archive.read("checkpoint") == kept
    assert "herons" not in auditor.url
    auditor.get_by_label("Your phrase").fill("")
    auditor.get_by_role("button", name="Draw").click()
    expect(auditor.get_by_role("alert")).to_contain_text("A phrase of your own.")
    check(auditor)


def go(page: Page, view: str) -> None:
    page.get_by_role("navigation", name="Audit").get_by_role("link", name=view).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(view if view == "Exports" else "Random sample")
