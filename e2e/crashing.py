"""Sequencers that kill themselves, one after the other: `python -m e2e.crashing STEP,before|after,CALL …`. Without an
argument, one that goes on.

It is the sequencer of the house, with one step replaced in its process; the house itself has no such switch. Its lease
is short, so that the next one need not wait for it.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from consent_server import create_app
from consent_server.evidence import sealing, sequencer
from consent_server.evidence.journal import Journal, Signed
from consent_server.evidence.sequencer import Sequencer

STEPS: dict[str, tuple[Any, str]] = {
    # Inside the transaction that seals …
    "take": (sealing, "_take"),
    "extend": (sealing, "extend"),
    # … around its commit, and then what is written down and published, in this order.
    "seal": (Sequencer, "seal"),
    "write": (Sequencer, "write"),
    "append": (Journal, "append"),
    "sign": (Sequencer, "sign"),
    "signed": (Signed, "write"),
    "replace": (Path, "replace"),
    "publish": (Sequencer, "publish"),
}
# The file of leaves is torn in the middle of a leaf.
TORN = "torn"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying(step: Callable[..., Any], when: str, call: int) -> Callable[..., Any]:
    """The step, but that its process ends before or after the given call of it."""
    calls = 0

    def run(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and when == "before":
            die()
        result = step(*arguments)
        if calls == call:
            die()
        return result

    return run


def tear(journal: Journal, leaves: Any) -> None:
    """Half of what is to be appended comes to disk."""
    written = b"".join(len(leaf).to_bytes(2) + leaf for leaf in leaves)
    with journal.path.open("ab") as file:
        file.write(written[: len(written) - len(written) // 2 - 1])
    die()


def run_until_dead(app: Flask, step: str, when: str, call: str) -> int:
    """The exit code of a process that seals until it dies at the step."""
    child = os.fork()
    if not child:
        if step == TORN:
            setattr(*STEPS["append"], tear)
        else:
            owner, name = STEPS[step]
            setattr(owner, name, dying(getattr(owner, name), when, int(call)))
        go_on(app)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def go_on(app: Flask) -> None:
    with app.app_context():
        sequencer.run(threading.Event())


def main() -> None:
    sequencer.LEASE = timedelta(milliseconds=200)
    sequencer.PAUSE_SECONDS = sequencer.RETRY_SECONDS = 0.02
    # Made once: each of those that die is a copy of this process, which opens its own connections.
    app = create_app()
    if len(sys.argv) == 1:
        go_on(app)
    for line in sys.argv[1:]:
        code = run_until_dead(app, *line.split(","))
        print(line, code, flush=True)
        if code != -signal.SIGKILL:
            sys.exit(1)


if __name__ == "__main__":
    main()
