"""A visitor's receipt: its page, its verification in the browser, and that the browser's verifier and the offline one
say the same of thousands of receipts."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from consent_server.evidence import verify
from e2e.auditors import sign_in
from e2e.conftest import NewVisitor
from e2e.customer import CustomerSite
from e2e.receipts import NEXT, SIGNER, Receipt, rotated, sealed, spoilt
from e2e.servers import ConsentServer
from e2e.test_accessibility import check
from e2e.visitors import Visitor
from e2e.waiting import wait_for

VERIFY = "Verify in this browser"
CHECKS = 6

VERDICTS = """async ([receipts, key, texts, rotations]) => {
  const { verifyReceipt } = await import('/static/verify.js');
  const fetchText = async (url, sha256) => {
    if (!(sha256 in texts)) throw Error('unknown');
    return new TextEncoder().encode(texts[sha256]);
  };
  const found = [];
  for (const receipt of receipts) found.push(await verifyReceipt(receipt, key, fetchText, rotations));
  return found;
}"""
AT_ONCE = 250


def offline(
    text: str, texts: dict[str, str], trusted: str = SIGNER.verifier.encode(), rotations: Any = None
) -> tuple[str, str]:
    """The verdict of the offline verifier, and why."""
    keys, report = verify.Keys(verify.VerifierKey.parse(trusted)), verify.Report("")
    keys.follow([] if rotations is None else rotations, report, "rotations")
    if report.faults:
        return "failed", str(report.faults)
    found = verify.Texts(lambda sha256, url: texts[sha256].encode() if sha256 in texts else None)
    try:
        receipt = verify.parse_json(text.encode(), numbers=True)
        proven = verify.check_receipt(receipt, keys, found)
    except verify.Invalid as fault:
        return "failed", str(fault)
    except verify.Undecided as reason:
        return "undecided", str(reason)
    return ("verified" if proven.notice_known else "undecided"), ""


def compare(page: Page, cases: list[tuple[str, str]], texts: dict[str, str]) -> dict[str, int]:
    """How often each verdict was given; fails where the two differ."""
    counts: dict[str, int] = {}
    for start in range(0, len(cases), AT_ONCE):
        batch = cases[start : start + AT_ONCE]
        answers = page.evaluate(VERDICTS, [[text for _, text in batch], SIGNER.verifier.encode(), texts])
        for (name, text), answer in zip(batch, answers, strict=True):
            verdict, why = offline(text, texts)
            assert answer["verdict"] == verdict, (name, answer["checks"], why, text)
            counts[verdict] = counts.get(verdict, 0) + 1
    return counts


@pytest.fixture
def decided(library: CustomerSite, server: ConsentServer, new_visitor: NewVisitor) -> Visitor:
    """A visitor who has accepted all and then refused analytics, on the page of the latest receipt."""
    visitor = new_visitor(reduced_motion="reduce")
    visitor.visit()
    visitor.decide("Accept all")
    visitor.page.goto(f"{server.origin}/ala/choices")
    visitor.page.get_by_role("checkbox", name="Analytics").uncheck()
    visitor.page.get_by_role("button", name="Save choices").click()
    visitor.page.get_by_role("link", name="Receipt", exact=True).click()
    look_until_sealed(visitor.page)
    return visitor


def look_until_sealed(page: Page) -> None:
    def sealed_now() -> bool:
        again = page.get_by_role("link", name="Look again")
        if again.count():
            again.click()
        return bool(page.get_by_text("Sealed in our log as entry").count())

    wait_for("the decision to be sealed", sealed_now)


def receipt_of(page: Page) -> str:
    """The receipt that the page links to, as the visitor's browser gets it."""
    address = page.get_by_role("link", name="Download the receipt").get_attribute("href")
    return str(page.evaluate("async (address) => (await fetch(address)).text()", address))


def text_at(page: Page, url: str) -> bytes:
    return str(page.evaluate("async (url) => (await fetch(url)).text()", url)).encode()


