"""Backups, restores, inspections, exports and imports of the real program; and what it does about damage."""

import gzip
import json
import pathlib
import threading
import time

import pytest

from credentials import SensorKey, make_key, register
from service import Service, average, now_ms, post_readings, reading
from upkeep import all_readings, flip_a_byte, house, run, url_of, verify

HOUR = 3_600_000


def fill(client, seed=1, rooms=3, sensors=4, readings=500, first=None, step=1_000):
    total = 0
    for batch in house(seed, rooms, sensors, readings, first or now_ms() - 2 * HOUR, step):
        total += post_readings(client, batch)["accepted"]
    return total


# verify


def test_verify_finds_nothing_wrong_with_what_is_whole(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=["--dev", "--flush-readings", "1000"]) as service:
        client = service.start().client()
        total = fill(client)
        post_readings(client, reading("office", quantity="co2", value=400, unit="ppm"))
        client.close()
        service.kill()
        code, findings, sums = verify(service.data_dir)
        assert (code, findings) == (0, [])
        assert sums["series"] == 13
        assert sums["journal_readings"] + sums["readings"] >= total + 1
        service.start()
        assert service.stop() == 0
        before = sorted((file.name, file.stat().st_mtime_ns) for file in (tmp_path / "data").rglob("*"))
        code, findings, sums = verify(service.data_dir)
        assert (code, findings) == (0, [])
        # Between a flush and its commit a kill leaves readings in the history that the journal delivers again: they are
        # stored twice and count once.
        assert sums["readings"] >= total + 1
        assert sorted((file.name, file.stat().st_mtime_ns) for file in (tmp_path / "data").rglob("*")) == before
        assert "nothing is damaged" in run("verify", "--data-dir", service.data_dir).stdout
        client = service.start().client()
        assert sum(map(len, all_readings(client).values())) == total + 1
        client.close()


def test_a_folder_in_use_is_not_looked_at(tmp_path):
    with Service(data_dir=tmp_path / "data") as service:
        service.start()
        ended = run("verify", "--data-dir", service.data_dir)
        assert ended.returncode == 1 and "a service that runs" in ended.stderr


def test_verify_of_what_is_no_data_folder(tmp_path):
    ended = run("verify", "--data-dir", tmp_path)
    assert ended.returncode == 1 and "FORMAT" in ended.stderr


# damage


def tables(folder):
    return sorted((folder / "history").glob("*.sst"), key=lambda file: file.stat().st_size)


