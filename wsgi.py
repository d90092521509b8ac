"""The WSGI entry point."""

from consent_server import create_app

app = create_app()
