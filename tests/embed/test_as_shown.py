"""Kept scripts are found by what a notice says of them."""

from consent_server.embed import service
from consent_server.embed.as_shown import find_code, find_script
from consent_server.extensions import db
from consent_server.policy import service as policy
from tests.factories import publish, read_ala

ENGINES = ("sqlite",)


def test_code_is_found_by_its_hash(app, site):
    with app.app_context():
        code = find_code(app.config["WIDGET_SHA256"])
        assert code is not None and code.sha256 == app.config["WIDGET_SHA256"]
        assert find_code(b"\0" * 32) is None
        # A site's script is kept beside it, and is no code.
        assert find_code(service.script("ala").sha256) is None


def test_each_version_has_the_script_it_was_served_with(app, site):
    with app.app_context():
        code = find_code(app.config["WIDGET_SHA256"])
        first = service.script("ala")
        db.session.rollback()
        second_version = publish(read_ala() | {"wording": {"en": {"title": "Another title"}}})
        second = service.script("ala")
        assert first.content != second.content
        assert find_script("ala", code, site.terms.version_id).content == first.content
        assert find_script("ala", code, second_version.id).content == second.content
        assert find_script("ala", code, 0) is None
        assert find_script("zoo", code, policy.published("ala").terms.version_id) is None
