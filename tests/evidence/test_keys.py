"""Where signing keys come from, and which are refused."""

import stat
from dataclasses import replace

import pytest

from consent_server.evidence import founding
from consent_server.evidence.faults import LogFault, NotStarted
from consent_server.evidence.journal import alone
from consent_server.evidence.keys import add_key, key_file, log_folder, read_keys
from consent_server.evidence.note import Signer
from tests.evidence.logs import queue, run
from tests.factories import everything, make_settings

ORIGIN = "privacy.example/log"
ONE, TWO, FOREIGN = Signer(ORIGIN, b"\1" * 32), Signer(ORIGIN, b"\2" * 32), Signer("other.example/log", b"\3" * 32)


@pytest.fixture
def own(tmp_path):
    return make_settings(tmp_path)


def test_a_key_is_made_where_only_its_owner_reads_it(own):
    made = add_key(own, ORIGIN)
    path = key_file(own)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert read_keys(own, ORIGIN) == [made]
    again = add_key(own, ORIGIN)
    assert again != made
    assert read_keys(own, ORIGIN) == [made, again]


def test_another_file_may_hold_it(own, tmp_path):
    elsewhere = replace(own, log_signing_key_file=str(tmp_path / "secret" / "log.key"))
    made = add_key(elsewhere, ORIGIN)
    assert (tmp_path / "secret" / "log.key").read_text() == f"{made.encode()}\n"
    assert not (tmp_path / "log").exists()


def test_the_environment_goes_before_the_file(own):
    add_key(own, ORIGIN)
    assert read_keys(replace(own, log_signing_key=f"{ONE.encode()}\n{TWO.encode()}\n"), ORIGIN) == [ONE, TWO]


def test_keys_of_other_logs_are_not_ours(own):
    settings = replace(own, log_signing_key=f"{FOREIGN.encode()} {ONE.encode()}")
    assert read_keys(settings, ORIGIN) == [ONE]
    with pytest.raises(NotStarted, match="flask log init"):
        read_keys(replace(own, log_signing_key=FOREIGN.encode()), ORIGIN)
    with pytest.raises(NotStarted, match="flask log init"):
        read_keys(own, ORIGIN)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o602, 0o620])
def test_a_file_that_others_may_read_or_write_is_refused(own, mode):
    add_key(own, ORIGIN)
    key_file(own).chmod(mode)
    with pytest.raises(LogFault, match="chmod 600"):
        read_keys(own, ORIGIN)
    with pytest.raises(LogFault, match="chmod 600"):
        add_key(own, ORIGIN)


def test_a_group_may_read_it(own):
    made = add_key(own, ORIGIN)
    key_file(own).chmod(0o640)
    assert read_keys(own, ORIGIN) == [made]


@pytest.mark.parametrize("text", ["nonsense", ONE.verifier.encode(), ONE.encode()[:-2]])
def test_what_is_no_key_is_refused_and_not_repeated(own, text):
    with pytest.raises(LogFault) as refused:
        read_keys(replace(own, log_signing_key=text), ORIGIN)
    assert text not in str(refused.value)
    key_file(own).parent.mkdir()
    key_file(own).write_text(text)
    key_file(own).chmod(0o600)
    with pytest.raises(LogFault) as refused:
        read_keys(own, ORIGIN)
    assert text not in str(refused.value)


def test_the_settings_do_not_show_it(own):
    assert ONE.encode() not in repr(replace(own, log_signing_key=ONE.encode()))


def test_the_key_is_in_no_table(log):
    queue(log, 1)
    run(log)
    line = key_file(log.config["SETTINGS"]).read_text().strip()
    seed = Signer.parse(line).seed
    rows = str(everything(log))
    assert repr(seed)[2:-1] not in rows
    # Base64 may have a plus sign of its own.
    assert line.split("+", maxsplit=4)[4] not in rows


class TestInit:
    """`flask log init`."""

    def invoke(self, app):
        return app.test_cli_runner().invoke(args=["log", "init"])

    def test_it_starts_the_log_once(self, app):
        first = self.invoke(app)
        assert first.exit_code == 0
        assert "The log is privacy.ala.localhost:9000/log." in first.output
        assert self.invoke(app).output == first.output

    def test_in_production_it_makes_the_key_too(self, app):
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], environment="production")
        assert self.invoke(app).exit_code == 0
        assert key_file(app.config["SETTINGS"]).exists()

    def test_the_origin_is_what_is_set(self, app):
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], log_origin=ORIGIN)
        assert f"The log is {ORIGIN}." in self.invoke(app).output
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], log_origin="")
        assert f"The log is {ORIGIN}." in self.invoke(app).output
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], log_origin="other.example/log")
        assert self.invoke(app).exit_code == 1

    def test_a_key_that_is_there_is_taken(self, app):
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], log_origin=ORIGIN, log_signing_key=ONE.encode())
        assert ONE.verifier.encode() in self.invoke(app).output
        assert not key_file(app.config["SETTINGS"]).exists()

    def test_another_process_at_work_is_waited_for(self, app, monkeypatch):
        monkeypatch.setattr(founding, "TURNS", 2)
        with alone(log_folder(app.config["SETTINGS"])):
            answer = self.invoke(app)
        assert answer.exit_code == 1
        assert "Another process" in answer.output
        assert self.invoke(app).exit_code == 0

    def test_sequence_needs_a_log(self, app):
        answer = app.test_cli_runner().invoke(args=["log", "sequence"])
        assert answer.exit_code == 1
        assert "flask log init" in answer.output
