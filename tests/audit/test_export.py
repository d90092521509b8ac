"""Exports: what is in them, that they can be gone on with, and that each is on record."""

import csv
import io
import json
import tracemalloc
import uuid
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from consent_server import clock as real_clock
from consent_server.audit import export_lines, export_rows, exports, sending
from consent_server.audit.export_lines import FORMULA, HEADER, cell
from consent_server.audit.export_models import Export
from consent_server.consent.models import ConsentEvent
from consent_server.evidence.commitment import commit
from consent_server.evidence.models import LogLeaf
from consent_server.extensions import db
from consent_server.staff.models import StaffEvent
from tests.factories import post, rows, seal
from tests.html_forms import form
from tests.staff.people import AUDITOR, add_person, browser, issue_token, publish_zoo


@pytest.fixture
def token(app, site):
    add_person(app)
    return issue_token(app)


@pytest.fixture
def get(client, token):
    """Asks the API: `get("export", format="csv")`."""

    def get(path, status=200, **query):
        query = {name.rstrip("_"): value for name, value in query.items()}
        response = client.get(
            f"/v1/audit/{path}", query_string=query, headers={"Authorization": f"Bearer {token}"}, buffered=True
        )
        assert response.status_code == status, response.text
        return response

    return get


@pytest.fixture
def send(app, decision, clock):
    """Sends a decision from a browser of its own, a second after the one before; returns the event's id."""

    def send(*, headers=None, **changes):
        clock.advance(seconds=1)
        body = decision(**changes)
        assert post(app.test_client(), body, **(headers or {})).status_code == 201
        return body["event_id"]

    return send


def lines(response):
    return [json.loads(line) for line in response.text.splitlines()]


def table(response):
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


def make_rows(app, count, *, like):
    """Many events, cheaply: copies of one, each a second after the other."""
    [row] = [row for row in rows(app, ConsentEvent) if str(row["event_id"]) == like]
    with app.app_context(), db.engine.begin() as connection:
        start, made = row["recorded_at"], []
        for number in range(count):
            moment = start - timedelta(seconds=count - number)
            made.append({**row, "event_id": uuid.UUID(int=number + 1), "recorded_at": moment})
            if len(made) == 5_000 or number == count - 1:
                connection.execute(insert(ConsentEvent), made)
                made = []


def test_jsonl_says_what_the_search_says_oldest_first_with_the_place_in_the_log(app, get, send):
    sent = [
        send(),
        send(allow=("analytics",), headers={"DNT": "1", "Sec_GPC": "1"}, signals={"dnt": None, "gpc": True}),
        send(page=None, notice="ab" * 32),
        send(action="signal", headers={"Sec_GPC": "1"}, signals={"dnt": None, "gpc": True}),
    ]
    seal(app)
    sent.append(send())
    found = lines(get("export", format="jsonl"))
    assert [event["event_id"] for event in found] == sent
    indexes = {str(leaf["event_id"]): leaf["index"] for leaf in rows(app, LogLeaf) if leaf["event_id"]}
    assert [event.pop("log_index") for event in found] == [*map(indexes.get, sent[:4]), None]
    assert list(reversed(found)) == get("events").json["events"]


