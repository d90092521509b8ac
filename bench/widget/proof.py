"""Whether each contestant really does what is measured, and what its first layer makes the browser fetch."""

import gzip
from dataclasses import dataclass

from playwright.sync_api import Browser, Response

from bench.widget.contestants import TAGS, Contestant
from bench.widget.server import PageServer
from bench.widget.visits import Visit, visitor

AFTER_MS = 1500


class NotDone(Exception):
    """A contestant does not do its job on the page; says what."""


@dataclass(frozen=True)
class FirstLayer:
    """What is fetched until the banner shows: code, style, texts, configuration; each file as gzip -9 makes it."""

    requests: int
    bytes: int


def prove(browser: Browser, contestant: Contestant, server: PageServer) -> FirstLayer:
    """Refuses as one visitor and accepts as another; raises NotDone unless the trackers see exactly that."""
    fetched: list[Response] = []
    server.tracked.clear()
    with visitor(browser) as context:
        visit = Visit(context, contestant.reject)
        visit.page.on("response", lambda answer: fetched.append(answer))
        visit.load(server.origin + contestant.path)
        _insist(visit.shows(), contestant, "shows no banner")
        files = [answer.body() for answer in fetched if answer.request.resource_type != "document"]
        visit.click()
        visit.page.wait_for_timeout(AFTER_MS)
        _insist(not visit.shows(), contestant, "still shows after a refusal")
        _insist(not server.tracked, contestant, f"let {server.tracked} run without consent")
    with visitor(browser) as context:
        visit = Visit(context, contestant.accept)
        visit.load(server.origin + contestant.path)
        visit.click()
        visit.page.wait_for_timeout(AFTER_MS)
        wanted = sorted(f"{name}.js" for name, _, _ in TAGS)
        _insist(sorted(server.tracked) == wanted, contestant, f"released {server.tracked} after consent to all")
    return FirstLayer(len(files), sum(len(gzip.compress(file, 9)) for file in files))


def _insist(fact: bool, contestant: Contestant, otherwise: str) -> None:
    if not fact:
        raise NotDone(f"{contestant.name} {otherwise}.")
