"""Nothing is signed, and nothing served, that does not go on from what was signed before."""

import pytest
from sqlalchemy import delete

from consent_server.consent.models import ErasedEvent
from consent_server.evidence import continuity
from consent_server.evidence.faults import Diverged, LogFault
from consent_server.evidence.journal import alone
from consent_server.evidence.keys import log_folder
from consent_server.evidence.models import LogQueue
from consent_server.extensions import db
from consent_server.sequencing import check
from tests.evidence.logs import assert_one_history, note_of, queue, run
from tests.factories import HOST, post, rows, seal


@pytest.fixture
def folder(app):
    return log_folder(app.config["SETTINGS"])


@pytest.fixture
def signed(app, site, folder):
    """A log that has signed something, and its last note."""
    queue(app, 5)
    seal(app)
    return note_of(app)


def test_a_lost_folder_stops_signing_and_serving(app, signed, folder):
    for name in ("signed", "leaves"):
        (folder / name).unlink()
    queue(app, 5, first=100)
    with pytest.raises(Diverged, match="adopt"):
        run(app)
    if app.config["SETTINGS"].database_url.startswith("sqlite") or folder.exists():
        with pytest.raises(Diverged, match="adopt"):
            check(app)
    assert len(rows(app, LogQueue)) == 5


def test_a_folder_that_knows_an_older_checkpoint_is_not_the_one(app, signed, folder):
    queue(app, 5, first=100)
    run(app)
    (folder / "signed").write_text(signed)
    queue(app, 5, first=200)
    with pytest.raises(Diverged, match="does not know of it"):
        run(app)


def test_a_checkpoint_that_somebody_kept_takes_its_place(app, signed, folder):
    for name in ("signed", "leaves"):
        (folder / name).unlink()
    with app.app_context():
        size = continuity.adopt(app.config["SETTINGS"], folder, signed)
    queue(app, 5, first=100)
    run(app)
    assert_one_history(app)
    assert size == int(signed.split("\n")[1])


def test_what_is_no_checkpoint_of_ours_does_not(app, signed, folder):
    queue(app, 5, first=100)
    run(app)
    kept = (folder / "signed").read_text()
    adopt = lambda note: continuity.adopt(app.config["SETTINGS"], folder, note)  # noqa: E731
    with app.app_context(), pytest.raises(LogFault, match="Nothing was changed"):
        adopt(kept)
    (folder / "signed").unlink()
    lines = kept.split("\n")
    forged = "\n".join([lines[0], str(int(lines[1]) - 1), *lines[2:]])
    for note, words in ((signed, "later checkpoint"), (forged, "no checkpoint"), ("x", "no checkpoint")):
        with app.app_context(), pytest.raises(LogFault, match=words):
            adopt(note)
    assert not (folder / "signed").exists()


def test_a_damaged_file_of_leaves_is_left_as_it_is(app, signed, folder):
    whole = (folder / "leaves").read_bytes()
    damaged = whole[:2] + b"\0" + whole[3:]
    (folder / "leaves").write_bytes(damaged)
    queue(app, 5, first=100)
    with pytest.raises(LogFault, match="damaged"):
        run(app)
    assert (folder / "leaves").read_bytes() == damaged


def test_looking_needs_no_turn(app, signed, folder):
    """The server starts while the sequencer works through a backlog."""
    with alone(folder):
        check(app)


def test_an_erasure_that_a_backup_forgot_is_done_again_at_the_start(app, client, decision, signed):
    """No leaf has followed it yet, so that the log looks whole."""
    body = decision()
    assert post(client, body).status_code == 201
    assert client.post("/ala/choices/erase", headers={"Origin": HOST}).status_code == 303
    with app.app_context(), db.engine.begin() as connection:
        # As in the backup.
        assert connection.execute(delete(ErasedEvent)).rowcount == 1
    check(app)
    assert post(client, body).status_code == 410
