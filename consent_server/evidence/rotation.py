"""A new signing key: announced in the tree, under a checkpoint that the old and the new key sign."""

from flask import current_app

from consent_server.database import begin_writing
from consent_server.evidence import service
from consent_server.evidence.faults import NotStarted
from consent_server.evidence.founding import in_turn
from consent_server.evidence.keys import add_key, read_keys
from consent_server.extensions import db


def rotate() -> str:
    """Announces the newest key, made now unless there is one that is not announced yet, and commits; its verifier key.

    The old key stays where it is until the next checkpoint is signed. Raises LogFault.
    """
    settings = current_app.config["SETTINGS"]
    with in_turn(settings):
        begin_writing(db.session)
        origin = service.origin()
        if origin is None:
            raise NotStarted("The log has not been started. Run `flask log init`.")
        newest = read_keys(settings, origin)[-1]
        if newest.verifier.encode() in service.all_keys():
            newest = add_key(settings, origin)
        key = newest.verifier.encode()
        service.append_members("key/1", k=key)
        db.session.commit()
    return key
