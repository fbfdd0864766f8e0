"""The mirror's tables in a plain PostgreSQL: made by anyone, once, in steps; and every refusal in one clear line."""

import contextlib
import re
import subprocess

import psycopg2
import pytest

from migrating import SCHEMA, TABLES, VIEWS, add_series, command, copy, migrate, refused, relations, run
from postgres_server import PostgresServer

pytestmark = pytest.mark.one_at_a_time


def test_a_plain_role_makes_the_tables_once(database):
    done = migrate(database.url)
    assert done["server"].startswith("PostgreSQL 15.") and done["used_as"] == "plain PostgreSQL"
    assert (done["version_before"], done["version"]) == (0, 1)
    assert done["done"][0] == "made step 1 of the tables (tables)" and done["notes"] == []
    assert relations(database) == TABLES | VIEWS
    ((version, name, program),) = database.query(f"SELECT version, name, program FROM {SCHEMA}.schema_migrations")
    assert (version, name) == (1, "tables") and program.startswith("temperature-service ")
    before = database.query(f"SELECT * FROM {SCHEMA}.arrangement")
    again = migrate(database.url)
    assert (again["version_before"], again["version"], again["done"]) == (1, 1, [])
    assert database.query(f"SELECT * FROM {SCHEMA}.arrangement") == before
    said = run(database.url)
    assert said.returncode == 0 and said.stdout.endswith("the tables are of version 1: there was nothing to do\n")


