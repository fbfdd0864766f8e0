"""The original service's two doors: its fields, its statuses, and its faults mended."""

import pytest

from service import now_ms

pytestmark = pytest.mark.one_at_a_time

ABSENT = object()


def temperature(room, sensor="s1", value=21.5, timestamp=None, building="b1"):
    return {"buildingId": building, "roomId": room, "sensorId": sensor, "temperature": value,
            "timestamp": now_ms() if timestamp is None else timestamp}


def average(client, room, **query):
    return client.get("/temperatures/average", building="b1", room=room, **query)


def test_a_reading_is_taken_and_averaged(client):
    answer = client.post("/temperatures", temperature("office", value=20.5))
    assert answer.status == 201
    body = answer.json()
    assert set(body) == {"message", "id"} and body["message"] == "Success."
    assert isinstance(body["id"], int) and 0 <= body["id"] < 2**53

    asked_from = now_ms()
    answer = average(client, "office")
    asked_to = now_ms()
    assert answer.status == 200
    body = answer.json()
    assert set(body) == {"buildingId", "roomId", "averageTemperature", "startTime", "endTime"}
    assert (body["buildingId"], body["roomId"], body["averageTemperature"]) == ("b1", "office", 20.5)
    assert asked_from <= body["endTime"] <= asked_to
    assert body["endTime"] - body["startTime"] == 15 * 60_000


def test_the_average_is_the_mean_of_readings_wherever_the_minute_ends(client):
    # The original averaged the averages of minutes.
    minute = now_ms() // 60_000 * 60_000 - 5 * 60_000
    for shift in (-1_000, 0, 1_000, 30_000, 59_000):
        room = f"three-{shift}"
        for sensor, (offset, value) in enumerate([(-500, 20.0), (0, 22.0), (400, 24.0)]):
            stamp = minute + shift + offset
            assert client.post("/temperatures", temperature(room, f"s{sensor}", value, stamp)).status == 201
        assert average(client, room).json()["averageTemperature"] == 22.0


def test_three_readings_in_one_minute_and_one_in_the_next_weigh_the_same(client):
    minute = now_ms() // 60_000 * 60_000 - 3 * 60_000
    for i, value in enumerate([10.0, 10.0, 10.0]):
        client.post("/temperatures", temperature("weights", value=value, timestamp=minute + i))
    client.post("/temperatures", temperature("weights", value=30.0, timestamp=minute + 60_000))
    assert average(client, "weights").json()["averageTemperature"] == 15.0


def test_the_oldest_partial_minute_is_not_dropped(client):
    client.post("/temperatures", temperature("oldest", value=10.0, timestamp=now_ms() - 15 * 60_000 + 5_000))
    client.post("/temperatures", temperature("oldest", value=20.0, timestamp=now_ms() - 15 * 60_000 - 5_000))
    assert average(client, "oldest").json()["averageTemperature"] == 10.0


def test_a_repeat_is_a_success_that_counts_once(client):
    first = temperature("repeat", value=10.0)
    assert client.post("/temperatures", first).status == 201
    assert client.post("/temperatures", first).status == 201
    client.post("/temperatures", temperature("repeat", "s2", 20.0))
    assert average(client, "repeat").json()["averageTemperature"] == 15.0


def test_a_repeat_with_another_value_is_a_conflict(client):
    first = temperature("conflict", value=10.0)
    assert client.post("/temperatures", first).status == 201
    answer = client.post("/temperatures", dict(first, temperature=11.0))
    assert answer.status == 409
    assert set(answer.json()) == {"detail"}
    assert average(client, "conflict").json()["averageTemperature"] == 10.0


@pytest.mark.parametrize("query", [{"room": "nobody-was-here"}, {"room": "office", "building": "elsewhere"}])
def test_nothing_there_is_404(client, query):
    answer = client.get("/temperatures/average", **{"building": "b1", **query})
    assert answer.status == 404
    assert answer.json() == {"detail": "No temperature readings found for the specified room or timeframe."}


def test_a_known_room_without_recent_readings_is_404(client):
    client.post("/temperatures", temperature("silent", timestamp=now_ms() - 3_600_000))
    assert average(client, "silent").status == 404
    assert average(client, "silent", minutes=120).status == 200


