"""A planned publication across a restart: real servers, and the time really passes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from datetime import timedelta

import pytest

from consent_server import clock
from consent_server.database import begin_writing
from consent_server.extensions import db
from consent_server.registry import drafts
from tests.factories import ROOT, read_ala

SOON = timedelta(seconds=1)


@contextmanager
def server(folder, database_url):
    """gunicorn as operators run it; its address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    environment = {"PATH": os.environ["PATH"], "PORT": str(port), "DATA_DIR": str(folder), "DATABASE_URL": database_url}
    command = [sys.executable, "-m", "gunicorn"]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def number_at(address):
    """The version that the server at an address has published; none while it does not answer."""
    try:
        with urllib.request.urlopen(f"{address}/v1/sites/ala/config", timeout=10) as answer:
            return json.load(answer)["policy"]["number"]
    except OSError:
        return None


def wait_for(number, address, folder):
    for _ in range(300):
        if number_at(address) == number:
            return
        time.sleep(0.1)
    pytest.fail((folder / "server.log").read_text())


def test_what_was_due_while_no_server_ran_is_published_by_the_next(app, site, tmp_path, database_url):
    with server(tmp_path, database_url) as address:
        wait_for(1, address, tmp_path)
        with app.app_context():
            content = read_ala()
            content["providers"][1]["name"] = "Other"
            begin_writing(db.session)
            drafts.save("ala", content, by="editor@example.org")
            drafts.submit("ala", by="editor@example.org")
            drafts.approve("ala", by="approver@example.org")
            at = clock.now() + SOON
            drafts.schedule("ala", at, by="approver@example.org", material=False, reason="At night.")
            db.session.commit()
    while clock.now() <= at:
        time.sleep(0.1)
    assert app.test_client().get("/v1/sites/ala/config").json["policy"]["number"] == 1
    with server(tmp_path, database_url) as address:
        wait_for(2, address, tmp_path)
