"""GET /metrics/rooms: what rooms are like, for Prometheus. Read by its own client library, expected by counting."""

import random
from fractions import Fraction

import pytest
from prometheus_client.parser import text_string_to_metric_families

from credentials import make_key
from service import Service, now_ms, post_readings, reading

pytestmark = pytest.mark.one_at_a_time

KEY = "a-key-of-the-operator-0123456789"
AVERAGE = "temperature_service_room_average"
NEWEST = "temperature_service_room_last_reading_timestamp_seconds"
TRUNCATED = "temperature_service_room_metrics_truncated"
MINUTE = 60_000


def rooms_of(client, metric=AVERAGE, **query):
    """{(building, room, quantity, unit): value} of a scrape."""
    answer = client.get("/metrics/rooms", **query)
    assert answer.status == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = list(text_string_to_metric_families(answer.text.decode()))
    assert [(family.name, family.type) for family in families] == [
        (name, "gauge") for name in (AVERAGE, NEWEST, TRUNCATED)]
    found = {}
    for sample in next(family for family in families if family.name == metric).samples:
        key = tuple(sample.labels.get(name) for name in ("building", "room", "quantity", "unit"))
        assert key not in found
        found[key] = sample.value
    return found


def test_rooms_have_their_average_and_the_moment_of_their_newest_reading():
    """More rooms than a piece of the answer has, some of them silent for longer than a quarter of an hour."""
    chance = random.Random(7)
    stamp = now_ms()
    averages, newest, sent = {}, {}, []
    for number in range(450):
        key = (f"b{number % 3}", f"room {number}", chance.choice(["temperature", "humidity"]))
        unit = "°C" if key[2] == "temperature" else "%"
        for when in {stamp - chance.randrange(1_000, 14 * MINUTE) if number % 9 else stamp - 17 * MINUTE
                     for _ in range(3)}:
            sent.append((key, unit, when, chance.uniform(10, 40)))
    for key, unit, when, value in sent:
        newest[*key, unit] = max(when, newest.get((*key, unit), 0))
        if when > stamp - 15 * MINUTE:
            averages.setdefault((*key, unit), []).append(Fraction(value))
    with Service() as service:
        client = service.start().client()
        post_readings(client, [{"building": key[0], "room": key[1], "quantity": key[2], "sensor": "s1", "unit": unit,
                                "value": value, "timestamp": when} for key, unit, when, value in sent])
        # A minute is left until the first of them leaves the window.
        assert rooms_of(client) == {key: float(sum(values) / len(values)) for key, values in averages.items()}
        assert rooms_of(client, NEWEST) == {key: when / 1000 for key, when in newest.items()}
        assert rooms_of(client, TRUNCATED) == {(None,) * 4: 0}
        assert len(averages) == 400 and len(newest) == 450
        one = {key: when / 1000 for key, when in newest.items() if key[0] == "b1"}
        assert rooms_of(client, NEWEST, building="b1") == one
        assert rooms_of(client, building="nowhere") == {}
        assert "room 1" not in client.get("/metrics").text.decode(), "/metrics does not grow with rooms"
        assert service.client().get("/metrics/rooms").text == client.get("/metrics/rooms").text


def test_beyond_the_bound_rooms_are_left_out_and_it_says_so():
    with Service() as service:
        client = service.start().client()
        post_readings(client, [reading(f"room {number}", building="large", value=20) for number in range(10_000)])
        post_readings(client, [reading("hall", building="small", value=20)])
        assert set(key[0] for key in rooms_of(client)) == {"large"}
        for metric in (AVERAGE, NEWEST):
            assert len(rooms_of(client, metric)) == 10_000
        assert list(rooms_of(client, TRUNCATED).values()) == [1]
        for building, count in (("large", 10_000), ("small", 1)):
            assert len(rooms_of(client, building=building)) == count
            assert list(rooms_of(client, TRUNCATED, building=building).values()) == [0]


def test_any_name_can_be_a_label(client, room):
    names = ['say "hello"', "back\\slash", "back\\nslash n", "Küche 東 🌡", "a{b}=c,d", "#", "\\", "\\\\\"", "C:\\new"]
    post_readings(client, [reading(room + name, value=20, building=room + name) for name in names])
    found = {key: value for key, value in rooms_of(client).items() if key[0].startswith(room)}
    assert found == {(room + name, room + name, "temperature", "°C"): 20 for name in names}


@pytest.mark.parametrize("query", ["building=", "room=hall", "building=a&building=b", "limit=1"])
def test_a_faulty_question_is_400(client, query):
    answer = client.get("/metrics/rooms?" + query)
    assert answer.status == 400 and answer.json()["code"].startswith("parameter_"), answer.text


def test_a_credential_sees_its_buildings_alone():
    with Service(flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        admin = service.start().client(key=KEY)
        post_readings(admin, [reading(building=building) for building in ("north", "south", "west")])
        of_some = make_key(admin, "reader", buildings=["north", "west"])[0]
        assert {key[0] for key in rooms_of(admin)} == {"north", "south", "west"}
        reader = service.client(key=of_some)
        assert {key[0] for key in rooms_of(reader)} == {"north", "west"}
        assert {key[0] for key in rooms_of(reader, building="west")} == {"west"}
        assert reader.get("/metrics/rooms", building="south").json()["code"] == "forbidden_building"
        assert reader.get("/metrics").status == 403
        assert service.client().get("/metrics/rooms").status == 401