def verdict(page: Page, words: str) -> None:
    expect(page.get_by_role("status")).to_have_text(words)


def state_of(page: Page, name: str) -> str | None:
    return page.locator(f'[data-check="{name}"]').get_attribute("data-state")


def test_a_receipt_is_verified_where_it_is_read(decided: Visitor) -> None:
    page = decided.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt of a choice")
    check(page)
    page.get_by_role("button", name=VERIFY).focus()
    page.keyboard.press("Enter")
    verdict(page, "Verified: every check holds.")
    items = page.locator("[data-checks] > li:visible")
    expect(items).to_have_count(CHECKS)
    for item in items.all():
        expect(item).to_contain_text("Right:")
    check(page)


def test_a_key_from_elsewhere_counts_by_itself(decided: Visitor) -> None:
    page = decided.page
    key = str(page.evaluate("async () => (await fetch('/log/key')).text()")).strip()
    field, button = page.get_by_label("Verifier key from somebody else"), page.get_by_role("button", name=VERIFY)
    field.fill(key)
    button.click()
    verdict(page, "Verified: every check holds.")
    assert state_of(page, "own") == "good"
    field.fill(SIGNER.verifier.encode())
    button.click()
    expect(page.get_by_role("status")).to_contain_text("Not verified")
    assert (state_of(page, "own"), state_of(page, "signature")) == ("bad", "good")


def test_a_mistyped_key_is_an_error_at_the_field_and_no_verdict(decided: Visitor) -> None:
    page = decided.page
    key = str(page.evaluate("async () => (await fetch('/log/key')).text()")).strip()
    field, button = page.get_by_label("Verifier key from somebody else"), page.get_by_role("button", name=VERIFY)
    for typed in ("a key", key[:-3], key.replace("+", "-", 1), key[:-4] + "AAA="):
        field.fill(typed)
        button.click()
        expect(page.get_by_text("This is not a verifier key.")).to_be_visible()
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_be_focused()
        verdict(page, "")
    check(page)
    field.fill(key)
    button.click()
    verdict(page, "Verified: every check holds.")
    expect(page.get_by_text("This is not a verifier key.")).to_be_hidden()


def answering(body: str) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        route.fulfill(status=200, body=body)

    return answer


def test_a_key_from_before_a_rotation_leads_to_the_present_one(decided: Visitor) -> None:
    """What the server hands out is exchanged for a log whose key was changed."""
    page, chance = decided.page, random.Random(7)
    real: Receipt = json.loads(receipt_of(page))
    cases = {(name, key): (receipt, told) for name, receipt, key, told in rotated(real, chance)}
    old, new = SIGNER.verifier.encode(), NEXT.verifier.encode()

    def serve(name: str, published: str, given: str) -> None:
        receipt, told = cases[name, published]
        for address, body in (
            ("**/v1/sites/ala/receipts/*", json.dumps(receipt)),
            ("**/log/key", published),
            ("**/log/rotations", json.dumps(told)),
        ):
            page.unroute(address)
            page.route(address, answering(body))
        page.get_by_label("Verifier key from somebody else").fill(given)
        page.get_by_role("button", name=VERIFY).click()

    serve(f"right, 9 leaves by {new[-6:]}", new, old)
    verdict(page, "Verified: every check holds.")
    assert state_of(page, "own") == "good"
    serve(f"right, 6 leaves by {old[-6:]}", old, new)
    verdict(page, "Nothing is wrong, but not everything could be checked.")
    expect(page.locator('[data-check="own"]')).to_contain_text("before that key was in use")
    serve(f"not by the old, 9 leaves by {new[-6:]}", new, old)
    expect(page.get_by_role("status")).to_contain_text("Not verified")
    expect(page.locator('[data-check="own"]')).to_contain_text("What we say of changes of our key does not hold.")