@pytest.mark.parametrize("field,value,kind", [
    ("buildingId", ABSENT, "missing"),
    ("roomId", ABSENT, "missing"),
    ("sensorId", ABSENT, "missing"),
    ("temperature", ABSENT, "missing"),
    ("timestamp", ABSENT, "missing"),
    ("buildingId", 7, "string_type"),
    ("roomId", None, "string_type"),
    ("sensorId", ["s"], "string_type"),
    ("roomId", "", "string_too_short"),
    ("roomId", "x" * 129, "value_error"),
    ("roomId", "a\u0000b", "value_error"),
    ("temperature", "21.5", "float_type"),
    ("temperature", True, "float_type"),
    ("temperature", None, "float_type"),
    ("temperature", -88.001, "greater_than_equal"),
    ("temperature", 58.001, "less_than_equal"),
    ("timestamp", "yesterday", "int_type"),
    ("timestamp", 1.5, "int_from_float"),
    ("timestamp", 1_700_000_000, "timestamp_too_old"),
    ("timestamp", -1, "timestamp_too_old"),
    ("timestamp", 253_402_300_799_000, "timestamp_ahead"),
])
def test_a_faulty_field_is_422_as_fastapi_gives_it(client, field, value, kind):
    body = temperature("faulty")
    if value is ABSENT:
        del body[field]
    else:
        body[field] = value
    answer = client.post("/temperatures", body)
    assert answer.status == 422, answer.text
    detail = answer.json()["detail"]
    assert [(each["type"], each["loc"]) for each in detail] == [(kind, ["body", field])]
    assert all(set(each) >= {"type", "loc", "msg", "input"} for each in detail)


@pytest.mark.parametrize("value", [-88, 58, -88.0, 58.0, 0, -0.0])
def test_the_bounds_themselves_are_taken(client, value):
    assert client.post("/temperatures", temperature(f"bounds{value}", value=value)).status == 201


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"', '{"temperature": NaN}', "\xff"])
def test_what_is_no_object_is_422(client, body):
    answer = client.post("/temperatures", body.encode("latin-1"), {"Content-Type": "application/json"})
    assert answer.status == 422, answer.text
    assert answer.json()["detail"][0]["loc"] == ["body"]


@pytest.mark.parametrize("query,field", [
    ({"building": "b1"}, "room"),
    ({"building": "b1", "room": "office", "minutes": 0}, "minutes"),
    ({"building": "b1", "room": "office", "minutes": 1441}, "minutes"),
    ({"building": "b1", "room": "office", "minutes": "soon"}, "minutes"),
    ({"building": "b1", "room": "office", "minutes": "1.5"}, "minutes"),
    ({"building": "b1", "room": ""}, "room"),
    ({"building": "", "room": "office"}, "building"),
    ({"room": "office"}, "building"),
])
def test_a_faulty_parameter_is_422(client, query, field):
    answer = client.get("/temperatures/average", **query)
    assert answer.status == 422
    assert [each["loc"] for each in answer.json()["detail"]] == [["query", field]]


def test_the_building_and_the_room_are_both_required_as_fastapi_says_it(client):
    """The default building is not meant when none is named."""
    for query, names in (({}, ["building", "room"]), ({"room": "o"}, ["building"]), ({"building": "b1"}, ["room"])):
        answer = client.get("/temperatures/average", **query)
        assert answer.status == 422
        assert answer.json() == {"detail": [
            {"type": "missing", "loc": ["query", name], "msg": "Field required", "input": None} for name in names]}


@pytest.mark.parametrize("minutes", [1, 15, 1440])
def test_minutes_reach_back_that_far(client, minutes):
    room = f"minutes-{minutes}"
    client.post("/temperatures", temperature(room, value=10.0, timestamp=now_ms() - minutes * 60_000 + 3_000))
    client.post("/temperatures", temperature(room, value=50.0, timestamp=now_ms() - minutes * 60_000 - 1))
    body = average(client, room, minutes=minutes).json()
    assert body["averageTemperature"] == 10.0
    assert body["endTime"] - body["startTime"] == minutes * 60_000
