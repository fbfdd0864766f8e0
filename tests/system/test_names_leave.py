"""A name whose readings are all gone counts under no limit and is in no list, and comes back with its next reading."""


import pytest

from service import Service, average, now_ms, post_readings, reading, wait_until

DAY = 86_400_000
FEW = 20
# Lists of few names, and a quantity that is gone at once.
FLAGS = ["--dev", "--series-max", str(FEW), "--retention", "30d", "--retention", "co2=2s", "--allow-short-retention"]


def sensors(prefix, room="hall", count=FEW, **more):
    return [reading(room, f"{prefix}{i}", **more) for i in range(count)]


def rooms(client, **query):
    return [room["room"] for room in client.get("/v1/rooms", limit=100, **query).json()["rooms"]]


def quantities(client):
    return {each["quantity"] for room in client.get("/v1/rooms").json()["rooms"] for each in room["quantities"]}


def sensors_listed(client):
    """As the list of rooms has them, which is what the list of sensors has."""
    listed = client.get("/v1/rooms", limit=100).json()["rooms"]
    in_rooms = sum(each["sensors"] for room in listed for each in room["quantities"])
    one_by_one = client.get("/v1/sensors", limit=100).json()["sensors"]
    assert in_rooms == sum(len(sensor["quantities"]) for sensor in one_by_one)
    return in_rooms


def rooms_measured(client):
    lines = client.get("/metrics/rooms").text.decode().splitlines()
    return {line.split('room="')[1].split('"')[0] for line in lines if 'room="' in line}


def series_counted(client):
    lines = client.get("/metrics").text.decode().splitlines()
    return next(float(line.split(" ")[1]) for line in lines if line.startswith("temperature_service_series "))


def refusals(client, readings):
    return [each["code"] for each in client.post("/v1/readings", readings).json().get("rejected", [])]


def delete(client, room, **scope):
    query = {"building": "default", "room": room, "from": now_ms() - 365 * DAY, "to": now_ms() + DAY, **scope}
    answer = client.request("DELETE", "/v1/readings", **query)
    assert answer.status == 200, answer.text
    return answer.json()["deleted"]


def is_unknown(client, room):
    questions = {"average": {}, "readings": {}, "history": {"from": now_ms() - DAY, "to": now_ms(), "step": "1h"}}
    asked = [client.get(f"/v1/{path}", room=room, building="default", **query) for path, query in questions.items()]
    assert len({answer.status for answer in asked}) == 1, [answer.text for answer in asked]
    return asked[0].status == 404 and {answer.json()["code"] for answer in asked} == {"room_unknown"}


@pytest.mark.parametrize("kill", [False, True])
def test_expired_names_make_room_for_others(kill):
    with Service(flags=FLAGS) as service:
        client = service.start().client()
        assert post_readings(client, sensors("old", quantity="co2"))["accepted"] == FEW
        wait_until(lambda: rooms(client) == [], "what has expired is listed")
        assert is_unknown(client, "hall") and is_unknown(client, "never seen")
        assert rooms(client, search="ha") == [] and rooms(client, order="stalest") == []
        assert sensors_listed(client) == 0 and rooms_measured(client) == set()
        # Nobody has forgotten them yet, and nobody has counted; the limit has that done.
        assert post_readings(client, sensors("new"))["accepted"] == FEW
        assert series_counted(client) == FEW and quantities(client) == {"temperature"}
        assert refusals(client, reading("hall", "newer")) == ["series_limit"]
        assert refusals(client, reading("hall", "old1", quantity="co2")) == ["series_limit"]
        client.close()

        service.restart(kill=kill)
        client = service.client()
        assert series_counted(client) == FEW and sensors_listed(client) == FEW
        assert refusals(client, reading("hall", "newer")) == ["series_limit"]
        assert refusals(client, reading("hall", "old1", quantity="co2")) == ["series_limit"]
        assert refusals(client, reading("hall", "new1")) == []
        delete(client, "hall")
        assert series_counted(client) == 0
        assert post_readings(client, reading("hall", "old1"))["accepted"] == 1
        assert rooms_measured(client) == {"hall"}
        assert rooms(client) == ["hall"] and average(client, "hall")["count"] == 1


def test_a_shorter_retention_takes_names_out_at_once():
    flags = ["--dev", "--series-max", str(FEW), "--retention"]
    with Service(flags=[*flags, "400d"]) as service:
        client = service.start().client()
        post_readings(client, sensors("old", timestamp=now_ms() - 90 * DAY))
        post_readings(client, reading("hall", "old0", timestamp=now_ms() - 20 * DAY))
        assert refusals(client, reading("hall", "new")) == ["series_limit"]
        client.close()
        assert service.stop() == 0
        service.flags = [*flags, "60d"]  # says first what it forgets, and waits an hour with it
        client = service.start().client()
        assert series_counted(client) == 1 and sensors_listed(client) == 1
        assert post_readings(client, sensors("new", count=FEW - 1))["accepted"] == FEW - 1
        assert refusals(client, reading("hall", "old1")) == ["series_limit"]
        client.close()
        assert service.stop() == 0
        service.flags = [*flags, "400d"]  # nothing was forgotten
        client = service.start().client()
        assert series_counted(client) == 2 * FEW - 1 and sensors_listed(client) == 2 * FEW - 1
        assert refusals(client, reading("hall", "newer")) == ["series_limit"]


def test_deleted_names_make_room_for_others():
    with Service(flags=["--dev", "--series-max", str(FEW), "--quantities-max", "1"]) as service:
        client = service.start().client()
        post_readings(client, sensors("a", count=FEW - 1))
        post_readings(client, reading("attic", "a", 3, quantity="wind", unit="m/s"))
        assert refusals(client, reading("attic", "b")) == ["series_limit"]
        assert delete(client, "attic") == 1
        assert rooms(client) == ["hall"] and quantities(client) == {"temperature"} and is_unknown(client, "attic")
        assert series_counted(client) == FEW - 1
        # Once more is no error: who has not heard the answer asks again.
        assert delete(client, "attic") == 0
        assert post_readings(client, reading("cellar", "b", 8, quantity="rain", unit="mm"))["accepted"] == 1
        assert refusals(client, reading("attic", "a", quantity="wind")) == ["series_limit"]
        assert delete(client, "hall", sensor="a1") == 1
        assert sensors_listed(client) == FEW - 1
        assert refusals(client, reading("attic", "a", quantity="wind")) == ["quantity_limit"]
        client.close()

        service.restart()
        client = service.client()
        assert rooms(client) == ["cellar", "hall"] and series_counted(client) == FEW - 1
        delete(client, "cellar")
        # A quantity keeps its unit for when it comes back.
        assert refusals(client, reading("attic", "a", 10, quantity="wind", unit="mm")) == ["unit_mismatch"]
        assert post_readings(client, reading("attic", "a", 10, quantity="wind", unit="m/s"))["accepted"] == 1
        assert rooms(client) == ["attic", "hall"] and quantities(client) == {"temperature", "wind"}


def test_the_averages_of_other_quantities_say_what_a_room_has():
    with Service() as service:
        client = service.start().client()
        post_readings(client, [reading("hall"), reading("hall", quantity="co2", value=500)])
        assert delete(client, "hall", quantity="co2") == 1
        answer = average(client, "hall", quantity="co2")
        assert answer["count"] == 0 and answer["detail"] == 'room "hall" has no readings of co2; it has temperature'