def test_a_flipped_byte_is_found_and_takes_nothing_else_down(tmp_path):
    first = now_ms() - 30 * 24 * HOUR
    with Service(data_dir=tmp_path / "data") as service:
        client = service.start().client()
        fill(client, rooms=10, sensors=10, readings=2_000, first=first)
        expected = all_readings(client)
        client.close()
        assert service.stop() == 0
        table = tables(service.data_dir)[-1]
        flip_a_byte(table, table.stat().st_size // 2)

        code, findings, _ = verify(service.data_dir)
        assert code == 1
        assert any(table.name in finding["damaged"] for finding in findings)
        named = [finding for finding in findings if "sensor" in finding]
        assert named, "it does not say what is lost"
        lost = {(finding["room"], finding["sensor"]) for finding in named}
        assert len(lost) < 60, "a byte is not half of everything"
        assert all(finding["from"] and finding["to"] for finding in named)

        client = service.start().client()
        for (building, room, quantity), readings in expected.items():
            for sensor in sorted({sensor for sensor, _ in readings}):
                answer = client.get("/v1/readings", building=building, room=room, sensor=sensor, format="ndjson",
                                    quantity=quantity)
                if (room, sensor) in lost:
                    assert answer.status == 503, answer.text
                    assert answer.json()["code"] == "history_failed"
                else:
                    rows = [json.loads(line) for line in answer.text.decode().splitlines()]
                    assert {(sensor, row["timestamp"]): row["value"] for row in rows} == \
                        {key: value for key, value in readings.items() if key[0] == sensor}
        # The same rooms at other times, and everybody's new readings, go on.
        for room in range(10):
            assert post_readings(client, {"building": "house", "room": f"room {room}", "sensor": "s0", "value": 20})
            assert average(client, f"room {room}", building="house")["value"] == 20


def test_merges_that_meet_damage_stop_nobody(tmp_path):
    """The history is merged while a block of it is damaged: it stays writable, and says so."""
    first = now_ms() - 30 * 24 * HOUR
    with Service(data_dir=tmp_path / "data", flags=["--dev", "--flush-readings", "5000"]) as service:
        client = service.start().client()
        fill(client, rooms=10, sensors=10, readings=2_000, first=first)
        client.close()
        assert service.stop() == 0
        table = tables(service.data_dir)[-1]
        flip_a_byte(table, table.stat().st_size // 2)
        client = service.start().client()
        # Readings between those that are there, so that every volume is to be merged.
        accepted = 0
        for batch in house(2, 10, 10, 200, first + 500):
            answer = client.post("/v1/readings", batch)
            if answer.status == 200:
                accepted += answer.json()["accepted"]
            else:  # late readings in what is damaged cannot be looked up
                assert answer.status == 503 and answer.json()["code"] == "history_failed"
        assert accepted > 0
        deadline = time.monotonic() + 60
        while "is merged no more" not in service.output():
            assert time.monotonic() < deadline, service.output()
            time.sleep(0.2)
        assert "temperature_service_history_damaged 1" in client.get("/metrics").text.decode()
        flushes = metric(client, "history_flushes_total")
        for i in range(20):
            post_readings(client, [reading("after", f"s{s}", i, timestamp=now_ms() - 5_000 + i) for s in range(1_000)])
        deadline = time.monotonic() + 30
        while metric(client, "history_flushes_total") == flushes:
            assert time.monotonic() < deadline, "nothing is written to the history any more"
            time.sleep(0.1)
        assert metric(client, "history_flushes_failed_total") == 0
        assert client.get("/readyz", **{"for": "writes"}).status == 200
        assert average(client, "after", window="1h")["count"] == 20_000
        client.close()
        assert service.stop() == 0
        assert average(service.start().client(), "after", window="1h")["count"] == 20_000


def metric(client, name):
    for line in client.get("/metrics").text.decode().splitlines():
        if line.startswith(f"temperature_service_{name} "):
            return float(line.split()[1])
    raise AssertionError(f"no {name}")


# backup and restore


def test_a_backup_of_a_running_service_answers_the_same(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=["--dev", "--flush-readings", "2000"]) as service:
        client = service.start().client()
        fill(client)
        before = all_readings(client)
        ending = threading.Event()
        acknowledged = {}

        def load():
            its = service.client()
            stamp = now_ms() - HOUR
            while not ending.is_set():
                batch = [reading("busy", "s", i % 30, timestamp=stamp + i) for i in range(500)]
                post_readings(its, batch)
                acknowledged.update({each["timestamp"]: each["value"] for each in batch})
                stamp += 500
            its.close()

        loader = threading.Thread(target=load)
        loader.start()
        while len(acknowledged) < 5_000:
            time.sleep(0.01)
        at_least = dict(acknowledged)
        ended = run("backup", tmp_path / "backup", "--url", url_of(service))
        ending.set()
        loader.join()
        assert ended.returncode == 0, ended.stderr
        assert "journal position" in ended.stdout
        assert not (tmp_path / "backup.partial").exists()
        status = client.get("/v1/admin/backup").json()
        assert status["state"] == "done" and status["bytes"] > 0

    assert verify(tmp_path / "backup")[:2] == (0, [])
    ended = run("restore", tmp_path / "backup", "--data-dir", tmp_path / "new" / "data", "--verify")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "nothing is damaged" in ended.stdout
    with Service(data_dir=tmp_path / "new" / "data") as service:
        client = service.start().client()
        found = all_readings(client)
        busy = {value for value in found.pop(("default", "busy", "temperature")).items()}
        assert found == before
        assert len(busy) >= len(at_least)
        assert len(busy) % 500 == 0, "half of a request"
        assert len(busy) <= len(acknowledged)
        assert post_readings(client, reading("busy"))["accepted"] == 1


def test_backups_that_cannot_be_made(tmp_path):
    with Service(data_dir=tmp_path / "data") as service:
        client = service.start().client()
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "file").write_text("")
        (tmp_path / "broken.partial").mkdir()
        assert client.get("/v1/admin/backup").json() == {"state": "none"}
        for directory, word in [("relative", "absolute"), (tmp_path / "nowhere" / "backup", "folder above"),
                                (tmp_path / "full", "not empty"), (tmp_path / "broken", "interrupted"),
                                (tmp_path / "data" / "backup", "data folder"), (f"{tmp_path}/b/", "slash")]:
            answer = client.post("/v1/admin/backup", {"directory": str(directory)})
            assert answer.status == 422 and answer.json()["code"] == "directory_invalid"
            assert word in answer.json()["detail"], answer.json()
        assert client.post("/v1/admin/backup", {}).json()["code"] == "field_missing"
        assert client.post("/v1/admin/backup", {"directory": 7}).json()["code"] == "field_type"
        assert client.post("/v1/admin/backup", "no JSON").json()["code"] == "malformed_json"
        assert client.get("/v1/admin/backup").json() == {"state": "none"}
        ended = run("backup", tmp_path / "full", "--url", url_of(service))
        assert ended.returncode == 1 and "not empty" in ended.stderr
        (tmp_path / "empty").mkdir()
        assert run("backup", tmp_path / "empty", "--url", url_of(service)).returncode == 0, "an empty one will do"


def test_backups_need_a_key(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=[], environment={"TEMPERATURE_ADMIN_KEY": "k" * 20}) as service:
        service.start()
        ended = run("backup", tmp_path / "backup", "--url", url_of(service))
        assert ended.returncode == 1 and "401" in ended.stderr
        (tmp_path / "key").write_text("k" * 20 + "\n")
        ended = run("backup", tmp_path / "backup", "--url", url_of(service), "--key-file", tmp_path / "key")
        assert ended.returncode == 0, ended.stderr


def test_restores_that_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    ended = run("restore", tmp_path / "empty", "--data-dir", tmp_path / "data")
    assert ended.returncode == 1 and "no whole backup" in ended.stderr
    with Service(data_dir=tmp_path / "data") as service:
        service.start()
        assert run("backup", tmp_path / "backup", "--url", url_of(service)).returncode == 0
        ended = run("restore", tmp_path / "backup", "--data-dir", service.data_dir)
        assert ended.returncode == 1 and "not empty" in ended.stderr


def test_an_interrupted_restore_is_not_served(tmp_path):
    with Service(data_dir=tmp_path / "data") as service:
        fill(service.start().client(), rooms=1)
        assert run("backup", tmp_path / "backup", "--url", url_of(service)).returncode == 0
    assert run("restore", tmp_path / "backup", "--data-dir", tmp_path / "new").returncode == 0
    (tmp_path / "new" / "FORMAT").unlink()  # what comes last
    with Service(data_dir=tmp_path / "new") as service:
        status, said = service.run_to_end()
        assert status == 1 and "no file FORMAT" in said


# export and import


@pytest.mark.parametrize("name,flags", [("all.csv", []), ("all.csv.gz", []), ("all.ndjson", ["--format", "ndjson"]),
                                        ("all.ndjson.gz", ["--format", "ndjson"])])
def test_what_is_exported_can_be_imported(name, flags, tmp_path):
    with Service() as service, Service() as other:
        client = service.start().client()
        fill(client, readings=300)
        odd = [reading("a/b, \"c\"\n"[:-1], "s;'1", 0.1 + 0.2, building="Zürich, 1", quantity="co2", unit="ppm"),
               reading("office", "s", -0.0), reading("office", "t", 5e-324),
               reading("office", "u", 1.7976931348623157e308)]
        post_readings(client, odd)
        before = all_readings(client)
        ended = run("export", "--url", url_of(service), "-o", tmp_path / name, *flags)
        assert ended.returncode == 0, ended.stderr
        assert "3604 readings" in ended.stderr
        assert not (tmp_path / (name + ".partial")).exists()
        data = (tmp_path / name).read_bytes()
        assert name.endswith(".gz") == data.startswith(b"\x1f\x8b")

        other.start()
        for count in ["accepted", "duplicates"]:
            ended = run("import", tmp_path / name, "--url", url_of(other))
            assert ended.returncode == 0, ended.stderr
            assert f"{count} 3604\n" in ended.stdout, ended.stdout
        assert all_readings(other.client()) == before
        rooms = {room["room"]: room for room in other.client().get("/v1/rooms", building="Zürich, 1").json()["rooms"]}
        assert rooms['a/b, "c"']["quantities"][0]["unit"] == "ppm"


def test_a_part_is_exported(tmp_path):
    with Service() as service:
        client = service.start().client()
        first = now_ms() - HOUR
        fill(client, rooms=2, sensors=2, readings=100, first=first)
        ended = run("export", "--url", url_of(service), "--building", "house", "--room", "room 1", "--sensor", "s1",
                    "--quantity", "temperature", "--from", first + 10_000, "--to", first + 20_000, "--format", "ndjson")
        assert ended.returncode == 0, ended.stderr
        rows = [json.loads(line) for line in ended.stdout.splitlines()]
        assert len(rows) == 10
        assert {(row["building"], row["room"], row["sensor"]) for row in rows} == {("house", "room 1", "s1")}
        assert run("export", "--url", url_of(service), "--room", "nowhere").stdout.splitlines() == [
            "timestamp,building,room_id,sensor_id,quantity,unit,value"]


def test_an_export_goes_around_what_is_damaged(tmp_path):
    with Service(data_dir=tmp_path / "data") as service:
        client = service.start().client()
        total = fill(client, rooms=10, sensors=10, readings=2_000, first=now_ms() - 30 * 24 * HOUR)
        client.close()
        assert service.stop() == 0
        table = tables(service.data_dir)[-1]
        flip_a_byte(table, table.stat().st_size // 2)
        service.start()
        ended = run("export", "--url", url_of(service), "-o", tmp_path / "rest.csv.gz")
        assert ended.returncode == 1
        assert "is not whole" in ended.stderr and "history" in ended.stderr
        lines = gzip.decompress((tmp_path / "rest.csv.gz").read_bytes()).splitlines()
        assert 0.3 * total < len(lines) - 1 < total


def test_several_files_and_bad_lines(tmp_path):
    (tmp_path / "a.csv").write_text("timestamp,room,sensor,value\n1700000000000,hall,s,20\n1700000001000,hall,s,warm\n")
    (tmp_path / "b.ndjson").write_text('{"room":"hall","sensor":"s","timestamp":"2023-11-14T22:13:22Z","value":21}\n'
                                       '\n{"room":"hall","timestamp":1700000003000,"value":22}\nnothing\n'
                                       '{"room":"hall","sensor":"s","timestamp":1700000004000,"value":23}')
    with Service() as service:
        client = service.start().client()
        ended = run("import", tmp_path / "a.csv", tmp_path / "b.ndjson", "--url", url_of(service))
        assert ended.returncode == 1 and "readings refused: 1" in ended.stderr, ended.stderr
        assert "line 3" in ended.stdout and "warm" in ended.stdout
        assert '"sensor" is missing' in ended.stdout and "no JSON object" in ended.stdout
        body = average(client, "hall", at=1_700_000_010_000, window="1h")
        assert (body["count"], body["min"], body["max"]) == (3, 20, 23)
        ended = run("import", tmp_path / "a.csv", tmp_path / "nothing.csv", "--url", url_of(service))
        assert ended.returncode == 1 and "nothing.csv" in ended.stderr and "repeating is safe" in ended.stderr


def test_keys_are_kept_in_a_backup(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=[]) as service:
        service.launch()
        deadline = time.monotonic() + 60
        key = tmp_path / "data" / "admin.key"
        while "listening on" not in service.output() or not key.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        service.port = int(service.output().split("listening on http://127.0.0.1:")[1].split()[0])
        ended = run("backup", tmp_path / "backup", "--url", url_of(service), "--key-file", key)
        assert ended.returncode == 0, ended.stderr
    copy = tmp_path / "backup" / "admin.key"
    assert copy.read_text() == key.read_text()
    assert copy.stat().st_mode & 0o777 == key.stat().st_mode & 0o777
    assert pathlib.Path(tmp_path / "backup").stat().st_mode & 0o077 == 0


def test_who_may_come_in_is_kept_in_a_backup_and_looked_at(tmp_path):
    admin_key = "k" * 20
    secured = {"flags": [], "environment": {"TEMPERATURE_ADMIN_KEY": admin_key}}
    sensor = SensorKey()
    with Service(data_dir=tmp_path / "data", **secured) as service:
        admin = service.start().client(key=admin_key)
        register(admin, "s1", sensor, room="kitchen")
        reader, _ = make_key(admin, "reader")
        ended = run("backup", tmp_path / "backup", "--url", url_of(service),
                    environment={"TEMPERATURE_KEY": admin_key})
        assert ended.returncode == 0, ended.stderr
        admin.request("DELETE", "/v1/sensors/s1")
    ended = run("restore", tmp_path / "backup", "--data-dir", tmp_path / "restored")
    assert ended.returncode == 0 and "1 registered sensors, 1 keys" in ended.stdout, ended.stdout + ended.stderr
    audit = [json.loads(line) for line in (tmp_path / "restored/access/audit.jsonl").read_text().splitlines()]
    assert [entry["action"] for entry in audit] == ["sensor.put", "key.make"]
    with Service(data_dir=tmp_path / "restored", **secured) as restored:
        restored.start()
        written = restored.client(key=sensor.token("s1")).post(
            "/v1/readings", {"room": "kitchen", "sensor": "s1", "value": 20})
        assert written.status == 200, written.text
        assert restored.client(key=reader).get("/v1/average", room="kitchen").json()["value"] == 20
    _, _, sums = verify(tmp_path / "restored")
    assert (sums["registered_sensors"], sums["keys"]) == (1, 1)
    table = max((tmp_path / "restored/access/registry").glob("*.sst"), key=lambda file: file.stat().st_size)
    flip_a_byte(table, table.stat().st_size // 4)
    code, findings, _ = verify(tmp_path / "restored")
    assert code == 1 and ["registry" in finding["damaged"] for finding in findings] == [True]
