"""The day's checkpoint to whoever keeps it: what somebody else holds cannot be changed here any more."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

import requests
from sqlalchemy.exc import IntegrityError

from consent_server import clock
from consent_server.database import begin_writing
from consent_server.evidence import service as evidence
from consent_server.evidence.outside_models import Delivery
from consent_server.evidence.service import Checkpoint
from consent_server.extensions import db

# Whoever tries has that long before somebody else does.
AGAIN = timedelta(minutes=10)
TIMEOUT_SECONDS = 10

# Takes a checkpoint somewhere; whether it was taken there.
Channel = Callable[[Checkpoint], bool]
# Sends an e-mail (address, subject, text); whether the mail server took it.
Mailer = Callable[[str, str, str], bool]


def by_mail(send: Mailer, to: str, log_url: str) -> Channel:
    """The checkpoint as a letter that says what to do with it."""
    return lambda checkpoint: send(to, *_letter(checkpoint, log_url))


def by_webhook(url: str) -> Channel:
    """The checkpoint's note as it is, posted as `text/plain`. Any 2xx takes it; a redirect does not."""

    def post(checkpoint: Checkpoint) -> bool:
        kind = {"Content-Type": "text/plain; charset=utf-8"}
        try:
            answer = requests.post(
                url, checkpoint.note.encode(), headers=kind, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True
            )
        except requests.RequestException:
            return False
        answer.close()
        return 200 <= answer.status_code < 300

    return post


def deliver(channels: Mapping[str, Channel]) -> list[str]:
    """Sends the newest checkpoint through every channel (`mail`, `webhook`) that has not taken one today (UTC), and
    commits; the channels that took it. Several processes may do so at once, and it may be called as often as one
    likes: what failed is tried again ten minutes later. One that ends between sending and noting it sends twice."""
    checkpoint = evidence.newest()
    taken = []
    for name, channel in channels.items():
        now = clock.now()
        # No transaction is open while somebody else thinks.
        db.session.rollback()
        if checkpoint is None or not _claim(now.date(), name, now):
            continue
        if channel(checkpoint):
            sent = db.session.get_one(Delivery, (now.date(), name))
            sent.size, sent.delivered_at = checkpoint.size, clock.now()
            db.session.commit()
            taken.append(name)
    return taken


def _claim(day: date, channel: str, now: datetime) -> bool:
    """Whether it is for us to send now."""
    begin_writing(db.session)
    row = db.session.get(Delivery, (day, channel), with_for_update=True)
    if row is None:
        db.session.add(Delivery(day=day, channel=channel, tried_at=now))
    elif row.delivered_at is not None or now - row.tried_at < AGAIN:
        db.session.rollback()
        return False
    else:
        row.tried_at = now
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return False
    return True


def _letter(checkpoint: Checkpoint, log_url: str) -> tuple[str, str]:
    """Subject and text."""
    origin = checkpoint.note.partition("\n")[0]
    return (
        f"Checkpoint of {origin}: {checkpoint.size} leaves",
        f"""This is today's checkpoint of the consent log {origin}. It stands for everything that was on record when
it was made. Keep this message: whoever has it can find out later whether anything was changed since.

To find out, save the lines between the two rulers as a file, old.txt, without changing them. Then take a newer
checkpoint from {log_url}/checkpoint as new.txt, and run the verifier, verify.py, with the log's verifier key,
which you should have from a source that you trust:

    python verify.py consistency old.txt new.txt --log {log_url} --key KEY

It says in plain words whether the newer log holds everything that this one held.

------------------------------------------------------------
{checkpoint.note}------------------------------------------------------------
""",
    )
