"""The consent server as operators run it: its commands, and gunicorn on a port and a folder of its own."""

import json
import os
import signal
import socket
import tempfile
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPException
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from e2e import processes
from e2e.waiting import wait_for

HOST = "privacy.ala.localhost"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class ConsentServer:
    """One server with ALA's site. It can be killed and started again on the same port and data."""

    def __init__(self, folder: Path, extra_origins: Iterable[str], database_url: str | None = None) -> None:
        self.port = free_port()
        self.origin = f"http://{HOST}:{self.port}"
        self.database_url = database_url or f"sqlite:///{folder / 'consent.db'}"
        self._log = folder / "server.log"
        self._process: ForkServerProcess | None = None
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GUNICORN", "WERKZEUG"))},
            "ENVIRONMENT": "development",
            "PORT": str(self.port),
            "PUBLIC_URL": self.origin,
            "DATA_DIR": str(folder),
            "DATABASE_URL": self.database_url,
            "CONSENT_RATE": "off",
            "EXTRA_ORIGINS": ",".join(extra_origins),
        }

    def flask(self, *arguments: str, given: str = "") -> str:
        """Runs an operator's command; its output."""
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as said:
            process = processes.start(["flask", *arguments], self._environment, Path(said.name), given)
            process.join()
            if process.exitcode:
                raise RuntimeError(f"flask {' '.join(arguments)}: {said.read()}")
            return said.read()

    def prepare(self) -> None:
        """Migrations and ALA's site file, as `make run` does it."""
        self.flask("prepare")

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Starts gunicorn, unless it runs, and waits until it can record."""
        if self._process:
            return
        self._process = processes.start(["gunicorn"], self._environment, self._log)
        wait_for("the server to be ready", self._is_ready)

    def _is_ready(self) -> bool:
        if self._process and self._process.exitcode is not None:
            raise RuntimeError(f"The server ended:\n{self._log.read_text()}")
        try:
            return self.get("/readyz")[0] == 200
        except (OSError, HTTPException):
            return False

    def kill(self) -> None:
        """As a power cut would: nothing is finished, nothing is closed."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process and self._process.pid:
            os.killpg(self._process.pid, how)
            self._process.join(20)
            self._process = None

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body. By address, since not every system's resolver knows names under `localhost`."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Host": f"{HOST}:{self.port}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get_json(self, path: str) -> Any:
        return json.loads(self.get(path)[1])

    def notice(self, locale: str = "en") -> bytes:
        """SHA-256 of the notice in force, as rows hold it."""
        return bytes.fromhex(self.get_json("/v1/sites/ala/config")["notices"][locale])
