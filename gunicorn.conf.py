"""How gunicorn serves the app. Nothing here writes an address, a user agent or a query string to a log."""

import json
import logging
from threading import Event
from typing import Any

from gunicorn.glogging import Logger

from consent_server import create_app, schedule, sequencing
from consent_server.evidence.faults import LogFault
from consent_server.release import release
from consent_server.settings import UnsafeSettings, read_settings

try:
    settings = read_settings()
except UnsafeSettings as error:
    raise SystemExit(f"Not started: {error}") from None
stopping = Event()
on_sqlite = settings.database_url.startswith("sqlite")

wsgi_app = "wsgi:app"
bind = f"{'127.0.0.1' if settings.development else '0.0.0.0'}:{settings.port}"  # noqa: S104, a container's own
worker_class = "gthread"
# SQLite has one writer: one process with threads is fastest there, and keeps the limiter exact.
workers = 1 if on_sqlite else 2
threads = 8 if on_sqlite else 4
keepalive = 5
timeout = 30
limit_request_line = 4096
limit_request_fields = 50
limit_request_field_size = 8190
forwarded_allow_ips = "*" if settings.trusted_proxies else "127.0.0.1"
accesslog = "-"
control_socket_disable = True


class PrivateLogger(Logger):
    """gunicorn's logger, without the client's address and words that its own messages hold."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.addFilter(self._redact)

    @staticmethod
    def _redact(record: logging.LogRecord) -> bool:
        message = record.getMessage()
        for opening in ("Invalid request", "Error handling request"):
            if message.startswith(opening):
                record.msg, record.args = opening, ()
        return True

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        """One line of JSON after the answer: the route's template in place of the address."""
        line = {
            "method": environ.get("REQUEST_METHOD"),
            "route": environ.get("consent.route"),
            "status": int(resp.status_code),
            "us": request_time.seconds * 1_000_000 + request_time.microseconds,
        }
        self.access_log.info(json.dumps(line))


logger_class = PrivateLogger


def on_starting(_server: Any) -> None:
    """Once, before the workers start: nothing is served from a database that lacks what was signed; and the release
    step, so that no notice of an older build is served."""
    app = create_app(settings)
    try:
        sequencing.check(app)
    except LogFault as fault:
        raise SystemExit(f"Not started: {fault}") from None
    release(app)


def post_worker_init(worker: Any) -> None:
    """In each worker: publishes drafts whose time has come, those that were due while no server ran among them. In
    production on PostgreSQL the log has a process of its own."""
    schedule.start(worker.wsgi, stopping)
    if on_sqlite or settings.development:
        sequencing.start(worker.wsgi, stopping)


def worker_exit(_server: Any, _worker: Any) -> None:
    """Begins nothing more."""
    stopping.set()
