"""Where a write stands in the journal is told with the journal: the same number elsewhere is another record."""

import re

import pytest

from service import Service, now_ms, reading
from upkeep import run, url_of

pytestmark = pytest.mark.one_at_a_time

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def journal_of(folder):
    lines = (folder / "FORMAT").read_text().splitlines()
    assert lines[1].startswith("journal_id "), lines
    return lines[1].removeprefix("journal_id ")


def write(client, room, at):
    """The journal and the position that the answer to a write names."""
    answer = client.post("/v1/readings", [reading(room=room, timestamp=at, value=20)])
    assert answer.status == 200, answer.body
    journal, position = answer.headers["temperature-position"].split(":")
    assert int(position) == answer.json()["position"]
    return journal, int(position)


def test_every_write_says_its_position_and_the_journal(tmp_path):
    at = now_ms()
    with Service(data_dir=tmp_path / "data") as service:
        client = service.start().client()
        journal = journal_of(tmp_path / "data")
        assert UUID.fullmatch(journal)
        assert client.get("/healthz").json()["journal_id"] == journal
        first = write(client, "hall", at)
        assert first[0] == journal
        lines = client.post("/api/v2/write", "temperature,room=hall,sensor=s2 value=20")
        assert lines.status == 204
        original = client.post("/temperatures", {"buildingId": "b", "roomId": "r", "sensorId": "s", "temperature": 20,
                                                 "timestamp": at})
        for answer in (lines, original):
            told = answer.headers["temperature-position"]
            assert told.startswith(journal + ":") and int(told.split(":")[1]) > first[1]
        refused = client.post("/v1/readings", [{"room": "hall"}])
        assert refused.status == 422 and "temperature-position" not in refused.headers
        service.kill()
        client = service.start().client()
        assert write(client, "hall", at + 1)[0] == journal, "the same folder has another journal after a kill"


def test_a_restored_folder_has_a_journal_of_its_own(tmp_path):
    with Service(data_dir=tmp_path / "data") as service:
        client = service.start().client()
        journal, position = write(client, "hall", now_ms())
        assert run("backup", tmp_path / "backup", "--url", url_of(service)).returncode == 0
    assert run("restore", tmp_path / "backup", "--data-dir", tmp_path / "restored").returncode == 0
    lines = (tmp_path / "restored" / "FORMAT").read_text().splitlines()
    restored = journal_of(tmp_path / "restored")
    assert UUID.fullmatch(restored) and restored != journal
    assert lines[2] == f"forked_from {journal} {position}"
    with Service(data_dir=tmp_path / "restored") as service:
        client = service.start().client()
        told = write(client, "hall", now_ms())
        assert told[0] == restored and told[1] > position


def test_a_folder_of_before_gets_one_and_keeps_it(tmp_path):
    (tmp_path / "FORMAT").write_text("temperature-service 3\n")
    with Service(data_dir=tmp_path) as service:
        service.start()
        journal = journal_of(tmp_path)
    with Service(data_dir=tmp_path) as service:
        service.start()
        assert journal_of(tmp_path) == journal
