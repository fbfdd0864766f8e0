"""GET: averages, raw readings, lists, and what is wrong with a question."""

import csv
import io
import json
import re
import urllib.parse

import pytest

from service import average, now_ms, post_readings, reading

T = 1_700_000_000_000  # 2023-11-14T22:13:20Z


def test_the_window_is_open_below_and_closed_above(client):
    post_readings(client, [reading("edges", f"s{i}", i, timestamp=T + offset)
                           for i, offset in enumerate([-900_001, -900_000, -899_999, 0, 1])])
    body = average(client, "edges", at=T)
    assert (body["count"], body["min"], body["max"], body["value"]) == (2, 2, 3, 2.5)
    assert body["first"] == "2023-11-14T21:58:20.001Z" and body["last"] == "2023-11-14T22:13:20.000Z"
    assert body["start"] == "2023-11-14T21:58:20.000Z" and body["end"] == "2023-11-14T22:13:20.000Z"
    assert body["window"] == "15m"


def test_an_average_of_one_sensor(client):
    post_readings(client, [reading("one", "a", 10, timestamp=T), reading("one", "b", 20, timestamp=T)])
    body = average(client, "one", sensor="b", at=T)
    assert (body["value"], body["count"], body["sensors"], body["sensor"]) == (20, 1, 1, "b")
    assert average(client, "one", sensor="c", at=T)["count"] == 0


def test_an_empty_window_tells_the_latest(client):
    stamp = now_ms() - 3_600_000
    post_readings(client, reading("quiet", value=19.5, timestamp=stamp))
    body = average(client, "quiet")
    assert body["value"] is None and body["count"] == 0
    assert body["latest"]["value"] == 19.5
    assert 3_600 <= body["latest"]["age_seconds"] < 3_700


def test_at_may_lie_ahead(client):
    post_readings(client, reading("ahead"))
    assert average(client, "ahead", at=now_ms() + 60_000)["count"] == 1


def test_an_unknown_room_is_404(client):
    answer = client.get("/v1/average", room="nowhere")
    assert answer.status == 404 and answer.json()["code"] == "room_unknown"


@pytest.mark.parametrize("path", ["/v1/average", "/v1/readings"])
@pytest.mark.parametrize("query,code,named", [
    ({}, "parameter_missing", "room"),
    ({"room": "x", "colour": "red"}, "parameter_unknown", "colour"),
    ({"room": "x" * 129}, "parameter_invalid", "room"),
    ({"room": "x", "building": ""}, "parameter_invalid", "building"),
])
def test_a_faulty_question_names_the_parameter(client, path, query, code, named):
    answer = client.get(path, **query)
    assert (answer.status, answer.json()["code"]) == (400, code)
    assert named in answer.json()["detail"]


@pytest.mark.parametrize("query", [
    {"window": "0s"}, {"window": "999ms"}, {"window": "fifteen"}, {"window": "-1m"},
    {"at": "noon"}, {"at": "1700000000"}, {"at": "-5"},
])
def test_a_faulty_window_or_moment_is_400(client, query):
    answer = client.get("/v1/average", room="x", **query)
    assert (answer.status, answer.json()["code"]) == (400, "parameter_invalid")


def test_a_parameter_given_twice_is_400(client):
    answer = client.get("/v1/average?room=a&room=b")
    assert (answer.status, answer.json()["code"]) == (400, "parameter_invalid")


def fill(client, room, sensors=3, moments=40):
    readings = [reading(room, f"s{s}", round(20 + s + m / 100, 2), timestamp=T + m * 1_000)
                for s in range(sensors) for m in range(moments)]
    post_readings(client, readings)
    return sorted((each["timestamp"], each["sensor"], each["value"]) for each in readings)


def moment_ms(text):
    from datetime import datetime, timezone
    parsed = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    return round(parsed.timestamp() * 1000)


@pytest.mark.parametrize("limit", [1, 2, 7, 119, 120, 1000])
def test_pages_of_readings_join_up(client, limit):
    room = f"pages-{limit}"
    want = fill(client, room)
    got, cursor = [], {}
    while True:
        body = client.get("/v1/readings", room=room, limit=limit, **cursor).json()
        got += [(moment_ms(row["timestamp"]), row["sensor"], row["value"]) for row in body["readings"]]
        assert len(body["readings"]) <= limit
        if body["next"] is None:
            break
        cursor = {"cursor": body["next"]}
    assert got == want


def test_from_is_taken_and_to_is_not(client):
    fill(client, "range", sensors=1)
    body = client.get("/v1/readings", **{"room": "range", "from": T + 5_000, "to": T + 8_000}).json()
    assert [moment_ms(row["timestamp"]) - T for row in body["readings"]] == [5_000, 6_000, 7_000]


