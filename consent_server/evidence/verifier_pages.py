"""The offline verifier, at a fixed address."""

from flask import Blueprint, Response, request

from consent_server.evidence import verifier
from consent_server.security import allow_everyone

blueprint = Blueprint("verifier", __name__)


@blueprint.get("/log/verify.py")
def download() -> Response:
    """The program that verifies receipts, bundles and checkpoints without trusting this server"""
    response = Response(verifier.source(), content_type="text/x-python; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="verify.py"'
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.add_etag()
    response.make_conditional(request)
    return allow_everyone(response)
