"""The generic texts: every language says the same things, with the same gaps to fill in, and nothing asks for more."""

import re
import unicodedata
from string import Formatter

import pytest
import yaml
from jinja2 import Environment, nodes

from consent_server import texts as module
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


def of_banner(texts):
    return {key: text for key, text in texts.items() if key.partition(".")[0] in module.BANNER}


ENGLISH = read(FOLDER / "en.yaml")
LANGUAGES = {path.stem: read(path) for path in sorted(FOLDER.glob("*.yaml"))}
OTHERS = sorted(set(LANGUAGES) - {"en"})
WITH_PAGES = sorted(language for language, texts in LANGUAGES.items() if any(key.startswith("pages.") for key in texts))
EUROPEAN_UNION = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"
LIBRARIES_OF_THE_US = "en es zh-Hans zh-Hant vi tl ko ar ru fr ht he yi"
# Nothing is lost without what is never off.
EMPTY = {"standard.necessary.without"}
# What a text is written in, where that is not Latin: the beginning of each letter's Unicode name.
SCRIPTS = {
    "ar": "ARABIC",
    "bg": "CYRILLIC",
    "el": "GREEK",
    "he": "HEBREW",
    "ko": "HANGUL",
    "ru": "CYRILLIC",
    "yi": "HEBREW",
    "zh-Hans": "CJK",
    "zh-Hant": "CJK",
}


def gaps(text):
    """Names of what is filled in; raises ValueError where a brace is left open."""
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_the_languages_that_have_to_be_there_are():
    """The official ones of the European Union, and the main ones of library users in the United States."""
    assert set(f"{EUROPEAN_UNION} {LIBRARIES_OF_THE_US}".split()) <= set(LANGUAGES)
    assert set(module.available()) == set(LANGUAGES)


def test_the_first_site_offers_what_its_users_read():
    site = yaml.safe_load(ALA.read_text(encoding="utf-8"))["site"]
    assert site["locales"] == LIBRARIES_OF_THE_US.split()
    assert set(WITH_PAGES) >= {"en", "es"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_one(language):
    for key, text in LANGUAGES[language].items():
        assert isinstance(text, str) and text.strip() == text, key
        assert bool(text) != (key in EMPTY), key
        assert all(name.isidentifier() for name in gaps(text)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_is_there_twice(language):
    """YAML takes the last one in silence, and a bare `no` for false."""
    waiting = [yaml.compose((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))]
    for section in waiting:
        keys = [key.value for key, _ in section.value]
        assert len(keys) == len(set(keys))
        assert {key.tag for key, _ in section.value} == {"tag:yaml.org,2002:str"}
        waiting += [value for _, value in section.value if isinstance(value, yaml.MappingNode)]


@pytest.mark.parametrize("language", OTHERS)
def test_languages_have_the_same_texts(language):
    """Those of the banner, whole; or those of the pages too."""
    expected = ENGLISH if language in WITH_PAGES else of_banner(ENGLISH)
    assert list(LANGUAGES[language]) == list(expected)


@pytest.mark.parametrize("language", OTHERS)
def test_texts_have_the_same_gaps(language):
    """A name may be said twice in one language and once in another."""
    theirs = LANGUAGES[language]
    assert {key: set(gaps(text)) for key, text in theirs.items()} == {key: set(gaps(ENGLISH[key])) for key in theirs}


@pytest.mark.parametrize("language", OTHERS)
def test_texts_are_translated(language):
    """Names and single words may be alike; sentences are not."""
    theirs = LANGUAGES[language]
    assert [key for key, text in theirs.items() if len(text.split()) > 4 and ENGLISH[key] == text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_in_their_script(language):
    """But for the names of the signals, and the word that is Latin in many languages that are not."""
    script = SCRIPTS.get(language, "LATIN")
    for key, text in LANGUAGES[language].items():
        words = re.sub(r"{\w+}|Global Privacy Control|Do Not Track|cookies?", "", text, flags=re.IGNORECASE)
        others = [letter for letter in words if letter.isalpha() and not unicodedata.name(letter).startswith(script)]
        assert key == "language.dir" or not others, (key, others)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_direction_is_that_of_the_script(language):
    first = unicodedata.bidirectional(LANGUAGES[language]["language.name"][0])
    assert LANGUAGES[language]["language.dir"] == {"L": "ltr", "R": "rtl", "AL": "rtl"}[first]


def test_each_language_has_a_name_of_its_own():
    names = [texts["language.name"] for texts in LANGUAGES.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_neutral(language):
    for key, text in LANGUAGES[language].items():
        assert not set("!¡!") & set(text), key
        assert not re.search(r"\b(please|por favor)\b", text, re.IGNORECASE), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_is_asked_for_in_as_few_words_as_consent(language):
    """No more than a word's difference between the two buttons, which stand side by side and are of one size."""
    texts = LANGUAGES[language]
    reject, accept = texts["banner.reject_all"], texts["banner.accept_all"]
    assert reject != accept
    assert abs(len(reject) - len(accept)) <= 8, (reject, accept)


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_signals_stay_as_browsers_have_them(language):
    texts = LANGUAGES[language]
    assert all("Global Privacy Control" in texts[f"banner.{key}"] for key in ("gpc", "gpc_refuse_all"))
    assert all("Do Not Track" in texts[f"banner.{key}"] for key in ("dnt", "dnt_refuse"))


@pytest.mark.parametrize("language", WITH_PAGES)
def test_a_year_has_twelve_months(language):
    assert len(LANGUAGES[language]["pages.months"].split()) == 12


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
