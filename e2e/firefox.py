"""Which Firefox the tests drive, and how Playwright comes to drive it.

Playwright speaks WebDriver BiDi to a stock Firefox, but begins every context with a command that Firefox ESR does not
know yet, and lets scripts run as if someone had just clicked. So this file is a program too: it starts Firefox, stands
between the two, answers the command itself and takes back the click.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, Playwright
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.connection import Connection
from websockets.sync.server import ServerConnection, serve

from e2e.browsers import NoBrowser

NAMES = ("firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox")
MISSING = "NO FIREFOX: install it (Debian: apt install firefox-esr), or name one in E2E_FIREFOX."
ROOT = Path(__file__).parent.parent

# What a Firefox with --remote-debugging-port says, and what Playwright waits for.
READY = "WebDriver BiDi listening on "
# Unknown to Firefox 153. Looks are a matter of preferences here.
ANSWERED_HERE = "emulation.setMediaFeaturesOverride"

Preferences = tuple[tuple[str, int], ...]
NO_PREFERENCES: Preferences = ()
# Firefox asks for a page's icon under the page's own policy, and reports that strict ones forbid it.
PLAIN: Preferences = (("ui.prefersReducedMotion", 1), ("browser.chrome.site_icons", False))
DARK: Preferences = (("ui.systemUsesDarkTheme", 1),)
GPC: Preferences = (
    ("privacy.globalprivacycontrol.enabled", True),
    ("privacy.globalprivacycontrol.functionality.enabled", True),
)


def find_firefox() -> str:
    """The path of Firefox: E2E_FIREFOX, else the system's; raises NoBrowser."""
    named = os.environ.get("E2E_FIREFOX")
    if path := next(filter(None, map(shutil.which, [named] if named else NAMES)), None):
        return path
    raise NoBrowser(f"E2E_FIREFOX names {named}, which is not a program." if named else MISSING)


def launch(playwright: Playwright, path: str, folder: Path, preferences: Preferences) -> Browser:
    """Starts the Firefox at `path`, headless, with a new profile. `folder` takes the program that Playwright starts."""
    starter = folder / "firefox"
    starter.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, "-m", "e2e.firefox", path])} "$@"\n')
    starter.chmod(0o755)
    return playwright.firefox.launch(
        channel="moz-firefox",
        executable_path=starter,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        firefox_user_prefs=dict(PLAIN + preferences),
    )


def run(*command: str) -> int:
    """Starts Firefox and relays between it and whoever connects, until it ends; its exit code."""
    firefox = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert firefox.stderr
    for line in firefox.stderr:
        if line.startswith(READY):
            address = line.removeprefix(READY).strip()
            Thread(target=relay, args=(address + "/session",), daemon=True).start()
        else:
            print(line, end="", file=sys.stderr, flush=True)
    return firefox.wait()


def relay(address: str) -> None:
    """Takes Playwright's connection on a port of its own, and opens one to Firefox for it; never returns."""

    def handle(playwright: ServerConnection) -> None:
        with connect(address, max_size=None, compression=None, proxy=None) as firefox:
            Thread(target=pass_answers_on, args=(firefox, playwright), daemon=True).start()
            pass_commands_on(playwright, firefox)

    with serve(handle, "127.0.0.1", 0, max_size=None, compression=None) as server:
        print(f"{READY}ws://127.0.0.1:{server.socket.getsockname()[1]}", file=sys.stderr, flush=True)
        server.serve_forever()


def pass_commands_on(playwright: Connection, firefox: Connection) -> None:
    with suppress(ConnectionClosed):
        for message in playwright:
            command = json.loads(message)
            if command["method"] == ANSWERED_HERE:
                playwright.send(json.dumps({"type": "success", "id": command["id"], "result": {}}))
                continue
            if "userActivation" in command["params"]:
                command["params"]["userActivation"] = False
            firefox.send(json.dumps(command))


def pass_answers_on(firefox: Connection, playwright: Connection) -> None:
    with suppress(ConnectionClosed), playwright:
        for message in firefox:
            playwright.send(message)


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
