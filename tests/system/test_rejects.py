"""GET /v1/rejects: conflicts and fields passed over beside what was refused, at every door; and how often."""

import json
import re

import pytest

from service import Service, now_ms

STAMP = 1_700_000_000_000
JSON = {"Content-Type": "application/json"}
KEY = "a-key-of-the-operator-0123456789"


@pytest.fixture
def started():
    with Service() as service:
        yield service.start().client()


def rejects(client, query=""):
    answer = client.get("/v1/rejects" + query)
    assert answer.status == 200, answer.text
    return answer.json()


def groups(client, query):
    return rejects(client, "?" + query)["groups"]


def reading(value, room="r", sensor="s", timestamp=STAMP, **more):
    return {"room": room, "sensor": sensor, "value": value, "timestamp": timestamp, **more}


# Each door: how one temperature of sensor s in room r, building default, is sent, and what a conflict is answered with.
def post(path, media, body):
    return lambda client, value: client.post(path, body(value), {"Content-Type": media})


DOORS = {
    "JSON": ("/v1/readings", 200, post("/v1/readings", "application/json", lambda v: json.dumps(reading(v)))),
    "a JSON array": ("/v1/readings", 200, post("/v1/readings", "application/json", lambda v: json.dumps([reading(v)]))),
    "NDJSON": ("/v1/readings", 200,
               post("/v1/readings", "application/x-ndjson", lambda v: json.dumps(reading(v)) + "\n")),
    "CSV": ("/v1/readings", 200,
            post("/v1/readings", "text/csv", lambda v: f"room,sensor,value,timestamp\nr,s,{v},{STAMP}\n")),
    "lines, version 1": ("/write", 204, post("/write?precision=ms", "text/plain",
                                             lambda v: f"temperature,room=r,sensor=s value={v} {STAMP}")),
    "lines, version 2": ("/api/v2/write", 204, post("/api/v2/write?precision=ms", "text/plain",
                                                    lambda v: f"temperature,room=r,sensor=s value={v} {STAMP}")),
    "lines, version 3": ("/api/v3/write_lp", 204, post("/api/v3/write_lp", "text/plain",
                                                       lambda v: f"temperature,room=r,sensor=s value={v} {STAMP}")),
    "the original's": ("/temperatures", 409, post("/temperatures", "application/json", lambda v: json.dumps(
        {"buildingId": "default", "roomId": "r", "sensorId": "s", "temperature": v, "timestamp": STAMP}))),
}


@pytest.mark.parametrize("path,media,body", [
    ("/v1/readings", "application/json", '{{"room":"{0}","sensor":"s"}}'),
    ("/v1/readings", "application/json", '{{"room":"r","sensor":"s","value":"{0}"}}'),
    ("/v1/readings", "application/json", '{{"room":"r","sensor":"s","value":1,"timestamp":"{0}"}}'),
    ("/v1/readings", "application/json", '{{"{0}":1,"room":"r","sensor":"s","value":1,"value":2}}'),
    ("/v1/readings", "application/json", '{{"room":"r","sensor":"s","value":1,"unit":"{0}"}}'),
    ("/v1/readings", "application/x-ndjson", '{{"room":"{0}"\n'),
    ("/v1/readings", "text/csv", "room,sensor,value,{0}\nr,s\n"),
    ("/v1/readings", "text/csv", "room,sensor,value\nr,{0},x\n"),
    ("/write", "text/plain", "temperature,room={0} value=x"),
    ("/write", "text/plain", "temperature,room=r,sensor=s {0}=5"),
    ("/write", "text/plain", "temperature,sensor={0} value=1"),
    ("/temperatures", "application/json", '{{"roomId":"{0}"}}'),
])
def test_what_is_shortened_ends_between_two_characters(client, shared_service, path, media, body):
    """Of three bytes each, and begun at three places: one of them is cut wherever the bound is."""
    before = rejects(client)["count"]
    for shift in ("", "a", "ab"):
        client.post(path, body.format(shift + "\u20ac" * 400), {"Content-Type": media})
    listed = rejects(client)
    newest = listed["rejects"][:listed["count"] - before]
    assert len(newest) >= 3
    assert "\ufffd" not in json.dumps(newest, ensure_ascii=False)
    assert all(reject["text"].endswith("\u20ac") or len(reject["text"].encode()) < 250 for reject in newest)
    shared_service.log_path.read_bytes().decode()  # no error


def test_what_is_refused_makes_no_line_of_the_log():
    with Service() as service:
        client = service.start().client()
        forged = "2026-01-31T12:00:00.000Z error forged\x1b[2J\x7f"
        assert client.post("/v1/readings", "{\r\n" + forged + "\n", JSON).status == 400
        lines = service.output().splitlines()
        assert not any(line.startswith("2026-01-31") for line in lines)
        line, = [line for line in lines if "forged" in line]
        assert r"text={\r\n2026-01-31T12:00:00.000Z error forged\x1b[2J\x7f\n" in line


