"""The banner beside its peers and beside the least code that does the job. `python -m bench.widget`

One page for all, in one Chromium, contestants in turns, a new visitor for each load. Ratios within a run are what
counts: absolute times drift with the machine.
"""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import Browser, Error, sync_playwright

from bench.widget.builds import NotInstalled, build
from bench.widget.contestants import BANNERS, PAGE, Contestant, document
from bench.widget.goals import Results
from bench.widget.measures import AskedAgain, Figures, measure
from bench.widget.proof import NotDone, prove
from bench.widget.server import PageServer
from bench.widget.table import as_json, tables
from e2e.browsers import NoBrowser, find_browser
from e2e.servers import ConsentServer

CONTESTANTS = (PAGE, *BANNERS)


def serve(stack: ExitStack) -> PageServer:
    """The pages, and our own server for our own; both end with the stack."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
    built = folder / "built"
    build(built)
    server = PageServer(built)
    stack.callback(server.close)
    ours = ConsentServer(folder, [server.origin])
    stack.callback(ours.stop)
    ours.prepare()
    ours.start()
    addresses = {**server.addresses, "ours": ours.origin}
    server.pages.update({one.path: document(one, addresses, server.trackers) for one in CONTESTANTS})
    return server


def launch(stack: ExitStack) -> Browser:
    chromium = stack.enter_context(sync_playwright()).chromium
    # An interrupt is ours to handle.
    browser = chromium.launch(executable_path=find_browser(chromium.executable_path, whole=True), handle_sigint=False)
    stack.callback(browser.close)
    return browser


def prove_all(browser: Browser, server: PageServer, progress: Any) -> dict[str, Figures]:
    """What each banner's first layer fetches; raises NotDone for one that does not do its job."""
    layers: dict[str, Figures] = {}
    for one in BANNERS:
        layer = prove(browser, one, server)
        layers[one.name] = {"bytes": layer.bytes, "requests": layer.requests}
        progress.update(1, one.name)
    return layers


def measure_all(browser: Browser, server: PageServer, loads: int, results: Results) -> None:
    """Fills the results, round by round; who goes first changes."""
    with click.progressbar(
        length=loads * len(CONTESTANTS) + len(BANNERS), label="Measuring", file=sys.stderr, item_show_func=str
    ) as progress:
        layers = prove_all(browser, server, progress)
        for number in range(loads):
            first = number % len(CONTESTANTS)
            for one in CONTESTANTS[first:] + CONTESTANTS[:first]:
                results.add(one, layers.get(one.name, {}) | load(browser, one, server))
                progress.update(1, one.name)


def load(browser: Browser, contestant: Contestant, server: PageServer) -> Figures:
    """One round of a contestant, tried twice: a browser can stumble, and the run is long."""
    address = server.origin + contestant.path
    try:
        return measure(browser, contestant, address)
    except Error as stumble:
        click.echo(f"\n{contestant.name}: {stumble.message.splitlines()[0]}; once more.", err=True)
        return measure(browser, contestant, address)


@click.command()
@click.option(
    "--loads", default=15, show_default=True, type=click.IntRange(1), help="Rounds; each takes over a minute."
)
@click.option(
    "--json", "to", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Writes all figures."
)
def main(loads: int, to: Path | None) -> None:
    """Measures the banner beside its peers. An interrupt ends it with the figures so far."""
    results = Results()
    try:
        with ExitStack() as stack:
            server = serve(stack)
            measure_all(launch(stack), server, loads, results)
    except (NoBrowser, NotInstalled, NotDone, AskedAgain) as reason:
        raise click.ClickException(str(reason)) from reason
    except KeyboardInterrupt:
        click.echo("\nInterrupted. The figures so far:", err=True)
    if not results.loads:
        raise click.Abort
    click.echo(tables(results))
    if to:
        to.write_text(as_json(results))


if __name__ == "__main__":
    main(prog_name="python -m bench.widget")