def test_of_many_at_once_each_step_is_done_by_one(database):
    runs = [subprocess.Popen(command(database.url, "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for _ in range(6)]
    said = [process.communicate() for process in runs]
    assert [process.returncode for process in runs] == [0] * 6, said
    assert b"".join(out for out, _ in said).count(b"made step 1") == 1
    assert database.value(f"SELECT count(*) FROM {SCHEMA}.schema_migrations") == 1


def test_a_role_without_rights_is_told_both_ways(postgres, database):
    role = postgres.role(f"plain_of_{database.name}")
    url = postgres.url(database.name, role)
    line = refused(url)
    assert f'the role "{role}" may not make the schema temperature_service' in line
    grant = f'GRANT CREATE ON DATABASE "{database.name}" TO "{role}"'
    beforehand = f'CREATE SCHEMA temperature_service AUTHORIZATION "{role}"'
    assert grant in line and beforehand in line

    administrator = postgres.admin(database.name)
    administrator.script("CREATE SCHEMA temperature_service")
    owner = f'ALTER SCHEMA temperature_service OWNER TO "{role}"'
    assert owner in refused(url)
    administrator.script(owner)
    assert migrate(url)["version"] == 1

    administrator.script("DROP SCHEMA temperature_service CASCADE")
    administrator.script(beforehand)
    assert migrate(url)["version"] == 1
    assert 'may not make the schema dashboards' in refused(url, "--timescale-schema", "dashboards")

    administrator.script("DROP SCHEMA temperature_service CASCADE")
    administrator.script(grant)
    assert migrate(url, "--timescale-schema", "dashboards")["version"] == 1
    assert relations(administrator, "dashboards") == VIEWS and relations(administrator) == TABLES
    # Another role may use the tables without being able to make them: it finds that there is nothing to do.
    other = postgres.role(f"other_of_{database.name}")
    line = refused(postgres.url(database.name, other))
    assert f'the role "{other}" may not read the tables in the schema {SCHEMA}: permission denied for schema' in line
    administrator.script(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {other};"
                         f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO {other}")
    # Its ids are made without any right of their own.
    database.query(f"INSERT INTO {SCHEMA}.series (building, room, sensor, quantity) VALUES ('', 'r', 's', 'q')",
                   user=other)
    assert migrate(postgres.url(database.name, other), "--timescale-schema", "dashboards")["done"] == []


def test_tables_of_a_newer_program_are_left_alone(database):
    migrate(database.url)
    database.script(f"INSERT INTO {SCHEMA}.schema_migrations VALUES (7, 'exclusions', now(), 'temperature-service 9')")
    line = refused(database.url)
    assert "are of version 7, and this program knows versions up to 1" in line


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_that_was_dropped_is_named(shared_database, table):
    shared_database.script(f"ALTER TABLE {SCHEMA}.{table} RENAME TO away")
    try:
        assert f"missing in the database: {SCHEMA}.{table}. Somebody dropped it" in refused(shared_database.url)
    finally:
        shared_database.script(f"ALTER TABLE {SCHEMA}.away RENAME TO {table}")


@pytest.fixture(scope="module")
def shared_database(postgres):
    made = postgres.database()
    migrate(made.url)
    yield made
    made.drop()


def test_a_view_that_was_dropped_comes_back(database):
    migrate(database.url)
    database.script(f"DROP VIEW {SCHEMA}.room_hours")
    assert migrate(database.url)["done"] == [f"made the views: in {SCHEMA}, for plain PostgreSQL"]
    assert relations(database) == TABLES | VIEWS


def test_who_may_only_read_is_told_so(postgres, database):
    postgres.admin(database.name).script(f"ALTER ROLE {database.owner} SET default_transaction_read_only = on")
    line = refused(database.url)
    assert f'the role "{database.owner}" may only read in the database "{database.name}"' in line


def test_a_standby_is_known_as_one():
    with PostgresServer() as server:
        made = server.database()
        server.stop()
        (server.data / "standby.signal").touch()
        server.start()
        line = refused(made.url)
        assert f"127.0.0.1:{server.port} is a read-only standby: name its primary" in line


def test_who_has_nothing_to_do_waits_for_nobody(database):
    migrate(database.url)
    # The lock of the transaction in which a step is done, as another program has it.
    with contextlib.closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN; SELECT pg_advisory_xact_lock(8387225690016276852)")
        assert migrate(database.url)["done"] == []


def test_views_count_as_the_service_does(database):
    migrate(database.url)
    ids = add_series(database, [("b", "r", sensor, quantity) for sensor, quantity in (
        ("s1", "temperature"), ("s2", "temperature"), ("s2", "co2"))])
    one, two, three = sorted(ids.values())
    copy(database, [(one, "2024-05-01T10:00:00Z", 20.5), (one, "2024-05-01T10:00:59.999Z", 21.5),
                    (two, "2024-05-01T10:00:30Z", 22), (one, "2024-05-01T10:01:00Z", 19),
                    (two, "1969-12-31T23:59:59.999Z", -40), (three, "2024-05-01T10:59:59.999Z", 400)])
    minutes = database.query(f"SELECT extract(epoch FROM bucket)::int8, room, quantity, count, sum, min, max "
                             f"FROM {SCHEMA}.room_minutes WHERE building = 'b' ORDER BY 1, 3")
    ten = 1714557600
    assert minutes == [(-60, "r", "temperature", 1, -40, -40, -40), (ten, "r", "temperature", 3, 64, 20.5, 22),
                       (ten + 60, "r", "temperature", 1, 19, 19, 19), (ten + 59 * 60, "r", "co2", 1, 400, 400, 400)]
    hours = database.query(f"SELECT extract(epoch FROM bucket)::int8, quantity, count, sum, min, max "
                           f"FROM {SCHEMA}.room_hours ORDER BY 1, 2")
    assert hours == [(-3600, "temperature", 1, -40, -40, -40), (ten, "co2", 1, 400, 400, 400),
                     (ten, "temperature", 4, 83, 19, 22)]
    types = dict(database.query("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attnum > 0 "
                                f"AND attrelid = '{SCHEMA}.room_minutes'::regclass"))
    assert types == {"bucket": "timestamp with time zone", "building": "text", "room": "text", "quantity": "text",
                     "count": "bigint", "sum": "double precision", "min": "double precision", "max": "double precision"}


@pytest.mark.parametrize("unit", ["minute", "hour"])
def test_a_range_of_minutes_or_hours_is_found_by_an_index(shared_database, unit):
    with contextlib.closing(shared_database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_indexscan = off")  # it is empty: nothing would pay
        cursor.execute(f"EXPLAIN SELECT * FROM {SCHEMA}.room_{unit}s WHERE bucket >= now() - INTERVAL '1 day'")
        plan = "\n".join(line for line, in cursor.fetchall())
    assert re.search(rf"Bitmap Index Scan on readings_{unit}\b", plan), plan


def test_a_server_that_is_not_there_and_a_wrong_password_are_one_line_without_the_password(database):
    wrong = database.url.replace("%40", "%41")
    line = refused(wrong)
    assert "password authentication failed" in line and "pAss" not in line
    gone = database.url.replace(f":{database.server.port}/", ":1/")
    assert "127.0.0.1" in refused(gone)
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(gone)
