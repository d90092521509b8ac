"""Waiting for what is not in the browser: there Playwright waits by itself."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")


def wait_for(what: str, look: Callable[[], T | None], seconds: float = 30) -> T:
    """What `look` finds, as soon as it finds something; raises TimeoutError naming `what`."""
    ends = time.monotonic() + seconds
    pause = Event()
    while not (found := look()):
        if time.monotonic() > ends:
            raise TimeoutError(f"Waited {seconds} s for {what}.")
        pause.wait(0.02)
    return found
