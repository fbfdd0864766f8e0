"""Data folders as earlier versions wrote them, in tests/formats, open and say what they said."""

import datetime
import gzip
import json
import re
import subprocess

import pytest

from service import ROOT, Service
from upkeep import all_readings, format_line, run, url_of, verify

pytestmark = pytest.mark.one_at_a_time

SAMPLES = ROOT / "tests" / "formats"
T = 1_700_000_000_000


def unpacked(name, folder):
    folder.mkdir()
    subprocess.run(["tar", "-xzf", str(SAMPLES / name), "-C", str(folder)], check=True)
    return folder


def readings(client, **query):
    answer = client.get("/v1/readings", format="ndjson", building="museum", **query)
    assert answer.status == 200, answer.text
    rows = [json.loads(line) for line in answer.text.decode().splitlines()]
    return [(row["sensor"], row["timestamp"], row["value"]) for row in rows]


def text_of(stamp):
    moment = datetime.datetime.fromtimestamp(stamp // 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{stamp % 1000:03}Z"


def expected_of_format_1():
    """What README.md beside the sample says is in it: room, quantity -> {(sensor, stamp): value}."""
    rooms = {("vault 0", "temperature"): {}, ("vault 1", "temperature"): {}, ("vault 0", "co2"): {}}
    for s in range(3):
        for i in range(200):
            rooms[f"vault {s % 2}", "temperature"][f"sensor {s}", T + i * 60_000 + s] = 20 + s + (i % 50) / 100
    for i in range(100):
        rooms["vault 0", "co2"]["sensor 0", T + i * 1_000] = 400 + i
    for i in range(10):
        rooms["vault 0", "temperature"]["sensor 0", T + i * 60_000 + 30_000] = 21.5
        rooms["vault 1", "temperature"]["sensor 1", T + (200 + i) * 60_000 + 1] = 30 + i
    return rooms


def check_format_1(client):
    for (room, quantity), expected in expected_of_format_1().items():
        rows = sorted(((stamp, sensor, value) for (sensor, stamp), value in expected.items()))
        wanted = [(sensor, text_of(stamp), value) for stamp, sensor, value in rows]
        assert readings(client, room=room, quantity=quantity) == wanted
        end = max(stamp for _, stamp in expected)
        body = client.get("/v1/average", building="museum", room=room, quantity=quantity, at=end, window="2d").json()
        assert body["count"] == len(expected)
        assert body["value"] == pytest.approx(sum(expected.values()) / len(expected), abs=1e-9)
        assert (body["min"], body["max"]) == (min(expected.values()), max(expected.values()))
        assert body["unit"] == ("ppm" if quantity == "co2" else "°C")


def test_a_data_folder_of_format_1(tmp_path):
    folder = unpacked("data-1.tar.gz", tmp_path / "data")
    assert format_line(folder) == "temperature-service 1\n"
    with Service(data_dir=folder) as service:
        client = service.start().client()
        assert format_line(folder) == "temperature-service 2\n", "an older program would open it"
        check_format_1(client)
        repeat = {"building": "museum", "room": "vault 1", "sensor": "sensor 1", "timestamp": T + 1, "value": 21}
        assert client.post("/v1/readings", repeat).json()["duplicates"] == 1
        client.close()
        service.restart()
        check_format_1(service.client())
        service.restart(kill=True)
        check_format_1(service.client())


def test_reading_an_old_folder_over_survives_kill_9(tmp_path):
    for moment in range(12):
        folder = unpacked("data-1.tar.gz", tmp_path / f"data{moment}")
        with Service(data_dir=folder) as service:
            service.launch()
            try:
                service.process.wait(0.005 * moment)
            except subprocess.TimeoutExpired:
                pass
            service.kill()
            check_format_1(service.start().client())


def recorded():
    """Keys, questions with their answers, exports, and what was written: of the program that made the sample."""
    with gzip.open(SAMPLES / "data-2-answers.ndjson.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def without_now(text):
    """An answer without what goes on with the clock."""
    text = re.sub(r'"age_seconds":[-+.e0-9]+', '"age_seconds":0', text)
    return re.sub(r'"last_used":("[^"]*"|null)', '"last_used":null', text)


def check_format_2(service):
    records = recorded()
    keys = records[0]["keys"]
    clients = {who: service.client(key=key) for who, key in keys.items()}
    asked = [record for record in records if "ask" in record]
    assert len(asked) >= 200
    for record in asked:
        answer = clients[record["as"]].get(record["ask"])
        assert answer.status == record["status"], (record["ask"], answer.text)
        if answer.status == 200:
            assert without_now(answer.text.decode()) == without_now(record["body"]), record["ask"]
        else:  # the words of an error are no promise; its code is
            assert answer.json()["code"] == json.loads(record["body"])["code"], record["ask"]
    exports = [record for record in records if "export" in record]
    assert len(exports) >= 6
    for record in exports:
        ended = run("export", "--url", url_of(service), "--key", keys["admin"], *record["export"])
        assert ended.returncode == 0 and ended.stdout == record["body"], (record["export"], ended.stderr)
    for client in clients.values():
        client.close()


def test_a_data_folder_of_format_2(tmp_path):
    folder = unpacked("data-2.tar.gz", tmp_path / "data")
    assert format_line(folder) == "temperature-service 2\n"
    with Service(data_dir=folder, flags=[]) as service:
        service.start()
        check_format_2(service)
        service.restart()
        check_format_2(service)
        service.restart(kill=True)
        check_format_2(service)
        assert format_line(folder) == "temperature-service 2\n", "an older program may come back"


def test_what_is_sent_again_to_a_folder_of_format_2_is_a_duplicate(tmp_path):
    """Names, units and sensors of line protocol are what they were: nothing that was sent becomes another reading."""
    folder = unpacked("data-2.tar.gz", tmp_path / "data")
    records = recorded()
    writes = [record for record in records if "write" in record]
    assert len(writes) >= 20
    with Service(data_dir=folder, flags=[]) as service:
        client = service.start().client(key=records[0]["keys"]["admin"])
        before = all_readings(client)
        for record in writes:
            answer = client.post(record["write"], record["body"].encode(), {"Content-Type": record["type"]})
            assert answer.status in (200, 204), answer.text
            if answer.status == 200:
                said = answer.json()
                assert (said["accepted"], said["conflicts"], said["rejected_count"]) == (0, 0, 0), record["body"][:100]
        assert all_readings(client) == before
        check_format_2(service)


def test_a_data_folder_of_format_2_that_is_switched_answers_the_same(tmp_path):
    """What is stored keeps its names: the rules are for what comes."""
    folder = unpacked("data-2.tar.gz", tmp_path / "data")
    with Service(data_dir=folder, flags=["--reading-rules", "current"]) as service:
        service.start()
        assert format_line(folder) == "temperature-service 3\n"
        records = recorded()
        keys = records[0]["keys"]
        of_readings = ("/v1/average", "/v1/history", "/v1/readings")
        asked = [record for record in records if record.get("ask", "").startswith(of_readings) and
                 record["status"] == 200 and record["as"] == "admin"]
        assert len(asked) > 100
        for record in asked:
            answer = service.client(key=keys["admin"]).get(record["ask"])
            assert without_now(answer.text.decode()) == without_now(record["body"]), record["ask"]


def test_a_data_folder_of_format_3(tmp_path):
    folder = unpacked("data-3.tar.gz", tmp_path / "data")
    assert (folder / "FORMAT").read_text() == "temperature-service 3\n"
    with Service(data_dir=folder) as service:
        check_format_1(service.start().client())  # the readings are the same
        service.restart()
        check_format_1(service.client())
        service.restart(kill=True)
        check_format_1(service.client())
        first = (folder / "FORMAT").read_text().splitlines()[0]
        assert first == "temperature-service 3", "an older program may come back"


def expected_of_deletions():
    """What README.md beside the samples says is left: sensor -> {stamp: value}."""
    minute = 60_000
    left = {"kept": {T + i * minute: 20 + i % 50 / 100 for i in range(100)},
            "cut": {T + i * minute: 30 + i % 50 / 100 for i in range(100) if not 10 <= i < 20 and not 50 <= i < 60},
            "gone": {}}
    left["kept"] |= {T + i * minute: 25 for i in range(100, 110)}
    left["cut"] |= {T + i * minute: 40 + i for i in range(15, 20)}
    return left


def check_deletions(client):
    left = expected_of_deletions()
    for sensor, expected in left.items():
        wanted = [(sensor, text_of(stamp), value) for stamp, value in sorted(expected.items())]
        assert readings(client, room="vault", sensor=sensor, quantity="temperature") == wanted
    every = [value for expected in left.values() for value in expected.values()]
    body = client.get("/v1/average", building="museum", room="vault", at=T + 200 * 60_000, window="2d").json()
    assert body["count"] == len(every)
    assert body["value"] == pytest.approx(sum(every) / len(every), abs=1e-9)


@pytest.mark.parametrize("version", [4, 5])
def test_a_data_folder_with_deletions(tmp_path, version):
    """Some are in the history, one is in the journal alone."""
    folder = unpacked(f"data-{version}.tar.gz", tmp_path / "data")
    code, findings, sums = verify(folder)
    assert (code, findings) == (0, [])
    assert sums["journal_deletions"] >= 1 and sums["tombstones"] >= 1, sums
    with Service(data_dir=folder) as service:
        check_deletions(service.start().client())
        for kill in (False, True):
            service.restart(kill=kill)
            check_deletions(service.client())
        assert format_line(folder) == f"temperature-service {version}\n"
        again = {"building": "museum", "room": "vault", "sensor": "gone", "timestamp": T, "value": 6}
        client = service.client()
        assert client.post("/v1/readings", again).json()["accepted"] == 1, "the place is free"
        client.close()


def test_a_data_folder_of_format_3_rises_with_its_first_deletion(tmp_path):
    folder = unpacked("data-3.tar.gz", tmp_path / "data")
    with Service(data_dir=folder) as service:
        client = service.start().client()
        check_format_1(client)
        asked = f"/v1/readings?building=museum&room=vault%201&from={T + 1}&to={T + 2}"
        counted = client.request("DELETE", asked + "&dry_run=true").json()
        assert counted["deleted"] == 1 and format_line(folder) == "temperature-service 3\n", "counting is no deletion"
        assert client.request("DELETE", asked).json()["deleted"] == 1
        assert format_line(folder) == "temperature-service 5\n"
        before = len(readings(client, room="vault 1", quantity="temperature"))
        assert before == len(expected_of_format_1()["vault 1", "temperature"]) - 1
        client.close()
