"""InfluxDB's own client deletes, as its users do it."""

import json

import pytest

from credentials import make_key
from line_clients import run_node
from service import Service, reading

pytestmark = pytest.mark.one_at_a_time

T = 1_760_000_000_000
KEY = "a-key-of-the-operator-0123456789"
ALL_TIMES = {"start": "2020-01-01T00:00:00Z", "stop": "2100-01-01T00:00:00Z"}


@pytest.fixture(scope="module")
def secured():
    with Service(flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        service.start()
        client = service.client(key=KEY)
        rows = [reading(building="north", room=room, sensor=sensor, timestamp=T + i * 1000, value=20 + i)
                for room in ("kitchen", "hall") for sensor in ("s1", "s2") for i in range(5)]
        assert client.post("/v1/readings", rows).json()["accepted"] == 20
        yield service
        client.close()


def delete(service, key, **body):
    ended = run_node("delete_v2.mjs", f"http://127.0.0.1:{service.port}", key, lines=[json.dumps(body)])
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def values(service, room, sensor):
    client = service.client(key=KEY)
    rows = client.get("/v1/readings", building="north", room=room, sensor=sensor).json()["readings"]
    client.close()
    return [row["value"] for row in rows]


@pytest.fixture
def curator(secured):
    client = secured.client(key=KEY)
    yield make_key(client, "curator")[0]
    client.close()


def test_a_curator_deletes_with_influxdbs_client(secured, curator):
    predicate = 'building="north" AND room="kitchen" AND sensor="s1" AND _measurement="temperature"'
    said = delete(secured, curator, start="2025-10-09T08:53:21Z", stop="2025-10-09T08:53:23Z", predicate=predicate)
    assert said == {"deleted": True}
    assert values(secured, "kitchen", "s1") == [20, 23, 24], "start is the first that goes, stop the first that stays"
    assert values(secured, "kitchen", "s2") == [20, 21, 22, 23, 24]
    assert delete(secured, curator, predicate=predicate, **ALL_TIMES) == {"deleted": True}
    assert values(secured, "kitchen", "s1") == []


@pytest.mark.parametrize("predicate", ['sensor="s1"', 'room="hall" OR room="kitchen"', 'room!="hall"', 'host="a"'])
def test_a_predicate_that_could_mean_more_is_refused(secured, curator, predicate):
    said = delete(secured, curator, predicate=predicate, **ALL_TIMES)
    assert not said["deleted"] and said["status"] == 400, said
    assert "predicate" in said["message"] and "room=" in said["message"], "it says what would be understood"
    assert values(secured, "hall", "s1") == values(secured, "hall", "s2") == [20, 21, 22, 23, 24]


def test_a_writers_key_deletes_nothing(secured):
    client = secured.client(key=KEY)
    writer, _ = make_key(client, "writer")
    client.close()
    said = delete(secured, writer, predicate='building="north" AND room="hall"', **ALL_TIMES)
    assert not said["deleted"] and said["status"] == 403, said
    assert values(secured, "hall", "s1") == [20, 21, 22, 23, 24]
