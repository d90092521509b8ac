"""A site's rules: which pages, which cookie domain, what is kept of an address."""

from dataclasses import replace

import pytest

from consent_server.sites import service as sites
from consent_server.sites.development import development_origins
from consent_server.sites.service import SiteRules
from tests.factories import make_settings, publish, read_ala

RULES = SiteRules(
    "ala", "ALA", frozenset({"https://www.ala.org", "https://my.ala.org"}), ("ala.org", "ala.test"), ("en",), "en", {},
    "record", "refuse-marketing", "origin", 180, 730, 1,
)  # fmt: skip


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("privacy.ala.org", "ala.org"),
        ("a.b.ala.org", "ala.org"),
        ("ala.org", "ala.org"),
        ("privacy.ala.test", "ala.test"),
        ("notala.org", None),
        ("ala.org.elsewhere.example", None),
        ("localhost", None),
        ("", None),
    ],
)
def test_the_cookie_domain_that_a_host_lies_under(host, domain):
    assert RULES.cookie_domain(host) == domain


@pytest.mark.parametrize(
    ("page", "kept_origin", "kept_path"),
    [
        ("https://my.ala.org/a/b?patron=1#c", "https://my.ala.org", "https://my.ala.org/a/b"),
        ("https://my.ala.org", "https://my.ala.org", "https://my.ala.org"),
        ("https://elsewhere.example/a", "https://www.ala.org", "https://www.ala.org"),
        ("http://www.ala.org/a", "https://www.ala.org", "https://www.ala.org"),
        (None, "https://www.ala.org", "https://www.ala.org"),
    ],
)
def test_what_is_kept_of_a_page(page, kept_origin, kept_path):
    assert RULES.recorded_page(page, "https://www.ala.org") == kept_origin
    assert replace(RULES, page="path").recorded_page(page, "https://www.ala.org") == kept_path


def test_every_change_raises_the_revision(app, site):
    with app.app_context():
        publish(read_ala(), material=False)
        assert sites.revision("ala") > site.rules.revision


def test_development_adds_this_machines_names(tmp_path):
    settings = make_settings(tmp_path, extra_origins=("http://other.localhost",))
    origins, domains = development_origins(settings)("ala")
    assert {"http://www.ala.localhost:9000", "http://localhost:9000", "http://other.localhost"} <= set(origins)
    assert "http://privacy.ala.localhost:9000" not in origins
    assert domains == ("ala.localhost",)
    assert development_origins(replace(settings, environment="production"))("ala") == ((), ())
