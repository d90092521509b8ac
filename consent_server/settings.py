"""Every setting, read from the environment and checked once."""

import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from limits import parse

MIN_SECRET_LENGTH = 32
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# C2SP signed-note: name, key ID, key.
VERIFIER_KEY = re.compile(r"[^+\s]{1,255}\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*")


class UnsafeSettings(Exception):
    """The environment asks for something that would be unsafe, or lacks something that is needed."""


@dataclass(frozen=True)
class Settings:
    """What the environment says. `docs/operating.md` has a line for each."""

    environment: str
    port: int
    public_url: str
    data_dir: Path
    database_url: str
    secret_key: str
    trusted_proxies: int
    consent_rate: str | None
    extra_origins: tuple[str, ...]
    smtp_url: str = ""
    mail_from: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    four_eyes: bool = True
    log_origin: str = ""
    log_signing_key_file: str = ""
    log_signing_key: str = field(default="", repr=False)
    log_witnesses: tuple[tuple[str, str], ...] = ()
    log_mail_to: str = ""
    log_webhook_url: str = ""

    @property
    def development(self) -> bool:
        return self.environment == "development"


def read_settings() -> Settings:
    """Reads the environment; raises UnsafeSettings rather than start half-secured."""
    environment = _variable("ENVIRONMENT") or "development"
    if environment not in ("development", "production"):
        raise UnsafeSettings("ENVIRONMENT is `development` or `production`.")
    development = environment == "development"
    port = _number(_variable("PORT") or "8000", "PORT", 1, 65535)
    data_dir = Path(_variable("DATA_DIR") or "instance").absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        environment=environment,
        port=port,
        public_url=_variable("PUBLIC_URL").rstrip("/") or f"http://privacy.ala.localhost:{port}",
        data_dir=data_dir,
        database_url=_database_url(_variable("DATABASE_URL") or f"sqlite:///{data_dir / 'consent.db'}"),
        secret_key=_variable("SECRET_KEY") or (_kept_secret(data_dir / "secret_key") if development else ""),
        trusted_proxies=_number(_variable("TRUSTED_PROXIES") or "0", "TRUSTED_PROXIES", 0, 10),
        consent_rate=_rate(_variable("CONSENT_RATE") or "600 per minute"),
        extra_origins=tuple(filter(None, map(str.strip, _variable("EXTRA_ORIGINS").split(",")))),
        smtp_url=_variable("SMTP_URL"),
        mail_from=_variable("MAIL_FROM"),
        oidc_issuer=_variable("OIDC_ISSUER"),
        oidc_client_id=_variable("OIDC_CLIENT_ID"),
        oidc_client_secret=_variable("OIDC_CLIENT_SECRET"),
        four_eyes=_switch(_variable("FOUR_EYES") or "on", "FOUR_EYES"),
        log_origin=_origin(_variable("LOG_ORIGIN")),
        log_signing_key_file=_variable("LOG_SIGNING_KEY_FILE"),
        log_signing_key=_variable("LOG_SIGNING_KEY"),
        log_witnesses=_witnesses(_variable("LOG_WITNESSES"), development),
        log_mail_to=_variable("LOG_MAIL_TO"),
        log_webhook_url=_variable("LOG_WEBHOOK_URL"),
    )
    _refuse_half(settings)
    if not development:
        _refuse_unsafe(settings)
    return settings


