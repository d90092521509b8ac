"""Every setting, read from the environment and checked once."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env
from marshmallow import validate

MIN_SECRET_LENGTH = 32


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

    @property
    def development(self) -> bool:
        return self.environment == "development"


def read_settings() -> Settings:
    """Reads the environment; raises UnsafeSettings rather than start half-secured."""
    env = Env()
    environment = env.str("ENVIRONMENT", "development")
    if environment not in ("development", "production"):
        raise UnsafeSettings("ENVIRONMENT is `development` or `production`.")
    development = environment == "development"
    port = env.int("PORT", 8000, validate=validate.Range(1, 65535))
    data_dir = Path(env.str("DATA_DIR", "instance")).absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        environment=environment,
        port=port,
        public_url=env.str("PUBLIC_URL", "").rstrip("/") or f"http://privacy.ala.localhost:{port}",
        data_dir=data_dir,
        database_url=_database_url(env.str("DATABASE_URL", "") or f"sqlite:///{data_dir / 'consent.db'}"),
        secret_key=env.str("SECRET_KEY", "") or (_kept_secret(data_dir / "secret_key") if development else ""),
        trusted_proxies=env.int("TRUSTED_PROXIES", 0, validate=validate.Range(0, 10)),
        consent_rate=_rate(env.str("CONSENT_RATE", "600 per minute")),
        extra_origins=tuple(filter(None, map(str.strip, env.str("EXTRA_ORIGINS", "").split(",")))),
    )
    if not development:
        _refuse_unsafe(settings)
    return settings


def _refuse_unsafe(settings: Settings) -> None:
    address = urlsplit(settings.public_url)
    if address.scheme != "https" or not address.hostname:
        raise UnsafeSettings("PUBLIC_URL must be this server's https address in production.")
    if len(settings.secret_key) < MIN_SECRET_LENGTH:
        raise UnsafeSettings(f"SECRET_KEY must be set in production, with {MIN_SECRET_LENGTH} characters or more.")
    if settings.extra_origins:
        raise UnsafeSettings("EXTRA_ORIGINS is for development only.")


def _database_url(url: str) -> str:
    scheme, rest = url.split("://", 1) if "://" in url else ("", url)
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite":
        return url
    raise UnsafeSettings("DATABASE_URL is sqlite:///… or postgresql://….")


def _rate(value: str) -> str | None:
    return None if value.strip().lower() == "off" else value


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
