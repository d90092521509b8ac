"""The shapes of the standards hold what the event, its notice and its policy say, and nothing that nobody has said."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from consent_server.consent.receipt_profiles import Subject, iso_27560, kantara

POLICY, CHOICES = "https://p.example/zoo/policy/3", "https://p.example/zoo/choices"


def provider(key, category, **more):
    return {"key": key, "name": key.title(), "category": category, "privacy_url": f"https://{key}.example/p", **more}


DOCUMENT = {
    "site": "zoo",
    "name": "A Zoo",
    "default_locale": "en",
    "contact": {"name": "The keeper", "email": "keeper@zoo.example"},
    "categories": [
        {"key": "necessary", "required": True, "name": {"en": "Necessary"}},
        {"key": "analytics", "required": False, "name": {"en": "Analytics", "es": "Analíticas"}},
        {"key": "marketing", "required": False, "name": {"en": "Marketing"}},
    ],
    "providers": [
        provider("zoo", "necessary"),
        provider("counter", "analytics", data={"en": "Pages", "es": "Páginas"}, country="US", role="processor"),
        provider("adserver", "marketing", legal_name="Ads Ltd", role="controller", legal_basis="legitimate-interest"),
        provider("paused", "marketing", held=True),
    ],
}
NOTICE = {
    "locale": "es",
    "dialog": {
        "categories": [
            {"key": "analytics", "name": "Analíticas", "purpose": "Cuentan visitas."},
            {"key": "marketing", "name": "Marketing", "purpose": "Anuncios."},
        ]
    },
}
EVENT = {
    "event_id": "0193-e",
    "action": "custom",
    "surface": "banner",
    "choices": {"analytics": True, "marketing": False},
    "providers": {},
    "recorded_at": "2026-11-22T10:00:00.123Z",
    "expires_at": "2027-05-21T10:00:00.123Z",
    "policy": "ab" * 32,
    "signals": {"dnt": {"header": "1"}},
}


def subject(notice=NOTICE, **changes):
    return Subject(
        event={**EVENT, **changes},
        visitor_id="4f-visitor",
        index=17,
        verifier_key="log+00+AA",
        notice=notice,
        document=DOCUMENT,
        policy_url=POLICY,
        choices_url=CHOICES,
    )


def purposes_27560(made):
    return {purpose["purpose_type"]: purpose for purpose in made["pii_processing"]["purposes"]}


def test_27560_has_every_field_that_is_mandatory_and_known():
    made = iso_27560(subject())
    assert made["schema_version"] == "ISO/IEC TS 27560:2023"
    assert (made["record_id"], made["receipt_id"]) == ("0193-e", "0193-e/17")
    assert made["pii_principal_id"] == "4f-visitor"
    assert made["pii_processing"]["privacy_notice"] == POLICY
    assert made["pii_processing"]["language"] == "es"
    [event] = made["events"]
    assert event == {
        "event_time": "2026-11-22T10:00:00.123Z",
        "validity_duration": "P180D",
        "entity_id": "4f-visitor",
        "event_type": "custom",
        "event_state": "given",
    }
    assert [party["party_id"] for party in made["party_identification"]] == ["zoo", "counter", "adserver"]
    assert {party["party_name"] for party in made["party_identification"]} == {"A Zoo", "Counter", "Ads Ltd"}
    assert made["signals"] == EVENT["signals"]


def test_27560_tells_each_purpose_by_itself():
    found = purposes_27560(iso_27560(subject()))
    assert set(found) == {"Analíticas", "Marketing"}
    analytics, marketing = found["Analíticas"], found["Marketing"]
    assert (analytics["event_state"], marketing["event_state"]) == ("given", "refused")
    assert (analytics["purpose"], analytics["pii_information"]) == ("Cuentan visitas.", ["Páginas"])
    assert (analytics["lawful_basis"], marketing["lawful_basis"]) == (["consent"], ["legitimate-interest"])
    assert analytics["storage_locations"] == ["US"] and marketing["storage_locations"] == []
    assert (analytics["pii_controllers"], marketing["pii_controllers"]) == (["zoo"], ["zoo", "adserver"])
    assert analytics["withdrawal_method"] == CHOICES
    # Nobody can allow a provider on hold.
    assert [party["party_id"] for party in marketing["recipient_third_parties"]] == ["adserver"]


def test_a_provider_decided_by_itself_is_told_by_itself():
    made = iso_27560(subject(providers={"adserver": True, "counter": False}))
    found = purposes_27560(made)
    assert found["Marketing"]["recipient_third_parties"] == [{"party_id": "adserver", "event_state": "given"}]
    assert found["Analíticas"]["recipient_third_parties"] == [{"party_id": "counter", "event_state": "refused"}]
    [service] = kantara(subject(providers={"adserver": True, "counter": False}))["services"]
    assert [purpose["purposeCategory"] for purpose in service["purposes"]] == [["Analíticas"], ["Marketing"]]
    assert [purpose["thirdPartyDisclosure"] for purpose in service["purposes"]] == [False, True]


def test_kantara_names_what_was_consented_to():
    made = kantara(subject())
    assert made["version"] == "KI-CR-v1.1.0"
    assert made["consentTimestamp"] == int(datetime(2026, 11, 22, 10, tzinfo=UTC).timestamp())
    assert (made["consentReceiptID"], made["piiPrincipalId"], made["language"]) == ("0193-e", "4f-visitor", "es")
    [controller] = made["piiControllers"]
    assert controller == {"piiController": "A Zoo", "contact": "The keeper", "email": "keeper@zoo.example"}
    [service] = made["services"]
    [purpose] = service["purposes"]
    assert purpose["consentType"] == "EXPLICIT" and purpose["piiCategory"] == ["Páginas"]
    assert purpose["thirdPartyName"] == "Counter"
    assert "2027-05-21" in purpose["termination"] and CHOICES in purpose["termination"]


def test_what_was_carried_over_is_not_said_to_be_explicit():
    [service] = kantara(subject(action="imported"))["services"]
    assert "consentType" not in service["purposes"][0]


def test_a_refusal_and_a_withdrawal():
    nothing = dict.fromkeys(EVENT["choices"], False)
    for action, state in (("reject_all", "refused"), ("withdraw", "withdrawn"), ("signal", "refused")):
        chosen = subject(action=action, choices=nothing)
        assert iso_27560(chosen)["events"][0]["event_state"] == state
        assert kantara(chosen)["services"] == [{"service": "A Zoo", "purposes": []}]


def test_where_the_notice_is_unknown_the_policy_speaks():
    made = iso_27560(subject(notice=None))
    assert made["pii_processing"]["language"] == "en"
    assert set(purposes_27560(made)) == {"Analytics", "Marketing"}


@given(
    st.sampled_from(("accept_all", "reject_all", "custom", "withdraw", "imported")),
    st.fixed_dictionaries({"analytics": st.booleans(), "marketing": st.booleans()}),
    st.dictionaries(st.sampled_from(("counter", "adserver")), st.booleans()),
    st.booleans(),
)
def test_both_shapes_agree_on_what_is_allowed(action, choices, providers, known):
    chosen = subject(NOTICE if known else None, action=action, choices=choices, providers=providers)
    record, receipt = iso_27560(chosen), kantara(chosen)
    assert json.loads(json.dumps([record, receipt])) == [record, receipt]
    given_to = {
        party["party_id"].title()
        for purpose in record["pii_processing"]["purposes"]
        for party in purpose["recipient_third_parties"]
        if party["event_state"] == "given"
    }
    named = [purpose.get("thirdPartyName", "") for purpose in receipt["services"][0]["purposes"]]
    assert given_to == set(filter(None, ", ".join(named).split(", ")))
