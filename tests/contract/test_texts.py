"""The generic texts: every language says the same things, with the same gaps to fill in, and nothing asks for more."""

import re
from string import Formatter

import pytest
import yaml
from jinja2 import Environment, nodes

from tests.factories import ALA, ROOT

FOLDER = ROOT / "consent_server" / "texts"
TEMPLATES = ROOT / "consent_server" / "templates"


def flat(texts, above=""):
    """`{"banner.title": "…"}` for `{"banner": {"title": "…"}}`."""
    found = {}
    for key, value in texts.items():
        found |= flat(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}": value}
    return found


def read(path):
    return flat(yaml.safe_load(path.read_text(encoding="utf-8")))


ENGLISH = read(FOLDER / "en.yaml")
LANGUAGES = {path.stem: read(path) for path in sorted(FOLDER.glob("*.yaml"))}
OTHERS = sorted(set(LANGUAGES) - {"en"})


def gaps(text):
    """Names of what is filled in; raises ValueError where a brace is left open."""
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_the_languages_of_the_first_site_are_there():
    assert {"en", "es"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_one(language):
    for key, text in LANGUAGES[language].items():
        assert isinstance(text, str) and text.strip() == text and text, key
        assert all(name.isidentifier() for name in gaps(text)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_is_there_twice(language):
    """YAML takes the last one in silence, and a bare `no` for false."""
    root = yaml.compose((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    for section in (root, *(value for _, value in root.value)):
        keys = [key.value for key, _ in section.value]
        assert len(keys) == len(set(keys))
        assert {key.tag for key, _ in section.value} == {"tag:yaml.org,2002:str"}


@pytest.mark.parametrize("language", OTHERS)
def test_languages_have_the_same_texts(language):
    assert list(LANGUAGES[language]) == list(ENGLISH)


@pytest.mark.parametrize("language", OTHERS)
def test_texts_have_the_same_gaps(language):
    theirs = LANGUAGES[language]
    assert {key: gaps(theirs[key]) for key in ENGLISH} == {key: gaps(text) for key, text in ENGLISH.items()}


@pytest.mark.parametrize("language", OTHERS)
def test_texts_are_translated(language):
    """Names and single words may be alike; sentences are not."""
    theirs = LANGUAGES[language]
    assert [key for key, text in ENGLISH.items() if len(text.split()) > 4 and theirs[key] == text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_neutral(language):
    for key, text in LANGUAGES[language].items():
        assert "!" not in text and "¡" not in text, key
        assert not re.search(r"\b(please|por favor)\b", text, re.IGNORECASE), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_says_what_it_is(language):
    texts = LANGUAGES[language]
    assert texts["pages.code"] == language
    assert len(texts["pages.months"].split()) == 12


def test_tools_that_refuse_for_their_users_find_the_words():
    assert (ENGLISH["banner.reject_all"], ENGLISH["banner.accept_all"]) == ("Reject all", "Accept all")
    assert "We use cookies" in ENGLISH["banner.text"]


def test_a_sites_own_wording_fits_the_generic_one():
    for language, own in yaml.safe_load(ALA.read_text(encoding="utf-8"))["wording"].items():
        for key, text in flat(own, "banner.").items():
            assert key in ENGLISH and set(gaps(text)) <= set(gaps(ENGLISH[key])), (language, key)


def texts_asked_for(path):
    """The texts that a template names: `t.section.key`, or `words.key` after `{% set words = t.section %}`."""
    tree = Environment().parse(path.read_text(encoding="utf-8"))
    sections = {
        assign.target.name: assign.node.attr
        for assign in tree.find_all(nodes.Assign)
        if isinstance(assign.target, nodes.Name) and is_section(assign.node)
    }
    for node in tree.find_all(nodes.Getattr):
        # Texts that are looked up by a value are not named.
        if is_section(node.node) and node.attr != "get":
            yield f"{node.node.attr}.{node.attr}"
        elif isinstance(node.node, nodes.Name) and node.node.name in sections:
            yield f"{sections[node.node.name]}.{node.attr}"


def is_section(node):
    return isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "t"


def test_templates_name_texts_that_are_there():
    """One that is not would leave a blank on the page."""
    asked = {(path.name, key) for path in TEMPLATES.rglob("*.html") for key in texts_asked_for(path)}
    assert len(asked) > 50
    assert {(name, key) for name, key in asked if key not in ENGLISH} == set()
