"""GET /v1/history: the past in buckets, its pages and formats, and what is wrong with a question."""

import csv
import gzip
import io
import math
import signal
import statistics
import urllib.parse
from datetime import datetime, timezone
from fractions import Fraction

import pytest

from service import Service, now_ms, post_readings, reading
from test_real_data import DATA, post_file

T = 1_700_000_000_000  # 2023-11-14T22:13:20Z
MINUTE = 60_000
HOUR = 60 * MINUTE


def moment(ms):
    return datetime.fromtimestamp(ms / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03}Z"


def moment_ms(text):
    return round(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() * 1000)


def history(client, **query):
    """Every page's buckets, and the first page."""
    query.setdefault("to", T + HOUR)
    query["from"] = query.pop("from_", T)
    buckets, first = [], None
    while True:
        answer = client.request("GET", "/v1/history?" + query_text(query))
        assert answer.status == 200, answer.text
        body = answer.json()
        first = first or body
        buckets += body["buckets"]
        if body["next"] is None:
            return buckets, first
        query["cursor"] = body["next"]


def query_text(query):
    return urllib.parse.urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)


def brief(buckets, *names):
    return [((moment_ms(each["start"]) - T) // MINUTE, *(each[name] for name in names)) for each in buckets]


@pytest.fixture(scope="module")
def rooms(shared_service):
    """Two rooms, the first with two sensors, with a gap from minute 20 to minute 40."""
    client = shared_service.client()
    readings = [reading("h1", sensor, minute + add, timestamp=T + minute * MINUTE + 5)
                for minute in [*range(20), *range(40, 60)] for sensor, add in (("a", 0), ("b", 0.5))]
    readings += [reading("h2", "a", -minute, timestamp=T + minute * MINUTE) for minute in range(30, 60)]
    post_readings(client, readings)
    yield "h1", "h2"
    client.close()


def test_an_answer_tells_its_question(client, rooms):
    buckets, body = history(client, room="h1", step="30m", aggregates="mean,min,max,count,first,last,stddev")
    assert {name: body[name] for name in body if name != "buckets"} == {
        "building": "default", "room": "h1", "quantity": "temperature", "unit": "°C", "step": "30m",
        "from": moment(T), "to": moment(T + HOUR), "next": None}
    first = [minute + add for minute in range(20) for add in (0, 0.5)]
    assert buckets[0] == {
        "start": moment(T), "end": moment(T + 30 * MINUTE), "room": "h1", "count": 40, "mean": sum(first) / 40,
        "min": 0, "max": 19.5, "first": 0, "last": 19.5, "stddev": pytest.approx(statistics.pstdev(first), rel=1e-12)}
    assert len(buckets) == 2
    default = history(client, room="h1", step="30m")[0]
    assert list(default[0]) == ["start", "end", "room", "count", "mean", "min", "max"]
    of_sensor, body = history(client, room="h1", sensor="b", step="1h")
    assert body["sensor"] == "b" and brief(of_sensor, "count", "min") == [(0, 40, 0.5)]


def test_buckets_begin_at_from_and_the_last_is_cut(client, rooms):
    buckets, _ = history(client, room="h1", from_=T + 5, to=T + 19 * MINUTE + 6, step="10m")
    assert [(each["start"], each["end"], each["count"]) for each in buckets] == [
        (moment(T + 5), moment(T + 5 + 10 * MINUTE), 20),
        (moment(T + 5 + 10 * MINUTE), moment(T + 19 * MINUTE + 6), 20)]
    assert history(client, room="h1", from_=T, to=T, step="1m")[0] == []


def test_empty_buckets_are_filled_as_asked(client, rooms):
    def filled(fill):
        return brief(history(client, room="h1", step="10m", fill=fill)[0], "count", "max")
    readings = [(0, 20, 9.5), (10, 20, 19.5), (40, 20, 49.5), (50, 20, 59.5)]
    assert filled(None) == filled("none") == readings
    assert filled("null") == readings[:2] + [(20, 0, None), (30, 0, None)] + readings[2:]
    assert filled("previous") == readings[:2] + [(20, 0, 19.5), (30, 0, 19.5)] + readings[2:]
    late = brief(history(client, room="h1", from_=T + 20 * MINUTE, step="10m", fill="previous")[0], "count", "max")
    assert late[:2] == [(20, 0, None), (30, 0, None)]


@pytest.mark.parametrize("limit", [1, 2, 3, 11, 10_000])
@pytest.mark.parametrize("fill", ["none", "null", "previous"])
def test_pages_of_several_rooms_join_up(client, rooms, limit, fill):
    whole, body = history(client, room=["h2", "h1"], step="10m", fill=fill)
    assert body["rooms"] == ["h2", "h1"] and "room" not in body
    assert [each["room"] for each in whole[-2:]] == ["h2", "h1"]
    assert whole == sorted(whole, key=lambda each: (each["start"], ["h2", "h1"].index(each["room"])))
    assert history(client, room=["h2", "h1"], step="10m", fill=fill, limit=limit)[0] == whole


def test_a_cursor_remembers_the_range(client, rooms):
    post_readings(client, [reading("recent", value=1, timestamp=now_ms() - minute * MINUTE) for minute in range(60)])
    first = client.get("/v1/history", room="recent", limit=1).json()
    assert moment_ms(first["to"]) - moment_ms(first["from"]) == 24 * HOUR
    assert abs(moment_ms(first["to"]) - now_ms()) < 60_000 and first["step"] == "5m"
    second = client.get("/v1/history", room="recent", limit=1, cursor=first["next"]).json()
    assert (second["from"], second["to"], second["step"]) == (first["from"], first["to"], first["step"])
    assert second["buckets"][0]["start"] == first["buckets"][0]["end"]
    other = client.get("/v1/history", room="recent", step="7m", cursor=first["next"])
    assert (other.status, other.json()["code"]) == (400, "parameter_invalid")


def test_csv_says_the_same_as_one_stream(client, rooms):
    query = {"room": ["h1", "h2"], "from": T, "to": T + HOUR, "step": "1m", "fill": "null", "aggregates": "max,stddev"}
    answer = client.request("GET", "/v1/history?" + query_text({**query, "format": "csv"}))
    assert answer.status == 200 and answer.headers["content-type"] == "text/csv; charset=utf-8"
    text = answer.text.decode()
    assert text.startswith("start,end,building,room,quantity,count,max,stddev\r\n") and text.endswith("\r\n")
    rows = list(csv.DictReader(io.StringIO(text)))
    buckets = history(client, **{name: value for name, value in query.items() if name not in ("from", "to")})[0]
    number = lambda text: None if text == "" else float(text)
    assert [(row["start"], row["end"], row["room"], int(row["count"]), number(row["max"]), number(row["stddev"]))
            for row in rows] == [(each["start"], each["end"], each["room"], each["count"], each["max"], each["stddev"])
                                 for each in buckets]
    few = client.request("GET", "/v1/history?" + query_text({**query, "format": "csv", "limit": 7})).text.decode()
    assert few == "".join(text.splitlines(keepends=True)[:8])


def test_a_name_is_quoted_in_csv(client):
    post_readings(client, reading('a "b", c', timestamp=T))
    text = client.get("/v1/history", **{"room": 'a "b", c', "from": T, "to": T + 1, "step": "1s", "format": "csv"}).text
    assert b'default,"a ""b"", c",temperature,1,21.5,21.5,21.5\r\n' in text


def test_csv_streams_more_than_a_page(client):
    post_readings(client, [reading("long", value=i % 50, timestamp=T + i * 1_000) for i in range(25_000)])
    text = client.get("/v1/history", **{"room": "long", "from": T, "to": T + 25_000_000, "step": "1s",
                                        "format": "csv"}).text.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(moment_ms(row["start"]) - T, float(row["mean"])) for row in rows] == [
        (i * 1_000, i % 50) for i in range(25_000)]


def test_an_unknown_room_is_named(client, rooms):
    for query in ({"room": "nowhere"}, {"room": ["h1", "nowhere", "h2"]}):
        answer = client.request("GET", "/v1/history?" + query_text(query))
        assert (answer.status, answer.json()["code"]) == (404, "room_unknown")
        assert "nowhere" in answer.json()["detail"]
    # Known, but without this quantity or sensor: nothing in it.
    assert history(client, room="h1", quantity="co2", step="1m")[0] == []
    assert history(client, room="h1", sensor="z", step="1m")[0] == []


@pytest.mark.parametrize("query,code,named", [
    ({}, "parameter_missing", "room"),
    ({"room": ""}, "parameter_invalid", "room"),
    ({"room": "x" * 129}, "parameter_invalid", "room"),
    ({"room": ["x", "x"]}, "parameter_invalid", "room"),
    ({"room": [f"r{i}" for i in range(51)]}, "parameter_invalid", "room"),
    ({"room": "h1", "building": ""}, "parameter_invalid", "building"),
    ({"room": "h1", "sensor": ""}, "parameter_invalid", "sensor"),
    ({"room": "h1", "quantity": ""}, "parameter_invalid", "quantity"),
    ({"room": "h1", "colour": "red"}, "parameter_unknown", "colour"),
    ({"room": "h1", "from": "noon"}, "parameter_invalid", "from"),
    ({"room": "h1", "from": T, "to": T - 1}, "parameter_invalid", "from"),
    ({"room": "h1", "to": "1700000000"}, "parameter_invalid", "to"),
    ({"room": "h1", "to": [T, T]}, "parameter_invalid", "to"),
    ({"room": "h1", "step": "0s"}, "parameter_invalid", "step"),
    ({"room": "h1", "step": "5"}, "parameter_invalid", "step"),
    ({"room": "h1", "step": "36601d"}, "parameter_invalid", "step"),
    ({"room": "h1", "aggregates": ""}, "parameter_invalid", "aggregates"),
    ({"room": "h1", "aggregates": "mean,median"}, "parameter_invalid", "median"),
    ({"room": "h1", "aggregates": "mean,"}, "parameter_invalid", "aggregates"),
    ({"room": "h1", "fill": "zero"}, "parameter_invalid", "fill"),
    ({"room": "h1", "format": "ndjson"}, "parameter_invalid", "format"),
    ({"room": "h1", "limit": "0"}, "parameter_invalid", "limit"),
    ({"room": "h1", "limit": "10001"}, "parameter_invalid", "limit"),
    ({"room": "h1", "cursor": "x"}, "parameter_invalid", "cursor"),
    ({"room": "h1", "cursor": f"{T}.{T + 10}.1.99.0"}, "parameter_invalid", "cursor"),
    ({"room": "h1", "cursor": f"{T}.{T + 10}.1.1.1"}, "parameter_invalid", "cursor"),
])
def test_a_faulty_question_names_the_parameter(client, rooms, query, code, named):
    answer = client.request("GET", "/v1/history?" + query_text(query))
    assert (answer.status, answer.json()["code"]) == (400, code)
    assert named in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_stream_that_has_begun_is_finished_before_the_end():
    with Service() as service:
        client = service.start().client()
        for part in range(10):
            post_readings(client, [reading("slow", f"s{part}", i % 50, timestamp=T + i * 1_000) for i in range(12_000)])
        client.connection.request("GET", "/v1/readings?room=slow&format=ndjson")
        response = client.connection.getresponse()
        lines = response.readline()
        assert lines
        service.process.send_signal(signal.SIGTERM)
        assert lines.count(b"\n") + response.read().count(b"\n") == 120_000
        assert service.process.wait(30) == 0, service.output()


def first_wins(name):
    """(room, quantity) -> readings as (moment, value), without those that contradict an earlier line."""
    seen, rooms = set(), {}
    with gzip.open(DATA / name, "rt") as file:
        for row in csv.DictReader(file):
            at = round(datetime.fromisoformat(row["timestamp"].replace("Z", "+00:00")).timestamp() * 1000)
            identity = (row["room_id"], row["quantity"], row["sensor_id"], at)
            if identity in seen:
                continue
            seen.add(identity)
            rooms.setdefault(identity[:2], []).append((at, float(row["value"])))
    return rooms


@pytest.mark.one_at_a_time
@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data/b4b2022, which is not here")
def test_real_readings_by_the_hour():
    name = "b4b2022.bytime.csv.gz"
    rooms = first_wins(name)
    with Service() as service:
        post_file(service.start().client(), name)
        for restarted in (False, True):
            client = service.client()
            for (room, quantity), readings in rooms.items():
                begin = min(readings)[0] // HOUR * HOUR - 2 * HOUR + 12_345  # not at a round hour
                hours = {}
                for at, value in sorted(readings):
                    hours.setdefault((at - begin) // HOUR, []).append(value)
                buckets, _ = history(client, room=room, quantity=quantity, from_=begin, to=max(readings)[0] + 1,
                                     step="1h", aggregates="mean,min,max,stddev", limit=1_000)
                assert len(buckets) == len(hours)
                for bucket, (hour, values) in zip(buckets, sorted(hours.items())):
                    assert moment_ms(bucket["start"]) == begin + hour * HOUR
                    exact = sum(map(Fraction, values)) / len(values)
                    spread = sum((Fraction(value) - exact) ** 2 for value in values) / len(values)
                    assert bucket["count"] == len(values)
                    assert bucket["mean"] == float(exact)
                    assert (bucket["min"], bucket["max"]) == (min(values), max(values))
                    assert bucket["stddev"] == pytest.approx(math.sqrt(spread), rel=1e-12, abs=1e-300)
            service.restart(kill=not restarted)
