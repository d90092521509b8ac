"""E-mail: sent through a real server, or not at all."""

import socket
from dataclasses import replace

import pytest

from consent_server.staff import mail
from tests.staff.mailbox import mailbox


@pytest.fixture
def with_url(app, settings):
    """Runs with this mail server."""

    def run(url):
        app.config["SETTINGS"] = replace(settings, smtp_url=url, mail_from="consent@library.example")
        return app.app_context()

    return run


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
class TestMail:
    def test_without_a_server_nothing_is_sent(self, app):
        with app.app_context():
            assert not mail.is_configured()
            assert mail.send("a@example.org", "Subject", "Text") is False
            mail.send_soon("a@example.org", "Subject", "Text")

    def test_a_letter_arrives_as_it_was_written(self, with_url):
        with mailbox() as box, with_url(box.url):
            assert mail.send("vera@library.example", "Wörter", "Zeile eins\n\nhttps://x.example/" + "a" * 120) is True
            [letter] = box.letters
        assert (letter["To"], letter["From"]) == ("vera@library.example", "consent@library.example")
        assert letter["Subject"] == "Wörter" and letter["Auto-Submitted"] == "auto-generated"
        assert "https://x.example/" + "a" * 120 in letter.get_content()

    def test_what_looks_like_two_addresses_is_none(self, with_url, caplog):
        with mailbox() as box, with_url(box.url):
            for address in ("a@example.org, b@example.org", "a,b@example.org", "a@example.org\nBcc: b@example.org"):
                assert mail.send(address, "Subject", "Text") is False
            assert box.letters == []
        assert "example.org" not in caplog.text

    def test_a_subject_adds_no_header(self, with_url):
        with mailbox() as box, with_url(box.url):
            assert mail.send("a@example.org", "One\nBcc: b@example.org", "Text") is False
            assert box.letters == []

    def test_a_server_that_is_down_is_said_so_without_naming_anybody(self, with_url, caplog):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            url = f"smtp://127.0.0.1:{taken.getsockname()[1]}"
            with with_url(url):
                assert mail.send("a@example.org", "Subject", "Text") is False
        assert "mail: ConnectionRefusedError" in caplog.text and "a@example.org" not in caplog.text

    def test_a_password_does_not_go_over_an_open_line(self, with_url, caplog):
        with mailbox() as box, with_url(box.url.replace("smtp://", "smtp://user:secret@")):
            assert mail.send("a@example.org", "Subject", "Text") is False
            assert box.letters == []
        assert "SMTPNotSupportedError" in caplog.text
