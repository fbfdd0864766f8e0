"""restore --from-database: a data folder out of what the mirror has."""

import json
import math
import signal
import subprocess
import time

import pytest

from credentials import SensorKey, make_key, register
from mirrored import fill_mirror, insert_readings, make_tables
from mirroring import caught_up
from service import BINARY, Service, now_ms, post_readings, wait_until
from upkeep import all_readings, format_line, house, run, url_of

pytestmark = pytest.mark.one_at_a_time

HOUR = 3_600_000


@pytest.fixture(scope="module")
def service():
    """Some readings of now, some of long ago, of several quantities."""
    with Service() as running:
        client = running.start().client()
        for first, seed in ((now_ms() - 400 * 24 * HOUR, 1), (now_ms() - HOUR, 2)):
            for batch in house(seed, rooms=3, sensors=3, readings=200, first=first):
                post_readings(client, batch)
        post_readings(client, [{"building": "Ünter dän", "room": "o'Hara \"1\"", "sensor": "s,1", "quantity": "radon",
                                "value": 7.25, "unit": "Bq/m3"},
                               {"building": "house", "room": "room 0", "sensor": "s0", "quantity": "co2", "value": -0.0,
                                "unit": "ppm"}])
        client.close()
        yield running


def restore(database, data_dir, *flags):
    return run("restore", "--from-database", "--data-dir", data_dir, *flags,
               environment={"TIMESCALE_DB_URL": database.url})


def test_everything_is_answered_as_before(service, database, tmp_path):
    make_tables(database)
    client = service.client()
    fill_mirror(database, client)
    expected = all_readings(client)
    ended = restore(database, tmp_path / "data", "--json", "--verify")
    assert ended.returncode == 0, ended.stderr
    restored, verified = map(json.loads, ended.stdout.splitlines())
    count = sum(map(len, expected.values()))
    assert (restored["restored_readings"], restored["series"], restored["repeated"]) == (count, 11, 0)
    assert verified["findings"] == 0 and verified["readings"] == count
    with Service(data_dir=tmp_path / "data") as other:
        again = other.start().client()
        assert all_readings(again) == expected
        month = {"step": "1h", "from": now_ms() - 401 * 24 * HOUR, "to": now_ms() - 399 * 24 * HOUR}
        for path, query in (("/v1/history", {"building": "house", "room": "room 2", **month}),
                            ("/v1/readings", {"building": "house", "room": "room 1", "limit": 1000}),
                            ("/v1/average", {"building": "house", "room": "room 0", "at": now_ms() - HOUR + 60_000})):
            one, two = (which.get(path, **query) for which in (client, again))
            assert one.status == 200 and one.json() == two.json(), path
        one, two = ({(room["building"], room["room"], quantity["quantity"]): (quantity["unit"], quantity["sensors"])
                     for room in which.get("/v1/rooms", limit=1000).json()["rooms"] for quantity in room["quantities"]}
                    for which in (client, again))
        assert one == two
        # It takes readings, knows those that it has, and keeps units.
        room, readings = next((key, values) for key, values in expected.items() if key[2] == "radon")
        (sensor, timestamp), value = next(iter(readings.items()))
        reading = {"building": room[0], "room": room[1], "sensor": sensor, "quantity": "radon", "timestamp": timestamp}
        assert post_readings(again, {**reading, "value": value, "unit": "Bq/m3"})["duplicates"] == 1
        assert post_readings(again, {**reading, "value": value + 1})["conflicts"]
        refused = again.post("/v1/readings", {**reading, "value": value, "unit": "ppm", "timestamp": now_ms()})
        assert "unit_mismatch" in refused.text.decode()
        again.close()
        assert other.restart(kill=True)
        again = other.client()
        assert all_readings(again) == expected
        again.close()
    client.close()


def test_what_no_folder_can_hold_is_passed_over_and_counted(database, tmp_path):
    make_tables(database)
    database.script("INSERT INTO temperature_service.series VALUES (5, 'b', 'r', 's', 'temperature')")
    with database.connect() as connection, connection.cursor() as cursor:
        insert_readings(cursor, [(5, "2022-10-05T00:00:00Z", 20), (5, "2022-10-05T00:00:00Z", 20),
                                 (5, "2022-10-05T00:00:00.0001Z", 21), (5, "2022-10-05T00:01:00Z", math.nan),
                                 (5, "infinity", 20), (5, "1066-10-14", 20), (4, "2022-10-05T00:00:00Z", 20),
                                 (6, "2022-10-05T00:00:00Z", 20)])
        cursor.execute("INSERT INTO temperature_service.mirror VALUES (true, gen_random_uuid(), 7, 1, 2, now())")
        cursor.execute("INSERT INTO temperature_service.settings VALUES ('retention', '400d'), "
                       "('default_building', 'main'), ('reading_rules', 'former')")
    ended = restore(database, tmp_path / "data")
    assert ended.returncode == 1
    for line in ("restored 1 readings of 1 series", "readings are missing: 2 ranges",
                 "passed over 2 readings: the database has them more than once",
                 "passed over 3 readings: not a finite value", "passed over 2 readings: nothing in the table series",
                 "the lost service was started with --default-building 'main' --retention '400d'",
                 "nothing is damaged"):
        assert line in ended.stdout, ended.stdout
    assert format_line(tmp_path / "data") == "temperature-service 2\n", "the former rules"


