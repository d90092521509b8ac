"""The offline verifier on two checkpoints, and as it watches a log over HTTP."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from consent_server.evidence import verify
from tests.evidence.small_log import Log, write_zip


@pytest.fixture
def log():
    log = Log()
    log.publish()
    for _ in range(300):
        log.decide()
    return log


def fork_of(log, at):
    """The same key, and another leaf at this index."""
    fork = Log(key=log.key)
    fork.leaves = [*log.leaves]
    fork.leaves[at] = b'{"c":"' + b"0" * 64 + b'","t":"consent/1"}'
    return fork


class Server:
    """A log over HTTP: its checkpoint, its tiles, its rotations."""

    def __init__(self):
        self.pages = {}
        self.down = False
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = server.pages.get(self.path)
                self.send_response(503 if server.down else 404 if body is None else 200)
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/log"
        self.thread = threading.Thread(target=self.http.serve_forever)
        self.thread.start()

    def publish(self, log, size=None):
        self.pages = {f"/log/{name}": content for name, content in log.tiles(size).items()}
        self.pages["/log/checkpoint"] = log.note(size).encode()
        self.pages["/log/rotations"] = json.dumps(log.rotations).encode()

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = verify.main([str(argument) for argument in arguments])
        return code, capsys.readouterr().out

    return run


@pytest.fixture
def notes(tmp_path):
    def write(old, new):
        (tmp_path / "old").write_text(old)
        (tmp_path / "new").write_text(new)
        return tmp_path / "old", tmp_path / "new"

    return write


@pytest.mark.parametrize("sizes", [(0, 303), (1, 303), (255, 256), (256, 257), (256, 303), (300, 303), (303, 303)])
def test_a_log_that_grew_is_consistent_by_its_tiles_and_by_a_bundle(log, server, notes, run, tmp_path, sizes):
    old, new = notes(log.note(sizes[0]), log.note(sizes[1]))
    server.publish(log, sizes[1])
    code, said = run("consistency", old, new, "--log", server.url, "--key", log.key)
    assert code == 0 and f"nothing in the first {sizes[0]:,} leaves" in said
    bundle = write_zip(tmp_path / "bundle.zip", log.bundle())
    assert run("consistency", old, new, "--bundle", bundle, "--key", log.key)[0] == 0


def test_a_fork_is_named(log, server, notes, run):
    fork = fork_of(log, 5)
    server.publish(fork)
    code, said = run("consistency", *notes(log.note(200), fork.note()), "--log", server.url, "--key", log.key)
    assert code == 1 and "FORK" in said
    code, said = run("consistency", *notes(log.note(), fork.note()), "--log", server.url, "--key", log.key)
    assert code == 1 and "FORK: two different logs of 303 leaves" in said


def test_tiles_of_another_log_prove_nothing(log, server, notes, run):
    server.publish(fork_of(log, 5))
    code, said = run("consistency", *notes(log.note(200), log.note()), "--log", server.url, "--key", log.key)
    assert code == 1 and "the tiles do not lead to" in said


def test_a_log_that_shrank_is_named(log, server, notes, run):
    server.publish(log)
    code, said = run("consistency", *notes(log.note(), log.note(200)), "--log", server.url, "--key", log.key)
    assert code == 1 and "shrunk" in said


def test_unsigned_checkpoints_and_servers_that_are_away(log, server, notes, run, tmp_path):
    old, new = notes(Log().note(), log.note())
    code, said = run("consistency", old, new, "--log", server.url, "--key", log.key)
    assert code == 1 and str(old) in said
    old, new = notes(log.note(200), log.note())
    assert run("consistency", old, new, "--log", server.url, "--key", log.key)[0] == 3
    bundle = write_zip(tmp_path / "bundle.zip", shorter(log).bundle())
    assert run("consistency", old, new, "--bundle", bundle, "--key", log.key)[0] == 3


def shorter(log):
    other = Log(key=log.key)
    other.leaves = log.leaves[:210]
    return other


# -- watching


def test_watch_keeps_checkpoints_and_sees_the_log_grow(log, server, run, tmp_path):
    keep = tmp_path / "keep"
    server.publish(log, 100)
    code, said = run("watch", server.url, "--keep", keep, "--key", log.key)
    assert code == 0 and "the first checkpoint kept" in said
    server.publish(log)
    code, said = run("watch", server.url, "--keep", keep, "--key", log.key)
    assert code == 0 and "begins with the 100 leaves kept before" in said
    assert len(list(keep.glob("*.checkpoint"))) == 2
    assert run("watch", server.url, "--keep", keep, "--key", log.key)[0] == 0
    assert len(list(keep.iterdir())) == 2


def test_watch_shouts_on_a_fork_and_keeps_the_evidence(log, server, run, tmp_path):
    keep = tmp_path / "keep"
    server.publish(log, 100)
    run("watch", server.url, "--keep", keep, "--key", log.key)
    server.publish(fork_of(log, 5))
    code, said = run("watch", server.url, "--keep", keep, "--key", log.key)
    assert code == 1 and "FORK" in said
    (evidence,) = keep.glob("evidence-*")
    assert evidence.read_text() == fork_of(log, 5).note()
    # It goes on shouting.
    assert run("watch", server.url, "--keep", keep, "--key", log.key)[0] == 1


def test_watch_shouts_when_the_log_shrinks(log, server, run, tmp_path):
    keep = tmp_path / "keep"
    server.publish(log)
    run("watch", server.url, "--keep", keep, "--key", log.key)
    server.publish(log, 302)
    code, said = run("watch", server.url, "--keep", keep, "--key", log.key)
    assert code == 1 and "shrunk from 303 leaves to 302" in said


def test_watch_cannot_tell_while_the_server_is_away(log, server, run, tmp_path):
    server.down = True
    assert run("watch", server.url, "--keep", tmp_path / "keep", "--key", log.key)[0] == 3
    assert run("watch", "http://127.0.0.1:9/log", "--keep", tmp_path / "keep", "--key", log.key)[0] == 3
    assert run("watch", "ftp://example.org/log", "--keep", tmp_path / "keep", "--key", log.key)[0] == 2


def test_watch_does_not_believe_a_kept_checkpoint_that_was_changed(log, server, run, tmp_path):
    keep = tmp_path / "keep"
    server.publish(log)
    run("watch", server.url, "--keep", keep, "--key", log.key)
    (kept,) = keep.glob("*.checkpoint")
    kept.write_text(kept.read_text().replace("303", "300"))
    code, said = run("watch", server.url, "--keep", keep, "--key", log.key)
    assert code == 1 and str(kept) in said


def test_watch_follows_a_rotation_and_does_not_go_back(log, server, run, tmp_path):
    keep = tmp_path / "keep"
    old = log.key
    log.rotate()
    server.publish(log)
    assert run("watch", server.url, "--keep", keep, "--key", old)[0] == 0
    log.decide()
    # A thief of the old key hides the rotation.
    log.key, log.rotations = old, []
    server.publish(log)
    code, said = run("watch", server.url, "--keep", keep, "--key", old)
    assert code == 1 and "another key had replaced" in said
