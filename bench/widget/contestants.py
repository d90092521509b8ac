"""Who is measured, and how each is put on the page. Their settings are in `peers/`, their versions in package.json."""

from collections.abc import Mapping
from dataclasses import dataclass

WWW = "www.ala.localhost"
ASSETS = "assets.ala.localhost"
TRACKERS = "trackers.localhost"

# A tracker of each optional category: its file on the trackers' host, its category, its provider.
TAGS = (
    ("video", "functional", "sample-video"),
    ("ga", "analytics", "google-analytics"),
    ("ads", "marketing", "sample-ads"),
)
BY_CATEGORY = (
    '<script type="text/plain" data-category="{category}" data-provider="{provider}" data-src="{address}"></script>'
)
BY_NAME = '<script type="text/plain" data-type="text/javascript" data-name="{provider}" data-src="{address}"></script>'
# For whoever reads no tags: as many nodes as the others' pages have, and nothing more.
UNREAD = '<script type="text/plain" data-tracker="{provider}" data-src="{address}"></script>'


@dataclass(frozen=True)
class Contestant:
    """A banner: its tags in the page's head (`{npm}`, `{own}`, `{built}`, `{ours}` are addresses), the form of a gated
    tag, and where its two buttons are (a selector; `>>>` enters a shadow root). The page alone has no buttons."""

    name: str
    head: str = ""
    gate: str = UNREAD
    reject: str = ""
    accept: str = ""
    peer: bool = True

    @property
    def path(self) -> str:
        return "/" + self.name.lower().replace(" ", "-")

    @property
    def tags(self) -> int:
        """How many elements its site writes into the page's head."""
        return self.head.count("<script") + self.head.count("<link")


PAGE = Contestant("page alone", peer=False)
FLOOR = Contestant(
    "floor",
    '<script async src="{built}/floor.js"></script>',
    BY_CATEGORY,
    "floor-choices >>> button:nth-of-type(1)",
    "floor-choices >>> button:nth-of-type(2)",
    peer=False,
)
OURS = Contestant(
    "ours",
    '<script async src="{ours}/ala/choices.js"></script>',
    BY_CATEGORY,
    "visitor-choices [data-action=reject-all]",
    "visitor-choices [data-action=accept-all]",
    peer=False,
)
# Scripts in a row are `defer`, which keeps their order and holds up nothing.
PEERS = (
    Contestant(
        "vanilla-cookieconsent",
        '<link rel="stylesheet" href="{npm}/vanilla-cookieconsent/dist/cookieconsent.css">'
        '<script defer src="{npm}/vanilla-cookieconsent/dist/cookieconsent.umd.js"></script>'
        '<script defer src="{own}/vanilla-cookieconsent.js"></script>',
        BY_CATEGORY,
        "#cc-main .cm [data-role=necessary]",
        "#cc-main .cm [data-role=all]",
    ),
    Contestant(
        "Osano",
        '<link rel="stylesheet" href="{npm}/cookieconsent/build/cookieconsent.min.css">'
        '<script defer src="{npm}/cookieconsent/build/cookieconsent.min.js"></script>'
        '<script defer src="{own}/osano.js"></script>',
        UNREAD,
        ".cc-window .cc-deny",
        ".cc-window .cc-allow",
    ),
    Contestant(
        "c15t headless",
        '<script defer src="{built}/c15t-headless.js"></script>',
        UNREAD,
        "#consent-reject",
        "#consent-accept",
    ),
    Contestant(
        "c15t React",
        '<link rel="stylesheet" href="{built}/c15t-react.css"><script defer src="{built}/c15t-react.js"></script>',
        UNREAD,
        "[data-testid=consent-banner-reject-button]",
        "[data-testid=consent-banner-accept-button]",
    ),
    Contestant(
        "Klaro",
        '<script defer src="{own}/klaro.js"></script><script defer src="{npm}/klaro/dist/klaro.js"></script>',
        BY_NAME,
        ".klaro .cookie-notice .cn-decline",
        ".klaro .cookie-notice .cm-btn-success",
    ),
    Contestant(
        "tarteaucitron",
        '<script defer src="{npm}/tarteaucitronjs/tarteaucitron.min.js"></script>'
        '<script defer src="{own}/tarteaucitron.js"></script>',
        UNREAD,
        "#tarteaucitronAllDenied2",
        "#tarteaucitronPersonalize2",
    ),
)
BANNERS = (OURS, FLOOR, *PEERS)

# What any site's own script does. The first on a page makes the browser set up what scripts run in (72 kB, and several
# ms): no banner is to be charged for that.
SCRIPT = (
    "addEventListener('DOMContentLoaded', () => { for (const link of document.querySelectorAll('nav a')) "
    "link.addEventListener('click', () => link.setAttribute('aria-current', 'page')); });"
)
DOCUMENT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A library</title><link rel="icon" href="data:,">
<style>body{{max-width:44rem;margin:0 auto;padding:1rem;font:1rem/1.6 system-ui,sans-serif}}nav a{{margin-right:1rem}}\
</style><script>{script}</script>{head}</head>
<body><header><nav><a href="#catalog">Catalog</a><a href="#visits">Visit us</a><a href="#about">About</a></nav></header>
<main><h1>A library for everyone</h1>
<p>Borrow books, films and games, read the newspapers, or sit where it is quiet. A card is free.</p>
<p id="catalog">The catalog lists what every branch holds. What is out can be reserved, and waits at your branch.</p>
<p id="visits">Every branch is open six days a week; the main one on Sundays too. All have step-free entrances.</p>
<p id="about">We have lent books since 1876. Friends of the library read to children every Saturday morning.</p>
{gates}</main>
<footer><a data-choices="open" href="{choices}">Your privacy choices</a></footer></body></html>"""


def document(contestant: Contestant, addresses: Mapping[str, str], trackers: str) -> str:
    """The page with a contestant on it. The link to the choices is everybody's: it is the page's own."""
    gates = "".join(
        contestant.gate.format(category=category, provider=provider, address=f"{trackers}/{name}.js")
        for name, category, provider in TAGS
    )
    choices = f"{addresses['ours']}/ala/choices"
    return DOCUMENT.format(script=SCRIPT, head=contestant.head.format(**addresses), gates=gates, choices=choices)