def test_a_restore_that_does_not_end_leaves_nothing_that_is_served(service, database, tmp_path):
    make_tables(database)
    data_dir = tmp_path / "data"
    database.script("INSERT INTO temperature_service.mirror VALUES (true, gen_random_uuid(), 7, 1, 0, now())")
    database.script("INSERT INTO temperature_service.series SELECT n, 'b', 'r', 's' || n, 'temperature' "
                    "FROM generate_series(1, 3) n")
    database.script("INSERT INTO temperature_service.readings SELECT 1 + n % 3, timestamptz '2022-10-05' "
                    "+ n * interval '1 s', n FROM generate_series(1, 50000) n")
    # It fails in the middle: a series whose name cannot be.
    database.script("INSERT INTO temperature_service.series VALUES (9, 'b', '', 's', 'temperature')")
    ended = restore(database, data_dir)
    assert ended.returncode == 1 and "a name that none can have" in ended.stderr, ended.stderr
    assert not data_dir.exists()
    database.script("DELETE FROM temperature_service.series WHERE id = 9")
    process = subprocess.Popen([BINARY, "restore", "--from-database", "--timescale-url", database.url, "--data-dir",
                                data_dir], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(data_dir.glob("history/*")) and time.monotonic() < deadline:
        time.sleep(0.001)  # to meet it while it writes
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (data_dir / "FORMAT").exists()
    with Service(data_dir=data_dir) as other:
        status, output = other.run_to_end()
    assert status == 1 and "FORMAT" in output, output
    ended = restore(database, data_dir)
    assert ended.returncode == 1 and "not empty" in ended.stderr


def test_it_refuses_what_it_cannot_mean(database, tmp_path):
    data_dir = tmp_path / "data"
    ended = restore(database, data_dir)
    assert ended.returncode == 1 and "the database has no mirror" in ended.stderr, ended.stderr
    make_tables(database)
    ended = restore(database, data_dir)
    assert ended.returncode == 1 and "no service has written to them yet" in ended.stderr, ended.stderr
    database.script("INSERT INTO temperature_service.mirror VALUES (true, gen_random_uuid(), 7, 1, 0, now())")
    database.script("INSERT INTO temperature_service.schema_migrations (version, name, applied_at, program) "
                    "VALUES (99, 'later', now(), 'later')")
    ended = restore(database, data_dir)
    assert ended.returncode == 1 and "tables are of version 99" in ended.stderr, ended.stderr
    database.script("DELETE FROM temperature_service.schema_migrations WHERE version = 99")
    database.script("INSERT INTO temperature_service.settings VALUES ('reading_rules', 'later')")
    ended = restore(database, data_dir)
    assert ended.returncode == 1 and 'rules "later"' in ended.stderr, ended.stderr
    assert not data_dir.exists()
    for flags, says in ((["--from-database", "backup"], "excludes"), ([], "restore needs DIR")):
        ended = run("restore", *flags, "--data-dir", data_dir)
        assert ended.returncode == 2 and says in ended.stderr, ended.stderr
    ended = run("restore", "--from-database", "--data-dir", data_dir)
    assert ended.returncode == 2 and "no database is named" in ended.stderr


def test_a_sensor_writes_with_its_old_key(database, tmp_path):
    """Through a real mirror: readings, sensors and keys of the lost node; it goes on in the same database."""
    environment = {"TIMESCALE_DB_URL": database.url}
    written = "SELECT count(*) FROM temperature_service.readings"
    with Service(data_dir=tmp_path / "lost", flags=["--limit-sensor", "off"], environment=environment) as lost:
        lost.start()
        admin = lost.client(key=(tmp_path / "lost/admin.key").read_text().strip())
        sensor_key = SensorKey()
        register(admin, "s-1", sensor_key, building="house", room="hall", quantities=["temperature"])
        reader, _ = make_key(admin, "reader")
        writer = lost.client(key=sensor_key.token("s-1"))
        first = now_ms() - HOUR
        readings = [{"building": "house", "room": "hall", "sensor": "s-1", "value": n / 8,
                     "timestamp": first + n * 1_000} for n in range(1_000)]
        assert post_readings(writer, readings)["accepted"] == 1_000
        expected = all_readings(admin)
        caught_up(admin)  # before it, there may be no tables to ask
        wait_until(lambda: database.value(written) == 1_000 and database.value(
            "SELECT count(*) FROM temperature_service.sensors") == 1 and database.value(
            "SELECT count(*) FROM temperature_service.api_keys") == 1)
        for client in (admin, writer):
            client.close()
        lost.kill()
    ended = restore(database, tmp_path / "new")
    assert ended.returncode == 0 and "1 sensors and 1 keys" in ended.stdout, ended.stdout + ended.stderr
    with Service(data_dir=tmp_path / "new", flags=["--limit-sensor", "off"], environment=environment) as new:
        new.start()
        again = new.client(key=reader)
        assert all_readings(again) == expected
        writer = new.client(key=sensor_key.token("s-1"))
        assert post_readings(writer, readings)["duplicates"] == 1_000
        late = {**readings[0], "timestamp": first - 1_000}
        assert post_readings(writer, late)["accepted"] == 1
        wait_until(lambda: database.value(written) == 1_001)
        ended = run("mirror", "verify", "--url", url_of(new), "--key", reader,
                    environment=environment)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        again.close(), writer.close()
