"""The whole registry out and in again without loss: export, import, export gives the same bytes."""

from hypothesis import given
from hypothesis import strategies as st

from consent_server.registry import service as registry
from consent_server.registry import site_file
from consent_server.registry.fields import CONTROL
from consent_server.registry.schemas import SiteFileSchema
from tests.factories import read_ala
from tests.policy.contents import BASE, contents, edited

ENGINES = ("sqlite",)


def is_text(text):
    """Whether there is something to see in it, and nothing that is refused."""
    return any(c.isprintable() and not c.isspace() for c in text) and not CONTROL.search(text)


# Whatever YAML might take for something else than text, or write otherwise.
HARD = st.one_of(
    st.text(min_size=1, max_size=30).filter(is_text),
    st.sampled_from(
        ["no", "null", "~", "1e3", "0x1", "2026-01-01", "<<", "=", "- a", "a: b", "# a", "'", "a\n b\n", "\ta"]
    ),
    st.sampled_from(
        [" a", "a ", "a\n\n", "\n\na", "a\u00a0", "\ufeffa", "%a", "@a", "`a", "{a", "[a", "!a", "&a", "*a"]
    ),
)


def again(written):
    value, _ = site_file.read(written)
    return SiteFileSchema().load(value)


def shuffled(value, reverse):
    """The same with its fields in another order, as a database may give them back."""
    if isinstance(value, dict):
        return {name: shuffled(value[name], reverse) for name in sorted(value, reverse=reverse)}
    return [shuffled(entry, reverse) for entry in value] if isinstance(value, list) else value


def loaded(content):
    """Content made at random has neither every default nor every refusal heeded."""
    trackers = [
        {f"{tracker['kind']} {tracker['host']} {tracker['name']}": tracker for tracker in provider["trackers"]}
        for provider in content["providers"]
    ]
    providers = [{**p, "trackers": list(t.values())} for p, t in zip(content["providers"], trackers, strict=True)]
    site = {**content["site"], "choice_ttl_days": min(content["site"]["choice_ttl_days"], 400)}
    policy = {"en": "Text.", **content["policy"]}
    content = {**content, "site": site, "providers": providers, "policy": policy}
    return SiteFileSchema().load({**content, "wording": {k: v for k, v in content["wording"].items() if v}})


def all_texts(content, text):
    content["policy"]["en"] = content["categories"][1]["purpose"]["en"] = text
    content["providers"][1]["retention"]["es"] = content["providers"][1]["name"] = text


@given(contents(), st.booleans())
def test_export_import_export(content, reverse):
    content = loaded(content)
    written = registry.write_site_file(content)
    assert again(written) == content
    assert registry.write_site_file(again(written)) == written
    assert registry.write_site_file(shuffled(content, reverse)) == written


@given(HARD)
def test_whatever_the_texts(text):
    content = loaded(edited(lambda content: all_texts(content, text)))
    written = registry.write_site_file(content)
    assert again(written) == content
    assert registry.write_site_file(again(written)) == written


def test_the_first_site_file(app):
    with app.app_context():
        content = read_ala()
        written = registry.write_site_file(content)
        assert registry.read_site_file(written) == content
        assert registry.write_site_file(registry.read_site_file(written)) == written


def test_texts_of_several_lines_are_written_as_they_read():
    assert "policy:\n  en: |\n    # Policy\n" in registry.write_site_file(loaded(BASE))