def test_csv_has_a_header_and_one_row_a_decision(app, get, send, clock):
    event_id = send(
        allow=("analytics", "functional"),
        headers={"DNT": "1"},
        signals={"dnt": "1", "gpc": False},
        providers={"google-analytics": False},
    )
    seal(app)
    response = get("export", format="csv")
    assert response.content_type == "text/csv; charset=utf-8; header=present"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="decisions-')
    assert response.text.endswith("\r\n")
    assert response.text.splitlines()[0] == ",".join(HEADER)
    [row] = table(response)
    [event] = rows(app, ConsentEvent)
    [leaf] = [leaf for leaf in rows(app, LogLeaf) if leaf["event_id"]]
    assert row == {
        "log_index": str(leaf["index"]),
        "event_id": event_id,
        "recorded_at": real_clock.to_rfc3339(clock.now()),
        "decided_at": real_clock.to_rfc3339(event["decided_at"]),
        "expires_at": real_clock.to_rfc3339(event["expires_at"]),
        "visitor": str(event["visitor_id"]),
        "page": "https://www.ala.org",
        "site": "ala",
        "policy": "1",
        "notice": event["notice"].hex(),
        "language": "en",
        "action": "custom",
        "surface": "banner",
        "on": "analytics functional",
        "off": "marketing",
        "providers_on": "",
        "providers_off": "google-analytics",
        "dnt_header": "1",
        "dnt_script": "1",
        "dnt_acted_on": "false",
        "gpc_header": "false",
        "gpc_script": "false",
        "gpc_acted_on": "false",
        "browser": "Firefox 140",
        "os": "Linux",
        "device": "desktop",
        "automated": "human",
    }


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1))
def test_any_text_comes_back_from_a_cell_and_none_is_a_formula(texts):
    written = ",".join(map(cell, texts)) + "\r\n"
    [read] = csv.reader(io.StringIO(written, newline=""), strict=True) if any(texts) else [texts]
    assert [text.removeprefix("'") if text[1:].startswith(FORMULA) else text for text in read] == [
        text.removeprefix("'") if text[1:].startswith(FORMULA) else text for text in texts
    ]
    assert not any(text.startswith(FORMULA) for text in read)
    for text, found in zip(texts, read, strict=True):
        assert found == ("'" + text if text.startswith(FORMULA) else text)


def test_filters_keep_what_they_name(get, send, site, clock):
    first = send()
    clock.advance(days=2)
    second = send(allow=("analytics",), notice=site.notices["es"], headers={"Sec_GPC": "1"})
    visitor = lines(get("export", format="jsonl", event=second))[0]["visitor"]
    day = str(clock.now().date())
    for query, expected in (
        ({"visitor": visitor}, [second]),
        ({"event": first}, [first]),
        ({"site": "ala"}, [first, second]),
        ({"action": "reject_all"}, [first]),
        ({"category": "analytics", "value": "true"}, [second]),
        ({"locale": "es"}, [second]),
        ({"gpc": "true"}, [second]),
        ({"from": day}, [second]),
        ({"policy": "2"}, []),
    ):
        assert [event["event_id"] for event in lines(get("export", format="jsonl", **query))] == expected, query


