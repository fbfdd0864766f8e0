"""Everything in the database too, each reading once: what comes in, what was there, and whose database it is."""

import itertools
import json
import random

from credentials import SensorKey
from mirroring import (DAY, assert_same, batch_of, caught_up, delete, delete_some, flags_of, in_database, mirror_of,
                       replace_some, wait_for)
from postgres_server import PASSWORD
from service import Service, now_ms, post_readings, reading, wait_until
from sql_references import DATA, check_references, compare_aggregates, needs_data
from upkeep import run, url_of

MINUTE = 60_000
ADMIN = "a-key-of-the-operator-0123456789"


def test_a_reading_is_in_the_database_within_two_seconds_of_its_acknowledgement(database):
    with Service(flags=flags_of(database)) as service:
        client = service.start().client()
        caught_up(client)
        for i in range(3):
            post_readings(client, [reading(room="hall", timestamp=now_ms(), value=20.25 + i)])
            wait_until(lambda i=i: sum(map(len, in_database(database).values())) > i, within=2)
        state = mirror_of(client)
        assert state["state"] == "following" and state["readings"] == 3
        assert state["database"].startswith("postgresql://") and PASSWORD not in state["database"]
        assert state["server"].startswith("PostgreSQL 15")
        assert "error" not in state
        summary = client.get("/healthz").json()["mirror"]
        assert summary["state"] == "following" and summary["owed_ranges"] == 0
        metrics = client.get("/metrics").text.decode()
        assert "temperature_service_mirror_following 1\n" in metrics
        assert 'temperature_service_mirror_readings_total{way="stream"} 3\n' in metrics
        assert_same(client, database)
        assert PASSWORD not in service.output() and "p%40ss" not in service.output()


def test_repeats_conflicts_and_late_readings_are_in_the_database_as_in_the_service(database):
    chance = random.Random(3)
    at = now_ms()
    with Service(flags=flags_of(database)) as service:
        client = service.start().client()
        for i in range(30):
            post_readings(client, batch_of(chance, at + i * 700 - 30 * 700))
        assert_same(client, database)
        assert service.stop() == 0
        client = service.start().client()
        post_readings(client, batch_of(chance, at))
        assert_same(client, database)


def test_what_is_deleted_goes_from_the_database_and_what_is_replaced_is_there(database):
    chance = random.Random(11)
    at = now_ms()
    with Service(flags=flags_of(database, "--flush-readings", "300")) as service:
        client = service.start().client()
        for i in range(40):
            post_readings(client, batch_of(chance, at - (40 - i) * 700))
            if i % 4 == 3:
                delete_some(chance, client, at)
            if i % 4 == 1:
                replace_some(chance, client, at)
        assert_same(client, database)
        assert service.stop() == 0
        client = service.start().client()
        gone = delete(client, "room1", **{"from": at - DAY, "to": at + 1, "sensor": "s1"})
        assert gone > 0
        post_readings(client, [reading(room="room1", sensor="s1", timestamp=at - 5, value=77)])
        assert_same(client, database)
        entries = database.query("SELECT who, action, room, sensor, readings, encode(entry, 'hex') "
                                 "FROM temperature_service.audit ORDER BY position")
        assert [entry[1] for entry in entries].count("delete") == 11 and "replace" in [entry[1] for entry in entries]
        assert entries[-1][:5] == ("dev", "delete", "room1", "s1", gone)
        assert all(entry[5][:64] == before[5][-64:] for before, entry in itertools.pairwise(entries)), "no chain"
        assert 77 in in_database(database)["default", "room1", "temperature"].values()


def test_more_is_deleted_than_one_transaction_takes_out(database):
    """Of a room with sensors that have more by themselves, and such that have it together."""
    first = now_ms() - 10 * DAY
    counts = {"long": 250_000, **{f"s{i}": 70_000 for i in range(4)}}
    with Service(flags=flags_of(database)) as service:
        client = service.start().client()
        for sensor, count in counts.items():
            for begin in range(0, count, 50_000):
                rows = [reading(room="hall", sensor=sensor, timestamp=first + n * 1_000, value=n % 100)
                        for n in range(begin, min(count, begin + 50_000))]
                post_readings(client, rows)
        caught_up(client)
        assert database.value("SELECT count(*) FROM temperature_service.readings") == sum(counts.values())
        middle = first + 10_000 * 1_000
        before, kept = mirror_of(client)["transactions"], 10_000 * len(counts)
        assert delete(client, "hall", **{"from": middle, "to": now_ms()}) == sum(counts.values()) - kept
        assert_same(client, database)
        assert mirror_of(client)["transactions"] >= before + 3
        assert database.value("SELECT count(*) FROM temperature_service.readings") == kept


