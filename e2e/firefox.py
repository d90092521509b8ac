"""Which Firefox the tests drive, and a way for Playwright to drive it.

Playwright drives a stock Firefox over WebDriver BiDi, but for every context it sends one command that Firefox ESR does
not know yet. Run as a program, this file starts Firefox, stands between the two, and answers that command itself.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Browser, Playwright
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.sync.connection import Connection
from websockets.sync.server import ServerConnection, serve

from e2e.browsers import NoBrowser

NAMES = ("firefox-esr", "firefox")
ON_MACOS = "/Applications/Firefox.app/Contents/MacOS/firefox"
MISSING = "NO FIREFOX: install one (Debian and Ubuntu: apt install firefox-esr), or name one in E2E_FIREFOX."

# What a Firefox with --remote-debugging-port says, and what Playwright waits for.
READY = "WebDriver BiDi listening on "
# Unknown to Firefox 153. Colour schemes are set by preference instead: see DARK.
ANSWERED_HERE = "emulation.setMediaFeaturesOverride"

STILL = {"ui.prefersReducedMotion": 1}
DARK = {"ui.systemUsesDarkTheme": 1, "layout.css.prefers-color-scheme.content-override": 0}
GPC = {"privacy.globalprivacycontrol.enabled": True, "privacy.globalprivacycontrol.functionality.enabled": True}


def find_firefox() -> str:
    """The path of Firefox: E2E_FIREFOX, else the system's; raises NoBrowser."""
    named = os.environ.get("E2E_FIREFOX")
    if named:
        if path := shutil.which(named):
            return path
        raise NoBrowser(f"E2E_FIREFOX names {named}, which is not a program.")
    if path := next(filter(None, map(shutil.which, (*NAMES, ON_MACOS))), None):
        return path
    raise NoBrowser(MISSING)


def launch(playwright: Playwright, path: str, folder: Path, preferences: dict[str, Any]) -> Browser:
    """Starts the Firefox at `path`, headless, with a new profile; `folder` takes the program that Playwright starts."""
    starter = folder / "firefox"
    starter.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, "-m", __name__, path])} "$@"\n')
    starter.chmod(0o755)
    return playwright.firefox.launch(
        channel="moz-firefox",
        executable_path=starter,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        firefox_user_prefs=preferences,
    )


def run(*command: str) -> int:
    """Starts Firefox and relays between it and whoever connects, until it ends; its exit code."""
    firefox = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert firefox.stderr
    for line in firefox.stderr:
        if line.startswith(READY):
            address = line.removeprefix(READY).strip()
            # In a thread of its own; it ends with the program.
            Thread(target=relay, args=(address,), daemon=True).start()
        else:
            print(line, end="", file=sys.stderr, flush=True)
    return firefox.wait()


def relay(address: str) -> None:
    def handle(client: ServerConnection) -> None:
        with connect(address + "/session", max_size=None, compression=None, proxy=None) as firefox:
            Thread(target=pass_on, args=(firefox, client), daemon=True).start()
            pass_on(client, firefox)

    with serve(handle, "127.0.0.1", 0, max_size=None, compression=None) as server:
        port = server.socket.getsockname()[1]
        print(f"{READY}ws://127.0.0.1:{port}", file=sys.stderr, flush=True)
        server.serve_forever()


def pass_on(sender: Connection, receiver: Connection) -> None:
    try:
        for message in sender:
            command = json.loads(message)
            if command.get("method") == ANSWERED_HERE:
                sender.send(json.dumps({"type": "success", "id": command["id"], "result": {}}))
            else:
                receiver.send(message)
    except ConnectionClosed:
        # The receiver is gone: nobody is left to pass anything on to.
        return


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
