"""Signing in with the organisation's own issuer (OpenID Connect Core 1.0, authorization code flow with PKCE).

The issuer only says whose e-mail it is; who may come in and do what stays in our own accounts.
"""

import json
import logging
import secrets
from typing import Any

from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from flask import current_app
from joserfc import jwt
from joserfc.jwk import KeySet

from consent_server import clock
from consent_server.errors import Forbidden, Unavailable
from consent_server.settings import Settings
from consent_server.staff.keys import seal, unseal

PURPOSE = "oidc"
# Asymmetric alone: with these, nobody who only knows what is public can sign.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
ATTEMPT_SECONDS = 600
TIMEOUT_SECONDS = 10
LEEWAY_SECONDS = 60
FAILED = "Signing in with your organisation did not work. Try again, or sign in with your password."
UNREACHABLE = "Your organisation’s sign-in could not be reached."
UNVERIFIED = "Your organisation has not confirmed your e-mail address, so it cannot be matched to an account here."

log = logging.getLogger(__name__)


def begin(back: str) -> tuple[str, str]:
    """Where to send the browser, and what it is to bring back with the answer, sealed: state, nonce, the verifier of
    PKCE (RFC 7636) and the page that was asked for."""
    metadata = _metadata()
    attempt = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    with _session() as session:
        address, _state = session.create_authorization_url(
            metadata["authorization_endpoint"],
            state=attempt["state"],
            nonce=attempt["nonce"],
            code_verifier=attempt["verifier"],
        )
    return str(address), seal(json.dumps({**attempt, "back": back}), PURPOSE)


def finish(sealed: str, answer: dict[str, str]) -> tuple[str, str]:
    """The verified e-mail that the issuer's answer proves, and the page that was asked for; raises Forbidden."""
    opened = unseal(sealed, PURPOSE, ATTEMPT_SECONDS)
    attempt = json.loads(opened) if opened else {}
    if not attempt or not secrets.compare_digest(attempt["state"].encode(), answer.get("state", "").encode()):
        raise Forbidden(FAILED)
    if "code" not in answer:
        raise Forbidden(FAILED)
    return _verified_email(answer["code"], attempt), attempt["back"]


def _verified_email(code: str, attempt: dict[str, str]) -> str:
    metadata = _metadata()
    try:
        with _session() as session:
            token = session.fetch_token(metadata["token_endpoint"], code=code, code_verifier=attempt["verifier"])
            claims: dict[str, Any] = _claims(token, metadata, attempt["nonce"])
            if "email" not in claims and "userinfo_endpoint" in metadata:
                said = session.get(metadata["userinfo_endpoint"]).json()
                # OpenID Connect Core §5.3.2: another's would be a substituted token.
                claims |= said if said.get("sub") == claims["sub"] else {}
    # Whatever is wrong with what another server sends, the answer is the same: nobody comes in.
    except Exception as error:
        log.warning("oidc: %s", type(error).__name__)
        raise Forbidden(FAILED) from error
    if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
        raise Forbidden(UNVERIFIED)
    return str(claims["email"])


def _claims(token: dict[str, Any], metadata: dict[str, Any], nonce: str) -> dict[str, Any]:
    """The claims of an ID token after every check of OpenID Connect Core §3.1.3.7."""
    settings = _settings()
    with _session() as session:
        keys = session.get(metadata["jwks_uri"], withhold_token=True).json()
    decoded = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        options={
            "iss": {"essential": True, "value": settings.oidc_issuer},
            "aud": {"essential": True, "value": settings.oidc_client_id},
        },
        params={"nonce": nonce, "client_id": settings.oidc_client_id, "access_token": token.get("access_token")},
    )
    claims.validate(now=int(clock.now().timestamp()), leeway=LEEWAY_SECONDS)
    return dict(claims)


def _metadata() -> dict[str, Any]:
    """What the issuer says of itself (OpenID Connect Discovery 1.0 §4); raises Unavailable."""
    issuer = _settings().oidc_issuer
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        with _session() as session:
            found: dict[str, Any] = session.get(address, withhold_token=True).json()
        if found["issuer"] == issuer:
            return found
    except Exception as error:
        log.warning("oidc: %s", type(error).__name__)
        raise Unavailable(UNREACHABLE) from error
    # Discovery §4.3: one that calls itself something else is somebody else.
    log.warning("oidc: the issuer names itself otherwise")
    raise Unavailable(UNREACHABLE)


def _session() -> OAuth2Session:
    settings = _settings()
    return OAuth2Session(
        settings.oidc_client_id,
        settings.oidc_client_secret,
        scope="openid email",
        redirect_uri=f"{settings.public_url}/staff/oidc/back",
        code_challenge_method="S256",
        default_timeout=TIMEOUT_SECONDS,
    )


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found
