"""Migrations: from nothing to the present schema and back, on both engines, and nothing between them and the models."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from consent_server.clock import to_millis
from consent_server.consent import partitions
from consent_server.extensions import db
from consent_server.release import release
from tests.factories import ROOT, make_settings, migrate_and_publish_ala, post, running

MIGRATIONS = str(ROOT / "migrations")


def is_partition(name):
    return name.startswith("consent_event_")


def is_ours(name, kind, _parents):
    return not (kind == "table" and is_partition(name))


@pytest.fixture
def empty_app(engine, tmp_path):
    """An app over a database in which there is nothing yet."""
    with engine.empty() as url, running(make_settings(tmp_path, url)) as app, app.app_context():
        yield app


def described():
    """Every table as the database itself describes it, whoever made it: columns, keys, indexes and constraints."""
    found = inspect(db.engine)
    tables = [name for name in found.get_table_names() if name != "alembic_version" and not is_partition(name)]
    return {
        name: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column.get("default"))
                for column in found.get_columns(name)
            },
            "key": found.get_pk_constraint(name),
            "indexes": by_name(map(comparable, found.get_indexes(name))),
            "unique": by_name(found.get_unique_constraints(name)),
            "foreign": by_name(found.get_foreign_keys(name)),
            "checks": by_name(found.get_check_constraints(name)),
        }
        for name in tables
    }


def comparable(index):
    """SQLite's condition of a partial index is a clause, which equals no other."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def by_name(things):
    return sorted(things, key=lambda thing: thing["name"])


def test_up_from_nothing_down_and_up_again(empty_app):
    upgrade(directory=MIGRATIONS)
    first = described()
    assert set(first) == set(db.metadata.tables)
    downgrade(directory=MIGRATIONS, revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade(directory=MIGRATIONS)
    assert described() == first


def test_the_migrations_make_what_the_models_say(empty_app):
    upgrade(directory=MIGRATIONS)
    options = {"include_name": is_ours, "compare_type": True, "compare_server_default": True}
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, db.metadata) == []


def test_they_make_the_constraints_that_the_models_say(empty_app, engine, tmp_path):
    """Autogenerate does not look at CHECK constraints and primary keys."""
    upgrade(directory=MIGRATIONS)
    migrated = described()
    with engine.empty() as url, running(make_settings(tmp_path, url)) as app, app.app_context():
        db.create_all()
        assert described() == migrated


def test_a_number_in_the_logs_queue_is_never_given_twice(empty_app):
    """SQLite would give the highest number again once its row is gone."""
    upgrade(directory=MIGRATIONS)
    add = text("INSERT INTO log_queue (type, hash) VALUES ('test', :hash)")
    with db.engine.begin() as connection:
        for _ in range(2):
            connection.execute(add, {"hash": b"0" * 32})
        highest = connection.execute(text("SELECT max(seq) FROM log_queue")).scalar_one()
        connection.execute(text("DELETE FROM log_queue"))
        connection.execute(add, {"hash": b"0" * 32})
        assert connection.execute(text("SELECT max(seq) FROM log_queue")).scalar_one() > highest


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
class TestPartitions:
    """On PostgreSQL the decisions are kept by month, from the first migration."""

    def test_they_are_there_from_last_month_to_a_year_ahead(self, app, clock):
        month = clock.now().year * 12 + clock.now().month - 1
        months = {f"consent_event_{n // 12}_{n % 12 + 1:02}" for n in range(month - 1, month + 13)}
        assert set(bounds(app)) >= months | {"consent_event_default"}

    def test_they_lie_side_by_side(self, app):
        found = sorted(bound for bound in bounds(app).values() if bound is not None)
        for (_, end), (start, _) in pairwise(found):
            assert end == start
        for start, end in found:
            first, after = at(start), at(end)
            assert (first.day, first.hour, after.day, after.hour) == (1, 0, 1, 0)
            assert timedelta(days=28) <= after - first <= timedelta(days=31)

    def test_a_decision_lies_in_its_month(self, app, client, site, decision, clock):
        """The month is the id's, whose time may be up to seven days behind."""
        late = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3)
        clock.set(late)
        for moment in (late - timedelta(days=5), late, late.replace(day=1, hour=0)):
            assert partition_of(app, send(client, decision, moment)) == f"consent_event_{moment:%Y_%m}"

    def test_one_of_no_month_is_kept_as_well(self, app, client, site, decision, clock):
        clock.advance(days=800)
        assert partition_of(app, send(client, decision, clock.now())) == "consent_event_default"


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
class TestReleases:
    """The release step goes on where the migration ended."""

    @pytest.fixture
    def database_url(self, engine):
        """One of the test's own, since partitions stay."""
        with engine.empty() as url:
            migrate_and_publish_ala(url)
            yield url

    def test_it_makes_the_months_that_follow(self, app, client, site, decision, clock):
        clock.advance(days=300)
        release(app)
        release(app)
        clock.advance(days=300)
        assert partition_of(app, send(client, decision, clock.now())) == f"consent_event_{clock.now():%Y_%m}"

    def test_it_works_after_months_without_one(self, app, client, site, decision, clock):
        """Decisions of months that nobody made partitions for lie in the default one; a release must still be
        possible, and lose none of them."""
        clock.advance(days=800)
        event_id = send(client, decision, clock.now())
        release(app)
        assert partition_of(app, event_id)
        assert partition_of(app, send(client, decision, clock.now() + timedelta(minutes=5)))


def bounds(app):
    """First and following UUID of each partition; none for the default one."""
    query = text("""SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class
                    WHERE relispartition AND relkind = 'r'""")
    with app.app_context(), db.engine.connect() as connection:
        return {
            name: tuple(uuid.UUID(value) for value in re.findall(r"'([0-9a-f-]{36})'", bound)) or None
            for name, bound in connection.execute(query)
        }


def at(identifier):
    """The moment in the first 48 bits of an id."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)


def send(client, decision, moment):
    """Records a decision whose id is of that moment; the id."""
    identifier = uuid.UUID(int=(to_millis(moment) << 80) | (7 << 76) | (2 << 62) | uuid.uuid4().int >> 70)
    assert post(client, decision(event_id=str(identifier))).status_code == 201
    return identifier


def partition_of(app, event_id):
    query = text("SELECT tableoid::regclass::text FROM consent_event WHERE event_id = :id")
    with app.app_context(), db.engine.connect() as connection:
        return connection.execute(query, {"id": event_id}).scalar_one()


@pytest.mark.parametrize(
    ("first", "count", "expected"),
    [
        (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), 3, [(2026, 11), (2026, 12), (2027, 1)]),
        (datetime(2027, 1, 1, tzinfo=UTC), 1, [(2027, 1)]),
    ],
)
def test_months_follow_each_other_over_the_year(first, count, expected):
    assert [(month.year, month.month) for month in partitions.months(first, count)] == expected
