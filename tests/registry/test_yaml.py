"""A site file's YAML: only what all readers agree on, and the line of every fault."""

import textwrap

import pytest

from consent_server.registry import service as registry
from consent_server.registry import site_file
from consent_server.registry.site_file import SiteFileFault


def faults_of(text):
    with pytest.raises(SiteFileFault) as raised:
        site_file.read(textwrap.dedent(text))
    return [(fault.line, fault.path, fault.reason) for fault in raised.value.faults]


def test_words_that_yaml_1_1_takes_for_booleans_are_words():
    value, _ = site_file.read("country: no\nanswer: off\nflag: yes\non: y\nday: 2026-11-22\nreal: true\nfake: false\n")
    assert value == {
        "country": "no",
        "answer": "off",
        "flag": "yes",
        "on": "y",
        "day": "2026-11-22",
        "real": True,
        "fake": False,
    }


def test_each_place_has_its_line():
    _, lines = site_file.read("site:\n  key: zoo\n  origins:\n    - https://a.example\n    - https://b.example\n")
    assert lines[("site", "key")] == 2
    assert lines[("site", "origins")] == 3
    assert lines[("site", "origins", 1)] == 5


@pytest.mark.parametrize(
    ("text", "line", "path"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a"),
        ("a:\n  - b: 1\n    b: 2\n", 3, "a[0].b"),
        ("a: 1\n'a': 2\n", 2, "a"),
    ],
)
def test_a_key_that_is_there_twice(text, line, path):
    assert faults_of(text) == [(line, path, "This key is there twice.")]


def test_aliases_are_not_taken():
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghij", "bcdefghijk", strict=True)
    )
    [(line, _, reason)] = faults_of(bomb)
    assert line == 2 and "Aliases" in reason


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("site: [\n", 2),
        ("site:\n\tkey: zoo\n", 2),
        ("a: 1\n b: 2\n", 2),
        ("a: \x07\n", 1),
        ("x: 1\ny: !!python/object/apply:os.system [ls]\n", 2),
        ("x: !custom 1\n", 1),
        ("? [a, b]\n: 1\n", 1),
        ("--- 1\n--- 2\n", 2),
    ],
)
def test_what_is_not_plain_yaml_is_named_with_its_line(text, line):
    assert faults_of(text)[0][0] == line


@pytest.mark.parametrize("text", ["[" * 1000, "a: [" * 500])
def test_a_file_that_is_too_deep_is_refused_before_it_is_read_to_its_end(text):
    assert "deep" in faults_of(text)[0][2]


def test_a_file_that_is_too_large():
    assert "larger" in faults_of("a" * 5_000_001)[0][2]


def test_json_is_yaml():
    assert site_file.read('{"site": {"key": "zoo"}}')[0] == {"site": {"key": "zoo"}}


def test_an_empty_file_is_a_fault(app):
    with app.app_context():
        for text in ("", "# nothing\n", "[]", "zoo"):
            with pytest.raises(SiteFileFault) as raised:
                registry.read_site_file(text)
            assert raised.value.faults[0].line == 1
