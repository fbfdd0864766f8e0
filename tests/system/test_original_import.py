"""import --from-original: the table of the service that this one descends from, in a real PostgreSQL."""

import json

import pytest

from service import Service
from upkeep import all_readings, run, url_of

pytestmark = pytest.mark.one_at_a_time

TABLE = """CREATE TABLE temperature_readings (
  building_id {id}, room_id {id}, sensor_id {id}, temperature {temperature}, reading_time {time})"""
DAY = "2022-10-05"


@pytest.fixture(scope="module")
def service():
    with Service() as running:
        running.start()
        yield running


@pytest.fixture
def client(service):
    client = service.client()
    yield client
    client.close()


def make_table(database, id="text NOT NULL", temperature="float8", time="timestamptz"):
    database.script(TABLE.format(id=id, temperature=temperature, time=time))


def import_original(database, service, *flags, **environment):
    return run("import", "--from-original", database.url, "--url", url_of(service), *flags, environment=environment)


def summary_of(ended):
    return json.loads(ended.stdout.splitlines()[-1])


def of_building(client, building):
    return {(room, sensor, timestamp): value
            for (its, room, quantity), readings in all_readings(client).items() if its == building
            for (sensor, timestamp), value in readings.items() if quantity == "temperature"}


# Ids are numbers or text, times have a zone or are UTC without one, whatever the session's time zone (the server's is
# Asia/Kathmandu). A real's 21.3 is 21.3.
@pytest.mark.parametrize("id, temperature, time, written", [
    ("text", "float8", "timestamptz", f"{DAY} 14:00:00.25+02"),
    ("int", "real", "timestamp", f"{DAY} 12:00:00.25"),
    ("bigint", "numeric(6,2)", "timestamp(3)", f"{DAY} 12:00:00.25"),
    ("varchar(20)", "double precision", "timestamp without time zone", f"{DAY} 12:00:00.250999"),
])
def test_types_are_read_as_they_are_meant(database, service, client, id, temperature, time, written):
    make_table(database, id, temperature, time)
    building = f"{400 + ['text', 'int', 'bigint', 'varchar(20)'].index(id)}"
    database.query("INSERT INTO temperature_readings VALUES (%s, '7', '8', 21.3, %s)", building, written)
    ended = import_original(database, service, "--json")
    assert ended.returncode == 0, ended.stderr
    assert summary_of(ended)["accepted"] == 1 and summary_of(ended)["rows"] == 1
    assert of_building(client, building) == {("7", "8", f"{DAY}T12:00:00.250Z"): 21.3}


def test_what_is_no_reading_is_named_and_the_rest_is_stored(database, service, client):
    make_table(database, id="text")
    database.script(f"""INSERT INTO temperature_readings VALUES
      ('odd', 'r', 's', 20, '{DAY}T00:00:00Z'), ('odd', 'r', 's', 20, '{DAY}T00:00:00Z'),
      ('odd', 'r', 's', 21, '{DAY}T00:00:00Z'),
      ('odd', 'r', 's', 'NaN', '{DAY}T00:01:00Z'), ('odd', 'r', 's', 'Infinity', '{DAY}T00:02:00Z'),
      ('odd', 'r', 's', '-Infinity', '{DAY}T00:03:00Z'), ('odd', 'r', 's', NULL, '{DAY}T00:04:00Z'),
      (NULL, 'r', 's', 20, '{DAY}T00:05:00Z'), ('odd', NULL, 's', 20, '{DAY}T00:06:00Z'),
      ('odd', 'r', NULL, 20, '{DAY}T00:07:00Z'), ('', 'r', 's', 20, '{DAY}T00:08:00Z'),
      ('odd', 'r', 's', 20, NULL), ('odd', 'r', 's', 20, 'infinity'), ('odd', 'r', 's', 20, '-infinity'),
      ('odd', 'r', 's', 20, '0044-03-15 BC'), ('odd', 'r', 's', 22, '{DAY}T00:09:00Z')""")
    ended = import_original(database, service)
    assert ended.returncode == 1
    for line in ("16 rows", "temperature is NaN", "temperature is infinite", "temperature is NULL",
                 "building_id is NULL", "room_id is NULL", "sensor_id is NULL", "building_id is empty",
                 "reading_time is NULL", "reading_time is infinite"):
        assert line in ended.stdout, ended.stdout
    summary = summary_of(import_original(database, service, "--json"))
    # The two that are good, and their duplicate; then the other value; BC is refused by the service.
    assert (summary["accepted"], summary["duplicates"], summary["conflicts"], summary["rejected"]) == (0, 3, 1, 12)
    assert of_building(client, "odd") == {("r", "s", f"{DAY}T00:00:00.000Z"): 20,
                                          ("r", "s", f"{DAY}T00:09:00.000Z"): 22}


