"""Takes the pictures of the staff guide (`make pictures`): one provider goes from a form to visitors' pages.

The server is one of its own, in a temporary folder. Those of the auditors' guide are in `audit_pictures.py`."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from e2e.browsers import find_browser
from e2e.conftest import AGENT, PASSWORD
from e2e.servers import ConsentServer

FOLDER = Path(__file__).parent / "pictures"
EDITOR, APPROVER, ADMIN = "editor@library.example", "approver@library.example", "admin@library.example"
WIDTH = 1000
PROVIDER = "Mailwave (sample)"
TRACKERS = (
    ("Cookie", "_mw", "ala.org", "90 days", "Recognizes readers who come back."),
    ("Script", "mw.js", "cdn.mailwave.example", "While the page is open", "Shows the form for the newsletter."),
)

Open = Callable[..., BrowserContext]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(playwright.chromium.executable_path))
        _take_all(server, opener(browser))
        browser.close()


def _take_all(server: ConsentServer, new_browser: Open) -> None:
    demo = f"http://www.ala.localhost:{server.port}/demo/"
    allowed = _decided(new_browser(), demo, "Accept all")
    refused = _decided(new_browser(), demo, "Reject all")
    editor, approver, admin = (signed_in(new_browser(), server, email) for email in (EDITOR, APPROVER, ADMIN))
    _add_provider(editor, server)
    _write_and_preview(editor, server)
    _submit(editor, server)
    _publish(approver)
    _visitors(new_browser(storage_state=allowed), new_browser(storage_state=refused), demo)
    editor.goto(f"{server.origin}/staff/ala/providers/sample-ads")
    editor.get_by_role("link", name="Hold this provider now").click()
    take(editor, "hold", editor.get_by_role("button", name="Hold it now"))
    admin.goto(f"{server.origin}/staff/ala/people")
    admin.get_by_role("link", name="Invite somebody").click()
    take(admin, "invite", admin.get_by_role("button", name="Invite"))


@contextmanager
def _server(folder: Path) -> Iterator[ConsentServer]:
    """A server with ALA's site and one account for each role in the guide."""
    server = ConsentServer(folder, ())
    server.prepare()
    for email, role in ((EDITOR, "editor"), (APPROVER, "approver"), (ADMIN, "admin")):
        server.flask("staff", "add", email, "--role", role, "--password-stdin", given=PASSWORD + "\n")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def opener(browser: Browser) -> Open:
    def open_one(**options: Any) -> BrowserContext:
        size = {"width": WIDTH, "height": 700}
        return browser.new_context(
            user_agent=AGENT, locale="en-US", viewport=size, color_scheme="light", reduced_motion="reduce", **options
        )

    return open_one


def take(page: Page, name: str, until: Locator) -> None:
    """The page from its top to a little below an element, without the focus that a click left."""
    page.evaluate("() => document.activeElement?.blur()")
    bottom = until.evaluate("element => element.getBoundingClientRect().bottom + scrollY + 24")
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": bottom}
    page.screenshot(path=FOLDER / f"{name}.png", full_page=True, clip=clip)


def signed_in(browser: BrowserContext, server: ConsentServer, email: str) -> Page:
    page = browser.new_page()
    page.goto(f"{server.origin}/staff/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="What waits for you").wait_for()
    return page


def _decided(browser: BrowserContext, demo: str, words: str) -> Any:
    """What a visitor's browser keeps after a decision. It comes back in another one: this one's cache has the script as
    it was."""
    page = browser.new_page()
    page.goto(demo)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name=words).click()
    page.get_by_text("server").wait_for()
    return browser.storage_state()


def _add_provider(page: Page, server: ConsentServer) -> None:
    page.goto(f"{server.origin}/staff/ala/providers")
    take(page, "providers", page.get_by_role("table"))
    page.get_by_role("link", name="Add a provider").click()
    page.get_by_role("button", name="Save in the draft").click()
    take(page, "refused", page.get_by_label("What for"))
    page.get_by_label("Name", exact=True).fill(PROVIDER)
    page.get_by_label("Category").select_option(label="Marketing")
    page.get_by_label("What for").fill("Sends our newsletter and counts who opens it.")
    page.get_by_label("Privacy policy").fill("https://mailwave.example/privacy")
    page.get_by_label("Country").fill("Canada")
    for number, texts in enumerate(TRACKERS, 1):
        page.get_by_role("button", name="Add a tracker").click()
        row = page.get_by_role("group", name=f"Tracker {number}")
        row.get_by_label("Kind").select_option(label=texts[0])
        for label, words in zip(("Name", "Host", "How long", "What for"), texts[1:], strict=True):
            row.get_by_label(label).fill(words)
    take(page, "provider", page.get_by_role("button", name="Add a tracker"))
    page.get_by_text("More details").click()
    page.get_by_label("Sample").check()
    page.get_by_role("button", name="Save in the draft").click()


def _write_and_preview(page: Page, server: ConsentServer) -> None:
    page.goto(f"{server.origin}/staff/ala/wording/es")
    take(page, "wording", page.locator("summary").nth(3))
    page.goto(f"{server.origin}/staff/ala/preview?locale=es&width=desktop&look=light")
    page.frame_locator("iframe").get_by_role("button", name="Rechazar todo").wait_for()
    take(page, "preview", page.get_by_role("link", name="Change the wording"))


def _submit(page: Page, server: ConsentServer) -> None:
    page.goto(f"{server.origin}/staff/ala/review")
    page.get_by_role("button", name="Send to review").click()


def _publish(page: Page) -> None:
    page.reload()
    take(page, "home", page.get_by_text("Your roles"))
    page.get_by_role("link", name="Review the draft").click()
    take(page, "review", page.locator(".doings").last)
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("link", name="Publish", exact=True).click()
    page.get_by_label("Reason").fill("We send our newsletter with a new provider.")
    take(page, "publish", page.get_by_role("button", name="Publish"))
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("status").wait_for()


def _visitors(allowed: BrowserContext, refused: BrowserContext, demo: str) -> None:
    """What the two who had decided before see now: as much of the page as there is on their screens."""
    for browser, name in ((allowed, "asked-again"), (refused, "told")):
        page = browser.new_page()
        page.goto(demo)
        page.get_by_text(PROVIDER).wait_for()
        page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
