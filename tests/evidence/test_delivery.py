"""The day's checkpoint to those who keep it: once a day, until it is taken."""

from datetime import UTC, datetime

import pytest

from consent_server import outside
from consent_server.evidence import delivery, founding, sequencer, service, verify
from consent_server.evidence.outside_models import Cosignature, Delivery
from consent_server.extensions import db
from tests.evidence.outside import Listener, serving
from tests.factories import rows, running
from tests.staff.mailbox import mailbox


@pytest.fixture
def checkpoint(app, site, clock):
    """The newest checkpoint of a log that was started, at noon."""
    clock.set(datetime(2026, 11, 22, 12, tzinfo=UTC))
    with app.app_context():
        founding.found()
        sequencer.run_once()
        return service.newest()


@pytest.fixture
def sent(app):
    """Delivers through a channel that keeps what it is given; what it answers can be changed."""

    class Channel:
        def __init__(self):
            self.taken, self.answer = [], True

        def __call__(self, checkpoint):
            self.taken.append(checkpoint.size)
            return self.answer

        def run(self):
            with app.app_context():
                found = delivery.deliver({"mail": self})
                db.session.remove()
                return found

    return Channel()


def test_it_goes_out_once_a_day(app, checkpoint, sent, clock):
    assert sent.run() == ["mail"]
    for _ in range(3):
        clock.advance(hours=3)
        assert sent.run() == []
    clock.advance(hours=3)
    assert sent.run() == ["mail"]
    assert sent.taken == [checkpoint.size] * 2
    first, second = rows(app, Delivery)
    assert (str(first["day"]), str(second["day"])) == ("2026-11-22", "2026-11-23")
    assert (first["size"], first["delivered_at"]) == (checkpoint.size, datetime(2026, 11, 22, 12, tzinfo=UTC))


def test_what_was_not_taken_is_tried_again(app, checkpoint, sent, clock):
    sent.answer = False
    assert sent.run() == []
    clock.advance(minutes=9)
    assert sent.run() == []
    assert len(sent.taken) == 1
    clock.advance(minutes=1)
    assert sent.run() == []
    assert len(sent.taken) == 2
    sent.answer = True
    clock.advance(minutes=10)
    assert sent.run() == ["mail"]
    assert len(rows(app, Delivery)) == 1


def test_one_channel_does_not_hold_up_another(app, checkpoint, clock):
    with app.app_context():
        assert delivery.deliver({"mail": lambda _: False, "webhook": lambda _: True}) == ["webhook"]


def test_before_the_log_is_started_nothing_goes_out(app, site, sent):
    assert sent.run() == []
    assert sent.taken == []
    assert rows(app, Delivery) == []


def test_a_webhook_gets_the_note_itself(checkpoint):
    with serving(Listener, posted=[], answers=[(204, "")]) as server:
        assert delivery.by_webhook(f"{server.url}/keep")(checkpoint)
    assert server.posted == [("/keep", "text/plain; charset=utf-8", checkpoint.note)]


@pytest.mark.parametrize("status", [302, 307, 400, 500])
def test_a_webhook_that_does_not_take_it(checkpoint, status):
    with serving(Listener, posted=[], answers=[(status, "")]) as server:
        assert not delivery.by_webhook(server.url)(checkpoint)
        assert len(server.posted) == 1
    assert not delivery.by_webhook("http://127.0.0.1:1")(checkpoint)


def test_a_letter_says_what_to_do_with_it(settings, checkpoint, tmp_path):
    """What stands between its rulers is the checkpoint, to the byte, after it has been through the mail."""
    with mailbox() as server:
        configured = settings.__class__(
            **vars(settings)
            | {"smtp_url": server.url, "mail_from": "log@ala.example", "log_mail_to": "auditor@example.org"}
        )
        with running(configured) as app:
            outside.tell(app, (), outside.channels_of(configured))
        letter = server.wait()
    assert letter["To"] == "auditor@example.org"
    text = letter.get_content().replace("\r\n", "\n")
    ruler = "-" * 60 + "\n"
    note = text.split(ruler)[1]
    assert note == checkpoint.note
    assert verify.parse_checkpoint(note).size == checkpoint.size
    assert "verify.py consistency old.txt new.txt --log http://privacy.ala.localhost:9000/log --key KEY" in text


def test_witnesses_come_first(settings, app, checkpoint, tmp_path):
    """What is delivered has their cosignatures."""
    with app.app_context():
        witness = verify.Witness(tmp_path / "key", [verify.load_key(service.verifier_key())])
    handler = type("Handler", (verify.WitnessHandler,), {"witness": witness})
    with serving(handler) as server, serving(Listener, posted=[], answers=[(200, "")]) as hook:
        asked = ((str(witness.verifier), server.url),)
        configured = settings.__class__(**vars(settings) | {"log_witnesses": asked, "log_webhook_url": hook.url})
        outside.tell(app, outside.witnesses_of(configured), outside.channels_of(configured))
    [kept] = rows(app, Cosignature)
    assert hook.posted[0][2].endswith(kept["line"])
