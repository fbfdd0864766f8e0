"""mirror verify: what a service and a database have, compared by series and day."""

import contextlib
import json
import threading

import pytest

from mirrored import fill_mirror, make_tables
from service import Service, now_ms, post_readings
from upkeep import house, run, url_of

pytestmark = pytest.mark.one_at_a_time

DAY = 86_400_000


@pytest.fixture(scope="module")
def service():
    with Service() as running:
        client = running.start().client()
        first = now_ms() // DAY * DAY - 3 * DAY
        for batch in house(1, rooms=2, sensors=2, readings=100, first=first + DAY - 50_000):
            post_readings(client, batch)  # half of each on one day, half on the next
        post_readings(client, {"building": "house", "room": "room 0", "sensor": "s0", "quantity": "co2", "value": -0.0})
        client.close()
        yield running


@pytest.fixture
def mirror(database, service):
    make_tables(database)
    client = service.client()
    database.ids = fill_mirror(database, client)
    # Python reads the service's -0 as a whole number, and those have no sign.
    set_value(database, database.ids["house", "room 0", "s0", "co2"], "-0")
    client.close()
    return database


def set_value(database, series, value):
    database.query("UPDATE temperature_service.readings SET value = %s::text::float8 WHERE series = %s", value, series)


def compare(service, database, *flags):
    ended = run("mirror", "verify", "--json", "--url", url_of(service), *flags,
                environment={"TIMESCALE_DB_URL": database.url})
    assert ended.stdout, ended.stderr
    *lines, sums = map(json.loads, ended.stdout.splitlines())
    return ended.returncode, lines, sums


def test_what_is_the_same_is_the_same(service, mirror):
    code, lines, sums = compare(service, mirror)
    assert (code, lines) == (0, [])
    assert sums == {"days": 9, "readings": 401, "differ": 0, "changing": 0}
    ended = run("mirror", "verify", "--url", url_of(service), environment={"TIMESCALE_DB_URL": mirror.url})
    assert "compared 401 readings on 9 days of series: 0 differ, 0 still change" in ended.stdout


def test_what_differs_is_named(service, mirror):
    one, two = (mirror.ids["house", "room 0", f"s{n}", "temperature"] for n in (0, 1))
    other = mirror.ids["house", "room 1", "s1", "temperature"]
    readings = "temperature_service.readings"
    latest = f"(SELECT max(time) FROM {readings} WHERE series = %s)"
    mirror.query(f"DELETE FROM {readings} WHERE series = %s AND time = {latest}", one, one)
    mirror.query(f"INSERT INTO {readings} SELECT * FROM {readings} WHERE series = %s AND time = {latest}", two, two)
    mirror.query(f"UPDATE {readings} SET value = value + 1e-12 WHERE series = %s AND time = {latest}", other, other)
    mirror.script("INSERT INTO temperature_service.series VALUES (7, 'house', 'attic', 's9', 'temperature')")
    mirror.script(f"INSERT INTO {readings} VALUES (7, '2022-10-05T00:00:00Z', 21)")
    code, lines, sums = compare(service, mirror)
    assert code == 1 and sums["differ"] == 4 and sums["changing"] == 0
    found = {(line["room"], line["sensor"]): (line["service_readings"], line["database_readings"]) for line in lines}
    assert found == {("room 0", "s0"): (50, 49), ("room 0", "s1"): (50, 51), ("room 1", "s1"): (50, 50),
                     ("attic", "s9"): (0, 1)}
    assert [line["differs"] for line in lines if line["room"] == "attic"] == ["2022-10-05"]
    # Only what was asked for.
    code, lines, sums = compare(service, mirror, "--to", "2022-10-06T00:00:00Z")
    assert (code, len(lines), sums["days"]) == (1, 1, 1)
    assert compare(service, mirror, "--from", "2022-10-06T00:00:00Z", "--to", "2022-10-07T00:00:00Z")[0] == 0


def test_a_zero_has_a_sign(service, mirror):
    set_value(mirror, mirror.ids["house", "room 0", "s0", "co2"], "0")
    assert [line["quantity"] for line in compare(service, mirror)[1]] == ["co2"]


def test_what_comes_in_meanwhile_does_not_differ(service, mirror):
    """A room whose readings are in the database a moment later; and one whose old readings come and come."""
    series = mirror.ids["house", "room 1", "s0", "temperature"]
    first = now_ms()
    stopped = threading.Event()

    def write():
        sender = service.client()
        with contextlib.closing(mirror.connect()) as connection, connection.cursor() as cursor:
            number = 0
            while not stopped.wait(0.05):
                number += 1
                newest, old = first + 100 * number, first - 2 * DAY - number
                post_readings(sender, [{"building": "house", "room": "room 1", "sensor": "s0", "value": 1,
                                        "timestamp": newest},
                                       {"building": "house", "room": "room 0", "sensor": "s1", "value": 1,
                                        "timestamp": old}])
                cursor.execute("INSERT INTO temperature_service.readings VALUES (%s, to_timestamp(%s / 1000.0), 1)",
                               (series, newest))
        sender.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        code, lines, sums = compare(service, mirror)
    finally:
        stopped.set()
        writer.join()
    assert code == 0 and sums["differ"] == 0, lines
    assert {line["sensor"] for line in lines} == {"s1"} and all("changing" in line for line in lines)


def test_without_a_mirror_it_says_so(service, database):
    ended = run("mirror", "verify", "--url", url_of(service), environment={"TIMESCALE_DB_URL": database.url})
    assert ended.returncode == 1 and "temperature_service" in ended.stderr, ended.stderr
    ended = run("mirror", "verify", "--url", url_of(service))
    assert ended.returncode == 2 and "no database is named" in ended.stderr
