"""What is measured, and one round of it."""

from dataclasses import dataclass

from playwright.sync_api import Browser

from bench.widget.contestants import Contestant
from bench.widget.visits import Visit, visitor

Figures = dict[str, float]
# Until a decision has been stored, here and at the server.
STORED_MS = 700


@dataclass(frozen=True)
class Measure:
    """A figure of a page with a banner; `beyond_page`: less that of the page alone."""

    key: str
    label: str
    beyond_page: bool = False
    digits: int = 0


MEASURES = (
    Measure("bytes", "first layer, bytes gzip"),
    Measure("requests", "first layer, requests"),
    Measure("script", "script, ms", beyond_page=True, digits=1),
    Measure("long_tasks", "long tasks", beyond_page=True, digits=1),
    Measure("blocking", "blocking, ms", beyond_page=True),
    Measure("first_paint", "page's first paint, ms"),
    Measure("seen", "banner seen, ms"),
    Measure("seen_slow_4g", "banner seen on slow 4G, ms"),
    Measure("shift", "layout shift", digits=3),
    Measure("gone", "refused → gone, ms", digits=1),
    Measure("next_paint", "refused → next paint, ms", digits=1),
    Measure("heap", "heap, kB", beyond_page=True, digits=1),
    Measure("nodes", "nodes", beyond_page=True),
    Measure("back_script", "returning: script, ms", beyond_page=True, digits=1),
    Measure("back_heap", "returning: heap, kB", beyond_page=True, digits=1),
    Measure("back_nodes", "returning: nodes", beyond_page=True),
    Measure("back_requests", "returning: requests"),
)


class AskedAgain(Exception):
    """A banner that a visitor has refused shows again."""


def measure(browser: Browser, contestant: Contestant, address: str) -> Figures:
    """One round: a first visit that ends with a refusal, the same visitor back, and a first visit on each network.
    The page alone has only the figures that a banner's are compared with."""
    with visitor(browser) as context:
        first = Visit(context, contestant.reject)
        script = first.load(address)
        figures = {"script": script, **memory(first, contestant), **first.entries()}
        if contestant.reject:
            figures |= first.click()
        first.page.wait_for_timeout(STORED_MS)
        first.close()
        back = Visit(context, contestant.reject)
        back_script = back.load(address)
        if contestant.reject and back.shows():
            raise AskedAgain(contestant.name)
        again = {"script": back_script, **memory(back, contestant)}
        figures |= {f"back_{key}": value for key, value in again.items()} | {"back_requests": len(back.requests.sent)}
    if contestant.reject:
        figures |= {"seen": seen(browser, contestant, address, slow_network=False)}
        figures |= {"seen_slow_4g": seen(browser, contestant, address, slow_network=True)}
    return figures


def memory(visit: Visit, contestant: Contestant) -> Figures:
    """Heap in kB, and nodes without the tags that the site itself writes."""
    left = visit.memory()
    return {"heap": left["heap"] / 1000, "nodes": left["nodes"] - contestant.tags}


def seen(browser: Browser, contestant: Contestant, address: str, slow_network: bool) -> float:
    with visitor(browser) as context:
        return Visit(context, contestant.reject, slow_network).time_to_seen(address)
