"""What the server and every one of its commands load before they do anything (`processes.py`)."""

import flask.cli
import gunicorn.app.wsgiapp
import gunicorn.workers.gthread

import consent_server

__all__ = ["consent_server", "flask", "gunicorn"]
