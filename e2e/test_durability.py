"""An answered decision survives the server's sudden end: `kill -9` of all its processes under load, again and again.

Four times by default, each of which fails where an answer is lost; `KILLS=50` in the environment makes it fifty.
"""

import json
import os
import random
import socket
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import create_engine, text

from bench.decisions import AGENTS, Terms, decision, read_terms, request
from bench.load import VISITOR, Connection, WrongAnswer
from e2e.servers import ConsentServer

KILLS = int(os.environ.get("KILLS", "4"))
VISITORS = 8
ANSWERS_BEFORE_KILL = (20, 120)
# One statement, so one moment: a leaf moves from the queue into the tree while we look.
EVENTS_WITH_LEAVES = (
    "SELECT event.event_id, count(leaf.event_id) FROM consent_event AS event LEFT JOIN "
    "(SELECT event_id FROM log_queue UNION ALL SELECT event_id FROM log_leaf) AS leaf "
    "ON leaf.event_id = event.event_id GROUP BY event.event_id"
)


@dataclass
class Sent:
    """A decision on its way; `status` once its answer was received whole."""

    event_id: str
    request: bytes
    status: int | None = None
    cookie: str | None = None


@dataclass
class Load:
    """Visitors who decide over and over until the server dies, or they are told to stop; each keeps the cookie it was
    given."""

    port: int
    terms: Terms
    seed: int
    enough: int
    sent: list[Sent] = field(default_factory=list)
    answered: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)

    def visit(self, number: int) -> None:
        chance = random.Random(f"{self.seed}/{number}")
        cookie = None
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=20) as opened:
                while not self.stop.is_set():
                    sent = make_decision(self.terms, chance, cookie)
                    self.sent.append(sent)
                    exchange(Connection(opened), sent)
                    assert sent.status == 201
                    cookie = sent.cookie or cookie
                    self.answered += 1
                    if self.answered >= self.enough:
                        self.reached.set()
        except (OSError, WrongAnswer):
            return
        finally:
            self.reached.set()


def make_decision(terms: Terms, chance: random.Random, cookie: str | None) -> Sent:
    body = decision(terms, chance)
    return Sent(body["event_id"], request(json.dumps(body).encode(), chance.choice(AGENTS), cookie))


def exchange(connection: Connection, sent: Sent) -> None:
    """Sends a decision and waits for its answer, which must name it."""
    connection.send(sent.request)
    while not connection.receive():
        pass
    head, _, body = connection.received.partition(b"\r\n\r\n")
    sent.status = int(head.split()[1])
    assert sent.status in (200, 201), connection.received
    assert json.loads(body)["event_id"] == sent.event_id
    if cookie := VISITOR.search(head):
        sent.cookie = cookie[1].decode()


def load_until_killed(server: ConsentServer, terms: Terms, seed: int) -> list[Sent]:
    """Runs a load, kills the server in the middle of it, and returns all that was sent."""
    load = Load(server.port, terms, seed, enough=random.Random(seed).randint(*ANSWERS_BEFORE_KILL))
    with ThreadPoolExecutor(VISITORS) as pool:
        visits = [pool.submit(load.visit, number) for number in range(VISITORS)]
        load.reached.wait(60)
        server.kill()
    for visit in visits:
        visit.result()
    assert load.answered >= load.enough
    return load.sent


def retry(port: int, sent: list[Sent]) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as opened:
        for one in sent:
            exchange(Connection(opened), one)


def leaves_by_event(database_url: str) -> dict[str, int]:
    """How many places each recorded event has, in the log's queue and in the tree together."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        leaves = {str(uuid.UUID(str(row[0]))): row[1] for row in connection.execute(text(EVENTS_WITH_LEAVES))}
    engine.dispose()
    return leaves


def test_what_was_answered_survives_kill_9(either_server: ConsentServer) -> None:
    server = either_server
    terms = read_terms(server.port)
    everything: list[Sent] = []
    for seed in range(KILLS):
        sent = load_until_killed(server, terms, seed)
        everything += sent
        answered = {one.event_id for one in sent if one.status}
        assert answered <= leaves_by_event(server.database_url).keys()

        server.start()
        retry(server.port, [one for one in sent if not one.status])
    leaves = leaves_by_event(server.database_url)
    assert {one.event_id: leaves.get(one.event_id) for one in everything} == {one.event_id: 1 for one in everything}
