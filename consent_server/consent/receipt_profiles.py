"""A receipt in the shapes of two standards: ISO/IEC TS 27560:2023 and Kantara's Consent Receipt 1.1. Pure.

They hold what the event, its notice and its policy version say, and nothing else. What the standards also ask for and
nobody has stated (Kantara §4: `jurisdiction`, `sensitive`, `spiCat`; 27560: authority, impact assessment) is left out.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

COLLECTION = {
    "banner": "first layer of a banner",
    "preferences": "preferences dialog",
    "page": "web page for choices",
    "api": "script of a web page",
}


@dataclass(frozen=True)
class Subject:
    """What a shape is made of. `event` as committed; `notice` is none where it is not known; `document` is that of the
    policy version; the two addresses are those of the policy version's and the choices' pages."""

    event: dict[str, Any]
    visitor_id: str | None
    index: int
    verifier_key: str
    notice: dict[str, Any] | None
    document: dict[str, Any]
    policy_url: str
    choices_url: str

    @property
    def locale(self) -> str:
        """The language of the notice, or the site's own."""
        return str(self.notice["locale"] if self.notice else self.document["default_locale"])

    def say(self, texts: dict[str, str] | str | None) -> str | None:
        """A text in that language, else in the site's own, else in any."""
        if not texts:
            return None
        if isinstance(texts, str):
            return texts
        found = texts.get(self.locale) or texts.get(self.document["default_locale"])
        return found or next(iter(texts.values()))

    def categories(self) -> list[dict[str, Any]]:
        """The optional categories as they were named."""
        shown = {category["key"]: category for category in self.notice["dialog"]["categories"]} if self.notice else {}
        return [
            {
                "key": key,
                "name": shown[key]["name"] if key in shown else self.say(category.get("name")) or key,
                "purpose": shown[key]["purpose"] if key in shown else self.say(category.get("purpose")),
            }
            for category in self.document["categories"]
            if not category["required"] and (key := category["key"])
        ]

    def providers(self, category: str) -> list[dict[str, Any]]:
        """The providers of a category, but for those on hold: nobody can allow them."""
        return [p for p in self.document["providers"] if p["category"] == category and not p.get("held")]

    def allows(self, category: str, provider: str | None = None) -> bool:
        granted = bool(self.event["choices"].get(category, False))
        return bool(self.event["providers"].get(provider, granted)) if provider else granted


def iso_27560(subject: Subject) -> dict[str, Any]:
    """A consent record in the sections of ISO/IEC TS 27560:2023 §6.3: header, PII processing, parties, events."""
    event, document = subject.event, subject.document
    return {
        "schema_version": "ISO/IEC TS 27560:2023",
        "record_id": event["event_id"],
        "receipt_id": f"{event['event_id']}/{subject.index}",
        "pii_principal_id": subject.visitor_id,
        "pii_processing": {
            "privacy_notice": subject.policy_url,
            "privacy_notice_sha256": event["policy"],
            "language": subject.locale,
            "purposes": [_purpose_27560(subject, category) for category in subject.categories()],
        },
        "party_identification": [_controller(document), *_third_parties(subject)],
        "events": [
            {
                "event_time": event["recorded_at"],
                "validity_duration": _duration(event["recorded_at"], event["expires_at"]),
                "entity_id": subject.visitor_id,
                "event_type": event["action"],
                "event_state": _state(event),
            }
        ],
        "signals": event["signals"],
    }


def _purpose_27560(subject: Subject, category: dict[str, Any]) -> dict[str, Any]:
    key, providers = category["key"], subject.providers(category["key"])
    return {
        "purpose": category["purpose"],
        "purpose_type": category["name"],
        "lawful_basis": sorted({p.get("legal_basis") or "consent" for p in providers} or {"consent"}),
        "event_state": "given" if subject.allows(key) else "refused",
        "pii_information": _said(subject, providers, "data"),
        "pii_controllers": [subject.document["site"], *_keys(providers, "controller", "joint-controller")],
        "collection_method": COLLECTION[subject.event["surface"]],
        "storage_locations": sorted({p["country"] for p in providers if p.get("country")}),
        "retention_period": _said(subject, providers, "retention"),
        "service": subject.document["name"],
        "recipient_third_parties": [
            {"party_id": p["key"], "event_state": "given" if subject.allows(key, p["key"]) else "refused"}
            for p in providers
        ],
        "withdrawal_method": subject.choices_url,
        "privacy_rights": subject.policy_url,
    }


