"""Deletions in files: backups carry them, verify knows them, and after a purge no file has the readings."""

import json
import struct

import pytest

from service import Service, wait_until
from terminal import asked_on_terminal
from upkeep import run, url_of, verify

pytestmark = pytest.mark.one_at_a_time

T = 1_700_000_000_000
SECRET = [4711.25 + i / 8 for i in range(40)]  # of one sensor, and of nobody else


def rows(sensor, values, first=T):
    return [{"building": "north", "room": "hall", "sensor": sensor, "timestamp": first + i * 1000, "value": value}
            for i, value in enumerate(values)]


def send(client, readings):
    answer = client.post("/v1/readings", readings).json()
    assert answer["accepted"] == len(readings), answer


def delete(client, **query):
    query = {"building": "north", "room": "hall", "from": T, "to": T + 86_400_000, **query}
    answer = client.request("DELETE", "/v1/readings", **query)
    assert answer.status == 200, answer.text
    return answer.json()


def values(client, sensor):
    answer = client.get("/v1/readings", building="north", room="hall", sensor=sensor, format="ndjson")
    return [json.loads(line)["value"] for line in answer.text.decode().splitlines()]


def raw_secrets(folder):
    """How many files have a secret value as the journal stores it: an IEEE double, not compressed."""
    patterns = [struct.pack("<d", value) for value in SECRET]
    return sum(any(pattern in file.read_bytes() for pattern in patterns)
               for file in folder.rglob("*") if file.is_file())


def metric(client, name):
    lines = client.get("/metrics").text.decode().splitlines()
    return [float(line.split()[-1]) for line in lines if line.startswith(name + " ")]


def test_a_purge_leaves_nothing_in_any_file(tmp_path):
    folder = tmp_path / "data"
    with Service(data_dir=folder, flags=["--dev", "--flush-readings", "20"]) as service:
        client = service.start().client()
        send(client, rows("secret", SECRET))
        send(client, rows("other", [20] * 40))
        assert raw_secrets(folder) > 0
        assert delete(client, sensor="secret", to=T + 10_000)["deleted"] == 10
        assert raw_secrets(folder) > 0, "a deletion alone leaves the bytes to merges"
        said = delete(client, sensor="secret", purge="true")
        assert (said["deleted"], said["purged"]) == (30, True), said
        assert raw_secrets(folder) == 0
        assert metric(client, "temperature_service_purges_waiting") == [0]
        assert values(client, "secret") == [] and values(client, "other") == [20] * 40
        client.close()
        service.kill()
    code, findings, sums = verify(folder)
    assert (code, findings) == (0, []), findings
    assert (sums["readings"] + sums["journal_readings"], sums["tombstones"]) == (40, 0), sums
    with Service(data_dir=folder) as service:
        client = service.start().client()
        assert values(client, "secret") == [] and values(client, "other") == [20] * 40
        client.close()


def test_a_backup_made_at_once_has_the_deletion_and_one_before_it_has_the_readings(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=["--dev", "--flush-readings", "20"]) as service:
        client = service.start().client()
        send(client, rows("s1", SECRET))
        send(client, rows("s2", [20] * 10))
        assert run("backup", tmp_path / "before", "--url", url_of(service)).returncode == 0
        assert delete(client, sensor="s1", to=T + 30_000)["deleted"] == 30
        send(client, rows("s1", [1.5]))  # at a place that is free again
        assert run("backup", tmp_path / "after", "--url", url_of(service)).returncode == 0
        client.close()
    assert verify(tmp_path / "after")[:2] == (0, [])
    for backup, wanted in (("before", SECRET), ("after", [1.5] + SECRET[30:])):
        restored = tmp_path / f"restored {backup}"
        ended = run("restore", tmp_path / backup, "--data-dir", restored, "--verify")
        assert ended.returncode == 0, ended.stdout + ended.stderr
        with Service(data_dir=restored) as service:
            client = service.start().client()
            assert values(client, "s1") == wanted
            assert values(client, "s2") == [20] * 10
            client.close()


def test_verify_counts_what_deletions_have_left(tmp_path):
    folder = tmp_path / "data"
    with Service(data_dir=folder, flags=["--dev", "--flush-readings", "20"]) as service:
        client = service.start().client()
        send(client, rows("s1", SECRET))
        wait_until(lambda: client.get("/healthz").json()["unflushed_readings"] == 0)
        assert delete(client, to=T + 5_000)["deleted"] == 5
        client.close()
        service.kill()
    code, findings, sums = verify(folder)
    assert (code, findings) == (0, [])
    assert (sums["tombstones"], sums["journal_deletions"]) == (1, 1), sums
    ended = run("verify", "--data-dir", folder)
    assert "deletions in the journal: 1; tombstones in the history: 1\n" in ended.stdout


def test_the_command_asks_on_a_terminal_and_deletes_what_it_counted(tmp_path):
    with Service(data_dir=tmp_path / "data") as service:
        client = service.start().client()
        send(client, rows("s1", [20, -127, 22]))
        words = ["delete", "hall", "--building", "north", "--from", T, "--to", T + 2000, "--url", url_of(service)]
        code, said = asked_on_terminal(*words, answer="n")
        assert code == 1 and "2 readings would be deleted for good: room hall of building north" in said, said
        assert "nothing was deleted" in said and values(client, "s1") == [20, -127, 22]
        code, said = asked_on_terminal(*words, "--purge", answer="y")
        assert code == 0 and "deleted 2 readings" in said, said
        assert "no file of the data folder has them any more" in said, said
        assert values(client, "s1") == [22]
        client.close()


def test_a_relative_time_is_one_moment_from_the_count_to_the_deletion(tmp_path):
    with Service(data_dir=tmp_path / "data") as service:
        client = service.start().client()
        send(client, rows("s1", [20, 21]))

        def meanwhile():  # after it has counted: a reading of now, which "now" of later would take, too
            answer = client.post("/v1/readings", [{"building": "north", "room": "hall", "sensor": "s1", "value": 5}])
            assert answer.json()["accepted"] == 1
        code, said = asked_on_terminal("delete", "hall", "--building", "north", "--from", "-4000d", "--to", "now",
                                       "--url", url_of(service), answer="y", before=meanwhile)
        assert code == 0 and "2 readings would be deleted" in said and "deleted 2 readings" in said, said
        assert "to before 20" in said and "to before now" not in said, "it says which moment that is"
        assert values(client, "s1") == [5]
        client.close()
