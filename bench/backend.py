"""Our server beside a bare Flask view with one insert: decisions, page views, memory. `python -m bench.backend`

Both run under the same gunicorn workers on the same engines, in turn, under the same load from another process.
Ratios within a run are what counts: absolute figures drift with the machine.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench import load
from bench.databases import PostgreSQL, Sqlite, postgresql
from bench.decisions import Terms, read_terms
from bench.processes import cpu_seconds, memory_mib
from bench.servers import Server, free_port, get, our_environment, prepare, start_bare, start_ours
from bench.table import Goal, Line, print_table

CASES = [(connections, visits) for connections in (16, 64) for visits in ("first", "returning")]
RETURNING_VISITORS = 1000
SCRIPT = "/ala/choices.js"

# The design, section 8.
RATE = {"PostgreSQL": Goal(True, 0.75), "SQLite": Goal(True, 0.7)}
P99 = {
    ("PostgreSQL", 16): Goal(False, 1.3),
    ("PostgreSQL", 64): Goal(False, 1.3),
    ("SQLite", 64): Goal(False, 250, "ms"),
}
CPU = Goal(False, 1200, "µs")
VIEW_CPU = Goal(False, 1)
MEMORY = Goal(False, 110, "MiB")


@dataclass(frozen=True)
class Cost:
    """What a run of requests cost."""

    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float


@dataclass(frozen=True)
class View:
    """A page view: what is asked for, and the status of the right answer."""

    path: str
    headers: dict[str, str]
    status: int


@dataclass
class Contestant:
    """A server on an engine, the cookies of visitors who have been there, and what each case cost, round by round."""

    server: Server
    engine: Sqlite | PostgreSQL
    terms: Terms
    views: dict[str, View]
    cookies: tuple[str, ...] = ()
    costs: dict[Any, list[Cost]] = field(default_factory=lambda: defaultdict(list))

    def cpu(self) -> float:
        database = self.engine.pid
        return cpu_seconds(self.server.pid) + (cpu_seconds(database) if database else 0)


@dataclass(frozen=True)
class Pair:
    """The two contestants on one engine."""

    engine: str
    bare: Contestant
    ours: Contestant


class Bench:
    """Runs loads in another process and reckons what they cost."""

    def __init__(self, pool: ProcessPoolExecutor, seconds: float) -> None:
        self.pool = pool
        self.seconds = seconds
        self.seed = 0

    def welcome(self, one: Contestant) -> None:
        """Warms a server up; its first visitors come back later."""
        run = self.pool.submit(load.decide, one.server.port, 16, 2, one.terms, 0, ()).result()
        one.cookies = tuple(run.cookies[:RETURNING_VISITORS] or load.invent_cookies(RETURNING_VISITORS))

    def round(self, pair: Pair, number: int) -> None:
        """All cases, the contestants in turn; who goes first alternates."""
        print(f"round {number + 1}: {pair.engine}", file=sys.stderr)
        contestants = (pair.bare, pair.ours)[:: -1 if number % 2 else 1]
        for connections, visits in CASES:
            for one in contestants:
                self.seed += 1
                cookies = one.cookies if visits == "returning" else ()
                cost = self.cost(one, load.decide, connections, self.seconds, one.terms, self.seed, cookies)
                one.costs[connections, visits].append(cost)
        for name in pair.ours.views:
            for one in contestants:
                view = one.views[name]
                cost = self.cost(one, load.fetch, 16, self.seconds / 2, view.path, view.headers, view.status)
                one.costs[name].append(cost)

    def cost(self, one: Contestant, work: Callable[..., load.Run], *arguments: Any) -> Cost:
        before = one.cpu()
        run = self.pool.submit(work, one.server.port, *arguments).result()
        cpu = one.cpu() - before
        count = len(run.latencies)
        cuts = quantiles(run.latencies, n=100)
        return Cost(count / run.seconds, cuts[49] * 1000, cuts[98] * 1000, cpu / count * 1e6)


@contextmanager
def contest(engine: Sqlite | PostgreSQL, folder: Path) -> Iterator[Pair]:
    """Both servers on fresh databases of one engine; stopped at the end."""
    with ExitStack() as stack:
        environment = our_environment(engine.create(), folder / engine.name, free_port())
        prepare(environment)
        ours = start_ours(environment, folder / f"{engine.name}-ours.log")
        stack.callback(ours.stop)
        bare = start_bare(engine.create(), environment, folder / f"{engine.name}-bare.log")
        stack.callback(bare.stop)
        terms = read_terms(ours.port)
        views = views_of_script(ours.port)
        hello = dict.fromkeys(views, View("/hello", {}, 200))
        yield Pair(engine.name, Contestant(bare, engine, terms, hello), Contestant(ours, engine, terms, views))


def views_of_script(port: int) -> dict[str, View]:
    accepted = {"Accept-Encoding": "gzip"}
    etag = get(port, SCRIPT, accepted).headers["ETag"]
    return {"304": View(SCRIPT, accepted | {"If-None-Match": etag}, 304), "gzip": View(SCRIPT, accepted, 200)}


def lines_of(pair: Pair) -> Iterator[Line]:
    """A pair's figures, measure by measure."""
    for measure, name, goals in (
        ("decisions/s", "per_second", {case: RATE[pair.engine] for case in CASES}),
        ("p50 ms", "p50_ms", {}),
        ("p99 ms", "p99_ms", {case: P99.get((pair.engine, case[0])) for case in CASES}),
        ("CPU µs", "cpu_us", dict.fromkeys(CASES, CPU)),
    ):
        for case in CASES:
            where = f"{pair.engine}, {case[0]} connections, {case[1]}"
            yield Line(measure, where, *figures(pair, case, name), goals.get(case))
    for view in pair.ours.views:
        yield Line("view CPU µs", f"{pair.engine}, {view} beside a hello", *figures(pair, view, "cpu_us"), VIEW_CPU)


def figures(pair: Pair, case: Any, name: str) -> tuple[list[float], list[float]]:
    bare, ours = ([getattr(cost, name) for cost in one.costs[case]] for one in (pair.bare, pair.ours))
    return bare, ours


def memory_line(pair: Pair) -> Line:
    bare, ours = ([memory_mib(one.server.pid)] for one in (pair.bare, pair.ours))
    return Line("memory MiB", f"{pair.engine}, master and 2 workers", bare, ours, MEMORY)


def measure(seconds: float, rounds: int) -> list[Line]:
    """The whole table; each contestant has `seconds` for each case in each of `rounds`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        print("starting the servers", file=sys.stderr)
        engines = (stack.enter_context(postgresql()), Sqlite(folder))
        pairs = [stack.enter_context(contest(engine, folder)) for engine in engines]
        bench = Bench(stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn"))), seconds)
        for pair in pairs:
            bench.welcome(pair.bare)
            bench.welcome(pair.ours)
        for number in range(rounds):
            for pair in pairs:
                bench.round(pair, number)
        return [line for pair in pairs for line in lines_of(pair)] + [memory_line(pairs[0])]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.backend", description="Measures the backend.")
    parser.add_argument("--seconds", type=float, default=3, help="of load for each case, contestant and round (3)")
    parser.add_argument("--rounds", type=int, default=3, help="of all cases; figures are medians over them (3)")
    options = parser.parse_args()
    print_table(measure(options.seconds, options.rounds))


if __name__ == "__main__":
    main()
