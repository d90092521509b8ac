"""What is asked of a server that runs: whether it is ready."""

import pytest

from consent_server.evidence import founding
from consent_server.evidence.faults import LogFault
from consent_server.evidence.sequencer import Sequencer
from tests.factories import post


@pytest.fixture
def sequencer(app, site):
    """Of a log that was started, and in which everything is signed."""
    with app.app_context():
        founding.found()
        made = Sequencer()
        assert made.run()
        return made


def log_of(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ok")
    return answer.json["log"]


def test_it_says_how_long_the_log_has_waited(app, client, decision, sequencer, clock, monkeypatch):
    assert log_of(client) == {"oldest_waiting_seconds": None, "unsigned_seconds": None}

    def refuse(*_arguments):
        raise LogFault("Nothing is signed.")

    monkeypatch.setattr(sequencer, "sign", refuse)
    for _ in range(2):
        assert post(client, decision()).status_code == 201
        with app.app_context(), pytest.raises(LogFault):
            sequencer.run()
        clock.advance(seconds=30)
    # Since the first of them.
    assert log_of(client)["unsigned_seconds"] == 60
    monkeypatch.undo()
    monkeypatch.setattr("consent_server.clock.now", clock.now)
    post(client, decision())
    with app.app_context():
        sequencer.run()
    assert log_of(client) == {"oldest_waiting_seconds": None, "unsigned_seconds": None}


def test_without_a_site_it_is_not_ready(client):
    assert client.get("/readyz").status_code == 503


def test_before_the_log_is_started(client, site):
    """The site is published, and sealed; nothing is signed."""
    assert log_of(client)["unsigned_seconds"] is not None
