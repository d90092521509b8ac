"""Providers from a spreadsheet: what they change, and what is wrong with them, before anything is saved."""

import csv
import io
from copy import deepcopy
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from consent_server.registry import drafts, schemas
from consent_server.registry.schemas import SiteFileSchema
from consent_server.registry.spreadsheet import COLUMNS, MAX_ROWS, put_in, validation_faults
from tests.policy.contents import BASE

HEAD = "provider,category,privacy_url,tracker_kind,tracker,tracker_host,tracker_lifetime\n"
NEW = HEAD + (
    "Heat Map,analytics,https://heat.example/,cookie,_hm,zoo.example,1 year\n"
    "Heat Map,analytics,https://heat.example/,script,hm.js,heat.example,\n"
)


def provider(sheet, key):
    return next(entry for entry in sheet.content["providers"] if entry["key"] == key)


def faults(text):
    return [str(fault) for fault in put_in(BASE, text, "en").faults]


def test_a_new_provider_with_its_trackers():
    sheet = put_in(BASE, NEW, "en")
    assert not sheet.faults and sheet.lines == {"heat-map": 2}
    assert provider(sheet, "heat-map") == {
        "key": "heat-map",
        "name": "Heat Map",
        "category": "analytics",
        "privacy_url": "https://heat.example/",
        "sells_or_shares": False,
        "sample": False,
        "hosts": [],
        "trackers": [
            {"kind": "cookie", "name": "_hm", "host": "zoo.example", "lifetime": {"en": "1 year"}},
            {"kind": "script", "name": "hm.js", "host": "heat.example"},
        ],
    }
    assert SiteFileSchema().load(sheet.content)["providers"][3]["name"] == "Heat Map"
    assert "heat-map" not in {entry["key"] for entry in BASE["providers"]}


def test_what_is_not_in_the_file_stays():
    sheet = put_in(BASE, "provider,retention,sells_or_shares\nCounter,2 años,yes\n", "es")
    expected = deepcopy(BASE["providers"][1])
    expected["retention"]["es"] = "2 años"
    expected["sells_or_shares"] = True
    assert provider(sheet, "counter") == expected
    assert sheet.content["providers"][0] == BASE["providers"][0]


def test_a_key_finds_a_provider_under_another_name():
    sheet = put_in(BASE, "key,provider\ncounter,Abacus\n", "en")
    assert provider(sheet, "counter")["name"] == "Abacus"


def test_a_known_tracker_is_changed_not_doubled():
    sheet = put_in(BASE, HEAD + "Counter,,,cookie,_c,zoo.example,2 years\n", "en")
    assert [tracker.get("lifetime") for tracker in provider(sheet, "counter")["trackers"]] == [{"en": "2 years"}, None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheet_programs_write(delimiter):
    rows = list(csv.reader(io.StringIO(NEW)))
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    assert put_in(BASE, "\ufeff" + file.getvalue() + "\r\n", "en").content == put_in(BASE, NEW, "en").content


def test_a_cell_kept_from_being_a_formula():
    sheet = put_in(BASE, "provider,data\nCounter,'=what it says\n", "en")
    assert provider(sheet, "counter")["data"]["en"] == "=what it says"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["line 1: provider: This column has to be there."]),
        ("provider,colour\nCounter,red\n", ["line 1: colour: There is no such column."]),
        ("site,provider\nala,Counter\n", ["line 2: site: This is the list of another site."]),
        ("provider,country\n,US\n", ["line 2: provider: The name is missing."]),
        ("provider,sells_or_shares\nCounter,perhaps\n", ["line 2: sells_or_shares: `yes` or `no`."]),
        ("provider,tracker\nCounter,_x\n", ["line 2: tracker_kind: A tracker has a name and a kind."]),
        ("provider,data,Data\nCounter,a,b\n", ["line 1: data: This column is there twice."]),
        ("provider,data\nCounter,a,b\n", ["line 2: More cells than columns."]),
        ('provider\n"Counter\n', ["line 2: This is not CSV: unexpected end of data."]),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text, expected):
    assert faults(text) == expected


def test_what_the_registry_refuses_is_named_with_its_line():
    text = "provider,category,privacy_url\nCounter,analytics,\nNew,fun,http://new.example\n"
    sheet = put_in(BASE, text, "en")
    with pytest.raises(ValidationError) as error:
        SiteFileSchema().load(sheet.content)
    found = validation_faults(error.value.messages, sheet)
    assert {(fault.line, fault.column) for fault in found} == {(3, "privacy_url")}


@pytest.mark.parametrize(
    ("name", "key"),
    [("Crazy Egg", "crazy-egg"), ("Ätna & Co.", "atna-co"), ("4tel", "p-4tel"), ("計", "p"), ("Host", "host")],
)
def test_keys_of_new_providers(name, key):
    sheet = put_in({**BASE, "providers": []}, f"provider\n{name}\n", "en")
    assert [entry["key"] for entry in sheet.content["providers"]] == [key]


@pytest.mark.parametrize(
    ("head", "line", "expected"),
    [
        ("provider,tracker_kind,tracker", "Counter,cookie,_{}", f"More than {schemas.MAX_TRACKERS} trackers"),
        ("provider", "{}", f"More than {schemas.MAX_PROVIDERS:,} providers"),
    ],
)
def test_a_file_of_very_many_lines_takes_seconds(head, line, expected):
    text = "\n".join([head, *(line.format(n) for n in range(MAX_ROWS - 1))])
    began = perf_counter()
    assert expected in faults(text)[0]
    assert perf_counter() - began < 20


def test_a_new_provider_never_gets_the_key_of_a_category():
    sheet = put_in(BASE, "provider\nMarketing\n", "en")
    assert sheet.content["providers"][-1]["key"] == "marketing-2"


def test_a_key_that_is_taken():
    sheet = put_in(BASE, "provider\nHOST\n", "en")
    assert sheet.content["providers"][-1]["key"] == "host-2"


@given(st.text(max_size=200), st.sampled_from(["provider\n", "provider,purpose;\n", ""]))
def test_any_file_is_read_or_refused(text, head):
    sheet = put_in(BASE, head + text, "en")
    assert sheet.faults or len(sheet.content["providers"]) >= len(BASE["providers"])


def test_the_public_list_comes_in_without_a_change(app, client, site):
    """What is exported as a spreadsheet changes nothing when it is imported."""
    text = client.get("/ala/providers.csv?lang=en").data.decode("utf-8-sig")
    assert set(next(csv.reader(io.StringIO(text)))) <= set(COLUMNS)
    with app.app_context():
        content = drafts.current("ala").content
        sheet = put_in(content, text, "en")
        assert not sheet.faults
        assert [entry["key"] for entry in sheet.content["providers"]] == [p["key"] for p in content["providers"]]
        names = [[tracker["name"] for tracker in entry["trackers"]] for entry in sheet.content["providers"]]
        assert names == [[tracker["name"] for tracker in entry["trackers"]] for entry in content["providers"]]
