"""Programs in processes of their own, as `python -m` would start them, but copied from one process that has loaded what
they all need: that takes seconds, and there are many of them."""

import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

ROOT = Path(__file__).parent.parent
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["e2e.loaded"])


def start(command: Sequence[str], environment: Mapping[str, str], output: Path, given: str = "") -> ForkServerProcess:
    """Starts a module with its arguments in a session of its own, so that killing it takes along what it has started.
    What it says is appended to `output`; `given` is what it reads."""
    # A daemon ends with the tests, whatever happens to them.
    process = CONTEXT.Process(target=_run, args=(list(command), dict(environment), output, given), daemon=True)
    process.start()
    return process


def _run(command: list[str], environment: dict[str, str], output: Path, given: str) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    with output.open("ab") as said:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(said.fileno(), stream.fileno())
    read, write = os.pipe()
    os.write(write, given.encode())
    os.close(write)
    sys.stdin = open(read)  # noqa: SIM115 (as long as the process lives)
    sys.argv = list(command)
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)