def test_a_server_that_hands_out_something_else_is_found_out(decided: Visitor) -> None:
    page, receipt = decided.page, json.loads(receipt_of(decided.page))
    other = {**receipt, "event": {**receipt["event"], "choices": dict.fromkeys(receipt["event"]["choices"], True)}}

    def serve(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=json.dumps(other))

    page.route("**/receipts/*", serve)
    page.get_by_role("button", name=VERIFY).click()
    expect(page.get_by_role("status")).to_contain_text("Not verified")
    assert [state_of(page, name) for name in ("shape", "log", "signature", "notice")] == ["good", "bad", "good", "good"]
    page.unroute("**/receipts/*")

    page.route("**/notices/*", lambda route: route.fulfill(status=200, body=b"{}"))
    page.get_by_role("button", name=VERIFY).click()
    expect(page.locator('[data-check="notice"]')).to_contain_text("Wrong:")
    assert (state_of(page, "log"), state_of(page, "notice")) == ("good", "bad")
    page.unroute("**/notices/*")

    page.route("**/policies/*", lambda route: route.abort())
    page.get_by_role("button", name=VERIFY).click()
    expect(page.get_by_role("status")).to_have_text("Nothing is wrong, but not everything could be checked.")
    expect(page.locator('[data-check="policy"]')).to_contain_text("The text could not be fetched.")


def test_a_browser_without_ed25519_says_so_and_checks_the_rest(decided: Visitor) -> None:
    page = decided.page
    page.evaluate(
        "() => { crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError')); }"
    )
    page.get_by_role("button", name=VERIFY).click()
    verdict(page, "Nothing is wrong, but not everything could be checked.")
    assert state_of(page, "signature") == "unknown"
    expect(page.locator('[data-check="signature"]')).to_contain_text("This browser cannot check signatures")
    for name in ("shape", "log", "policy", "notice", "visitor"):
        assert state_of(page, name) == "good"


def test_without_the_server_it_says_so(decided: Visitor) -> None:
    decided.page.route("**/log/key", lambda route: route.abort())
    decided.page.get_by_role("button", name=VERIFY).click()
    verdict(decided.page, "The receipt or our key could not be fetched. Try again in a moment.")


def test_without_javascript_it_says_how_to_verify(decided: Visitor, new_visitor: NewVisitor, tmp_path: Path) -> None:
    plain = new_visitor(java_script_enabled=False)
    plain.context.add_cookies(decided.context.cookies())  # type: ignore[arg-type]
    plain.page.goto(decided.page.url)
    expect(plain.page.get_by_role("button", name=VERIFY)).to_be_hidden()
    expect(plain.page.get_by_text("use the program below")).to_be_visible()
    for name, saved in (("Download the receipt", "receipt.json"), ("Download the program", "verify.py")):
        with plain.page.expect_download() as download:
            plain.page.get_by_role("link", name=name).click()
        download.value.save_as(tmp_path / saved)
    key = text_at(decided.page, "/log/key").decode().strip()
    receipt = json.loads((tmp_path / "receipt.json").read_text())
    for name in ("notice", "policy"):
        (tmp_path / f"{receipt[name]['sha256']}.json").write_bytes(text_at(decided.page, receipt[name]["url"]))
    command = ["receipt", str(tmp_path / "receipt.json"), "--key", key]
    assert verify.main(command) == 3
    assert verify.main([*command, "--texts", str(tmp_path)]) == 0
    assert (tmp_path / "verify.py").read_bytes() == Path(verify.__file__).read_bytes()


def test_all_receipts_are_one_file_that_verifies(decided: Visitor, server: ConsentServer, tmp_path: Path) -> None:
    page = decided.page
    page.goto(f"{server.origin}/ala/choices?history=show")
    expect(page.get_by_role("table").get_by_role("link", name=re.compile("^Receipt of "))).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all receipts").click()
    download.value.save_as(tmp_path / "receipts.zip")
    key = text_at(page, "/log/key").decode().strip()
    assert verify.main(["pack", str(tmp_path / "receipts.zip"), "--key", key]) == 0