@pytest.mark.parametrize("name", DOORS)
def test_a_conflict_is_listed_counted_and_logged_whatever_its_door(name):
    door, status, send = DOORS[name]
    with Service() as service:
        client = service.start().client()
        assert send(client, 20.5).status in (200, 201, 204)
        assert send(client, 20.5).status in (200, 201, 204), "a repeat is none"
        assert rejects(client)["count"] == 0
        assert send(client, 21.25).status == status
        found, = rejects(client)["rejects"]
        assert {name: found[name] for name in ("kind", "code", "door", "sender", "place", "building", "room", "sensor",
                                               "quantity", "timestamp", "stored", "refused")} == {
            "kind": "conflict", "code": "conflict", "door": door, "sender": "dev", "place": 1, "building": "default",
            "room": "r", "sensor": "s", "quantity": "temperature", "timestamp": "2023-11-14T22:13:20.000Z",
            "stored": 20.5, "refused": 21.25}
        assert "20.5" in found["detail"] and "21.25" in found["detail"] and "21.25" in found["text"]
        assert rejects(client, "?kind=conflict")["count"] == 1 and rejects(client, "?kind=refused")["count"] == 0
        group, = groups(client, "group_by=door,sensor,code")
        assert (group["door"], group["sensor"], group["code"], group["count"]) == (door, "s", "conflict", 1)
        assert group["last"] == found["time"]
        assert "another value is stored" in service.output() and "20.5 is stored" in service.output()
        metrics = client.get("/metrics").text.decode()
        assert f'temperature_service_readings_conflicting_total{{route="{door}"}} 1' in metrics


def test_a_conflict_of_lines_names_the_tags_that_had_no_part_in_the_name(started):
    """`topic` describes and changes, so it makes no sensor of its own; here it was meant to."""
    body = (f"temperature,room=r,sensor=s,topic=home/a value=20 {STAMP}\n"
            f"temperature,room=r,sensor=other,topic=home/b value=20 {STAMP}\n"
            f"temperature,room=r,sensor=s,topic=home/b value=21 {STAMP}\n")
    assert started.post("/write?precision=ms", body).status == 204
    found, = rejects(started)["rejects"]
    assert found["place"] == 3 and found["text"].startswith("temperature,room=r,sensor=s,topic=home/b")
    assert 'topic="home/b"' in found["detail"] and "line 1" in found["detail"]
    # In a request of its own the other line is not at hand.
    assert started.post("/write?precision=ms",
                        f"temperature,room=r,sensor=s,topic=home/c value=22 {STAMP}").status == 204
    assert 'topic="home/c"' in rejects(started)["rejects"][0]["detail"]
    # One whose tags are all used has nothing to say about them.
    assert started.post("/write?precision=ms", f"temperature,room=r,sensor=s value=23 {STAMP}").status == 204
    assert "tags" not in rejects(started)["rejects"][0]["detail"]


def test_more_conflicts_than_are_listed_are_counted_by_sensor(started):
    count = 250
    batch = [reading(20, sensor="a" if i % 5 else "b", timestamp=STAMP + i) for i in range(count)]
    assert started.post("/v1/readings", batch).json()["accepted"] == count
    for each in batch:
        each["value"] = 21
    assert started.post("/v1/readings", batch).json()["conflicts"] == count
    assert rejects(started, "?limit=1000")["count"] == 100
    by_sensor = {group["sensor"]: group["count"] for group in groups(started, "group_by=sensor,code")}
    assert by_sensor == {"a": 200, "b": 50}


def test_more_refusals_than_are_listed_are_counted_by_code(started):
    answer = started.post("/v1/readings", [reading(20, timestamp=1) for _ in range(150)]
                          + [{"room": "r", "sensor": "s"} for _ in range(30)])
    assert answer.status == 422
    assert {group["code"]: group["count"] for group in groups(started, "group_by=code")} == {
        "timestamp_too_old": 150, "field_missing": 30}
    assert sum(group["count"] for group in groups(started, "group_by=sensor,code")) == 180


def test_groups_have_what_was_asked_for(started):
    started.post("/v1/readings", [reading(20), reading(20, timestamp=1), reading(20, room="q", timestamp=1)])
    started.post("/v1/readings", reading(21))
    started.post("/write", "temperature,sensor=lost value=20\ntemperature,room=r value=20\nbroken")
    started.post("/v1/readings", "{", JSON)
    by = {
        "kind": [("refused", 6), ("conflict", 1)],
        "door": [("/v1/readings", 4), ("/write", 3)],
        "sensor": [("s", 3), (None, 3), ("lost", 1)],
        "room": [(None, 3), ("r", 3), ("q", 1)],
        "sender": [("dev", 7)],
    }
    for field, want in by.items():
        found = rejects(started, "?group_by=" + field)
        counts = [(group[field], group["count"]) for group in found["groups"]]
        assert sorted(counts, key=str) == sorted(want, key=str), field
        assert found["count"] == 7 and found["groups_count"] == len(want)
        assert [group["count"] for group in found["groups"]] == sorted((count for _, count in want), reverse=True)
        assert all(set(group) == {field, "count", "last"} for group in found["groups"])
    assert groups(started, "group_by=sensor,code&kind=conflict")[0]["count"] == 1
    assert {(group["sensor"], group["code"]) for group in groups(started, "group_by=sensor&group_by=code")} == {
        ("s", "timestamp_too_old"), ("s", "conflict"), ("lost", "room_missing"), (None, "sensor_missing"),
        (None, "malformed_line"), (None, "malformed_json")}
    few = rejects(started, "?group_by=code&limit=2")
    assert len(few["groups"]) == 2 and few["groups_count"] == 6 and few["count"] == 7


