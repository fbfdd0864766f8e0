"""The mirror's tables where there is TimescaleDB under its community licence; and the real readings in SQL, there and
in plain PostgreSQL."""

import datetime

import pytest

from migrating import (SCHEMA, TABLES, UTC, VIEWS, add_series, copy, first_wins, insert, load, migrate, refused,
                       relations)
from sql_references import DATA, check_references, compare_aggregates, needs_data
from timescale_server import TimescaleServer

pytestmark = pytest.mark.one_at_a_time

ROWS = 304_559
CONFLICTS = 11
TEMPERATURES = 78_556
TEMPERATURE_CONFLICTS = 4
HOUR = datetime.timedelta(hours=1)


def test_all_that_there_is_is_made_use_of(timescale):
    done = migrate(timescale.url)
    assert "with TimescaleDB 2." in done["server"] and done["used_as"] == "TimescaleDB, community licence"
    assert done["version"] == 1 and done["notes"] == []
    assert [line.split(":")[0] for line in done["done"]] == [
        "made step 1 of the tables (tables)", "made the hypertable", "made the columnstore", "made the minutes",
        "made the refresh", "made the columnstore of aggregates", "made the views"]
    assert relations(timescale) == TABLES | VIEWS | {"reading_minutes", "reading_hours"}
    assert timescale.query("SELECT column_name, time_interval FROM timescaledb_information.dimensions "
                           "WHERE hypertable_name = 'readings'") == [("time", datetime.timedelta(days=7))]
    assert timescale.query("SELECT attname, segmentby_column_index, orderby_column_index "
                           "FROM timescaledb_information.compression_settings "
                           "WHERE hypertable_name = 'readings' ORDER BY 1") == [("series", 1, None), ("time", None, 1)]
    assert timescale.query("SELECT view_name, materialized_only FROM timescaledb_information.continuous_aggregates "
                           "ORDER BY 1") == [("reading_hours", False), ("reading_minutes", False)]
    jobs = timescale.query("SELECT proc_name, hypertable_name, config ->> 'buckets_per_batch' "
                           "FROM timescaledb_information.jobs WHERE hypertable_schema = %s ORDER BY 1, 2", SCHEMA)
    assert jobs == [("policy_compression", "reading_hours", None), ("policy_compression", "reading_minutes", None),
                    ("policy_compression", "readings", None),
                    ("policy_refresh_continuous_aggregate", "reading_hours", "168"),
                    ("policy_refresh_continuous_aggregate", "reading_minutes", "1440")]
    assert migrate(timescale.url)["done"] == []


@needs_data
def test_real_readings_give_the_reference_answers_in_plain_sql(database):
    migrate(database.url)
    assert load(database, first_wins(DATA / "b4b2022.original.csv.gz"), copy) == ROWS - CONFLICTS
    database.script(f"ANALYZE {SCHEMA}.readings")
    check_references(database)
    minutes, hours = compare_aggregates(database)
    assert minutes > hours > 3 * 24 * 28


@needs_data
def test_real_readings_give_the_reference_answers_as_columns_too(timescale):
    migrate(timescale.url)
    temperatures = {name: series for name, series in first_wins(DATA / "b4b2022.original.csv.gz").items()
                    if name[3] == "temperature"}  # of which the references are
    assert load(timescale, temperatures, insert) == TEMPERATURES - TEMPERATURE_CONFLICTS
    timescale.script(f"ANALYZE {SCHEMA}.readings")
    check_references(timescale)
    compare_aggregates(timescale, ["hour"])  # in real time, of readings
    for aggregate in ("reading_minutes", "reading_hours"):
        timescale.query(f"CALL refresh_continuous_aggregate('{SCHEMA}.{aggregate}', '2022-10-01', '2022-12-01')")
    assert timescale.run_jobs("policy_compression") == 3
    assert timescale.query("SELECT DISTINCT is_compressed FROM timescaledb_information.chunks") == [(True,)]
    check_references(timescale)
    compare_aggregates(timescale)


def test_minutes_are_right_before_and_after_a_refresh(timescale):
    migrate(timescale.url)
    ids = list(add_series(timescale, [("", "a", "s1", "temperature"), ("", "a", "s2", "temperature")]).values())
    now = datetime.datetime.now(UTC)
    times = [now - datetime.timedelta(minutes=7 * number) for number in range(600)]
    insert(timescale, [(series, time, number / 7) for series in ids for number, time in enumerate(times)])
    compare_aggregates(timescale)
    assert timescale.run_jobs("policy_refresh_continuous_aggregate") == 2
    kept = timescale.value("SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_name LIKE '\\_mat%%'")
    assert kept >= 2, "buckets were computed and kept"
    compare_aggregates(timescale)
    # A reading of this moment is there at once, one of two hours ago when it is refreshed next.
    insert(timescale, [(ids[0], now + datetime.timedelta(milliseconds=1), 50), (ids[0], now - 2 * HOUR, 100)])
    assert timescale.value(f"SELECT max(max) FROM {SCHEMA}.room_minutes WHERE bucket > %s", now - HOUR) == 50
    timescale.run_jobs("policy_refresh_continuous_aggregate")
    compare_aggregates(timescale)
    assert timescale.value(f"SELECT max(max) FROM {SCHEMA}.room_hours") == 100


def test_a_database_that_gets_timescaledb_later_changes_when_it_is_told_to_and_misses_it_afterwards():
    with TimescaleServer(extension=False) as timescale:
        before = migrate(timescale.url)
        assert before["used_as"] == "plain PostgreSQL"
        (note,) = before["notes"]
        assert note.startswith("the server has TimescaleDB, this database has not")
        (series,) = add_series(timescale, [("", "a", "s1", "temperature")]).values()
        now = datetime.datetime.now(UTC)
        rows = [(series, now - datetime.timedelta(minutes=30 * number), number) for number in range(1000)]
        insert(timescale, rows)
        timescale.script("CREATE EXTENSION timescaledb")
        then = migrate(timescale.url)
        assert then["used_as"] == "plain PostgreSQL" and then["done"] == []
        (note,) = then["notes"]
        assert "temperature-service migrate --convert" in note
        converted = migrate(timescale.url, "--convert")
        assert converted["used_as"] == "TimescaleDB, community licence" and converted["notes"] == []
        assert timescale.value(f"SELECT count(*) FROM {SCHEMA}.readings") == len(rows)
        compare_aggregates(timescale)
        # What is older than what the policies look at is noted, and the service has it computed.
        oldest, newest = timescale.query(f"SELECT min(hour), max(hour) FROM {SCHEMA}.late_hours")[0]
        assert oldest <= rows[-1][1] and newest >= now - HOUR
        assert migrate(timescale.url)["done"] == []

        timescale.script("DROP EXTENSION timescaledb CASCADE")
        assert "this database has the extension timescaledb no more" in refused(timescale.url)