@pytest.mark.parametrize(
    "query", [{}, {"format": "xml"}, {"format": "csv", "limit": "5"}, {"format": "csv", "after": "x"},
              {"format": "csv", "category": "analytics"}]
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_and_leaves_no_record(app, get, query):
    get("export", 422, **query)
    assert rows(app, Export) == []


def test_going_on_gives_exactly_the_rest(get, send, monkeypatch):
    monkeypatch.setattr(export_rows, "PIECE", 3)
    monkeypatch.setattr(export_lines, "AT_ONCE", 2)
    sent = [send(allow=("analytics",) if number % 2 else ()) for number in range(11)]
    whole = get("export", format="csv").text.splitlines(keepends=True)
    assert [row.split(",")[1] for row in whole[1:]] == sent
    for number in (1, 3, 6, 11):
        rest = get("export", format="csv", after=sent[number - 1]).text.splitlines(keepends=True)
        assert whole[: number + 1] + rest[1:] == whole
    even = lines(get("export", format="jsonl", after=sent[4], action="reject_all"))
    assert [event["event_id"] for event in even] == sent[6::2]


def test_events_of_one_moment_come_in_the_order_of_their_ids(app, get, send, monkeypatch):
    monkeypatch.setattr(export_rows, "PIECE", 3)
    send()
    [row] = rows(app, ConsentEvent)
    more = [{**row, "event_id": uuid.UUID(int=number)} for number in range(1, 9)]
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(insert(ConsentEvent), more)
    found = [event["event_id"] for event in lines(get("export", format="jsonl"))]
    assert found == [str(uuid.UUID(int=number)) for number in range(1, 9)] + [str(row["event_id"])]


def test_it_goes_on_only_from_an_event_that_is_there(app, get, send):
    send()
    get("export", 404, format="csv", after=str(uuid.uuid4()))
    assert rows(app, Export) == []


def test_decisions_after_its_beginning_are_not_in_it(app, get, send, clock, monkeypatch):
    """So that it comes to an end however many arrive."""
    monkeypatch.setattr(export_rows, "PIECE", 1)
    sent = [send(), send()]
    read = export_rows.Reading.rows

    def rows_while_more_arrive(reading):
        for row in read(reading):
            send()
            yield row

    monkeypatch.setattr(export_rows.Reading, "rows", rows_while_more_arrive)
    assert [event["event_id"] for event in lines(get("export", format="jsonl"))] == sent


def test_what_is_erased_meanwhile_is_missing_or_there_and_nothing_breaks(app, get, send, monkeypatch):
    monkeypatch.setattr(export_rows, "PIECE", 2)
    kept = [send() for _ in range(5)]
    read = export_rows.Reading.rows

    def rows_while_one_is_erased(reading):
        for number, row in enumerate(read(reading)):
            if number == 1:
                with app.app_context():
                    db.session.query(ConsentEvent).filter_by(event_id=uuid.UUID(kept[3])).delete()
                    db.session.commit()
            yield row

    monkeypatch.setattr(export_rows.Reading, "rows", rows_while_one_is_erased)
    found = [event["event_id"] for event in lines(get("export", format="jsonl"))]
    assert found in (kept, [*kept[:3], kept[4]])


def test_memory_is_flat(app, send):
    make_rows(app, 20_000, like=send())

    def peak(count):
        with app.app_context():
            reading = export_rows.prepare(("ala",), {}, real_clock.now())
            pieces = export_lines.pieces("jsonl", reading.rows(), export_rows.notice_locales())
            tracemalloc.start()
            read = 0
            while read < count:
                read += next(pieces)[1]
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            return most

    peak(2_000)
    assert peak(20_000) < 1.3 * peak(8_000) < 60_000_000


# The record


def test_it_is_on_record_before_the_first_byte_and_with_its_outcome_at_the_end(app, get, send, clock):
    for _ in range(3):
        send()
    began = clock.now()
    response = get("export", format="csv", action="reject_all", visitor=str(uuid.uuid4()), to="2100-01-01")
    [export] = rows(app, Export)
    nonce, commitment = export.pop("nonce"), export.pop("hash")
    assert export == {
        "id": export["id"],
        "actor": AUDITOR,
        "kind": "csv",
        "sites": ["ala"],
        "filters": ["action", "to", "visitor"],
        "detail": {},
        "begun_at": began,
        "heard_at": began,
        "state": "whole",
        "rows": 0,
        "ended_at": began,
        "sha256": sha256(response.data).digest(),
    }
    act = next(act for act in rows(app, StaffEvent) if act["verb"] == "audit-export")
    assert (act["actor"], act["site"]) == (AUDITOR, "ala")
    assert act["detail"] == {"export": str(export["id"]), "kind": "csv", "filters": ["action", "to", "visitor"]}
    with app.app_context():
        record = exports.committed_export(db.session.get(Export, export["id"]))
    assert commitment == commit("export", nonce, record)
    assert record["rows"] == "0" and record["sha256"] == sha256(response.data).hexdigest()
    seal(app)
    assert [leaf["hash"] for leaf in rows(app, LogLeaf) if leaf["type"] == "export/1"] == [commitment]


def test_the_record_never_holds_who_was_looked_for(app, get, send):
    event_id = send()
    [event] = rows(app, ConsentEvent)
    get("export", format="jsonl", visitor=str(event["visitor_id"]), event=event_id)
    kept = repr(rows(app, Export) + rows(app, StaffEvent))
    assert str(event["visitor_id"]) not in kept and event["visitor_id"].hex not in kept
    assert event_id not in kept


def test_a_client_that_goes_away_leaves_an_interrupted_one(app, token, send, monkeypatch):
    monkeypatch.setattr(export_lines, "AT_ONCE", 2)
    for _ in range(5):
        send()
    headers = {"Authorization": f"Bearer {token}"}
    response = app.test_client().get("/v1/audit/export?format=jsonl", headers=headers, buffered=False)
    got = next(response.iter_encoded())
    [running] = rows(app, Export)
    assert (running["state"], running["sha256"], running["hash"]) == ("running", None, None)
    response.close()
    [export] = rows(app, Export)
    assert (export["state"], export["rows"], export["sha256"]) == ("interrupted", 2, sha256(got).digest())
    assert export["hash"]


def test_a_failure_on_the_way_leaves_an_interrupted_one(app, token, send, monkeypatch):
    send()

    def broken(_reading):
        yield from ()
        raise RuntimeError("the database went away")

    monkeypatch.setattr(export_rows.Reading, "rows", broken)
    headers = {"Authorization": f"Bearer {token}"}
    response = app.test_client().get("/v1/audit/export?format=csv", headers=headers, buffered=False)
    with pytest.raises(RuntimeError):
        list(response.iter_encoded())
    response.close()
    [export] = rows(app, Export)
    assert export["state"] == "interrupted"


def test_asking_for_the_head_alone_ends_it(app, client, token, send):
    send()
    response = client.head("/v1/audit/export?format=csv", headers={"Authorization": f"Bearer {token}"}, buffered=True)
    assert (response.status_code, response.data) == (200, b"")
    response.close()
    assert [export["state"] for export in rows(app, Export)] == ["interrupted"]


def test_how_far_it_has_come_is_told_on_the_way(app, token, send, monkeypatch):
    monkeypatch.setattr(export_lines, "AT_ONCE", 2)
    monkeypatch.setattr(sending, "HEARD", 4)
    for _ in range(8):
        send()
    headers = {"Authorization": f"Bearer {token}"}
    response = app.test_client().get("/v1/audit/export?format=jsonl", headers=headers, buffered=False)
    seen = []
    for _ in response.iter_encoded():
        [export] = rows(app, Export)
        seen.append(export["rows"])
    response.close()
    assert seen == [0, 0, 4, 4]
    assert rows(app, Export)[0]["rows"] == 8


def test_one_whose_process_died_ends_with_a_later_one(app, get, send, clock):
    send()
    with app.app_context():
        exports.begin(AUDITOR, "csv", ["ala"])
        db.session.commit()
    clock.advance(hours=23)
    get("export", format="csv")
    assert [export["state"] for export in rows(app, Export)] == ["running", "whole"]
    clock.advance(hours=2)
    get("export", format="csv")
    lost = rows(app, Export)[0]
    assert (lost["state"], lost["sha256"], bool(lost["hash"])) == ("interrupted", None, True)


def test_an_export_that_has_ended_never_changes(app, engine, get, send):
    send()
    get("export", format="csv")
    before = rows(app, Export)
    columns = [column.name for column in Export.__table__.columns]
    statements = ["DELETE FROM export", *(f"UPDATE export SET {name} = {name}" for name in columns)]
    names = ", ".join(columns)
    if engine.name == "sqlite":
        statements.append(f"INSERT OR REPLACE INTO export ({names}) SELECT {names} FROM export")
    else:
        statements.append("TRUNCATE export")
    for statement in statements:
        with app.app_context(), pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    assert rows(app, Export) == before


# Other sites


def test_a_token_takes_away_its_own_site_only(app, client, token, get, send):
    ours = send()
    publish_zoo(app)
    make_zoo(app, like=ours)
    assert [event["event_id"] for event in lines(get("export", format="jsonl"))] == [ours]
    get("export", 403, format="jsonl", site="zoo")
    get("export", 404, format="jsonl", after=str(uuid.UUID(int=77)))
    [export] = rows(app, Export)
    assert export["sites"] == ["ala"]


def make_zoo(app, *, like):
    [row] = [row for row in rows(app, ConsentEvent) if str(row["event_id"]) == like]
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(insert(ConsentEvent), [{**row, "event_id": uuid.UUID(int=77), "site": "zoo"}])


# The page


def test_the_page_exports_what_its_form_says(app, send, site):
    send()
    second = send(allow=("analytics",))
    add_person(app)
    auditor = browser(app)
    page = auditor.get("/audit/exports?action=custom")
    assert "Nothing was exported yet." in page.text
    answer = auditor.post("/audit/exports", data=form(page.text, "/audit/exports"))
    assert [row["event_id"] for row in table(answer)] == [second]
    page = auditor.get("/audit/exports")
    [export] = rows(app, Export)
    assert export["sha256"].hex() in page.text and "Whole" in page.text and "Waits" in page.text
    seal(app)
    leaf = next(leaf["index"] for leaf in rows(app, LogLeaf) if leaf["type"] == "export/1")
    assert f">{leaf:,}</td>" in auditor.get("/audit/exports").text


def test_the_page_names_what_is_wrong(app, send):
    send()
    add_person(app)
    auditor = browser(app)
    for fields, fault in (
        ({"format": "csv", "from": "soon"}, "A day such as"),
        ({"format": "csv", "site": "zoo"}, "You are not an auditor of this site."),
        ({"format": "csv", "after": str(uuid.uuid4())}, "There is no such decision on your sites."),
        ({}, "Missing data"),
    ):
        answer = auditor.post("/audit/exports", data=fields)
        assert answer.status_code == 422 and fault in answer.text, fields
    assert rows(app, Export) == []


def test_an_interrupted_one_can_be_gone_on_with(app, send, monkeypatch):
    monkeypatch.setattr(export_lines, "AT_ONCE", 2)
    sent = [send() for _ in range(5)]
    add_person(app)
    auditor = browser(app)
    answer = auditor.post("/audit/exports", data={"format": "jsonl"}, buffered=False)
    next(answer.iter_encoded())
    answer.close()
    listed = auditor.get("/audit/exports").text
    assert "Interrupted" in listed and "/audit/exports?format=jsonl&amp;after=#after" in listed
    page = auditor.get("/audit/exports?format=jsonl&after=").text
    assert '<details class="more" open>' in page
    fields = form(page, "/audit/exports") | {"after": sent[1]}
    rest = auditor.post("/audit/exports", data=fields)
    assert [event["event_id"] for event in lines(rest)] == sent[2:]
    assert "Continued" in auditor.get("/audit/exports").text


def test_an_auditor_of_two_sites_gets_both_in_one_order(app, send, clock):
    first = send()
    publish_zoo(app)
    make_zoo(app, like=first)
    second = send()
    add_person(app)
    add_person(app, site="zoo")
    answer = browser(app).post("/audit/exports", data={"format": "jsonl"})
    assert [event["event_id"] for event in lines(answer)] == [str(uuid.UUID(int=77)), first, second]
    assert rows(app, Export)[0]["sites"] == ["ala", "zoo"]


def test_the_list_shows_exports_of_ones_own_sites(app, site, clock):
    publish_zoo(app)
    add_person(app)
    add_person(app, "keeper@example.org", site="zoo")
    with app.app_context():
        for kind, sites in (("csv", ["zoo"]), ("pack", ["ala", "zoo"]), ("jsonl", ["ala"])):
            clock.advance(seconds=1)
            exports.begin("someone@example.org", kind, sites)
        db.session.commit()
        assert [export.kind for export in exports.latest(["ala"], 9)] == ["jsonl", "pack"]
        assert [export.kind for export in exports.latest(["zoo"], 1)] == ["pack"]
