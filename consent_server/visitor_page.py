"""What all visitors' pages share: the language they are in, and the frame around them."""

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request, url_for
from markupsafe import Markup, escape
from marshmallow import EXCLUDE, Schema, fields, validate

from consent_server.texts import (
    CATEGORY_TEXTS,
    FALLBACK,
    Texts,
    category_texts,
    day_in_words,
    direction,
    has_pages,
    language_name,
    localised,
    lookup,
    moment_in_words,
    nearest,
    page_texts_in,
)


class PageQuery(Schema):
    """The query string of a page. What others add to a link (a campaign's marks) is no error."""

    class Meta:
        unknown = EXCLUDE

    lang = fields.String(load_default=None, validate=validate.Length(max=35))


@dataclass(frozen=True)
class Frame:
    """Whose page it is and in which language. `asked`: the address names the language, and so do links from there.
    `notice_locale`: that of the notice that goes with the page; another one where the site does not offer its language.
    """

    site: str
    name: str
    contact: dict[str, Any]
    locale: str
    notice_locale: str
    locales: tuple[str, ...]
    default_locale: str
    asked: bool

    @property
    def texts(self) -> Texts:
        return page_texts_in(self.locale)

    def link(self, endpoint: str, **values: Any) -> str:
        """The address of another page of this site, in the same language."""
        return url_for(endpoint, site=self.site, lang=self.locale if self.asked else None, **values)

    def localised(self, texts: dict[str, Any] | None) -> tuple[str, str]:
        """A text of the site's own, and the language it is in."""
        return localised(texts, self.locale, self.default_locale)

    def localise(self, texts: dict[str, Any] | None) -> Markup:
        """The same, marked where that is not the page's language."""
        return self._mark(*self.localised(texts))

    def category(self, category: dict[str, Any]) -> dict[str, Any]:
        """A category with its texts as its notice has them, marked."""
        found = category_texts(category, self.notice_locale, self.default_locale)
        return {**category, **{name: self._mark(found[name], found["lang"]) for name in CATEGORY_TEXTS}}

    def marks(self, language: str) -> Markup:
        """The attributes that name a language where it is not the page's (WCAG 2.2, 3.1.2)."""
        if lookup(self.locale, [language]):
            return Markup()
        return Markup(' lang="{}" dir="{}"').format(language, direction(language))

    def _mark(self, text: str, language: str) -> Markup:
        marks = self.marks(language)
        return Markup("<span{}>{}</span>").format(marks, text) if text and marks else escape(text)


def frame(document: dict[str, Any], query: dict[str, Any]) -> Frame:
    """The frame of a site's page, from a policy version's document: in the language the address names, else in the
    one the browser prefers, else in the site's own; in English where the site offers no language that has pages."""
    locales = tuple(filter(has_pages, document["locales"])) or (FALLBACK,)
    asked = query["lang"] in locales
    locale = query["lang"] if asked else _preferred(locales) or _default(document, locales)
    return Frame(
        site=document["site"],
        name=document["name"],
        contact=document["contact"],
        locale=locale,
        notice_locale=locale if locale in document["locales"] else document["default_locale"],
        locales=locales,
        default_locale=document["default_locale"],
        asked=asked,
    )


def _default(document: dict[str, Any], locales: tuple[str, ...]) -> str:
    default: str = document["default_locale"]
    return default if default in locales else locales[0]


def _preferred(locales: tuple[str, ...]) -> str | None:
    """The locale the browser likes best: each range it accepts in turn. Werkzeug's own matching would put English
    before Spanish for `es-MX, en;q=0.5`."""
    wanted = (nearest(accepted, locales) for accepted, quality in request.accept_languages if quality)
    return next(filter(None, wanted), None)


def render(template: str, frame: Frame, **context: Any) -> Response:
    """A page in its frame. Templates get `t` (the texts), `link`, `localise`, and `day` and `moment` for dates.

    What is put into a text with `format` may be marked up, so the text itself is escaped first: `(t.x | e).format(…)`.
    """
    html = render_template(
        template,
        frame=frame,
        t=frame.texts,
        lang=frame.locale,
        dir=direction(frame.locale),
        link=frame.link,
        localise=frame.localise,
        day=lambda moment: day_in_words(moment, frame.locale),
        moment=lambda moment: moment_in_words(moment, frame.locale),
        language_name=language_name,
        **context,
    )
    response = Response(html)
    response.headers["Content-Language"] = frame.locale
    response.headers.add("Vary", "Accept-Language")
    return response


def cache_for_a_minute(response: Response) -> Response:
    """Public and the same for all who read the language; a publication is seen within a minute."""
    response.headers["Cache-Control"] = "public, max-age=60"
    response.add_etag()
    response.make_conditional(request)
    return response
