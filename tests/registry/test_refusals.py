"""What a draft may not say: each refusal with its place and a reason, and what is taken beside it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from consent_server.registry import service as registry
from consent_server.registry.refusals import Caution, refusals, warnings
from tests.factories import read_ala, site_content, unrefused

CONSENT_HOST = "privacy.zoo.example"
COUNTER, SIGN_IN = 0, 4


def necessary_provider(**changes):
    """A provider of the zoo that its site cannot work without."""
    return {
        "key": "sign-in",
        "name": "Sign-in",
        "category": "necessary",
        "privacy_url": "https://sign-in.example/privacy",
        "purpose": "Keeps members signed in. No analytics, no advertising.",
        "hosts": ["sign-in.example"],
        "trackers": [{"kind": "cookie", "name": "session", "host": "zoo.example", "purpose": "Knows who is signed in"}],
        **changes,
    }


def zoo(**site):
    content = site_content(**site)
    content["providers"].append(necessary_provider())
    return content


def cautioned(content):
    """Places of what is taken all the same."""
    return {caution.path for caution in warnings(unrefused(content), date(2026, 1, 1))}


def refused(content):
    """Places and reasons: `providers/0/hosts/0` and so on."""

    def walk(value, path):
        if isinstance(value, list):
            return {"/".join(path): " ".join(value)}
        inner = [walk(one, [*path, str(key)]) for key, one in value.items()]
        return {place: reason for found in inner for place, reason in found.items()}

    return walk(refusals(unrefused(content), CONSENT_HOST), [])


def put(content, path, value):
    """Changes the value at a path of a site file."""
    *parts, name = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in parts:
        content = content.setdefault(part, {}) if isinstance(content, dict) else content[part]
    content[name] = value


def test_nothing_of_the_examples_is_refused(app):
    with app.app_context():
        read_ala()
    assert refused(zoo()) == {}


REFUSED = {
    "a legitimate interest in what is optional": ("providers/0/legal_basis", "legitimate-interest"),
    "a necessary provider that sells": ("providers/4/sells_or_shares", True, "providers/4/category"),
    "a necessary provider with a consent mode": ("providers/4/consent_mode", "google", "providers/4/category"),
    "a necessary provider that counts visits": ("providers/4/purpose", "Counts visits", "providers/4/purpose/en"),
    "the same in Spanish": ("providers/4/purpose", {"es": "Muestra publicidad"}, "providers/4/purpose/es"),
    "advertising behind a denial": ("providers/4/purpose", "No fees. Shows advertising.", "providers/4/purpose/en"),
    "a necessary host of analytics": ("providers/4/hosts", ["www.google-analytics.com"], "providers/4/hosts/0"),
    "a necessary cookie of analytics": ("providers/4/trackers/0/name", "_ga_*"),
    "a necessary tracker at a host of marketing": (
        "providers/4/trackers/0/host",
        "*.doubleclick.net",
        "providers/4/trackers/0/name",
    ),
    "a necessary tracker for marketing": (
        "providers/4/trackers/0/purpose",
        "Retargeting",
        "providers/4/trackers/0/purpose/en",
    ),
    "a provider at the site's own host": ("providers/0/hosts", ["www.zoo.example"], "providers/0/hosts/0"),
    "a provider at all of the site's hosts": ("providers/0/hosts", ["a.test", "*.zoo.example"], "providers/0/hosts/1"),
    "a provider at the consent host": ("providers/0/hosts", ["*.zoo.example"], "providers/0/hosts/0"),
    "a provider at half of the internet": ("providers/0/hosts", ["*.com"], "providers/0/hosts/0"),
    "a provider at the domain of the site's cookies": ("providers/0/hosts", ["zoo.example"], "providers/0/hosts/0"),
    "a script at the site's own host": (
        "providers/0/trackers/0",
        {"kind": "script", "name": "a.js", "host": "*.zoo.example"},
        "providers/0/trackers/0/host",
    ),
    "a cookie that holds the choice itself": ("providers/0/trackers/0/name", "visitor_*"),
    "markup in a name": ("providers/0/name", "Counter<script>"),
    "markup in a category": ("categories/1/name", "<b>Analytics</b>", "categories/1/name/en"),
    "a comment in a purpose": ("categories/1/purpose", "Counts <!-- everything", "categories/1/purpose/en"),
    "a script's address in a text": ("providers/0/purpose", "javascript:alert(1)", "providers/0/purpose/en"),
    "markup in the policy": ("policy/en", "# Policy\n\n<img src=x onerror=alert(1)>"),
    "an http link in the policy": ("policy/en", "[Read](http://zoo.example)"),
    "an http link behind a fence that a block closes": (
        "policy/en",
        "# Policy\n\n```\n{{ providers }}\n[Read](http://zoo.example)",
    ),
    "a link without a scheme": ("policy/en", "[Read](//evil.example/x)"),
    "a link that is none": ("policy/en", "[Read](http://[)"),
    "another scheme behind a name": ("policy/en", "[Read][x]\n\n[x]: ftp://zoo.example"),
    "a script in the policy": ("policy/en", "[Read](javascript:alert(1))"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    path, value, *place = REFUSED[case]
    content = zoo()
    put(content, path, value)
    reasons = refused(content)
    assert set(reasons) == {place[0] if place else path}
    assert all(reason[0].isupper() and " " in reason for reason in reasons.values())


def test_what_is_always_on_is_never_marketing():
    content = zoo()
    content["categories"][2]["required"] = True
    assert set(refused(content)) == {"categories/2/required", "providers/3/category"}


def test_calling_it_necessary_does_not_make_it_so():
    content = zoo()
    content["categories"][1]["name"] = "Strictly necessary"
    assert set(refused(content)) == {"providers/1/category"}


TAKEN = {
    "a legitimate interest in what is necessary": ("providers/4/legal_basis", "legitimate-interest"),
    "consent": ("providers/0/legal_basis", "consent"),
    "a denial": ("providers/4/purpose", "Never used for advertising"),
    "a cookie at the site's own domain": ("providers/0/trackers/0/host", "zoo.example"),
    "a host that only ends alike": ("providers/0/hosts", ["notzoo.example", "*.cdn.zoo.example"]),
    "a comparison": ("providers/0/purpose", "Counts visits of < 5 seconds & > 1"),
    "safe links": ("policy/en", "[a](https://a.example) [b](/zoo/choices) [c](mailto:a@b.example) <https://c.example>"),
    "an address in words": ("policy/en", "Write to javascript: the good parts"),
}


@pytest.mark.parametrize("case", TAKEN)
def test_taken(case):
    path, value = TAKEN[case]
    content = zoo()
    put(content, path, value)
    assert refused(content) == {}


UNFAIR = [
    "We use cookies. By continuing to use this site, you agree.",
    "We use cookies. If you continue browsing, you accept them.",
    "We use cookies; you consent to them by closing this message.",
    "We use cookies and your continued use of this site counts as a choice.",
    "We use cookies. You must accept them.",
    "We use cookies. We recommend accepting all of them.",
    "We use cookies. Accept them to continue.",
    "We use cookies. The site only works fully if you agree.",
    "We use cookies. To refuse them, write to our office.",
    "We use cookies. You can opt out in your browser settings.",
    "We use cookies. Accept them for a nicer visit.",
]
FAIR = [
    "We use cookies. Accept or refuse the optional ones.",
    "We use cookies to make this site work. If you agree, we also use optional cookies to count visits. You can change "
    "your choice at any time.",
    "We  use\ncookies, if you allow them.",
]


@pytest.mark.parametrize("text", UNFAIR)
def test_wording_that_makes_refusing_harder(text):
    assert set(refused(zoo() | {"wording": {"en": {"text": text}}})) == {"wording/en/text"}


@pytest.mark.parametrize("text", FAIR)
def test_fair_wording(text):
    assert refused(zoo() | {"wording": {"en": {"title": "Your choices", "text": text}}}) == {}


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("es", "Usamos cookies. Si continúa navegando, acepta su uso."),
        ("fr", "Nous utilisons des cookies. En poursuivant votre navigation, vous acceptez leur utilisation."),
        ("de", "Wir verwenden Cookies. Wenn Sie weiter surfen, stimmen Sie zu."),
        ("pt", "Usamos cookies. Ao continuar, você concorda."),
        ("it", "Usiamo cookie. Proseguendo accetti."),
    ],
)
def test_unfair_wording_in_other_languages(locale, text):
    content = zoo(locales=["en", locale]) | {"wording": {locale: {"text": text}}}
    assert set(refused(content)) == {f"wording/{locale}/text"}


def test_general_texts_are_fair():
    """What is refused of others, we do not say ourselves."""
    from consent_server.texts import available, texts_in

    for locale in available():
        banner = texts_in(locale)["banner"]
        content = zoo(locales=sorted({"en", locale}))
        content["wording"] = {locale: {name: banner[name] for name in ("title", "text")}}
        assert refused(content) == {}, locale


@given(st.text(max_size=200), st.text(alphabet="*_visitor", max_size=200))
def test_whatever_is_written_is_looked_through(text, pattern):
    content = zoo()
    content["wording"] = {"en": {"title": text, "text": text}}
    content["policy"] = {"en": text}
    content["providers"][0]["purpose"] = content["providers"][4]["purpose"] = text
    content["providers"][0]["trackers"][0]["name"] = pattern
    try:
        loaded = unrefused(content)
    except ValidationError:
        return
    assert isinstance(refusals(loaded, CONSENT_HOST), dict)


def test_a_pattern_of_nothing_but_stars_takes_no_time():
    content = zoo()
    content["providers"][0]["trackers"][0]["name"] = "*" * 199 + "x"
    assert refused(content) == {}


class TestFirstLayer:
    """In every published language the first layer is in that language."""

    def test_without_general_texts_the_site_writes_its_own(self):
        content = zoo(locales=["en", "fa"])
        assert set(refused(content)) == {"wording/fa/title", "wording/fa/text"}
        content["wording"] = {"fa": {"title": "کوکی‌ها", "text": "ما از کوکی استفاده می‌کنیم."}}
        assert refused(content) == {}

    def test_a_category_of_the_sites_own_had_better_have_a_name_in_each_language(self):
        content = zoo(locales=["en", "es"])
        content["categories"].append({"key": "extras", "name": {"en": "Extras"}})
        assert refused(content) == {}
        assert cautioned(content) == {("categories", "extras", "name", "es")}
        content["categories"][3]["name"]["es"] = "Extras"
        assert cautioned(content) == set()

    def test_unless_the_banners_own_text_does_not_name_it(self):
        content = zoo(locales=["en", "es"])
        content["categories"].append({"key": "extras", "name": {"en": "Extras"}})
        content["wording"] = {"es": {"text": "Usamos cookies y nada más."}}
        assert cautioned(content) == set()

    @pytest.mark.parametrize(("locale", "text"), [("en", "This site is better with your data."), ("es", "Texto.")])
    def test_the_words_that_privacy_tools_look_for_had_better_stay(self, locale, text):
        content = zoo(locales=["en", "es"]) | {"wording": {locale: {"text": text}}}
        assert refused(content) == {}
        assert cautioned(content) == {("wording", locale, "text")}

    def test_standard_categories_come_translated(self):
        assert refused(zoo(locales=["en", "es", "zh-TW", "fil"])) == {}


def test_a_provider_without_a_privacy_policy(app):
    content = zoo()
    del content["providers"][0]["privacy_url"]
    with app.app_context(), pytest.raises(ValidationError) as fault:
        registry.validate(content)
    assert set(fault.value.messages["providers"][0]) == {"privacy_url"}


@pytest.mark.parametrize("field", ["privacy_url", "opt_out_url"])
@pytest.mark.parametrize("address", ["http://a.example", "javascript:alert(1)", "//a.example", "https://u:p@a.example"])
def test_unsafe_addresses(app, field, address):
    content = zoo()
    content["providers"][0][field] = address
    with app.app_context(), pytest.raises(ValidationError) as fault:
        registry.validate(content)
    assert set(fault.value.messages["providers"][0]) == {field}


def test_what_is_refused_is_refused_to_everybody_who_validates(app):
    content = zoo()
    content["providers"][0]["legal_basis"] = "legitimate-interest"
    with app.app_context(), pytest.raises(ValidationError) as fault:
        registry.validate(content)
    assert set(fault.value.messages["providers"][0]) == {"legal_basis"}


def test_a_review_that_is_due_is_warned_about():
    content = zoo()
    content["providers"][0]["review_date"] = "2026-01-31"
    loaded = unrefused(content)
    assert warnings(loaded, date(2026, 1, 31)) == []
    [caution] = warnings(loaded, date(2026, 2, 1))
    assert caution == Caution(("providers", "counter", "review_date"), "The day of the next review is past.")
