"""What cannot be called necessary: analytics and marketing, known by names, hosts and what they say. Pure."""

import re
from collections.abc import Iterator
from typing import Any

Path = tuple[Any, ...]

NECESSARY = re.compile(r"necess|essential|required|necesari|imprescindibl|nécessaire|notwendig|erforderlich", re.I)
OPTIONAL_KEYS = re.compile(r"analytic|marketing|advertis|statistic|measurement|tracking|social|targeting", re.I)
# Cookies and storage keys by which analytics and marketing tools are known, from their own documentation.
TRACKERS = re.compile(
    r"_ga(_.*|t.*)?|_gid|__utm.|_gcl_.+|_gac_.+|IDE|DSID|_fb[pc]|fr|_hj.+|_pk_(id|ses|ref|cvar|hsr).*|mtm_.+|_cl(ck|sk)|"
    r"MUID|_uet(s|v)id.*|hubspotutk|__hs(tc|sc|src)|_tt(p|_.+)|_scid|_pin_unauth|_rdt_.+|li_(fat_id|sugr)|bcookie|"
    r"personalization_id|muc_ads|guest_id_(ads|marketing)|amp_.+|ajs_.+|mp_.+_mixpanel|optimizely.*|_vwo_.*|_ym_.+|"
    r"YSC|VISITOR_INFO1_LIVE|_mkto_trk|__adroll.*|_kla_id|__gads|__gpi|test_cookie",
)
HOSTS = re.compile(
    r"(^|[.])(google-analytics[.]com|googletagmanager[.]com|doubleclick[.]net|googlesyndication[.]com|"
    r"googleadservices[.]com|facebook[.](com|net)|hotjar[.](com|io)|clarity[.]ms|bat[.]bing[.]com|matomo[.]cloud|"
    r"analytics[.]tiktok[.]com|ads-twitter[.]com|snap[.]licdn[.]com|px[.]ads[.]linkedin[.]com|"
    r"hs-(analytics|scripts)[.](net|com)|segment[.](com|io)|mixpanel[.]com|amplitude[.]com|adroll[.]com|criteo[.](com|net)|taboola[.]com|outbrain[.]com|"
    r"adnxs[.]com|pubmatic[.]com|rubiconproject[.]com|scorecardresearch[.]com|quantserve[.]com|mc[.]yandex[.]ru)$"
)
PURPOSE = re.compile(
    r"analytic|advertis|marketing|\bads\b|retarget|audience measure|counts? (visits|visitors|page)|"
    r"profil(e|ing) (visitors|users)|analíti|publici[dt]|anuncios|cuenta (las )?visitas|statisti|werbung",
    re.I,
)
# A sentence that says what is not done ("no advertising") is no purpose.
DENIAL = re.compile(
    r"\b(no|not|never|none|without|nor|neither|sin|ni|nunca|pas|sans|jamais|nicht|kein\w*|ohne|nie)\b", re.I
)

NOT_NECESSARY = "A category that cannot be refused holds nothing for analytics or marketing"


def faults(content: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Where a category that passes for necessary holds analytics or marketing, each with a reason in plain words."""
    necessary = {category["key"] for category in content["categories"] if _passes_for_necessary(category)}
    for n, category in enumerate(content["categories"]):
        if category["required"] and OPTIONAL_KEYS.search(category["key"]):
            reason = "Visitors must be able to refuse this. Only what the site cannot work without is always on."
            yield ("categories", n, "required"), reason
    for n, provider in enumerate(content["providers"]):
        if provider["category"] in necessary:
            for path, reason in _faults_of(provider):
                yield ("providers", n, *path), reason


def _passes_for_necessary(category: dict[str, Any]) -> bool:
    names = [category["key"], *category.get("name", {}).values()]
    return bool(category["required"] or any(NECESSARY.search(name) for name in names))


def _faults_of(provider: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    if provider["sells_or_shares"]:
        yield ("category",), f"{NOT_NECESSARY}, and this provider sells or shares data."
    if "consent_mode" in provider:
        yield ("category",), f"{NOT_NECESSARY}, and this provider is told by a consent mode what visitors allowed."
    for locale in _said(provider):
        yield ("purpose", locale), f"{NOT_NECESSARY}. Choose another category, or describe what it is needed for."
    yield from _known_names(provider)


def _known_names(provider: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    for n, host in enumerate(provider["hosts"]):
        if HOSTS.search(host):
            yield ("hosts", n), f"{NOT_NECESSARY}. {host} is known for that. Choose another category."
    for n, tracker in enumerate(provider["trackers"]):
        if _is_known(tracker):
            yield ("trackers", n, "name"), f"{NOT_NECESSARY}. {tracker['name']} is known for that."
        for locale in _said(tracker):
            yield ("trackers", n, "purpose", locale), f"{NOT_NECESSARY}. Choose another category for its provider."


def _is_known(tracker: dict[str, Any]) -> bool:
    stored = tracker["kind"] in ("cookie", "storage") and TRACKERS.fullmatch(tracker["name"])
    return bool(stored or HOSTS.search(tracker["host"].lstrip("*.")))


def _said(entry: dict[str, Any]) -> Iterator[str]:
    """The languages in which an entry's purpose is analytics or marketing."""
    for locale, text in entry.get("purpose", {}).items():
        sentences = re.split(r"[.;!?\n]", text)
        if any(PURPOSE.search(sentence) and not DENIAL.search(sentence) for sentence in sentences):
            yield locale
