"""An export on its way to whoever asked for it, after the request: counted, hashed, and written down at its end,
however it ends."""

import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

from flask import current_app

from consent_server.audit import exports
from consent_server.database import begin_writing
from consent_server.extensions import db

# So often the list of exports hears of one that runs.
HEARD = 20_000

Pieces = Iterator[tuple[bytes, int]]


class Sending:
    """Bytes for the server to send. `pieces` gives some of them and how many rows are in those; each piece has an
    application context of its own, so that no transaction stays open while a slow client reads.

    The server closes it in every case: when it is through, when the client has gone, when something failed.
    """

    def __init__(self, export_id: uuid.UUID, pieces: Pieces) -> None:
        self._app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
        self._export_id = export_id
        self._pieces = pieces
        self._hash = hashlib.sha256()
        self._rows = 0
        self._told = 0
        self._ended = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        # Being asked for more says that what came before was sent.
        self._tell()
        try:
            with self._app.app_context():
                piece, rows = next(self._pieces)
        except StopIteration:
            self._end(whole=True)
            raise
        self._hash.update(piece)
        self._rows += rows
        return piece

    def close(self) -> None:
        self._end(whole=False)

    def _tell(self) -> None:
        if self._rows - self._told >= HEARD:
            self._told = self._rows
            with self._app.app_context():
                begin_writing(db.session)
                exports.go_on(self._export_id, self._rows)
                db.session.commit()

    def _end(self, *, whole: bool) -> None:
        if self._ended:
            return
        self._ended = True
        with self._app.app_context():
            if hasattr(self._pieces, "close"):
                self._pieces.close()
            begin_writing(db.session)
            exports.finish(self._export_id, self._rows, self._hash.digest(), whole=whole)
            db.session.commit()
