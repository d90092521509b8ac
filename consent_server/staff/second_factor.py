"""The second factor: codes by time (RFC 6238) from an app, and recovery codes for the day the app is lost."""

import base64
import hashlib
import io
import secrets
import uuid

import pyotp
import segno

from consent_server import clock
from consent_server.errors import Invalid, NotFound, State
from consent_server.extensions import db
from consent_server.staff.keys import seal, unseal
from consent_server.staff.models import SecondFactor
from consent_server.staff.record import record
from consent_server.staff.service import Account

PURPOSE = "second-factor"
ISSUER = "Consent server"
STEP_SECONDS = 30
# How many steps a phone's clock may be off, either way.
LEEWAY = 1
RECOVERY_CODES = 10
WRONG = "This is not the code your app shows now. Wait for the next one and try again."


def find(staff_id: uuid.UUID) -> SecondFactor | None:
    """The account's second factor, if it is in force."""
    factor = db.session.get(SecondFactor, staff_id)
    return factor if factor and factor.confirmed_at else None


def begin(staff_id: uuid.UUID) -> None:
    """Makes a secret for the account to put into an app; it is in force once a code of it was typed in."""
    if find(staff_id):
        raise State("The second factor is on already. Turn it off first to set up another app.")
    factor = db.session.get(SecondFactor, staff_id) or SecondFactor(staff_id=staff_id)
    factor.secret, factor.used_step, factor.recovery = seal(pyotp.random_base32(), PURPOSE), 0, []
    db.session.add(factor)


def pending_secret(staff_id: uuid.UUID) -> str:
    """The secret that waits to be put into an app; raises NotFound. One that is in force is never shown again."""
    factor = db.session.get(SecondFactor, staff_id)
    secret = unseal(factor.secret, PURPOSE) if factor and not factor.confirmed_at else None
    if secret is None:
        raise NotFound("Nothing is being set up.")
    return secret


def qr_code(account: Account) -> bytes:
    """The pending secret as a QR code that apps read: an SVG image without any style in it."""
    address = pyotp.TOTP(pending_secret(account.id)).provisioning_uri(name=account.email, issuer_name=ISSUER)
    image = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        image, kind="svg", scale=5, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return image.getvalue()


def confirm(account: Account, code: str) -> list[str]:
    """Puts the second factor in force; returns the recovery codes, to be shown once. Raises Invalid."""
    secret = pending_secret(account.id)
    factor = db.session.get_one(SecondFactor, account.id)
    step = _step_of(secret, _bare(code), after=factor.used_step)
    if step is None:
        raise Invalid(WRONG, errors={"code": [WRONG]})
    factor.used_step, factor.confirmed_at = step, clock.now()
    record(account.email, "second-factor-on", detail={"account": account.email})
    return _new_recovery(factor)


def take(factor: SecondFactor, code: str) -> bool:
    """Whether the code is right. Each counts once: a code by time and all before it are used up, a recovery code is
    struck off. The caller holds the account's row, so that no two requests take the same one."""
    bare = _bare(code)
    secret = unseal(factor.secret, PURPOSE)
    step = _step_of(secret, bare, after=factor.used_step) if secret else None
    if step is not None:
        factor.used_step = step
        return True
    left = [kept for kept in factor.recovery if not secrets.compare_digest(kept, _hash(bare))]
    taken = len(left) < len(factor.recovery)
    factor.recovery = left
    return taken


def renew_recovery(account: Account) -> list[str]:
    """New recovery codes, to be shown once; the old ones stop working. Raises NotFound without a second factor."""
    factor = find(account.id)
    if factor is None:
        raise NotFound("The second factor is off.")
    record(account.email, "recovery-codes", detail={"account": account.email})
    return _new_recovery(factor)


def remove(staff_id: uuid.UUID, email: str, by: str) -> None:
    """Turns the second factor off; nothing happens where it is off."""
    factor = db.session.get(SecondFactor, staff_id)
    if factor is None:
        return
    if factor.confirmed_at:
        record(by, "second-factor-off", detail={"account": email})
    db.session.delete(factor)


def _step_of(secret: str, code: str, *, after: int) -> int | None:
    """The time step whose code this is, among those around now and after the last one used."""
    now = int(clock.now().timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    steps = range(max(now - LEEWAY, after + 1), now + LEEWAY + 1)
    return next((step for step in steps if secrets.compare_digest(totp.generate_otp(step), code)), None)


def _new_recovery(factor: SecondFactor) -> list[str]:
    codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    factor.recovery = [_hash(code) for code in codes]
    return ["-".join(code[start : start + 4] for start in range(0, 16, 4)) for code in codes]


def _bare(code: str) -> str:
    """As typed, without what people put between; nothing but ASCII compares in constant time."""
    return "".join(code.split()).replace("-", "").lower().encode("ascii", "replace").decode()


def _hash(bare: str) -> str:
    return hashlib.sha256(bare.encode()).hexdigest()
