"""Which Chromium the tests drive."""

import os
import shutil
from pathlib import Path

# The same Chromium without its windows, at a fifth of the work for each fresh profile.
SHELL = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
MISSING = (
    "NO BROWSER: install Chromium (Debian: apt install chromium-headless-shell, or chromium; anywhere: "
    ".venv/bin/playwright install chromium), or name one in E2E_BROWSER."
)


class NoBrowser(Exception):
    """There is no browser to drive; says what to do."""


def find_browser(own: str, *, whole: bool = False) -> str:
    """The path of the browser: E2E_BROWSER, else Playwright's `own`, else the system's; raises NoBrowser.

    `whole`: not the headless shell.
    """
    named = os.environ.get("E2E_BROWSER")
    if named:
        if path := shutil.which(named):
            return path
        raise NoBrowser(f"E2E_BROWSER names {named}, which is not a program.")
    on_path = (shutil.which(name) for name in (NAMES if whole else (SHELL, *NAMES)))
    found = (path for path in (own, *on_path, *ON_MACOS) if path and Path(path).is_file())
    if path := next(found, None):
        return path
    raise NoBrowser(MISSING)
