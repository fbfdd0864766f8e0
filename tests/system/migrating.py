"""`temperature-service migrate`, and readings that are put into the tables without the service."""

import contextlib
import csv
import datetime
import gzip
import io
import json
import subprocess

from service import BINARY

SCHEMA = "temperature_service"
TABLES = {"schema_migrations", "arrangement", "mirror", "series", "units", "readings", "sensors", "api_keys",
          "settings", "audit", "late_hours"}
VIEWS = {"room_readings", "room_minutes", "room_hours"}
UTC = datetime.timezone.utc
ROWS_AT_ONCE = 20_000


def command(url, *flags):
    return [BINARY, "migrate", "--timescale-url", url, *flags]


def run(url, *flags):
    return subprocess.run(command(url, *flags), capture_output=True, text=True)


def migrate(url, *flags):
    """What was found and done."""
    done = run(url, "--json", *flags)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refused(url, *flags):
    """The line that says why."""
    done = run(url, *flags)
    assert done.returncode == 1 and done.stdout == "", (done.returncode, done.stdout, done.stderr)
    (line,) = done.stderr.splitlines()
    return line


def relations(database, schema=SCHEMA):
    return {name for name, in database.query("SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace "
                                             "AND relkind IN ('r', 'v')", schema)}


def add_series(database, names):
    """{(building, room, sensor, quantity): id}"""
    columns = [list(column) for column in zip(*names)]
    database.query(f"INSERT INTO {SCHEMA}.series (building, room, sensor, quantity) "
                   "SELECT * FROM unnest(%s, %s, %s, %s) ON CONFLICT DO NOTHING", *columns)
    return {tuple(row[1:]): row[0] for row in
            database.query(f"SELECT id, building, room, sensor, quantity FROM {SCHEMA}.series")}


def copy(database, rows):
    """By COPY, as the service does it."""
    with contextlib.closing(database.connect()) as connection, connection.cursor() as cursor:
        text = "".join(f"{series}\t{time}\t{value}\n" for series, time, value in rows)
        cursor.copy_expert(f"COPY {SCHEMA}.readings FROM STDIN", io.StringIO(text))


def insert(database, rows):
    for begin in range(0, len(rows), ROWS_AT_ONCE):
        columns = [list(column) for column in zip(*rows[begin:begin + ROWS_AT_ONCE])]
        database.query(f"INSERT INTO {SCHEMA}.readings "
                       "SELECT * FROM unnest(%s::int4[], %s::timestamptz[], %s::float8[])", *columns)


def first_wins(path):
    """{(building, room, sensor, quantity): {time: value}} of a file of readings, in its order, by the service's rule: a
    place that is taken stays as it is."""
    kept = {}
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            series = kept.setdefault(("", row["room_id"], row["sensor_id"], row["quantity"]), {})
            series.setdefault(row["timestamp"], row["value"])
    return kept


def load(database, kept, put):
    ids = add_series(database, list(kept))
    rows = [(ids[name], time, float(value)) for name, series in kept.items() for time, value in series.items()]
    put(database, rows)
    return len(rows)
