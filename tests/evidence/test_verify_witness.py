"""The small witness (C2SP tlog-witness), over HTTP."""

import base64
import json
import threading
import time
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consent_server.evidence import verify
from consent_server.evidence.verify import VerifierKey, Witness, WitnessHandler
from tests.evidence.small_log import Key, Log, b64, proof, sha256


@pytest.fixture
def log():
    log = Log()
    log.publish()
    for _ in range(20):
        log.decide()
    return log


class Running:
    def __init__(self, key, logs):
        self.witness = Witness(key, [VerifierKey.parse(str(log)) for log in logs])
        handler = type("Handler", (WitnessHandler,), {"witness": self.witness})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(target=self.http.serve_forever)
        self.thread.start()

    def post(self, body, path="/add-checkpoint", **headers):
        connection = HTTPConnection("127.0.0.1", self.http.server_port, timeout=10)
        try:
            connection.request("POST", path, body.encode(), headers)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type"), answer.read().decode()
        finally:
            connection.close()

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def running(log, tmp_path):
    running = Running(tmp_path / "witness.key", [log.key])
    yield running
    running.close()


def request(log, old, new, note=None):
    hashes = proof(old, log.leaves[:new]) if old else []
    return "\n".join([f"old {old}", *map(b64, hashes), "", note or log.note(new)])


def check_cosignature(line, key, note):
    """As C2SP tlog-cosignature says, by hand; its time."""
    dash, name, value = line.rstrip("\n").split(" ")
    data = base64.b64decode(value)
    public = base64.b64decode(key.split("+", 2)[2])
    assert (dash, name) == ("—", key.split("+")[0])
    assert public[0] == 4 and data[:4] == sha256(name.encode() + b"\n" + public)[:4]
    seconds = int.from_bytes(data[4:12], "big")
    text, _, _ = note.partition("\n\n")
    message = f"cosignature/v1\ntime {seconds}\n{text}\n"
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(data[12:], message.encode())
    return seconds


def test_it_cosigns_a_log_from_its_beginning_and_as_it_grows(log, running):
    key = str(running.witness.verifier)
    for old, new in ((0, 7), (7, 7), (7, 8), (8, 23)):
        status, _, line = running.post(request(log, old, new))
        assert status == 200, line
        assert abs(check_cosignature(line, key, log.note(new)) - time.time()) < 60


def test_whoever_knows_its_key_sees_that_it_cosigned(log, running, tmp_path, capsys):
    key = str(running.witness.verifier)
    _, _, line = running.post(request(log, 0, 23))
    note = log.note()
    receipt = tmp_path / "receipt.json"
    said = {}
    value = base64.b64decode(line.split(" ")[2])
    forged = f"— {running.witness.name} {b64(value[:-1] + bytes([value[-1] ^ 1]))}\n"
    for name, signed in (("no", note), ("yes", note + line), ("false", note + forged)):
        receipt.write_text(json.dumps(log.receipt(5, signed)))
        arguments = ["receipt", str(receipt), "--key", str(log.key), "--witness", key, "--without-texts"]
        code = verify.main(arguments)
        said[name] = code, capsys.readouterr().out
    assert said["no"][0] == 0 and f"{running.witness.name}, not yet" in said["no"][1]
    assert said["yes"][0] == 0 and f"{running.witness.name}, at 20" in said["yes"][1]
    assert said["false"][0] == 1 and "is false" in said["false"][1]
    assert verify.main(["receipt", str(receipt), "--key", key]) == 2
    assert verify.main(["receipt", str(receipt), "--key", str(log.key), "--witness", str(log.key)]) == 2


def test_its_key_is_made_once_and_kept_from_others(log, tmp_path):
    first = Witness(tmp_path / "key", []).verifier
    assert Witness(tmp_path / "key", []).verifier == first
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "bad").write_text("nothing")
    with pytest.raises(verify.Unusable):
        Witness(tmp_path / "bad", [])


def test_it_remembers_after_a_restart(log, running, tmp_path):
    assert running.post(request(log, 0, 10))[0] == 200
    again = Running(tmp_path / "witness.key", [log.key])
    try:
        assert again.post(request(log, 0, 12)) == (409, "text/x.tlog.size", "10\n")
        assert again.post(request(log, 10, 12))[0] == 200
    finally:
        again.close()


def test_it_says_where_it_is_when_the_old_size_is_another(log, running):
    running.post(request(log, 0, 10))
    for old in (0, 9, 11):
        assert running.post(request(log, old, 12)) == (409, "text/x.tlog.size", "10\n")


def test_it_refuses_a_fork(log, running):
    running.post(request(log, 0, 10))
    fork = Log(key=log.key)
    fork.leaves = [b"{}", *log.leaves[1:]]
    assert running.post(request(fork, 10, 12))[0] == 422
    assert running.post(request(fork, 10, 10)) == (409, "text/x.tlog.size", "10\n")
    assert running.post(request(log, 10, 11))[0] == 200


@pytest.mark.parametrize("hashes", [[], [bytes(32)], [bytes(32)] * 63])
def test_it_refuses_false_proofs(log, running, hashes):
    running.post(request(log, 0, 10))
    assert running.post("\n".join(["old 10", *map(b64, hashes), "", log.note(12)]))[0] == 422


def test_a_proof_from_nothing_is_empty(log, running):
    assert running.post("\n".join(["old 0", b64(bytes(32)), "", log.note(12)]))[0] == 422


def test_it_knows_its_logs_and_their_keys(log, running):
    other = Log(key=Key("other.example/log"))
    assert running.post(request(other, 0, 0))[0] == 404
    forged = Log(key=Key())
    forged.leaves = log.leaves
    assert running.post(request(forged, 0, 5))[0] == 403
    broken = log.note(5).replace("\n5\n", "\n6\n")
    assert running.post(request(log, 0, 5, broken))[0] == 403


def test_after_a_rotation_either_key_counts(log, tmp_path):
    old = log.key
    log.rotate()
    running = Running(tmp_path / "key", [old, log.key])
    try:
        note = log.note(signers=(old, log.key))
        assert running.post(request(log, 0, 24, note))[0] == 200
        log.decide()
        assert running.post(request(log, 24, 25))[0] == 200
    finally:
        running.close()


def test_what_is_malformed_is_answered_with_400(log, running):
    note = log.note(5)
    for body in (
        "",
        note,
        f"old 0\n{note}",
        f"old -1\n\n{note}",
        f"old 00\n\n{note}",
        f"old 0\nnot base64\n\n{note}",
        f"old 0\n\n{note[:-1]}",
        f"old 6\n\n{note}",
        "\n".join(["old 0", *[b64(bytes(32))] * 64, "", note]),
    ):
        assert running.post(body)[0] == 400, body
    assert running.post("x", "/elsewhere")[0] == 404
    assert running.post("", **{"Content-Length": "99999999"})[0] == 400


def test_only_one_of_two_that_come_at_once_is_cosigned(log, running):
    fork = Log(key=log.key)
    fork.leaves = [b"{}", *log.leaves[1:]]
    answers = []
    threads = [
        threading.Thread(target=lambda source=source: answers.append(running.post(request(source, 0, 9))[0]))
        for source in (log, fork) * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(200) == 1 and answers.count(409) == 7