def test_an_auditor_sees_what_the_visitor_saw(
    decided: Visitor, server: ConsentServer, auditor_account: tuple[str, str], new_visitor: NewVisitor
) -> None:
    receipt = json.loads(receipt_of(decided.page))
    auditor = new_visitor(reduced_motion="reduce")
    page = auditor.page
    sign_in(page, server, *auditor_account)
    page.goto(f"{server.origin}/audit/events/{receipt['event']['event_id']}/shown")
    expect(page.get_by_text("Made again from what is kept: the same.")).to_have_count(3)
    banner = page.frame_locator("iframe.preview").locator("visitor-choices")
    expect(banner.get_by_role("button", name="Reject all")).to_be_visible()
    expect(banner.get_by_text("We use cookies to make this site work.")).to_be_visible()
    check(page)
    # What is fixed inside of the frame cannot be scrolled to.
    page.set_viewport_size({"width": 1280, "height": 1400})
    auditor.requests.clear()
    banner.get_by_role("button", name="Choose").click()
    expect(banner.get_by_role("dialog")).to_contain_text("Optional cookies are off until you turn them on.")
    banner.get_by_role("button", name="Save choices").click()
    assert [url for url in auditor.requests if "/embed/" not in url] == []
    page.get_by_label("Width").select_option("Phone")
    page.get_by_label("Look").select_option("Dark")
    page.get_by_role("button", name="Show").click()
    expect(banner.get_by_role("button", name="Reject all")).to_be_visible()
    check(page)


def test_both_verifiers_say_the_same_of_thousands(decided: Visitor, server: ConsentServer) -> None:
    page, chance = decided.page, random.Random(2026)
    real: Receipt = json.loads(receipt_of(page))
    texts = {real[name]["sha256"]: text_at(page, real[name]["url"]).decode() for name in ("notice", "policy")}
    cases: list[tuple[str, str]] = []
    for number in range(200):
        cases.append((f"valid {number}", json.dumps(sealed(real, chance))))
        cases.append((f"of an unknown text {number}", json.dumps(sealed(real, chance, known=False))))
    whole = compare(page, cases, texts)
    assert whole == {"verified": 200, "undecided": 200}
    cases = [case for number in range(5) for case in spoilt(sealed(real, chance, known=number != 2), chance)]
    # Few changes leave a receipt right: another spelling of the same JSON, a signature that counts for nothing.
    found = compare(page, cases, texts)
    assert len(cases) > 2000 and found["failed"] > 0.85 * len(cases)


def test_both_verifiers_say_the_same_of_changed_keys(decided: Visitor) -> None:
    page, chance, counts = decided.page, random.Random(2027), dict[str, int]()
    real: Receipt = json.loads(receipt_of(page))
    texts = {real[name]["sha256"]: text_at(page, real[name]["url"]).decode() for name in ("notice", "policy")}
    for name, receipt, trusted, rotations in rotated(real, chance):
        text = json.dumps(receipt)
        [answer] = page.evaluate(VERDICTS, [[text], trusted, texts, rotations])
        said, why = offline(text, texts, trusted, rotations)
        assert answer["verdict"] == said, (name, trusted, answer["checks"], why)
        counts[said] = counts.get(said, 0) + 1
    assert min(counts[said] for said in ("verified", "failed", "undecided")) > 5, counts


def test_both_verifiers_say_the_same_of_what_the_server_gives(decided: Visitor) -> None:
    page = decided.page
    text, key = receipt_of(page), text_at(page, "/log/key").decode().strip()
    receipt = json.loads(text)
    texts = {receipt[name]["sha256"]: text_at(page, receipt[name]["url"]) for name in ("notice", "policy")}
    [answer] = page.evaluate(VERDICTS, [[text], key, {name: found.decode() for name, found in texts.items()}])
    assert answer["verdict"] == "verified"
    proven = verify.check_receipt(
        receipt, verify.Keys(verify.VerifierKey.parse(key)), verify.Texts(lambda s, _: texts[s])
    )
    assert proven.compared
