"""Settings: read once, refused when they are unsafe or make no sense."""

import stat
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest

from consent_server.settings import Settings, UnsafeSettings, read_settings

NAMES = (
    "ENVIRONMENT PORT PUBLIC_URL DATA_DIR DATABASE_URL SECRET_KEY TRUSTED_PROXIES CONSENT_RATE EXTRA_ORIGINS "
    "SMTP_URL MAIL_FROM OIDC_ISSUER OIDC_CLIENT_ID OIDC_CLIENT_SECRET FOUR_EYES "
    "LOG_ORIGIN LOG_SIGNING_KEY_FILE LOG_SIGNING_KEY "
    "LOG_WITNESSES LOG_MAIL_TO LOG_WEBHOOK_URL"
).split()
SECRET = "s" * 32
PRODUCTION = {"ENVIRONMENT": "production", "PUBLIC_URL": "https://privacy.ala.org", "SECRET_KEY": SECRET}


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Reads the settings from nothing but the given variables."""

    def with_variables(**variables: str) -> Settings:
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in ({"DATA_DIR": str(tmp_path)} | variables).items():
            monkeypatch.setenv(name, value)
        return read_settings()

    return with_variables


def test_nothing_needs_to_be_set_in_development(read, tmp_path):
    settings = read()
    assert settings.development
    assert settings.port == 8000
    assert settings.public_url == "http://privacy.ala.localhost:8000"
    assert settings.database_url == f"sqlite:///{tmp_path}/consent.db"
    assert settings.trusted_proxies == 0
    assert settings.consent_rate
    assert settings.extra_origins == ()
    assert len(settings.secret_key) >= 32


def test_an_empty_variable_counts_as_none(read, tmp_path):
    kept = read()
    assert read(**dict.fromkeys(set(NAMES) - {"DATA_DIR"}, "")) == kept


def test_the_secret_is_made_once_and_nobody_else_may_read_it(read, tmp_path):
    first, second = read().secret_key, read().secret_key
    assert first == second
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_processes_that_start_at_once_agree_on_the_secret(read, tmp_path):
    read(DATA_DIR=str(tmp_path / "other"))
    with ProcessPoolExecutor(4) as pool:
        keys = list(pool.map(_secret_in, [str(tmp_path / "shared")] * 4))
    assert len(set(keys)) == 1 and keys[0]


def _secret_in(folder: str) -> str:
    import os

    os.environ["DATA_DIR"] = folder
    Path(folder).mkdir(exist_ok=True)
    return read_settings().secret_key


def test_what_is_set_is_read(read, tmp_path):
    settings = read(
        PORT="9123",
        PUBLIC_URL="http://consent.localhost:9123/",
        DATABASE_URL="sqlite:////tmp/other.db",
        TRUSTED_PROXIES="2",
        CONSENT_RATE="5 per second",
        EXTRA_ORIGINS="http://a.localhost, http://b.localhost,",
    )
    assert settings.port == 9123
    assert settings.public_url == "http://consent.localhost:9123"
    assert settings.database_url == "sqlite:////tmp/other.db"
    assert settings.trusted_proxies == 2
    assert settings.consent_rate == "5 per second"
    assert settings.extra_origins == ("http://a.localhost", "http://b.localhost")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_has_one_driver(read, scheme):
    assert read(DATABASE_URL=f"{scheme}://u:p@h/d?x=1").database_url == "postgresql+psycopg://u:p@h/d?x=1"


def test_witnesses_are_keys_with_addresses(read):
    listed = f" {WITNESS} https://a.example/w ,{WITNESS}   https://b.example,"
    assert read(LOG_WITNESSES=listed).log_witnesses == (
        (WITNESS, "https://a.example/w"),
        (WITNESS, "https://b.example"),
    )


@pytest.mark.parametrize("host", ["127.0.0.1:8100", "localhost", "[::1]:8100"])
def test_in_development_a_witness_may_be_on_this_machine(read, host):
    listed = f"{WITNESS} http://{host}/w"
    assert read(LOG_WITNESSES=listed).log_witnesses == ((WITNESS, f"http://{host}/w"),)
    with pytest.raises(UnsafeSettings, match="must be https"):
        read(**PRODUCTION, LOG_WITNESSES=listed)


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("witness.example https://witness.example", "witness.example is not a verifier key"),
        ("{key}", "list, with commas"),
        ("{key} https://a.example https://b.example", "list, with commas"),
        ("{key} witness.example", "witness.example is not an address"),
        ("{key} ftp://witness.example", "is not an address"),
        ("{key} https://witness.example:x", "is not an address"),
        ("{key} https://[witness", "is not an address"),
        ("{key} https://witness.example?a=b", "is not an address"),
        ("{key} http://witness.example", "must be https"),
        ("{key} http://localhost.example", "must be https"),
        ("{key} https://witness.example/add-checkpoint/", "leave out /add-checkpoint"),
    ],
)
def test_what_is_wrong_with_a_witness_is_said(read, listed, said):
    with pytest.raises(UnsafeSettings, match=f"LOG_WITNESSES.*{said}"):
        read(LOG_WITNESSES=listed.replace("{key}", WITNESS))


@pytest.mark.parametrize("word", ["off", "OFF", " off "])
def test_the_rate_may_be_off(read, word):
    assert read(CONSENT_RATE=word).consent_rate is None


MAIL = {"SMTP_URL": "smtp://u:p@mail.example.org:587", "MAIL_FROM": "consent@example.org"}
WITNESS = "witness.example+5fd014fb+BO0rvYzEHCzZNz9WNqn2mCaxjpMRyhCFSDcMdPZl7wTW"
ISSUER = {"OIDC_ISSUER": "https://id.example.org", "OIDC_CLIENT_ID": "consent", "OIDC_CLIENT_SECRET": "x"}


def test_mail_and_an_issuer_are_off_until_they_are_set(read):
    settings = read()
    assert (settings.smtp_url, settings.oidc_issuer, settings.four_eyes) == ("", "", True)
    settings = read(**MAIL, **ISSUER, FOUR_EYES="off")
    assert (settings.mail_from, settings.oidc_client_id) == ("consent@example.org", "consent")
    assert settings.four_eyes is False


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        (MAIL | {"MAIL_FROM": ""}, "MAIL_FROM"),
        (MAIL | {"SMTP_URL": "http://mail.example.org"}, "SMTP_URL"),
        (MAIL | {"SMTP_URL": "mail.example.org"}, "SMTP_URL"),
        (ISSUER | {"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET"),
        (ISSUER | {"OIDC_ISSUER": "id.example.org"}, "OIDC_ISSUER"),
        (PRODUCTION | ISSUER | {"OIDC_ISSUER": "http://id.example.org"}, "OIDC_ISSUER"),
        ({"FOUR_EYES": "no"}, "FOUR_EYES"),
        ({"LOG_MAIL_TO": "auditor@example.org"}, "SMTP_URL"),
        (MAIL | {"LOG_MAIL_TO": "auditor"}, "LOG_MAIL_TO"),
        ({"LOG_WEBHOOK_URL": "keep.example.org"}, "LOG_WEBHOOK_URL"),
        (PRODUCTION | {"LOG_WEBHOOK_URL": "http://keep.example.org"}, "LOG_WEBHOOK_URL"),
        ({"LOG_WITNESSES": WITNESS}, "LOG_WITNESSES"),
        ({"LOG_WITNESSES": "witness.example https://witness.example"}, "LOG_WITNESSES"),
        ({"LOG_WITNESSES": f"{WITNESS} witness.example"}, "LOG_WITNESSES"),
        ({"LOG_WITNESSES": f"{WITNESS} https://a.example {WITNESS} https://b.example"}, "LOG_WITNESSES"),
        (PRODUCTION | {"LOG_WITNESSES": f"{WITNESS} http://witness.example"}, "LOG_WITNESSES"),
    ],
)
def test_half_a_setting_is_refused(read, variables, named):
    with pytest.raises(UnsafeSettings, match=named):
        read(**variables)


def test_what_the_log_is_called_and_signed_with(read):
    settings = read()
    assert (settings.log_origin, settings.log_signing_key_file, settings.log_signing_key) == ("", "", "")
    named = read(LOG_ORIGIN="privacy.ala.org/log", LOG_SIGNING_KEY_FILE="/run/secrets/log", LOG_SIGNING_KEY="one\ntwo")
    assert (named.log_origin, named.log_signing_key_file) == ("privacy.ala.org/log", "/run/secrets/log")
    assert named.log_signing_key == "one\ntwo"


def test_production_starts_with_what_it_demands(read):
    settings = read(**PRODUCTION)
    assert not settings.development
    assert settings.secret_key == SECRET


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "s" * 31}, "SECRET_KEY"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "http://privacy.ala.org"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "privacy.ala.org"}, "PUBLIC_URL"),
        ({"EXTRA_ORIGINS": "http://localhost"}, "EXTRA_ORIGINS"),
    ],
)
def test_unsafe_production_is_refused(read, tmp_path, changes, named):
    with pytest.raises(UnsafeSettings, match=named):
        read(**PRODUCTION | changes)
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "staging"),
        ("ENVIRONMENT", "Production"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("PORT", "8000.5"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "11"),
        ("TRUSTED_PROXIES", "*"),
        ("CONSENT_RATE", "often"),
        ("CONSENT_RATE", "None"),
        ("LOG_ORIGIN", "https://privacy.ala.org/log"),
        ("LOG_ORIGIN", "privacy.ala.org/my log"),
        ("LOG_ORIGIN", "privacy.ala.org+log"),
        ("DATABASE_URL", "mysql://h/d"),
        ("DATABASE_URL", "consent.db"),
        ("DATABASE_URL", "sqlite+pysqlcipher:///x"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(read, name, value):
    with pytest.raises(UnsafeSettings, match=name):
        read(**{name: value})


def test_settings_cannot_be_changed(read):
    settings = read()
    for field in fields(settings):
        with pytest.raises(AttributeError):
            setattr(settings, field.name, None)
