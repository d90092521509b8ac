"""Another signing key: the checkpoint that first covers its leaf is signed by both."""

import json
from dataclasses import replace

import pytest

from consent_server.evidence import rotation, service
from consent_server.evidence.faults import LogFault, NotStarted
from consent_server.evidence.keys import key_file, read_keys
from consent_server.evidence.leaves import members
from consent_server.evidence.note import Signer, Verifier, decode_base64
from consent_server.evidence.tree import leaf_hash, verify_inclusion
from tests.evidence.logs import assert_one_history, opened, queue, run


def rotate(app):
    with app.app_context():
        return rotation.rotate()


def newest(app):
    with app.app_context():
        found = service.newest()
        return found.note, service.verifier_key()


def test_the_first_checkpoint_over_it_has_both_signatures_later_ones_the_new_one(log):
    queue(log, 5)
    run(log)
    _, old = newest(log)
    new = rotate(log)
    assert newest(log)[1] == old, "no checkpoint covers it yet"
    queue(log, 5, first=5)
    run(log)
    note, key = newest(log)
    assert key == new
    assert opened(note, old, new)[2] == [old, new]
    queue(log, 5, first=10)
    run(log)
    note, _ = newest(log)
    assert opened(note, old, new)[2] == [new]
    assert note.count("— ") == 1
    assert_one_history(log)


def test_each_change_of_key_can_be_followed_from_the_first(log, client):
    queue(log, 300)
    run(log)
    trusted = newest(log)[1]
    for number in range(3):
        rotate(log)
        queue(log, 300, first=300 + 300 * number)
        run(log)
    changes = client.get("/log/rotations").json
    assert len(changes) == 3
    for change in changes:
        head, _, note = change["proof"].partition("\n\n")
        version, index, *path = head.split("\n")
        announced = members(change["leaf"].encode())["k"]
        size, root, signed = opened(note, trusted, announced)
        assert signed == [trusted, announced]
        assert version == "c2sp.org/tlog-proof@v1"
        hashes = [decode_base64(part) for part in path]
        assert verify_inclusion(
            leaf_hash(change["leaf"].encode()), int(index.removeprefix("index ")), size, hashes, root
        )
        trusted = announced
    assert client.get("/log/key").text == f"{trusted}\n"
    assert opened(client.get("/log/checkpoint").text, trusted)[2] == [trusted]


def test_two_changes_under_one_checkpoint(log):
    queue(log, 1)
    run(log)
    keys = [newest(log)[1], rotate(log), rotate(log)]
    run(log)
    assert opened(newest(log)[0], *keys)[2] == keys


def test_the_old_key_may_go_once_the_new_one_signs(log):
    run(log)
    rotate(log)
    run(log)
    path = key_file(log.config["SETTINGS"])
    path.write_text(path.read_text().splitlines()[-1] + "\n")
    queue(log, 1)
    run(log)
    assert_one_history(log)


def test_without_the_old_key_nothing_is_signed_before_that(log):
    run(log)
    old = newest(log)[1]
    rotate(log)
    path = key_file(log.config["SETTINGS"])
    path.write_text(path.read_text().splitlines()[-1] + "\n")
    with pytest.raises(LogFault, match="Nothing is signed"):
        run(log)
    assert newest(log)[1] == old


def test_a_key_that_was_made_and_not_announced_is_announced(log):
    """As after a crash between the two."""
    run(log)
    path = key_file(log.config["SETTINGS"])
    name = Verifier.parse(newest(log)[1]).name
    made = Signer(name, b"\7" * 32)
    path.write_text(f"{path.read_text()}{made.encode()}\n")
    assert rotate(log) == made.verifier.encode()
    with log.app_context():
        assert len(read_keys(log.config["SETTINGS"], name)) == 2
    run(log)
    assert newest(log)[1] == made.verifier.encode()


def test_keys_of_the_environment_are_added_by_hand(log):
    run(log)
    settings = log.config["SETTINGS"]
    first = key_file(settings).read_text().strip()
    log.config["SETTINGS"] = replace(settings, log_signing_key=first)
    with pytest.raises(LogFault, match=r"Add this line") as refused:
        rotate(log)
    line = str(refused.value).splitlines()[-1]
    log.config["SETTINGS"] = replace(settings, log_signing_key=f"{first}\n{line}")
    assert rotate(log) == Signer.parse(line).verifier.encode()
    run(log)
    assert newest(log)[1] == Signer.parse(line).verifier.encode()
    assert line not in key_file(settings).read_text()


def test_a_log_that_was_not_started_has_no_key_to_change(app):
    with app.app_context(), pytest.raises(NotStarted):
        rotation.rotate()


def test_the_command_says_the_new_key(log):
    run(log)
    answer = log.test_cli_runner().invoke(args=["log", "rotate"])
    assert answer.exit_code == 0
    run(log)
    assert newest(log)[1] in answer.output
    assert json.loads(log.test_client().get("/log/rotations").text)