def test_where_copy_does_not_come_through_readings_are_inserted(database):
    chance = random.Random(8)
    at = now_ms()
    with Service(flags=flags_of(database, "--mirror-writes", "insert")) as service:
        client = service.start().client()
        for i in range(10):
            post_readings(client, batch_of(chance, at - (10 - i) * 700))
        assert_same(client, database)
        span = {"from": at - 2 * DAY, "to": at}
        assert client.request("POST", "/v1/admin/mirror/resync", **span).status == 202
        assert_same(client, database)


@needs_data
def test_real_readings_written_by_the_service_give_the_reference_answers_in_sql(database, tmp_path):
    with Service(data_dir=tmp_path / "data", flags=flags_of(database, "--max-ahead", "1d")) as service:
        client = service.start().client()
        sent = run("replay", DATA / "b4b2022.original.csv.gz", "--url", url_of(service), "--speed", "max")
        assert sent.returncode == 0, sent.stderr
        caught_up(client)
        check_references(database)
        compare_aggregates(database)
        service.kill()
        client = service.start().client()
        caught_up(client)
        check_references(database)


def test_with_timescaledb_readings_are_there_once_late_ones_in_its_aggregates_too(timescale):
    chance = random.Random(9)
    at = now_ms()
    with Service(flags=flags_of(timescale, "--mirror-writes", "insert")) as service:
        client = service.start().client()
        for i in range(10):
            post_readings(client, batch_of(chance, at - (10 - i) * 700))
        caught_up(client)
        assert "community licence" in mirror_of(client)["server"]
        # Of months ago: behind what the database looks at by itself.
        post_readings(client, batch_of(chance, at - 60 * DAY, size=50))
        assert_same(client, timescale)
        wait_until(lambda: timescale.value("SELECT count(*) FROM temperature_service.late_hours") == 0, within=30)
        compare_aggregates(timescale)
        assert delete(client, "room1", **{"from": at - 61 * DAY, "to": at - 59 * DAY}) > 0
        assert_same(client, timescale)
        wait_until(lambda: timescale.value("SELECT count(*) FROM temperature_service.late_hours") == 0, within=30)
        compare_aggregates(timescale)
        timescale.run_jobs("policy_compression")
        assert delete(client, "room2", **{"from": at - 60 * DAY - 1_000, "to": at - 59 * DAY}) > 0
        post_readings(client, batch_of(chance, at - 60 * DAY, size=50))
        service.kill()
        client = service.start().client()
        post_readings(client, batch_of(chance, at))
        assert_same(client, timescale)


