"""The WSGI entry point."""

from consent_server import create_app
from consent_server.settings import UnsafeSettings

try:
    app = create_app()
except UnsafeSettings as error:
    raise SystemExit(f"Not started: {error}") from None
