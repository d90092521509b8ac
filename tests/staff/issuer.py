"""An issuer of OpenID Connect with keys of its own, on a port of this machine."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "consent", "the client's own secret"


class Issuer(ThreadingHTTPServer):
    """`claims`, `userinfo`, `headers` and `metadata` change what it says; `signer` is the key it signs with."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.key = self.signer = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {"email": "vera@example.org", "email_verified": True}
        self.userinfo: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.grants: dict[str, dict[str, str]] = {}
        self.down: set[str] = set()

    def authorize(self, address: str) -> str:
        """What the browser does there: its person agrees, and the browser is sent back. Where to."""
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.address}/authorize"
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID)
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
        code = f"code-{len(self.grants)}"
        self.grants[code] = asked
        return f"{urlsplit(asked['redirect_uri']).path}?code={code}&state={asked['state']}"

    def exchange(self, form: dict[str, str], credentials: str) -> dict[str, Any] | None:
        """The tokens for a code; none where client, code, redirect address or verifier are not right."""
        asked = self.grants.pop(form.get("code", ""), None)
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or credentials != f"Basic {expected}":
            return None
        if asked["redirect_uri"] != form.get("redirect_uri"):
            return None
        if challenge.rstrip(b"=").decode() != asked["code_challenge"]:
            return None
        now = int(time.time())
        claims = {"iss": self.address, "sub": "1", "aud": CLIENT_ID, "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"]} | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode({"alg": self.algorithm, "kid": "1"}, claims, self.signer, algorithms=[self.algorithm])
        return {"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": token}

    def said_at(self, path: str, bearer: str) -> dict[str, Any] | None:
        if path in self.down:
            return None
        pages = {
            "/.well-known/openid-configuration": {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "userinfo_endpoint": f"{self.address}/userinfo",
                **self.metadata,
            },
            "/keys": {"keys": [self.key.as_dict(private=False)]},
            "/userinfo": self.userinfo if bearer == "Bearer access" else None,
        }
        return pages.get(path)


class _Answer(BaseHTTPRequestHandler):
    server: Issuer

    def do_GET(self) -> None:
        self._send(self.server.said_at(self.path, self.headers.get("Authorization", "")))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._send(self.server.exchange(form, self.headers.get("Authorization", "")))

    def _send(self, said: dict[str, Any] | None) -> None:
        body = json.dumps(said or {"error": "invalid_request"}).encode()
        self.send_response(200 if said is not None else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Says nothing: a test's output is its own."""


@contextmanager
def issuer() -> Iterator[Issuer]:
    with Issuer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
