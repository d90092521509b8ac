"""Asking witnesses: what they sign is kept and shown, and what they do not sign holds nothing up."""

import logging
import threading
import time

import pytest

from consent_server.evidence import founding, service, verify, witnesses
from consent_server.evidence.outside_models import Cosignature
from consent_server.evidence.sequencer import Sequencer
from consent_server.evidence.witnesses import read_witness
from consent_server.extensions import db
from tests.evidence.outside import Dripping, Listener, serving
from tests.factories import post, rows

SOMEBODY = "witness.example+5fd014fb+BO0rvYzEHCzZNz9WNqn2mCaxjpMRyhCFSDcMdPZl7wTW"


@pytest.fixture
def sequencer(app, site):
    """Of a log that was started."""
    with app.app_context():
        founding.found()
        return Sequencer()


@pytest.fixture
def key(app, sequencer):
    """The verifier key of a log in which the site is sealed."""
    with app.app_context():
        sequencer.run()
        return service.verifier_key()


@pytest.fixture
def grow(app, client, decision, sequencer):
    """Adds a decision to the log."""

    def run():
        post(client, decision())
        with app.app_context():
            assert sequencer.run()

    return run


@pytest.fixture
def running(key, tmp_path):
    """A witness of the log, and its server."""
    witness = verify.Witness(tmp_path / "witness.key", [verify.load_key(key)])
    with serving(type("Handler", (verify.WitnessHandler,), {"witness": witness})) as server:
        yield witness, server


@pytest.fixture
def asked(running):
    witness, server = running
    return read_witness(str(witness.verifier), server.url)


def ask(app, *asked):
    with app.app_context():
        witnesses.ask_all(asked)
        db.session.remove()


def newest(app):
    with app.app_context():
        return service.newest()


def test_a_cosignature_is_kept_and_shown(app, asked, client):
    ask(app, asked)
    checkpoint = newest(app)
    [kept] = rows(app, Cosignature)
    assert (kept["size"], kept["name"]) == (checkpoint.size, asked.name)
    assert checkpoint.note.endswith("\n" + kept["line"])
    assert client.get("/log/checkpoint").text == checkpoint.note


def test_as_the_log_grows_the_witness_follows(app, asked, running, grow):
    for _ in range(5):
        ask(app, asked)
        ask(app, asked)
        grow()
    sizes = [row["size"] for row in rows(app, Cosignature)]
    assert len(sizes) == 5
    assert sizes == sorted(set(sizes))
    [latest] = running[0].latest.values()
    assert latest.size == sizes[-1]


def test_a_witness_that_knows_more_than_we_kept_is_asked_again_from_there(app, asked, grow, monkeypatch):
    # As if this process had ended between the answer and the row.
    monkeypatch.setattr(witnesses, "_keep", lambda _: None)
    ask(app, asked)
    monkeypatch.undo()
    grow()
    ask(app, asked)
    assert [row["size"] for row in rows(app, Cosignature)] == [newest(app).size]


def test_a_witness_that_is_ahead_is_not_asked_again(app, key, caplog):
    with serving(Listener, posted=[], answers=[(409, "1000000\n")]) as server:
        ask(app, read_witness(SOMEBODY, server.url))
        assert len(server.posted) == 1
    assert "it has signed a log of 1000000 leaves" in caplog.text
    assert rows(app, Cosignature) == []


@pytest.mark.parametrize(
    "answer",
    [
        (500, ""),
        (409, "not a size"),
        (302, ""),
        (200, ""),
        (200, "— nobody AAAA\n"),
        (200, "{note}"),
        (200, f"— witness.example {'A' * 104}\n"),
        (200, f"— witness.example x/SkpQ{'A' * 96}==\n"),
        (200, "no line\x00"),
    ],
)
def test_what_does_not_verify_is_not_kept(app, key, asked, answer, caplog):
    """And the next witness is asked all the same."""
    status, text = answer
    text = text.replace("{note}", newest(app).note)
    with serving(Listener, posted=[], answers=[(status, text)]) as server, caplog.at_level(logging.ERROR):
        ask(app, read_witness(SOMEBODY, server.url), asked)
        assert [path for path, _, _ in server.posted] == ["/add-checkpoint"]
    assert [row["name"] for row in rows(app, Cosignature)] == [asked.name]
    assert "witness.example" in caplog.text


def test_a_witness_that_is_away(app, key, asked, caplog):
    ask(app, read_witness(SOMEBODY, "http://127.0.0.1:1"), asked)
    assert len(rows(app, Cosignature)) == 1
    assert "ConnectionError" in caplog.text


@pytest.mark.parametrize("drips", ["status", "body"])
def test_a_witness_that_drips_holds_up_no_other(app, key, asked, caplog, monkeypatch, drips):
    monkeypatch.setattr(witnesses, "TIMEOUT_SECONDS", 0.5)
    over = threading.Event()
    with serving(Dripping, drips=drips, over=over) as server:
        slow = read_witness(SOMEBODY, server.url)
        began = time.monotonic()
        ask(app, slow, asked)
        took = time.monotonic() - began
        ask(app, slow)
        over.set()
    assert took < 4
    assert [row["name"] for row in rows(app, Cosignature)] == [asked.name]
    assert "did not answer within 0.5 seconds" in caplog.text
    assert "still answering" in caplog.text


def test_a_signature_for_another_size_does_not_count(app, asked, running, grow):
    """What a witness said of an earlier checkpoint says nothing of this one."""
    ask(app, asked)
    [earlier] = rows(app, Cosignature)
    grow()
    with serving(Listener, posted=[], answers=[(200, earlier["line"])]) as server:
        ask(app, read_witness(str(running[0].verifier), server.url))
    assert rows(app, Cosignature) == [earlier]


def test_without_a_log_nobody_is_asked(app, site):
    with serving(Listener, posted=[], answers=[(200, "")]) as server:
        ask(app, read_witness(SOMEBODY, server.url))
        assert server.posted == []


@pytest.mark.parametrize(
    "key",
    [
        SOMEBODY.replace("5fd014fb", "5fd014fc"),
        SOMEBODY.replace("witness", "another"),
        SOMEBODY.replace("BO0r", "AO0r"),
        SOMEBODY[:-4],
        SOMEBODY + "=",
    ],
)
def test_what_is_no_key_of_a_witness(key):
    assert read_witness(SOMEBODY, "https://witness.example/").url == "https://witness.example"
    with pytest.raises(ValueError):
        read_witness(key, "https://witness.example")