def test_over_a_folder_with_history_what_is_there_is_copied_while_new_readings_go_on(database, tmp_path):
    chance = random.Random(4)
    at = now_ms()
    with Service(data_dir=tmp_path / "data") as service:
        client = service.start().client()
        for i in range(30):
            post_readings(client, batch_of(chance, at - (30 - i) * DAY // 10, size=100))
        assert service.stop() == 0
        service.flags = flags_of(database)
        client = service.start().client()
        for i in range(20):
            post_readings(client, batch_of(chance, at - (20 - i) * 200))
        assert_same(client, database)
        state = mirror_of(client)
        assert state["readings_of_ranges"] > 1_000
        # Off for a while, and on again: what came meanwhile is found out.
        assert service.stop() == 0
        service.flags = ["--dev"]
        client = service.start().client()
        post_readings(client, batch_of(chance, at))
        assert service.stop() == 0
        service.flags = flags_of(database)
        client = service.start().client()
        assert_same(client, database)


def test_another_services_database_is_refused_until_it_is_told_to_replace_it(database):
    with Service(flags=flags_of(database)) as first, Service(flags=flags_of(database)) as second:
        client = first.start().client()
        post_readings(client, [reading(room="mine", timestamp=now_ms(), value=20)])
        assert_same(client, database)
        other = second.start().client()
        post_readings(other, [reading(room="yours", timestamp=now_ms(), value=21)])
        state = wait_for(other, lambda state: state["state"] == "refused")
        assert "another data folder's" in state["error"] and "mirror replace" in state["error"]
        assert other.get("/readyz").status == 200
        post_readings(client, [reading(room="mine", timestamp=now_ms(), value=22)])
        assert_same(client, database)
        assert other.post("/v1/admin/mirror/replace", "").status == 202
        assert_same(other, database)
        # The one that was there before stops, rather than write beside it.
        post_readings(client, [reading(room="mine", timestamp=now_ms(), value=23)])
        wait_for(client, lambda state: state["state"] == "refused")
        assert_same(other, database)


def test_a_folder_of_an_older_backup_does_not_write_to_a_mirror_that_is_ahead(database, tmp_path):
    at = now_ms()
    with Service(data_dir=tmp_path / "data", flags=flags_of(database)) as service:
        client = service.start().client()
        post_readings(client, [reading(room="hall", timestamp=at - 2, value=20)])
        caught_up(client)
        assert run("backup", tmp_path / "early", "--url", url_of(service)).returncode == 0
        post_readings(client, [reading(room="hall", timestamp=at - 1, value=21)])
        caught_up(client)
        assert run("backup", tmp_path / "late", "--url", url_of(service)).returncode == 0
    before = in_database(database)
    for name in ("early", "late"):
        assert run("restore", tmp_path / name, "--data-dir", tmp_path / f"from {name}").returncode == 0
    with Service(data_dir=tmp_path / "from early", flags=flags_of(database)) as service:
        client = service.start().client()
        post_readings(client, [reading(room="hall", timestamp=at, value=30)])
        state = wait_for(client, lambda state: state["state"] == "refused")
        assert "ahead" in state["error"] and "mirror adopt" in state["error"] and "mirror replace" in state["error"]
        assert in_database(database) == before
    # A backup that has all that the database has goes on with it.
    with Service(data_dir=tmp_path / "from late", flags=flags_of(database)) as service:
        client = service.start().client()
        post_readings(client, [reading(room="hall", timestamp=at, value=22)])
        assert_same(client, database)
    with Service(data_dir=tmp_path / "from early", flags=flags_of(database)) as service:
        client = service.start().client()
        assert client.post("/v1/admin/mirror/replace", "").status == 202
        assert_same(client, database)


def test_a_range_is_written_anew_when_somebody_asks(database):
    at = now_ms()
    with Service(flags=flags_of(database)) as service:
        client = service.start().client()
        post_readings(client, [reading(room="hall", sensor=f"s{i}", timestamp=at - i * MINUTE, value=i)
                               for i in range(20)])
        caught_up(client)
        database.script("DELETE FROM temperature_service.readings WHERE value = 3;"
                        "UPDATE temperature_service.readings SET value = 99 WHERE value = 4;"
                        "INSERT INTO temperature_service.readings SELECT * FROM temperature_service.readings "
                        "WHERE value = 5")
        span = {"from": at - 10 * MINUTE, "to": at}
        answer = client.request("POST", "/v1/admin/mirror/resync", **span)
        assert answer.status == 202, answer.text
        assert_same(client, database)
        for query in ({}, {"from": at}, {"from": at, "to": at}, {"from": at, "to": at - 1}, {"from": "x", "to": at}):
            assert client.request("POST", "/v1/admin/mirror/resync", **query).status in (400, 422), query


def mirror(service, *arguments):
    return run("mirror", *arguments, "--url", url_of(service))


def test_the_command_line_shows_the_mirror_and_has_ranges_written_anew(database):
    at = now_ms()
    with Service(flags=flags_of(database)) as service:
        client = service.start().client()
        post_readings(client, [reading(room="hall", sensor=f"s{i}", timestamp=at - i, value=i) for i in range(20)])
        caught_up(client)
        shown = mirror(service, "status")
        assert shown.returncode == 0 and shown.stdout.startswith("following: postgresql://"), shown.stderr
        assert "owed ranges   0\n" in shown.stdout and PASSWORD not in shown.stdout
        assert json.loads(mirror(service, "status", "--json").stdout)["readings"] == 20
        database.script("DELETE FROM temperature_service.readings WHERE value > 4")
        assert mirror(service, "resync", "--from", at - MINUTE, "--to", at + 1).returncode == 0
        assert_same(client, database)
        database.script("DELETE FROM temperature_service.readings WHERE value > 4")
        refused = mirror(service, "replace")
        assert refused.returncode == 2 and "--yes" in refused.stderr
        assert mirror(service, "replace", "--yes").returncode == 0
        assert_same(client, database)
        for wrong in (["resync"], ["resync", "--from", "0"], ["resync", "--from", "x", "--to", "0"], ["other"]):
            assert mirror(service, *wrong).returncode == 2, wrong
    with Service() as service:
        service.start()
        off = mirror(service, "status")
        assert off.returncode == 1 and "no mirror" in off.stderr


def test_what_a_database_has_and_a_restored_folder_has_not_is_adopted(database, tmp_path):
    at = now_ms()
    with Service(data_dir=tmp_path / "data", flags=flags_of(database)) as service:
        client = service.start().client()
        post_readings(client, [reading(room="hall", timestamp=at - 2_000, value=20)])
        caught_up(client)
        assert run("backup", tmp_path / "backup", "--url", url_of(service)).returncode == 0
        post_readings(client, [reading(room="hall", timestamp=at - 1_000, value=21),
                               reading(room="new", quantity="light", unit="lx", timestamp=at - 1_000, value=300)])
        caught_up(client)
    assert run("restore", tmp_path / "backup", "--data-dir", tmp_path / "restored").returncode == 0
    with Service(data_dir=tmp_path / "restored", flags=flags_of(database)) as service:
        client = service.start().client()
        post_readings(client, [reading(room="hall", timestamp=at, value=22)])
        wait_for(client, lambda state: state["state"] == "refused")
        adopted = mirror(service, "adopt", "--timescale-url", database.url)
        assert adopted.returncode == 0, adopted.stderr
        assert_same(client, database)
        assert sorted(sum((list(room.values()) for room in in_database(database).values()), [])) == [20, 21, 22, 300]


def test_without_a_database_there_is_no_mirror(client):
    assert client.get("/v1/admin/mirror").json() == {"state": "off"}
    assert "mirror" not in client.get("/healthz").json()
    assert "mirror_" not in client.get("/metrics").text.decode()
    answer = client.post("/v1/admin/mirror/replace", "")
    assert answer.status == 409 and answer.json()["code"] == "mirror_off"


def test_sensors_and_keys_are_in_the_database_without_their_secrets(database):
    with Service(flags=["--admin-key", ADMIN, "--timescale-url", database.url]) as service:
        admin = service.start().client(key=ADMIN)
        caught_up(admin)  # the tables are there
        sensor = SensorKey().registration(building="north", room="lab", quantities=["temperature", "co2"])
        assert admin.request("PUT", "/v1/sensors/lab%2F1", sensor).status in (200, 201)
        made = admin.post("/v1/keys", {"name": "grafana", "role": "reader", "buildings": ["north"]}).json()
        gone = admin.post("/v1/keys", {"name": "gone", "role": "reader"}).json()

        def in_tables():
            return (database.query("SELECT id, building, room, quantities FROM temperature_service.sensors"),
                    database.query("SELECT id, name, role, buildings FROM temperature_service.api_keys ORDER BY name"))

        expected = ([("lab/1", "north", "lab", ["co2", "temperature"])],
                    [(gone["id"], "gone", "reader", []), (made["id"], "grafana", "reader", ["north"])])
        wait_until(lambda: in_tables() == expected, within=30)
        assert admin.request("DELETE", f"/v1/keys/{gone['id']}").status == 204
        expected = (expected[0], expected[1][1:])
        wait_until(lambda: in_tables() == expected, within=30)
        dump = repr(database.query("SELECT record::text FROM temperature_service.sensors UNION ALL "
                                   "SELECT encode(record, 'escape') FROM temperature_service.api_keys"))
        assert made["key"] not in dump
        settings = dict(database.query("SELECT name, value FROM temperature_service.settings"))
        assert settings["reading_rules"] == "current" and settings["default_building"] == "default"
