"""The kit to announce a change of the policy: an e-mail, a short post, a line for a page. Pure."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from consent_server.texts import day_in_words, page_texts_in


@dataclass(frozen=True)
class Kit:
    """Texts to copy; `page` is HTML."""

    subject: str
    body: str
    post: str
    page: str


def write_kit(
    site: dict[str, Any], *, number: int, published_at: Any, sentences: list[str], public_url: str, locale: str
) -> Kit:
    """The kit for a version, in a locale that has pages. `site`: the content's part of that name."""
    words = page_texts_in(locale)["announcement"]
    here = f"{public_url}/{site['key']}"
    values = {
        "site": site["name"],
        "date": day_in_words(published_at, locale),
        "number": number,
        "changes_url": f"{here}/policy/{number - 1}..{number}",
        "policy_url": f"{here}/policy",
        "choices_url": f"{here}/choices",
    }
    paragraphs = (
        words["intro"].format(**values),
        "\n".join(f"- {sentence}" for sentence in sentences),
        words["asked"],
        words["links"].format(**values),
        f"{site['contact']['name']}\n{site['contact']['email']}",
    )
    line = words["page"].format(**values)
    return Kit(
        subject=words["subject"].format(**values),
        body="\n\n".join(paragraphs),
        post=words["post"].format(changes=" ".join(sentences), **values),
        page=str(
            Markup('<p lang="{}">{} <a href="{}">{}</a></p>').format(
                locale, line, values["changes_url"], words["page_link"]
            )
        ),
    )
