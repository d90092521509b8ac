"""Real gunicorn servers on loopback: ours, and the bare view with the same workers and threads."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

ROOT = Path(__file__).parent.parent
SITE_FILE = ROOT / "examples" / "ala.yaml"
START_SECONDS = 30


class Server:
    """A gunicorn in a process group of its own."""

    def __init__(
        self, arguments: list[str], environment: dict[str, str], port: int, log: Path, folder: Path = ROOT
    ) -> None:
        self.port = port
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--no-control-socket", *arguments],
                cwd=folder,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.log = log

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_for(self, path: str) -> None:
        """Waits until `path` is answered with 200; raises RuntimeError where the server ends or never answers."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if get(self.port, path).status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise RuntimeError(f"The server did not start:\n{self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self.process.wait(10)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes


def get(port: int, path: str, headers: dict[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def our_environment(database_url: str, folder: Path, port: int) -> dict[str, str]:
    """The environment of our server and commands; nothing of the caller's settings leaks in."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder),
        "CONSENT_RATE": "off",
        "PORT": str(port),
        "PYTHONPATH": str(ROOT),
        "FLASK_APP": "wsgi",
    }


def prepare(environment: dict[str, str]) -> None:
    """A migrated database with ALA's site file in it."""
    for command in (["db", "upgrade"], ["site", "import", str(SITE_FILE)]):
        done = subprocess.run(
            [sys.executable, "-m", "flask", *command], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"flask {' '.join(command)} failed:\n{done.stderr[-2000:]}")


def start_ours(environment: dict[str, str], log: Path) -> Server:
    server = Server([], environment, int(environment["PORT"]), log)
    server.wait_for("/v1/sites/ala/config")
    return server


def worker_settings(environment: dict[str, str]) -> dict[str, str]:
    """How gunicorn.conf.py serves the app in this environment."""
    printed = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--print-config"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    settings = dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in settings.items()}


def start_bare(database_url: str, like: dict[str, str], log: Path) -> Server:
    """The bare view under the worker settings of our server's environment, without an access log."""
    port = free_port()
    environment = like | {"BENCH_DATABASE_URL": database_url}
    subprocess.run([sys.executable, "-m", "bench.bare"], cwd=ROOT, env=environment, check=True)
    settings = worker_settings(like)
    arguments = ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    for name, flag in (("workers", "--workers"), ("threads", "--threads"), ("keepalive", "--keep-alive")):
        arguments += [flag, settings[name]]
    # From a folder without gunicorn.conf.py, so that nothing of ours is loaded.
    server = Server([*arguments, "bench.bare:app"], environment, port, log, folder=log.parent)
    server.wait_for("/hello")
    return server
