"""What tests of the mirror share: a service beside a database, and both sides' readings."""

import contextlib
import json
import time

from service import reading
from upkeep import all_readings

CATCH_UP_S = 60
DAY = 24 * 60 * 60_000


def flags_of(database, *more):
    return ["--dev", "--timescale-url", database.url, *more]


def mirror_of(client):
    answer = client.get("/v1/admin/mirror")
    assert answer.status == 200, answer.text
    return answer.json()


def wait_for(client, condition, within=CATCH_UP_S):
    """The mirror's state once the condition holds of it."""
    deadline = time.monotonic() + within
    while True:
        state = mirror_of(client)
        if condition(state):
            return state
        assert time.monotonic() < deadline, state
        time.sleep(0.05)  # its own rhythm is half a second


def caught_up(client, within=CATCH_UP_S):
    """Waits until the database has all that was acknowledged before."""
    position = client.get("/healthz").json()["position"]
    return wait_for(client, lambda state: state["state"] == "following" and state["position"] >= position
                    and state["owed_ranges"] == 0, within)


def in_database(database):
    """{(building, room, quantity): {(sensor, timestamp): value}}; fails where a place is there twice."""
    found = {}
    with contextlib.closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT building, room, quantity, sensor, "
                       "to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), value "
                       "FROM temperature_service.room_readings")
        for building, room, quantity, sensor, at, value in cursor:
            room_readings = found.setdefault((building, room, quantity), {})
            assert (sensor, at) not in room_readings, f"{room} {sensor} {at} is there twice"
            room_readings[sensor, at] = value
    return found


def assert_same(client, database):
    """Reading by reading, once the mirror has caught up."""
    caught_up(client)
    in_service = all_readings(client)
    assert in_service, "nothing to compare"
    assert in_database(database) == in_service


def batch_of(chance, at, size=20):
    """Readings around `at`: in order, late by up to two days, again, and again with another value."""
    rows = []
    for _ in range(size):
        row = reading(room=f"room{chance.randrange(3)}", sensor=f"s{chance.randrange(3)}",
                      timestamp=at - chance.randrange(2_000), value=round(chance.uniform(10, 30), 2))
        if chance.random() < 0.2:
            row["timestamp"] -= chance.randrange(2 * DAY)
        if rows and chance.random() < 0.2:
            row = dict(chance.choice(rows))
            if chance.random() < 0.5:
                row["value"] += 1
        rows.append(row)
    return rows


def delete(client, room, **scope):
    """How many readings went; from and to have to be given."""
    answer = client.request("DELETE", "/v1/readings", room=room, **scope)
    assert answer.status == 200, answer.text
    return answer.json()["deleted"]


def delete_some(chance, client, at):
    """Of a room or a sensor that batch_of() writes: a moment, some hours, or all of it."""
    since = at - chance.randrange(2 * DAY)
    scope = {"from": since, "to": since + chance.choice([1, 1_000, 4 * 60 * 60_000, 3 * DAY])}
    if chance.random() < 0.5:
        scope["sensor"] = f"s{chance.randrange(3)}"
    return delete(client, f"room{chance.randrange(3)}", **scope)


def replace_some(chance, client, at):
    """Of what a room has, with other values, and one that is new."""
    room = f"room{chance.randrange(3)}"
    answer = client.get("/v1/readings", room=room, format="ndjson", limit=200,
                        **{"from": at - 2 * DAY, "to": at + 1_000})
    if answer.status == 404:
        return  # it has none
    assert answer.status == 200, answer.text
    there = [json.loads(line) for line in answer.text.decode().splitlines()]
    rows = [reading(room=room, sensor=row["sensor"], timestamp=row["timestamp"], value=row["value"] + 100)
            for row in chance.sample(there, min(len(there), 10))]
    rows.append(reading(room=room, sensor="s0", timestamp=at - chance.randrange(2_000), value=500.5))
    answer = client.post("/v1/readings?on_conflict=replace", rows)
    assert answer.status == 200, answer.text