def test_it_goes_on_where_it_was_cut_off(database, service, client):
    make_table(database, id="int", time="timestamp")
    database.script(f"""INSERT INTO temperature_readings
      SELECT 500, n % 10, n % 7, n / 100.0, timestamp '{DAY}' + n * interval '1 s' FROM generate_series(1, 5000) n""")
    first = import_original(database, service, "--json", "--to", f"{DAY}T00:30:00Z")
    assert summary_of(first)["accepted"] == 1799
    rest = import_original(database, service, "--json", "--from", f"{DAY}T00:29:59Z")
    assert summary_of(rest)["accepted"] == 3201 and summary_of(rest)["duplicates"] == 1
    readings = of_building(client, "500")
    assert len(readings) == 5000 and sum(readings.values()) == pytest.approx(sum(n / 100 for n in range(1, 5001)))
    # A service that goes away: the line says from where to go on.
    with Service() as other:
        other.start()
        ended = import_original(database, other, "--json", "--retry-for", "0")
        assert ended.returncode == 0
        other.kill()
        ended = import_original(database, other, "--retry-for", "0")
    assert ended.returncode == 1 and f"go on with --from {DAY}T00:00:01.000Z" in ended.stderr, ended.stderr


def test_it_needs_no_more_than_to_read(postgres, database, service):
    make_table(database)
    reader = postgres.role(database.name + "_reader")
    database.script(f"GRANT SELECT ON temperature_readings TO {reader}")
    ended = run("import", "--from-original", postgres.url(database.name, reader), "--url", url_of(service), "--json")
    assert ended.returncode == 0 and summary_of(ended)["rows"] == 0, ended.stderr


def test_tables_elsewhere_and_by_another_name(database, service):
    database.script("CREATE SCHEMA heat")
    database.script("CREATE SCHEMA cold")
    database.script("SET search_path = heat; " + TABLE.format(id="text", temperature="int", time="date"))
    database.script(f"INSERT INTO heat.temperature_readings VALUES ('e', 'r', 's', 1, '{DAY}')")
    assert summary_of(import_original(database, service, "--json"))["rows"] == 1
    database.script("CREATE TABLE cold.temperature_readings AS SELECT * FROM heat.temperature_readings")
    ended = import_original(database, service)
    assert ended.returncode == 1 and "--table cold.temperature_readings or heat.temperature_readings" in ended.stderr
    database.script('ALTER TABLE cold.temperature_readings RENAME TO "Readings 2"')
    ended = import_original(database, service, "--json", "--table", 'cold."Readings 2"')
    assert summary_of(ended)["duplicates"] == 1, ended.stderr


@pytest.mark.parametrize("columns, says", [
    ("building_id int, room_id int, sensor_id int, temperature text, reading_time timestamp", "type text, which is no"),
    ("building_id int, room_id int, sensor_id int, temperature int, reading_time text", "type text, which is no time"),
    ("building_id int, sensor_id int, temperature int", "has no column room_id, reading_time"),
    ("", "no table temperature_readings"),
])
def test_another_table_is_refused(database, service, columns, says):
    if columns:
        database.script(f"CREATE TABLE temperature_readings ({columns})")
    ended = import_original(database, service)
    assert ended.returncode == 1 and says in ended.stderr, ended.stderr


def test_a_wrong_password_is_said_and_not_shown(database, service):
    url = database.url.replace("@", "hunter-two@")
    ended = run("import", "--from-original", url, "--url", url_of(service))
    assert ended.returncode == 1 and "password authentication failed" in ended.stderr, ended.stderr
    assert "hunter" not in ended.stderr


@pytest.mark.parametrize("flags, says", [
    (["--from-original", "mysql://db"], "--from-original: the database's URL is not usable"),
    ([], "import needs FILE, or --from-original"),
    (["file.csv", "--table", "x"], "--table, --from and --to go with --from-original"),
    (["file.csv", "--from-original", "postgresql://db"], "excludes"),
    (["--from-original", "postgresql://db", "--skip-rows", "1"], "excludes"),
    (["--from-original", "postgresql://db", "--from", "yesterday"], "--from must be a time"),
])
def test_flags_that_do_not_go_together(flags, says):
    ended = run("import", *flags)
    assert ended.returncode == 2 and says in ended.stderr, ended.stderr
