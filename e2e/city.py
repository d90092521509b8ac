"""A city library that offers every language there are texts in, and has several providers in a category."""

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from consent_server.texts import available
from e2e.customer import WORDS, CustomerSite
from e2e.servers import ConsentServer
from e2e.visitors import Visitor

OPTIONAL = ("functional", "analytics", "marketing", "research")
# The last one's texts are the library's own, in English alone but for its name.
RESEARCH = {
    "key": "research",
    "name": dict.fromkeys(available(), "Research"),
    "purpose": {"en": "Let the university study how libraries are used."},
    "without": {"en": "Nothing stops working for you."},
}
PROVIDERS = {
    "city": ("City Library", "necessary", {}),
    "video": ("Video player", "functional", {"hosts": ["trackers.localhost"]}),
    "maps": ("مكتبة الخرائط Maps", "functional", {}),
    "counter": ("Visit counter", "analytics", {}),
    "heat": ("Heat map", "analytics", {"sells_or_shares": True}),
    "survey": ("Arbeitsgemeinschaft Nutzungsforschung e. V.", "analytics", {}),
    "ads": ("Advertising network", "marketing", {"sells_or_shares": True}),
    "university": ("University", "research", {}),
}


SITE: dict[str, Any] = {
    "site": {
        "key": "city",
        "name": "City Library",
        "origins": ["https://www.city.example"],
        "locales": sorted(available()),
        "default_locale": "en",
        "contact": {"name": "The librarian", "email": "privacy@library.example"},
    },
    "policy": {"en": "{{ dnt }}\n\n{{ providers }}\n\n{{ rights }}"},
    "categories": [{"key": "necessary", "required": True}, *({"key": key} for key in OPTIONAL[:-1]), RESEARCH],
    "providers": [
        {"key": key, "name": name, "category": category, "privacy_url": "https://example.org/privacy", **more}
        for key, (name, category, more) in PROVIDERS.items()
    ],
}


@cache
def city_script(server: ConsentServer) -> str:
    """Its script's address, on a server that has its site from now on."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "city.json"
        file.write_text(json.dumps(SITE), encoding="utf-8")
        server.flask("site", "import", str(file))
    return f"{server.origin}/city/choices.js"


def city_tag(server: ConsentServer, attributes: str = "") -> str:
    """What embeds its banner."""
    return f'<script async src="{city_script(server)}"{attributes}></script>'


def city_page(customer: CustomerSite, server: ConsentServer) -> CustomerSite:
    """Its pages: in English at `/`, in other languages, and one for children."""
    customer.page(head=city_tag(server))
    for lang in ("de", "el", "hu"):
        customer.page(path=f"/{lang}", lang=lang, head=city_tag(server))
    customer.page(path="/ar", lang="ar", head=city_tag(server), body=f'<div dir="rtl">{WORDS}</div>')
    customer.page(path="/children", head=city_tag(server, ' data-audience="under-16"'))
    return customer


def open_dialog(visitor: Visitor) -> Locator:
    """The dialog, opened from the first layer of a page in any language."""
    visitor.banner.locator('> [data-action="choose"]').click()
    expect(visitor.dialog).to_be_visible()
    return visitor.dialog


def differ(dialog: Locator) -> None:
    """Has one provider differ from its category, where it can be seen."""
    dialog.locator("input[name=analytics]").check()
    dialog.locator("summary").nth(1).click()
    dialog.locator("input[name=heat]").uncheck()
