"""What the fields of a site's content are called on staff pages. Pure."""

from typing import Any

from consent_server.texts import category_texts, language_name, texts_in

FIELDS = {
    "name": "Name",
    "key": "Short name",
    "legal_name": "Legal name",
    "category": "Category",
    "role": "Role",
    "country": "Country",
    "purpose": "What for",
    "without": "What stops working without it",
    "required": "Always on",
    "legal_basis": "Legal basis",
    "data": "What data",
    "retention": "How long",
    "transfers": "Where else data goes",
    "safeguard": "What protects it there",
    "privacy_url": "Privacy policy",
    "opt_out_url": "Opt-out page",
    "sells_or_shares": "Sells or shares data",
    "hosts": "Hosts",
    "consent_mode": "Consent mode",
    "contract_date": "Contract signed",
    "review_date": "Look at again",
    "held": "Held for now",
    "sample": "Sample",
    "trackers": "Trackers",
    "kind": "Kind",
    "host": "Host",
    "lifetime": "Lifetime",
    "title": "Heading",
    "text": "Text",
    "(order)": "Order",
}
_PUBLIC: dict[str, str] = texts_in("en")["labels"]
KINDS = {kind: _PUBLIC[f"kind_{kind}"] for kind in "cookie storage script frame pixel link email".split()}
ROLES = {role: _PUBLIC[f"role_{role}"] for role in "processor controller joint-controller".split()}
LEGAL_BASES = {
    "consent": "The visitor’s consent",
    "contract": "A contract with the visitor",
    "legal-obligation": "A legal obligation",
    "vital-interest": "A vital interest",
    "public-task": "A public task",
    "legitimate-interest": "A legitimate interest",
}
CONSENT_MODES = {
    "google": "Google Consent Mode",
    "microsoft-uet": "Microsoft UET",
    "clarity": "Microsoft Clarity",
    "meta": "Meta pixel",
    "tiktok": "TikTok pixel",
    "matomo": "Matomo",
    "hubspot": "HubSpot",
}
COUNTRIES: dict[str, str] = texts_in("en")["countries"]
SITE = {"dnt": "Do Not Track", "gpc": "Global Privacy Control", "origins": "Websites", "contact": "Contact"}
CHOICES = {
    "role": ROLES,
    "legal_basis": LEGAL_BASES,
    "consent_mode": CONSENT_MODES,
    "country": COUNTRIES,
    "kind": KINDS,
}


def field_name(name: str) -> str:
    """What a field is called; a word of the site's settings as it is."""
    return FIELDS.get(name) or SITE.get(name) or name.replace("_", " ").capitalize()


def value_in_words(field: str, value: Any, categories: dict[str, str] | None = None) -> str:
    """A value as a person reads it. `categories`: their names by key."""
    if value is None or value in ("", [], {}):
        return "Nothing"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if field == "category":
        return (categories or {}).get(value, str(value))
    if isinstance(value, list):
        return ", ".join(_entry_in_words(entry) for entry in value)
    if isinstance(value, dict):
        return _entry_in_words(value)
    return str(CHOICES.get(field, {}).get(value, value))


def _entry_in_words(entry: Any) -> str:
    """An entry by its name; a text by language with each language named."""
    if not isinstance(entry, dict):
        return str(entry)
    if "kind" in entry:
        return tracker_name(entry)
    if isinstance(entry.get("name"), str):
        return str(entry["name"])
    return "; ".join(f"{language_name(locale)}: {text}" for locale, text in entry.items())


def tracker_name(tracker: dict[str, Any]) -> str:
    host = f" ({tracker['host']})" if tracker.get("host") else ""
    return f"{KINDS.get(tracker['kind'], tracker['kind'])} {tracker['name']}{host}"


def category_names(content: dict[str, Any]) -> dict[str, str]:
    """The categories' names in the site's default language, by key."""
    default = content["site"]["default_locale"]
    return {category["key"]: category_texts(category, default, default)["name"] for category in content["categories"]}