def _said(subject: Subject, providers: list[dict[str, Any]], name: str) -> list[str]:
    """What the providers say under this name, each text once."""
    return list(dict.fromkeys(text for p in providers if (text := subject.say(p.get(name)))))


def _keys(providers: list[dict[str, Any]], *roles: str) -> list[str]:
    return [p["key"] for p in providers if p.get("role") in roles]


def _controller(document: dict[str, Any]) -> dict[str, Any]:
    contact = document["contact"]
    return {
        "party_id": document["site"],
        "party_name": document["name"],
        "party_type": "controller",
        "party_contact": f"{contact['name']}, {contact['email']}",
        **({"party_address": contact["address"]} if contact.get("address") else {}),
    }


def _third_parties(subject: Subject) -> list[dict[str, Any]]:
    return [
        {
            "party_id": provider["key"],
            "party_name": provider.get("legal_name") or provider["name"],
            "party_type": provider.get("role") or "third-party",
            "party_contact": provider["privacy_url"],
            **({"party_address": provider["country"]} if provider.get("country") else {}),
        }
        for category in subject.categories()
        for provider in subject.providers(category["key"])
    ]


def _state(event: dict[str, Any]) -> str:
    if event["action"] == "withdraw":
        return "withdrawn"
    return "given" if any(event["choices"].values()) or any(event["providers"].values()) else "refused"


def _duration(start: str, end: str) -> str:
    """ISO 8601, in whole days."""
    return f"P{(datetime.fromisoformat(end) - datetime.fromisoformat(start)).days}D"


def kantara(subject: Subject) -> dict[str, Any]:
    """Kantara Initiative, Consent Receipt Specification 1.1, §4. It names what was consented to: after a refusal the
    list of purposes is empty."""
    event, contact = subject.event, subject.document["contact"]
    allowed = [c for c in subject.categories() if subject.allows(c["key"]) or _recipients(subject, c["key"])]
    return {
        "version": "KI-CR-v1.1.0",
        "consentTimestamp": int(datetime.fromisoformat(event["recorded_at"]).timestamp()),
        "collectionMethod": COLLECTION[event["surface"]],
        "consentReceiptID": event["event_id"],
        "publicKey": subject.verifier_key,
        "language": subject.locale,
        "piiPrincipalId": subject.visitor_id,
        "piiControllers": [
            {
                "piiController": subject.document["name"],
                "contact": contact["name"],
                "email": contact["email"],
                **({"address": {"streetAddress": contact["address"]}} if contact.get("address") else {}),
            }
        ],
        "policyUrl": subject.policy_url,
        "services": [
            {
                "service": subject.document["name"],
                "purposes": [_purpose_kantara(subject, category) for category in allowed],
            }
        ],
    }


def _recipients(subject: Subject, category: str) -> list[dict[str, Any]]:
    return [p for p in subject.providers(category) if subject.allows(category, p["key"])]


def _purpose_kantara(subject: Subject, category: dict[str, Any]) -> dict[str, Any]:
    recipients = _recipients(subject, category["key"])
    others = [p for p in recipients if p["key"] != subject.document["site"]]
    return {
        "purpose": category["purpose"],
        "purposeCategory": [category["name"]],
        # What was carried over from an earlier system is what that system says it was.
        **({} if subject.event["action"] == "imported" else {"consentType": "EXPLICIT"}),
        "piiCategory": _said(subject, recipients, "data"),
        "primaryPurpose": False,
        "termination": f"{subject.event['expires_at']}, or when withdrawn: {subject.choices_url}",
        "thirdPartyDisclosure": bool(others),
        **({"thirdPartyName": ", ".join(p["name"] for p in others)} if others else {}),
    }
