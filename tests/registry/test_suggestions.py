"""What a cookie probably is, from a list in the shape of the Open Cookie Database."""

import pytest

from consent_server.extensions import db
from consent_server.registry import suggestions
from consent_server.registry.suggestions import ListFault, load, read_list, suggest

HEAD = (
    "ID,Platform,Category,Cookie / Data Key name,Domain,Description,Retention period,Data Controller,"
    "User Privacy & GDPR Rights Portals,Wildcard match\n"
)
LIST = HEAD + (
    '1,Counter,Analytics,_c,,"Counts visits, and no more.",2 years,Counter Inc,https://counter.example/privacy,0\n'
    "2,Counter,Analytics,_c_,,Counts visits of one page.,2 years,Counter Inc,https://counter.example/privacy,1\n"
    "3,Shop,Functional,basket*,shop.example (3rd party) or other,Keeps the basket.,Session,Shop,http://shop.example,0\n"
    "4,Ads,Marketing,_c,ads.example,Advertises.,1 year,Ads,https://ads.example/,0\n"
    "5,Nameless,Marketing,,,,,,,0\n"
)


@pytest.fixture
def loaded(app):
    with app.app_context():
        assert load(LIST) == 4
        db.session.commit()
        yield


def test_an_exact_name(loaded):
    first, second = suggest("_c")
    assert (first.provider, first.category, first.purpose) == ("Counter", "analytics", "Counts visits, and no more.")
    assert (first.lifetime, first.privacy_url) == ("2 years", "https://counter.example/privacy")
    assert (second.provider, second.category, second.host) == ("Ads", "marketing", "ads.example")


@pytest.mark.parametrize("name", ["_c_", "_c_*", "_c_123"])
def test_a_beginning(loaded, name):
    assert [found.name for found in suggest(name)] == ["_c_*"]


def test_what_is_called_functional_is_never_suggested_as_necessary(loaded):
    [found] = suggest("basket_1")
    assert (found.label, found.category, found.host, found.privacy_url) == (
        "Functional",
        "functional",
        "shop.example",
        "",
    )


@pytest.mark.parametrize("label", ["Functional", "Necessary", "Security", "Anything"])
def test_no_label_exempts(app, label):
    with app.app_context():
        load(HEAD + f"1,Shop,{label},basket,,,,,,0\n")
        assert [found.category for found in suggest("basket")] == ["functional"]


@pytest.mark.parametrize("name", ["", "*", "nothing", "C", "_C", "%", "b", "x" * 5000])
def test_nothing_is_known(loaded, name):
    assert suggest(name) == []


def test_a_list_takes_the_place_of_the_one_before(loaded):
    assert load(HEAD + "1,Other,Marketing,_o,,,,,,0\n") == 1
    assert suggest("_c") == [] and suggest("_o")[0].provider == "Other"


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", LIST.replace("Platform", "Plat")])
def test_a_file_that_is_no_such_list(text):
    with pytest.raises(ListFault, match="no column"):
        read_list(text)


def test_long_and_odd_cells_are_cut_to_what_a_column_holds():
    [row] = read_list("\ufeff" + HEAD + f"1,{'P' * 500},Marketing,_x,not a host,{'D' * 5000},,,javascript:alert(1),0\n")
    assert (len(row["provider"]), len(row["purpose"]), row["host"], row["privacy_url"]) == (120, 1000, "", "")


def test_the_command_names_where_the_list_is_from(app, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(LIST, encoding="utf-8")
    result = app.test_cli_runner().invoke(args=["registry", "suggestions", str(file)])
    assert result.exit_code == 0, result.output
    assert "4 cookies" in result.output and suggestions.ATTRIBUTION in result.output
    file.write_text("a,b\n", encoding="utf-8")
    result = app.test_cli_runner().invoke(args=["registry", "suggestions", str(file)])
    assert result.exit_code == 1 and "no column" in result.output
    with app.app_context():
        assert suggest("_c"), "the list before is still there"