def test_fields_that_are_no_readings_are_shown_and_counted(started):
    lines = (f'air,room=r,sensor=s temperature=20,version="1.2",open=t {STAMP}\n'
             f'air,room=r,sensor=s temperature=20,version="1.2",open=f {STAMP + 1}\n'
             f'air,room=r,sensor=t temperature=20,note="x" {STAMP}\n')
    for number in range(3):
        assert started.post("/write?precision=ms", lines.replace(str(STAMP), str(STAMP + 10 * number))).status == 204
    home = f"°C,domain=sensor,entity_id=hall,room=r value=20.5,battery_level=80 {STAMP}"
    assert started.post("/api/v2/write?precision=ms", home).status == 204
    assert rejects(started)["count"] == 0, "they are no refusals"
    found = rejects(started, "?kind=passed_over")
    assert {(each["sensor"], each["field"], each["code"], each["count"]) for each in found["rejects"]} == {
        ("s", "version", "string", 6), ("s", "open", "boolean", 6), ("t", "note", "string", 3),
        ("hall", "battery_level", "attribute", 1)}
    assert found["count"] == 16
    version = next(each for each in found["rejects"] if each["field"] == "version")
    assert version["kind"] == "passed_over" and version["door"] == "/write" and version["sender"] == "dev"
    assert version["place"] == 1 and version["text"].startswith("air,room=r,sensor=s ") and version["room"] == "r"
    assert "version" in version["detail"] and "string" in version["detail"]
    assert {(group["field"], group["code"]): group["count"] for group in
            groups(started, "kind=passed_over&group_by=field,code")} == {
        ("version", "string"): 6, ("open", "boolean"): 6, ("note", "string"): 3, ("battery_level", "attribute"): 1}
    every = groups(started, "kind=refused,conflict,passed_over&group_by=kind")
    assert [(group["kind"], group["count"]) for group in every] == [("passed_over", 16)]
    metrics = client_metrics(started)
    assert metrics['line_fields_passed_over_total{kind="string"}'] == 9
    assert metrics['line_fields_passed_over_total{kind="boolean"}'] == 6


def client_metrics(client):
    text = client.get("/metrics").text.decode()
    return {name: float(value) for name, value in re.findall(r"^temperature_service_(\S+\}|\S+) (\S+)$", text, re.M)}


def test_conflicts_push_no_refusal_out(started):
    started.post("/write", "broken")
    started.post("/v1/readings", [reading(20, timestamp=STAMP + i) for i in range(100)])
    for _ in range(12):
        started.post("/v1/readings", [reading(21, timestamp=STAMP + i) for i in range(100)])
    assert rejects(started, "?kind=refused")["count"] == 1
    assert len(rejects(started, "?kind=conflict&limit=1000")["rejects"]) == 1000
    assert rejects(started, "?kind=conflict")["count"] == 1200


@pytest.mark.parametrize("query", [
    "?kind=none", "?kind=", "?kind=refused,", "?group_by=value", "?group_by=", "?group_by=,", "?group_by=Sensor",
    "?group_by=sensor&limit=0", "?by=sensor"])
def test_a_faulty_question_is_refused(started, query):
    answer = started.get("/v1/rejects" + query)
    assert answer.status == 400 and answer.json()["code"] in ("parameter_invalid", "parameter_unknown")


def test_groups_are_for_administrators_alone():
    with Service(flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        admin = service.start().client(key=KEY)
        made = {role: admin.post("/v1/keys", {"name": role, "role": role}).json()
                for role in ("reader", "writer")}
        for key in (None, *(each["key"] for each in made.values())):
            for query in ("", "?group_by=sensor", "?kind=passed_over"):
                answer = service.client(key=key).get("/v1/rejects" + query)
                assert answer.status == (401 if key is None else 403)
                assert "groups" not in answer.json() and "rejects" not in answer.json()
        writer = service.client(key=made["writer"]["key"])
        writer.post("/v1/readings", reading(20, timestamp=now_ms()))
        writer.post("/v1/readings", reading(20, timestamp=1))
        group, = groups(admin, "group_by=sender")
        assert made["writer"]["id"] in group["sender"] and group["count"] == 1
