"""Whether the database holds what was signed and written down outside it; where it does not, nothing may be signed."""

from pathlib import Path

from sqlalchemy import Connection, func, select, update

from consent_server.evidence import service
from consent_server.evidence.entries import read_entries
from consent_server.evidence.faults import Diverged, LogFault
from consent_server.evidence.founding import in_turn
from consent_server.evidence.journal import Journal, Signed
from consent_server.evidence.note import NoteFault, Verifier, open_note, parse_checkpoint
from consent_server.evidence.sealing import CHECKPOINT, HEAD, lock_head, writing
from consent_server.evidence.tiles import Tiles
from consent_server.extensions import db
from consent_server.settings import Settings


def compare(signed: Signed) -> int:
    """How many leaves were signed here, 0 where none were. Raises Diverged where the database does not hold them, or
    where later ones were signed that this folder does not know of. Needs no turn: what is read first can only be
    behind what is read next."""
    with db.engine.connect() as connection:
        published = _published(connection)
    last = signed.read()
    size = 0 if last is None else last[2]
    if published > size:
        raise Diverged(
            f"A checkpoint of {published} leaves was published, but {signed.path} does not know of it. Nothing "
            "is signed. Every sequencer works in the folder of the one before; if that is lost, `flask log adopt` "
            "takes the newest checkpoint that somebody kept."
        )
    if last is not None:
        _, origin, size, root = last
        with db.engine.connect() as connection:
            head = connection.execute(select(HEAD)).one()
            if origin != head.origin:
                raise Diverged(f"The last checkpoint signed here is of {origin}, this log is {head.origin}.")
            if size > head.size or Tiles(connection).root(size) != root:
                raise Diverged(f"A checkpoint of {size} leaves was signed; {_restored(head.size)}")
    return size


def examine(signed: Signed, journal: Journal) -> None:
    """The same, and that the leaves written down since are the database's. Opens the journal; needs its turn."""
    first = compare(signed)
    journal.open(first)
    written = journal.count
    with db.engine.connect() as connection:
        size = connection.execute(select(HEAD)).one().size
        kept = [leaf for _, leaf in read_entries(connection, first, written - first)]
        if written > size or kept != list(journal.read(first, written - first)):
            raise Diverged(f"{journal.path} holds {written} leaves; {_restored(size)}")


def _restored(size: int) -> str:
    return (
        f"the database has {size}, or others. Was a backup restored? Nothing is signed. "
        "`flask log recover` puts the leaves back."
    )


def _published(connection: Connection) -> int:
    """The size of the newest checkpoint that the database has signatures of."""
    return connection.scalar(select(func.max(CHECKPOINT.c.size)).where(CHECKPOINT.c.signatures.is_not(None))) or 0


def adopt(settings: Settings, folder: Path, note: str) -> int:
    """Takes a checkpoint that somebody kept for the last one that was signed, where the folder that knew is lost; its
    size. Raises LogFault unless the log's own key has signed it, and the database holds and extends it."""
    with in_turn(settings), writing() as connection:
        head, signed, journal = lock_head(connection), Signed(folder), Journal(folder)
        if signed.read() is not None:
            raise LogFault(f"{signed.path} says what was signed last. Nothing was changed.")
        try:
            keys = [Verifier.parse(key) for key in service.all_keys(head.size) if key]
            origin, size, root = parse_checkpoint(open_note(note, keys)[0])
        except NoteFault as fault:
            raise LogFault(f"This is no checkpoint of the log. {fault}") from None
        if origin != head.origin or size > head.size or Tiles(connection).root(size) != root:
            raise LogFault("The database does not hold what this checkpoint stands for. Nothing was changed.")
        if size < _published(connection):
            raise LogFault("A later checkpoint was published. Take the newest one that anybody kept.")
        journal.open(0)
        journal.append(leaf for _, leaf in read_entries(connection, journal.count, size - journal.count))
        signed.write(note)
        connection.execute(update(HEAD).values(holder=None, held_until=None))
    return size
