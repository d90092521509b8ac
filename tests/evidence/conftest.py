"""A log that is started."""

import pytest

from consent_server.evidence import founding


@pytest.fixture
def log(app):
    """An app whose log is started."""
    with app.app_context():
        founding.found()
    return app
