"""What the first layer of the banner must say and must not, so that refusing is as easy to see as accepting."""

import re
from collections.abc import Iterator
from typing import Any

from consent_server.texts import has_texts, lookup, texts_in

Path = tuple[Any, ...]
TEXTS = ("title", "text")

# Words by which privacy tools find the banner to refuse for their users, by language.
OPENINGS = {"en": "We use cookies", "es": "Usamos cookies"}

# Consent that is taken from something else than a choice: "By using this site you agree".
IMPLIED = re.compile(
    r"\b(by|if you|when you) (\w+ )?(continu|us|brows|stay|visit|clos|scroll|ignor)\w*\b[^.]*\b(agree|accept|consent)|"
    r"\b(agree|accept|consent)\w*\b[^.]*\bby (continu|us|brows|stay|visit|clos|scroll|ignor)|\bcontinued use\b|"
    r"\b(si|al) (contin|sig|naveg|us|utiliz|cerr)\w+[^.]*\b(acept|consient)|"
    r"\ben (poursuiv|continu|navigu|utilis|ferm)\w+[^.]*\b(accept|consent)|"
    r"\b(wenn|indem|durch|mit)\b[^.]*\b(weiter|nutz|surf|fortf|schließ)\w*[^.]*\b(stimm|einverstand|akzept)|"
    r"\bao (continuar|navegar|usar|utilizar|fechar)[^.]*\b(aceit|concord|consent)|"
    r"\b(continuando|proseguendo|navigando|utilizzando|chiudendo)[^.]*\b(accett|acconsent)",
    re.I,
)
# Pressing for acceptance: "you must accept", "we recommend accepting", "this site only works if you accept".
PRESSED = re.compile(
    r"\b(must|need to|have to|has to|required to|should|please) (first )?(accept|agree|allow|consent)|"
    r"\b(only|best|better|fully?|properly)\b[^.]*\bif you (accept|agree|allow)|"
    r"\brecommend\w*\b[^.]*\b(accept|allow|agree)|"
    r"\b(accept|allow|agree)\w*\b[^.]*\b(to (continue|proceed|enter|use this)|recommended|for the (best|full))|"
    r"\b(debes?|deben|tienes? que|hay que|recomendamos) (\w+ )?acept|\b(devez|faut|recommandons) (\w+ )*accept|"
    r"\b(müssen|musst|empfehlen)\b[^.]*\b(akzept|zustimm)|\b(deve|precisa) aceit|\b(devi|deve) accett",
    re.I,
)
# Refusing somewhere else than by the button beside: "to refuse, write to us".
ELSEWHERE = re.compile(
    r"\b(refus|reject|declin|opt(ing)?[ -]?out|object|turn(ing)? (it|them) off)\w*\b[^.]*"
    r"\b(write|e-?mail|call|contact|phone|visit|go to|in (your|the) (browser|settings)|browser settings|delete)|"
    r"\b(rechaz|negar)\w*[^.]*\b(escrib|correo|llam|contact|configuración)|"
    r"\b(refus)\w*[^.]*\b(écri|contact|paramètres)|\b(ablehn)\w*[^.]*\b(schreib|e-?mail|einstellungen)",
    re.I,
)
ACCEPTING = re.compile(r"\baccept\w*|\bacept\w*|\bakzeptier\w*|\baceit\w*|\baccett\w*", re.I)
REFUSING = re.compile(r"\b(reject|refus|declin|rechaz|ablehn|recus|rejeit|rifiut|say no|no thanks)", re.I)

RULES = (
    (IMPLIED, "Using or leaving the site is not a choice. Only the buttons allow anything."),
    (PRESSED, "This presses visitors to accept. Say what the cookies are for and leave the choice to the buttons."),
    (ELSEWHERE, "Refusing takes one click here, like accepting. Do not send visitors elsewhere for it."),
)
ONE_SIDED = "This names accepting but not refusing. Name both or neither."


def faults(content: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """What is wrong with the banner's first layer, each with a reason in plain words."""
    for locale, texts in content["wording"].items():
        for name, text in texts.items():
            reasons = _reasons(" ".join(text.split()))
            yield from ((("wording", locale, name), reason) for reason in reasons)
    yield from _missing(content)


def cautions(content: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is taken of it, though it could serve visitors better: path of the change, and the reason."""
    for locale, texts in content["wording"].items():
        opening = OPENINGS.get(locale.split("-")[0])
        if opening and "text" in texts and opening.lower() not in " ".join(texts["text"].lower().split()):
            reason = f"Keep the words “{opening}”: by them privacy tools find the choice and refuse for their users."
            yield ("wording", locale, "text"), reason
    for category in content["categories"]:
        for locale in content["site"]["locales"]:
            if not category["required"] and _is_named_elsewhere(content, category, locale):
                reason = f"The banner names this category, and its name is missing in {locale}."
                yield ("categories", category["key"], "name", locale), reason


def _is_named_elsewhere(content: dict[str, Any], category: dict[str, Any], locale: str) -> bool:
    """Whether the general text, which names the categories, has only another language's name for this one."""
    if not has_texts(locale) or "text" in content["wording"].get(locale, {}):
        return False
    return category["key"] not in texts_in(locale)["standard"] and not lookup(locale, category.get("name", {}))


def _reasons(text: str) -> Iterator[str]:
    found = [reason for pattern, reason in RULES if pattern.search(text)]
    yield from found
    if not found and ACCEPTING.search(text) and not REFUSING.search(text):
        yield ONE_SIDED


def _missing(content: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Texts that the first layer would show in another language than its own."""
    for locale in content["site"]["locales"]:
        if not has_texts(locale):
            for name in TEXTS:
                if name not in content["wording"].get(locale, {}):
                    yield ("wording", locale, name), f"There is no general text in {locale}, so write one here."
