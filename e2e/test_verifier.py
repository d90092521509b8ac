"""The offline verifier as an auditor runs it: one file in a folder of its own, against a server that runs."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.processes import ROOT
from e2e.servers import ConsentServer, free_port
from e2e.waiting import wait_for

SITE_ORIGIN = "https://www.ala.org"


class Auditor:
    """A folder with nothing in it but the verifier, and an interpreter that finds nothing of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        shutil.copy(ROOT / "consent_server" / "evidence" / "verify.py", folder)
        self.running: list[subprocess.Popen[str]] = []

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-I", "verify.py", *map(str, arguments)]

    def run(self, *arguments: object) -> tuple[int, str]:
        """Exit code and all that was said."""
        done = subprocess.run(self.command(*arguments), cwd=self.folder, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(self.command(*arguments), cwd=self.folder, stdout=subprocess.PIPE, text=True)
        self.running.append(process)
        return process

    def close(self) -> None:
        for process in self.running:
            process.terminate()
            assert process.wait(20) == 0
            assert process.stdout
            process.stdout.close()


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Auditor]:
    auditor = Auditor(tmp_path_factory.mktemp("auditor") / "desk")
    yield auditor
    auditor.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def server(folder: Path, auditor: Auditor) -> Iterator[ConsentServer]:
    """A server that asks the auditor's witness to cosign."""
    ConsentServer(folder, []).prepare()
    key = key_of(folder)
    port = free_port()
    process = auditor.start("witness", "--port", port, "--key", "witness.key", "--log", key)
    assert process.stdout
    said = process.stdout.readline()
    witness = said.partition("key: ")[2].strip()
    assert "Listening" in process.stdout.readline()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LOG_WITNESSES", f"{witness} http://127.0.0.1:{port}")
        server = ConsentServer(folder, [])
    server.start()
    wait_for("a first checkpoint", lambda: server.get("/log/checkpoint")[0] == 200)
    yield server
    server.stop()


def key_of(folder: Path) -> str:
    with sqlite3.connect(folder / "consent.db") as database:
        key: str = database.execute("SELECT key FROM log_head").fetchone()[0]
    return key


@pytest.fixture(scope="module")
def key(server: ConsentServer, folder: Path) -> str:
    return key_of(folder)


@pytest.fixture(scope="module")
def host(server: ConsentServer) -> str:
    """By address, since not every system's resolver knows names under `localhost`."""
    return f"http://127.0.0.1:{server.port}"


def canary(auditor: Auditor, host: str, key: str) -> tuple[int, str]:
    return auditor.run(
        "canary", host, "--site", "ala", "--origin", SITE_ORIGIN, "--keep", "canary", "--key", key
    )  # fmt: skip


def size(server: ConsentServer) -> int:
    return int(server.get("/log/checkpoint")[1].split(b"\n")[1])


@pytest.fixture(scope="module")
def watched(auditor: Auditor, server: ConsentServer, host: str, key: str) -> tuple[str, int, str]:
    """A watch before and after a canary's decision: what each said, and the size at the first."""
    code, first = auditor.run("watch", f"{host}/log", "--keep", "checkpoints", "--key", key)
    assert code == 0, first
    before = size(server)
    assert canary(auditor, host, key)[0] == 0
    wait_for("the decision to be sealed", lambda: size(server) > before)
    code, second = auditor.run("watch", host, "--keep", "checkpoints", "--key", key)
    assert code == 0, second
    return first, before, second


@pytest.fixture(scope="module")
def receipts(auditor: Auditor, host: str, key: str, watched: object) -> list[Path]:
    """The receipts of what the canary has decided."""
    made = decisions(auditor)

    def had() -> bool:
        code, said = canary(auditor, host, key)
        assert code == 0, said
        return all(one["leaf"] is not None for one in decisions(auditor)[: len(made)])

    wait_for("receipts", had)
    return list((auditor.folder / "canary").glob("*.receipt.json"))


def test_watch_sees_the_log_grow(watched: tuple[str, int, str]) -> None:
    first, before, second = watched
    assert "the first checkpoint kept" in first
    assert f"begins with the {before} leaves" in second


def test_two_checkpoints_are_compared_by_the_logs_tiles(auditor: Auditor, host: str, key: str, watched: object) -> None:
    kept = sorted((auditor.folder / "checkpoints").glob("*.checkpoint"))
    code, said = auditor.run("consistency", kept[0], kept[-1], "--log", host, "--key", key)
    assert code == 0 and "was changed, removed or moved" in said, said


def decisions(auditor: Auditor) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((auditor.folder / "canary").glob("*.decision.json"))]


def test_the_canary_gets_its_receipts(auditor: Auditor, key: str, receipts: list[Path]) -> None:
    code, said = auditor.run("receipt", *receipts, "--key", key, "--without-texts")
    assert code == 0 and "reject_all on ala" in said, said


def test_a_receipt_verifies_on_the_servers_own_command_line(
    auditor: Auditor, server: ConsentServer, key: str, receipts: list[Path]
) -> None:
    receipt = receipts[0]
    assert "VERIFIED" in server.flask("log", "verify", "receipt", str(receipt), "--key", key, "--without-texts")
    with pytest.raises(RuntimeError, match="DOES NOT VERIFY"):
        other = re.sub("[0-9a-f]{8}", "00000000", receipt.read_text(), count=1)
        (auditor.folder / "changed.json").write_text(other)
        server.flask("log", "verify", "receipt", str(auditor.folder / "changed.json"), "--key", key)


def test_the_auditors_witness_has_cosigned(auditor: Auditor, server: ConsentServer, folder: Path) -> None:
    """The server asks as soon as it has started, and once a minute from then on."""
    name = (auditor.folder / "witness.key").read_text().removeprefix("PRIVATE+KEY+").partition("+")[0]

    def cosigned() -> str | None:
        with sqlite3.connect(folder / "consent.db") as database:
            found = database.execute("SELECT line FROM log_cosignature WHERE name = ?", (name,)).fetchone()
        return found and str(found[0])

    assert wait_for("a cosignature", cosigned).startswith(f"— {name} ")


def test_the_canary_misses_a_decision_that_was_made_to_vanish(
    auditor: Auditor, folder: Path, host: str, key: str, receipts: object
) -> None:
    event_id = uuid.UUID(decisions(auditor)[0]["sent"]["event_id"])
    with sqlite3.connect(folder / "consent.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        spellings = (event_id.bytes, event_id.hex, str(event_id))
        (row,) = database.execute("SELECT * FROM consent_event WHERE event_id IN (?, ?, ?)", spellings).fetchall()
        database.execute("DELETE FROM consent_event WHERE event_id IN (?, ?, ?)", spellings)
    code, said = canary(auditor, host, key)
    with sqlite3.connect(folder / "consent.db") as database:
        database.execute(f"INSERT INTO consent_event VALUES ({', '.join('?' * len(row))})", row)
    assert code == 1 and f"{event_id}.decision.json: MISSING" in said, said


def test_nobody_can_tell_while_the_server_is_away(auditor: Auditor, server: ConsentServer, host: str, key: str) -> None:
    server.stop()
    answers = [auditor.run("watch", host, "--keep", "checkpoints", "--key", key)[0], canary(auditor, host, key)[0]]
    server.start()
    assert answers == [3, 3]
