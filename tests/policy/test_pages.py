"""The provider list and the policy, as people and programs read them."""

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from consent_server.policy.service import Published
from tests.factories import publish, read_ala

ENGINES = ("sqlite",)


pytestmark = pytest.mark.usefixtures("site")


def republish(app: Flask, **changes: Any) -> None:
    with app.app_context():
        publish({**read_ala(), **changes})


def ids(html: str) -> list[str]:
    return re.findall(r' id="([^"]+)"', html)


def test_each_may_be_kept_for_a_minute_and_answers_304(client: FlaskClient) -> None:
    for address in ("/ala/providers", "/ala/providers.json", "/ala/providers.csv", "/ala/policy", "/ala/policy/1"):
        response = client.get(address)
        assert response.headers["Cache-Control"] == "public, max-age=60"
        assert "Set-Cookie" not in response.headers
        again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_what_is_in_one_language_varies_by_it(client: FlaskClient) -> None:
    for address in ("/ala/providers", "/ala/providers.csv", "/ala/policy"):
        english = client.get(address, headers={"Accept-Language": "en"})
        spanish = client.get(address, headers={"Accept-Language": "es"})
        assert english.headers["Vary"] == "Accept-Language"
        assert english.headers["ETag"] != spanish.headers["ETag"]
        assert client.get(f"{address}?lang=es").data.count(b"lang=es") >= spanish.data.count(b"lang=es")


def test_pages_have_one_heading_no_inline_code_and_each_id_once(client: FlaskClient) -> None:
    for address in ("/ala/providers", "/ala/policy", "/ala/policy/1"):
        html = client.get(address).text
        assert html.count("<h1") == 1
        assert not re.search(r"<script|<style| style=| on\w+=", html)
        assert len(ids(html)) == len(set(ids(html)))
        assert 'href="/ala/choices"' in html


class TestProviders:
    def test_each_category_has_its_anchor(self, client: FlaskClient) -> None:
        html = client.get("/ala/providers").text
        assert {"necessary", "functional", "analytics", "marketing"} <= set(ids(html))

    def test_a_provider_says_who_where_why_what_and_how_long(self, client: FlaskClient) -> None:
        html = client.get("/ala/providers").text
        for words in ("Google LLC", "United States", "Counts visits and shows how our pages are used.", "2 years"):
            assert words in html
        assert 'href="https://policies.google.com/privacy"' in html
        assert 'href="https://tools.google.com/dlpage/gaoptout"' in html
        assert "Sample: not a real provider" in html

    def test_a_list_without_providers_says_so(self, app: Flask, client: FlaskClient) -> None:
        republish(app, providers=[])
        assert "No provider in this category." in client.get("/ala/providers").text
        assert "No providers yet." in client.get("/ala/policy").text
        assert client.get("/ala/providers.json").get_json()["providers"] == []

    def test_the_json_is_what_was_published(self, client: FlaskClient, site: Published) -> None:
        response = client.get("/ala/providers.json")
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        body = response.get_json()
        assert body["policy"]["sha256"] == site.terms.sha256
        assert body["providers"] == site.terms.document["providers"]
        assert body["categories"] == site.terms.document["categories"]

    def test_the_spreadsheet_has_a_line_for_each_tracker(self, client: FlaskClient, site: Published) -> None:
        response = client.get("/ala/providers.csv?lang=es")
        lines = list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))
        trackers = [tracker["name"] for p in site.terms.document["providers"] for tracker in p["trackers"]]
        assert [line["tracker"] for line in lines] == trackers
        assert lines[0]["tracker_lifetime"] == "180 días"

    def test_no_cell_of_the_spreadsheet_is_a_formula(self, app: Flask, client: FlaskClient) -> None:
        with app.app_context():
            content = read_ala()
            names = [f"{start}HYPERLINK(1)" for start in "=+-@"]
            one = content["providers"][0]
            providers = [{**one, "key": f"p{n}", "name": name, "trackers": []} for n, name in enumerate(names)]
            publish({**content, "providers": providers})
        lines = list(csv.DictReader(io.StringIO(client.get("/ala/providers.csv").data.decode("utf-8-sig"))))
        assert [line["provider"] for line in lines] == [f"'{name}" for name in names]

    def test_where_data_goes_on_what_basis_and_what_is_held(self, app, client, site):
        with app.app_context():
            content = read_ala()
            entry = next(p for p in content["providers"] if p["category"] != "necessary")
            entry |= {"legal_basis": "consent", "transfers": {"en": "India"}, "safeguard": {"en": "Clauses"}}
            entry |= {"held": True, "contract_date": "2031-02-03", "review_date": "2031-02-04"}
            publish(content)
        page = client.get("/ala/providers?lang=en").get_data(as_text=True)
        for words in ("Your consent", "India", "Clauses", "Paused: it does not run at present"):
            assert page.count(words) == 1, words
        text = client.get("/ala/providers.csv?lang=en").data.decode("utf-8-sig")
        [line] = {tuple(line[name] for name in ("legal_basis", "transfers", "safeguard", "held")) for line in
                  csv.DictReader(io.StringIO(text)) if line["key"] == entry["key"]}  # fmt: skip
        assert line == ("consent", "India", "Clauses", "yes")
        for path in ("/ala/providers", "/ala/providers.csv", "/ala/providers.json", "/v1/sites/ala/policies/2"):
            assert b"2031-02" not in client.get(path).data, path


class TestPolicy:
    def test_it_holds_its_generated_blocks(self, client: FlaskClient) -> None:
        html = client.get("/ala/policy").text
        assert "{{" not in html
        assert "do not respond to it automatically" in html
        assert 'id="provider-google-analytics"' in html
        assert "<strong>Erasure</strong>" in html
        assert html.index("Our service providers</h2>") < html.index('id="marketing"') < html.index("Your rights</h2>")

    def test_its_contents_lead_to_its_headings(self, client: FlaskClient) -> None:
        html = client.get("/ala/policy").text
        targets = re.findall(r'<li><a href="#([^"]+)">', html)
        assert "your-rights" in targets
        assert set(targets) <= set(ids(html))

    def test_nothing_in_its_text_runs(self, app: Flask, client: FlaskClient) -> None:
        text = (
            "# Title\n\n## Marketing\n\n<script>alert(1)</script>\n\n[click](javascript:alert(1)) <img src=x onerror=y>"
        )
        republish(app, policy={"en": text})
        html = client.get("/ala/policy").text
        assert "<script" not in html
        assert "<img" not in html
        assert 'href="javascript' not in html
        assert html.count("<h1") == 1
        assert '<h2 id="title">Title</h2>' in html
        assert '<h3 id="marketing-2">Marketing</h3>' in html

    def test_each_version_stays_at_its_address_and_says_whether_it_is_current(
        self, app: Flask, client: FlaskClient
    ) -> None:
        assert "It is the current version, in force since" in client.get("/ala/policy/1").text
        republish(app, policy={"en": "The second text.\n\n{{ dnt }}"})
        first, second = client.get("/ala/policy/1").text, client.get("/ala/policy/2").text
        assert "is not the current version" in first
        assert "Our service providers" in first
        assert "The second text." in second
        assert "It is the current version" in second
        current = client.get("/ala/policy").text
        assert "The second text." in current
        assert 'href="/ala/policy/1"' in current

    def test_other_versions_and_sites_are_not_found(self, client: FlaskClient) -> None:
        for address in ("/ala/policy/2", "/ala/policy/0", "/ala/policy/x", "/nowhere/policy", "/nowhere/providers"):
            assert client.get(address).status_code == 404, address