def test_csv_and_ndjson_stream_everything(client):
    want = fill(client, "stream", sensors=5, moments=6_000)
    text = client.get("/v1/readings", room="stream", format="csv").text.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(moment_ms(row["timestamp"]), row["sensor_id"], float(row["value"])) for row in rows] == want
    lines = client.get("/v1/readings", room="stream", format="ndjson").text.decode().splitlines()
    assert [(moment_ms(row["timestamp"]), row["sensor"], row["value"]) for row in map(json.loads, lines)] == want


def test_exported_lines_can_be_posted_again(client):
    fill(client, "again", sensors=2, moments=10)
    lines = client.get("/v1/readings", room="again", format="ndjson").text
    answer = client.post("/v1/readings", lines, {"Content-Type": "application/x-ndjson"})
    assert answer.json()["duplicates"] == 20


def test_rooms_and_sensors_are_listed_in_pages(client):
    stamp = now_ms()
    for room in ("l1", "l2", "l3"):
        post_readings(client, [reading(room, s, v, timestamp=stamp, building="lists")
                               for s, v in (("a", 10), ("b", 20))])
    names, cursor = [], {}
    while True:
        body = client.get("/v1/rooms", building="lists", limit=2, **cursor).json()
        names += [room["room"] for room in body["rooms"]]
        state = body["rooms"][0]["quantities"][0]
        assert (state["quantity"], state["average"], state["sensors"], state["count"]) == ("temperature", 15, 2, 2)
        assert state["latest"]["age_seconds"] >= 0
        if body["next"] is None:
            break
        cursor = {"cursor": body["next"]}
    assert names == ["l1", "l2", "l3"]

    sensors, cursor = [], {}
    while True:
        body = client.get("/v1/sensors", building="lists", limit=4, **cursor).json()
        sensors += [(each["room"], each["sensor"], each["quantities"][0]["latest"]["value"])
                    for each in body["sensors"]]
        if body["next"] is None:
            break
        cursor = {"cursor": body["next"]}
    assert sensors == [(r, s, v) for r in ("l1", "l2", "l3") for s, v in (("a", 10), ("b", 20))]
    one = client.get("/v1/sensors", building="lists", room="l2").json()["sensors"]
    assert [each["room"] for each in one] == ["l2", "l2"]


def test_rooms_are_chosen_and_come_the_stalest_first(client):
    stamp = now_ms()
    for room, age_s in (("z1", 7200), ("z2", 30), ("Z3", 600), ("z4", 0)):
        post_readings(client, [reading(room, timestamp=stamp - age_s * 1000, building="chosen"),
                               reading(room, timestamp=stamp - age_s * 1000, building="chosen", quantity="humidity")])
    names, query = [], {"building": "chosen", "order": "stalest", "limit": 1, "quantity": "humidity"}
    while True:
        body = client.get("/v1/rooms", **query).json()
        names += [room["room"] for room in body["rooms"]]
        assert body["matching"] == 4 and body["quantities"] == ["humidity", "temperature"]
        assert [each["quantity"] for each in body["rooms"][0]["quantities"]] == ["humidity"]
        if body["next"] is None:
            break
        query["cursor"] = body["next"]
    assert names == ["z1", "Z3", "z2", "z4"], "the last two sent within a minute"
    found = client.get("/v1/rooms", building="chosen", search="z3").json()
    assert [(room["room"], room["quantities"][0]["reporting"]) for room in found["rooms"]] == [("Z3", 1)]
    assert "matching" not in client.get("/v1/rooms", building="chosen").json()


@pytest.mark.parametrize("query", [{"order": "age"}, {"order": ""}, {"search": ""}, {"quantity": ""},
                                   {"order": "stalest", "cursor": "6.chosen2.z1"}])
def test_a_faulty_choice_of_rooms_is_400(client, query):
    assert client.get("/v1/rooms?" + urllib.parse.urlencode(query)).status == 400


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"cursor": "nonsense"}])
def test_a_faulty_list_question_is_400(client, query):
    assert client.get("/v1/rooms", **query).status == 400
    assert client.get("/v1/sensors", **query).status == 400


def test_probes_and_metrics(client):
    assert client.get("/livez").status == 200
    assert client.get("/readyz").json() == {"status": "ready"}
    assert client.get("/readyz", **{"for": "writes"}).status == 200
    assert client.get("/readyz", **{"for": "tea"}).status == 400
    health = client.get("/healthz").json()
    assert health["status"] == "ok" and health["version"]
    post_readings(client, [reading("metrics"), {"room": "metrics"}])
    text = client.get("/metrics").text.decode()
    families = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if line and not line.startswith("#")}
    for name in ("readings_total", "journal_sync_seconds_bucket", "http_requests_total", "window_readings",
                 "journal_writable"):
        assert "temperature_service_" + name in families
    outcomes = dict(re.findall(r'temperature_service_readings_total{outcome="(\w+)"} (\S+)', text))
    assert set(outcomes) == {"accepted", "duplicate", "conflict", "replaced", "rejected"}
    assert float(outcomes["accepted"]) >= 1 and float(outcomes["rejected"]) >= 1
    assert 'temperature_service_http_requests_total{route="/v1/readings",method="POST",status="2xx"}' in text
