"""The feed of a policy's material changes (Atom, RFC 4287). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from markupsafe import Markup

ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Item:
    """One version: its permanent address, the page that compares it, and its sentences."""

    address: str
    link: str
    title: str
    moment: datetime
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Feed:
    """Addresses are whole. `moment`: of the latest change of anything in it."""

    address: str
    page: str
    title: str
    author: str
    language: str
    moment: datetime


def write_feed(feed: Feed, items: Iterable[Item]) -> bytes:
    """The feed as XML; `items` the latest first."""
    root = Element("feed", {"xmlns": ATOM, "xml:lang": feed.language})
    _common(root, feed.address, feed.title, feed.moment)
    SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": feed.address})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": feed.page})
    SubElement(SubElement(root, "author"), "name").text = feed.author
    for item in items:
        entry = SubElement(root, "entry")
        _common(entry, item.address, item.title, item.moment)
        SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": item.link})
        lines = Markup().join(Markup("<li>{}</li>").format(sentence) for sentence in item.sentences)
        SubElement(entry, "content", {"type": "html"}).text = str(Markup("<ul>{}</ul>").format(lines))
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _common(element: Element, address: str, title: str, moment: datetime) -> None:
    SubElement(element, "id").text = address
    SubElement(element, "title").text = title
    SubElement(element, "updated").text = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