def _refuse_half(settings: Settings) -> None:
    """Settings that only work together, or that cannot work."""
    if settings.smtp_url:
        if urlsplit(settings.smtp_url).scheme not in ("smtp", "smtps") or not urlsplit(settings.smtp_url).hostname:
            raise UnsafeSettings("SMTP_URL is smtp://user:password@host:587 or smtps://user:password@host:465.")
        if "@" not in settings.mail_from:
            raise UnsafeSettings("MAIL_FROM must be an e-mail address where SMTP_URL is set.")
    oidc = (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
    if any(oidc) and not all(oidc):
        raise UnsafeSettings("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are set together or not at all.")
    if settings.oidc_issuer and urlsplit(settings.oidc_issuer).scheme not in ("http", "https"):
        raise UnsafeSettings("OIDC_ISSUER is the issuer's address, as its tokens name it.")
    if settings.log_mail_to and ("@" not in settings.log_mail_to or not settings.smtp_url):
        raise UnsafeSettings("LOG_MAIL_TO is one e-mail address, and needs SMTP_URL.")
    if settings.log_webhook_url and urlsplit(settings.log_webhook_url).scheme not in ("http", "https"):
        raise UnsafeSettings("LOG_WEBHOOK_URL is the address that takes the day's checkpoint.")


def _refuse_unsafe(settings: Settings) -> None:
    address = urlsplit(settings.public_url)
    if address.scheme != "https" or not address.hostname:
        raise UnsafeSettings("PUBLIC_URL must be this server's https address in production.")
    if len(settings.secret_key) < MIN_SECRET_LENGTH:
        raise UnsafeSettings(f"SECRET_KEY must be set in production, with {MIN_SECRET_LENGTH} characters or more.")
    if settings.extra_origins:
        raise UnsafeSettings("EXTRA_ORIGINS is for development only.")
    if settings.oidc_issuer and urlsplit(settings.oidc_issuer).scheme != "https":
        raise UnsafeSettings("OIDC_ISSUER must be an https address in production.")
    if settings.log_webhook_url and urlsplit(settings.log_webhook_url).scheme != "https":
        raise UnsafeSettings("LOG_WEBHOOK_URL must be an https address in production.")


def _database_url(url: str) -> str:
    scheme, rest = url.split("://", 1) if "://" in url else ("", url)
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite":
        return url
    raise UnsafeSettings("DATABASE_URL is sqlite:///… or postgresql://….")


def _variable(name: str) -> str:
    """A variable of the environment; an empty one counts as not set, as compose files leave them."""
    return os.environ.get(name, "").strip()


def _witnesses(text: str, development: bool) -> tuple[tuple[str, str], ...]:
    """Verifier key and address of each."""
    pairs = []
    for one in filter(None, map(str.strip, text.split(","))):
        key, *rest = one.split()
        if not VERIFIER_KEY.fullmatch(key):
            raise UnsafeSettings(f"LOG_WITNESSES: {key} is not a verifier key, NAME+HEX+BASE64.")
        if len(rest) != 1:
            raise UnsafeSettings("LOG_WITNESSES is a list, with commas, of: verifier key, a space, address.")
        _require_witness_address(rest[0], development)
        pairs.append((key, rest[0]))
    return tuple(pairs)


def _require_witness_address(url: str, development: bool) -> None:
    try:
        address = urlsplit(url)
        host, _ = address.hostname or "", address.port
    except ValueError:
        host = ""
    if not host or address.scheme not in ("http", "https") or address.query or address.fragment:
        raise UnsafeSettings(f"LOG_WITNESSES: {url} is not an address, such as https://witness.example.")
    if address.path.rstrip("/").endswith("/add-checkpoint"):
        raise UnsafeSettings(f"LOG_WITNESSES: {url}: leave out /add-checkpoint, which the server adds by itself.")
    if address.scheme != "https" and not (development and host in LOOPBACK):
        raise UnsafeSettings(f"LOG_WITNESSES: {url} must be https; in development http is for this machine alone.")


def _number(text: str, name: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise UnsafeSettings(f"{name} is a whole number from {least} to {most}.")
    return int(text)


def _origin(text: str) -> str:
    # A note's signature line and its key have the name between spaces and `+`.
    if text and not re.fullmatch(r"[a-z0-9.:_-]+(/[A-Za-z0-9._-]+)*", text):
        raise UnsafeSettings("LOG_ORIGIN is the log's address without a scheme, such as privacy.ala.org/log.")
    return text


def _switch(value: str, name: str) -> bool:
    if value.lower() not in ("on", "off"):
        raise UnsafeSettings(f"{name} is `on` or `off`.")
    return value.lower() == "on"


def _rate(value: str) -> str | None:
    if value.strip().lower() == "off":
        return None
    try:
        parse(value)
    except ValueError as error:
        raise UnsafeSettings("CONSENT_RATE is `off`, or such as `600 per minute`.") from error
    return value


def _kept_secret(path: Path) -> str:
    """A secret made once. Several processes may start at the same moment: the first link wins, and is whole."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
