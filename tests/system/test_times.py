"""Times in readings, in questions and in line protocol; and what a sender is told about one that is refused."""

import datetime
import itertools
import json
from urllib.parse import quote

import pytest

from service import now_ms

pytestmark = pytest.mark.one_at_a_time

T = 1769860800000  # 2026-01-31T12:00:00Z
DAY = 86_400_000
ROOMS = (f"time-{number}" for number in itertools.count())

# (as it is written, milliseconds after T, who writes so)
WRITTEN = [
    ("2026-01-31T12:00:00Z", 0, "RFC 3339"),
    ("2026-01-31t12:00:00z", 0, "RFC 3339, section 5.6: T and Z may be lower case"),
    ("2026-01-31T12:00:00.000Z", 0, "JavaScript's toISOString()"),
    ("2026-01-31T12:00:00.123456+00:00", 123, "Python's datetime.isoformat()"),
    ("2026-01-31T13:00:00.123456789+01:00", 123, "Go's time.RFC3339Nano"),
    ("2026-01-31T13:00:00+0100", 0, "date +%Y-%m-%dT%H:%M:%S%z, Java's SimpleDateFormat with Z"),
    ("2026-01-31 12:00:00+00", 0, "PostgreSQL's timestamptz"),
    ("2026-01-31 13:00:00.5+01", 500, "PostgreSQL's timestamptz"),
    ("2026-01-31T12:00Z", 0, "ISO 8601 without seconds: JavaScript's Temporal, <input type=datetime-local> with a Z"),
    ("2026-01-31T13:00+01:00", 0, "ISO 8601 without seconds"),
    ("2026-01-31 13:00:00 +01:00", 0, "Go's layouts with a blank; git log --date=iso"),
    ("2026-01-31 13:00:00 +0100", 0, "Ruby's Time#to_s"),
    ("2026-01-31 12:00:00 UTC", 0, "Ruby's Time#to_s in UTC, BigQuery"),
    ("2026-01-31T07:30-0430", 0, "ISO 8601, west of Greenwich"),
    ("2017-01-01T00:59:60+01:00", 1483228800000 - T, "the leap second of 2016"),
]
REFUSED = [
    ("2026-01-31T12:00:00", "has no offset from UTC"),  # Python's datetime.now().isoformat()
    ("2026-01-31 12:00:00", "has no offset from UTC"),  # SQL
    ("2026-01-31T12:00", "has no offset from UTC"),
    ("2026-01-31T12:00:00.123", "has no offset from UTC"),
    ("2026-01-31T12:00:00 Europe/Berlin", "has no offset from UTC that is understood"),
    ("2026-01-31T12:00:00+1:00", "has no offset from UTC that is understood"),
    ("12:00:00Z", "is a time of day without a date"),
    ("2026-02-30T12:00:00Z", "is no moment that exists in the calendar"),
    ("2026-01-31T24:00:00Z", "is no moment that exists in the calendar"),
    ("2026-01-31T12:00:60Z", "second 60"),
    ("2026-01-30T23:59:60Z", "second 60"),
    ("31.01.2026 12:00", "is no moment that exists"),
    ("yesterday", "is no moment that exists"),
]


def post(client, body, content_type="application/json"):
    return client.post("/v1/readings", body, {"Content-Type": content_type})


def text_of(ms):
    seconds, thousandths = divmod(ms, 1000)
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{thousandths:03}Z"


def times(client, room, **query):
    answer = client.get("/v1/readings", room=room, format="ndjson", **query)
    assert answer.status == 200, answer.text
    return [json.loads(line)["timestamp"] for line in answer.text.decode().splitlines()]


def forms(room, timestamp):
    reading = {"room": room, "sensor": "s", "value": 1, "timestamp": timestamp}
    yield json.dumps(reading), "application/json"
    yield json.dumps([reading]), "application/json"
    yield json.dumps(reading) + "\n", "application/x-ndjson"
    yield f"timestamp,room,sensor,value\n{timestamp},{room},s,1\n", "text/csv"
    yield f"room, sensor, value, timestamp\n{room},s, 1, {timestamp} \n", "text/csv"


@pytest.mark.parametrize("written,after,who", WRITTEN)
def test_a_readings_time_is_taken_as_it_is_written(client, written, after, who):
    for form in range(5):
        room = next(ROOMS)
        body, content_type = list(forms(room, written))[form]
        answer = post(client, body, content_type)
        assert answer.status == 200 and answer.json()["accepted"] == 1, (who, content_type, answer.text)
        assert times(client, room) == [text_of(T + after)], (who, content_type)


@pytest.mark.parametrize("written,said", REFUSED + [("2026-01-31", "is a date without a time of day")])
def test_a_readings_time_that_is_refused_is_explained(client, written, said):
    for body, content_type in forms("times-refused", written):
        answer = post(client, body, content_type)
        assert answer.status == 422, (content_type, answer.text)
        rejected = answer.json()["rejected"][0]
        assert rejected["code"] == "timestamp_invalid" and said in rejected["detail"], rejected
        assert written in rejected["detail"]


@pytest.fixture(scope="module")
def asked(shared_service):
    """A room with one reading at T, and one of an hour ago."""
    its = shared_service.client()
    hour_ago = now_ms() - 3_600_000
    body = post(its, json.dumps([{"room": "asked", "sensor": "s", "value": 1, "timestamp": T},
                                 {"room": "asked", "sensor": "s", "value": 3, "timestamp": hour_ago}])).json()
    assert body["accepted"] == 2
    yield its
    its.close()


def ask(client, parameter, value, escaped=True):
    """The three questions that take a time, and the two ends of a range; the value as it stands in the address."""
    value = quote(value) if escaped else value
    if parameter == "at":
        return client.get(f"/v1/average?room=asked&at={value}&window=1s")
    address, parameter = parameter.split(" ")
    other = "to=" + str(T + 3_600_000) if parameter == "from" else "from=" + str(T - 3_600_000 * 24 * 365 * 20)
    return client.get(f"{address}?room=asked&{parameter}={value}&{other}")


PARAMETERS = ["at", "/v1/readings from", "/v1/readings to", "/v1/history from", "/v1/history to"]
EPOCHS = [("1769860800000", 0, "milliseconds"), ("1769860800000000", 0, "microseconds"),
          ("1769860800000999", 0, "microseconds")]


@pytest.mark.parametrize("parameter", PARAMETERS)
@pytest.mark.parametrize("written,after,who", WRITTEN + EPOCHS)
def test_a_questions_time_is_taken_as_it_is_written(asked, parameter, written, after, who):
    for escaped in (True, False):  # curl and browsers send a plus as it is: a blank arrives
        if not escaped and " " in written and "+" not in written:
            continue
        answer = ask(asked, parameter, written.replace(" ", "%20") if not escaped else written, escaped)
        assert answer.status == 200, (who, answer.text)
        body = answer.json()
        if parameter == "at":
            assert body["end"] == text_of(T + after), (who, body)
        elif "history" in parameter:
            assert body[parameter.split(" ")[1]] == text_of(T + after), (who, body)
        else:
            found = [row["timestamp"] for row in body["readings"]]
            inside = after <= 0 if parameter.endswith("from") else after > 0
            assert (text_of(T) in found) == inside, (who, found)


@pytest.mark.parametrize("parameter", PARAMETERS)
@pytest.mark.parametrize("written,said", REFUSED)
def test_a_questions_time_that_is_refused_is_explained(asked, parameter, written, said):
    answer = ask(asked, parameter, written)
    assert answer.status == 400 and answer.json()["code"] == "parameter_invalid"
    detail = answer.json()["detail"]
    assert said in detail and f'"{written}"' in detail and detail.startswith(parameter.split(" ")[-1])


@pytest.mark.parametrize("value,said", [
    ("1769860800", "it looks like seconds"), ("1769860800000000000", "it looks like nanoseconds"),
    ("1970-01-01T00:00:09Z", "a clock that was never set"), ("0", "a clock that was never set"),
    ("1769860800.5", "must be a time"), ("tomorrow", "must be a time")])
def test_a_questions_time_that_is_out_of_reach_is_explained(asked, value, said):
    for parameter in PARAMETERS:
        answer = ask(asked, parameter, value)
        assert answer.status == 400 and said in answer.json()["detail"] and f'"{value}"' in answer.json()["detail"]


def test_questions_may_count_from_now(asked):
    body = asked.get("/v1/readings", room="asked", **{"from": "-2h", "to": "now"}).json()
    assert [row["value"] for row in body["readings"]] == [3.0]
    assert asked.get("/v1/readings", room="asked", **{"from": "now-30m"}).json()["readings"] == []
    assert [row["value"] for row in asked.get("/v1/readings", room="asked", to="-2h").json()["readings"]] == [1.0]
    assert asked.get("/v1/average", room="asked", at="now", window="2h").json()["count"] == 1
    assert asked.get("/v1/average", room="asked", at="-59m", window="2m").json()["count"] == 1
    assert asked.get("/v1/average", room="asked", at="now-2h", window="1m").json()["count"] == 0
    buckets = asked.get("/v1/history", room="asked", step="1d", **{"from": "-2h", "to": "now"}).json()["buckets"]
    assert sum(bucket["count"] for bucket in buckets) == 1
    answer = asked.get("/v1/readings", room="asked", **{"from": "now", "to": "-1h"})
    assert answer.status == 400 and answer.json()["detail"] == "from must be before to"
    before = now_ms()
    at = asked.get("/v1/average", room="asked", at="now").json()["end"]
    assert text_of(before) <= at <= text_of(now_ms())


def test_a_date_is_its_midnight_in_utc(asked):
    body = asked.get("/v1/history", room="asked", step="1d", **{"from": "2026-01-31", "to": "2026-02-01"}).json()
    assert (body["from"], body["to"]) == ("2026-01-31T00:00:00.000Z", "2026-02-01T00:00:00.000Z")
    assert [bucket["count"] for bucket in body["buckets"]] == [1]
    assert asked.get("/v1/average", room="asked", at="2026-02-01", window="13h").json()["count"] == 1


# A page's cursor keeps the range that the first page had, however long the reader waits.
def test_pages_of_a_range_from_now_are_of_one_range(client):
    stamp = now_ms() - 5_000
    post(client, json.dumps([{"room": "paged", "sensor": "s", "value": i, "timestamp": stamp - i} for i in range(5)]))
    query = {"room": "paged", "step": "1ms", "limit": 2, "from": "-1m", "to": "now"}
    first = client.get("/v1/history", **query).json()
    starts, page = [], first
    while True:
        starts += [bucket["start"] for bucket in page["buckets"]]
        if page["next"] is None:
            break
        page = client.get("/v1/history", cursor=page["next"], **query).json()
        assert (page["from"], page["to"]) == (first["from"], first["to"])
    assert starts == [text_of(stamp - i) for i in range(4, -1, -1)]


def line(client, address, precision, timestamp, room):
    query = f"?precision={precision}" if precision else ""
    return client.post(address + query, f"temperature,room={room},sensor=s value=1 {timestamp}\n")


@pytest.mark.parametrize("address", ["/write", "/api/v2/write"])
def test_seconds_with_decimals_are_taken_where_the_precision_is_seconds(client, address):
    for timestamp, after in [(f"{T // 1000}.25", 250), (f"{T // 1000}.0", 0), (f"{T // 1000}.123999", 123)]:
        room = next(ROOMS)
        assert line(client, address, "s", timestamp, room).status == 204
        assert times(client, room) == [text_of(T + after)]
    for precision, timestamp in [("s", f"{T // 1000}."), ("s", f"{T // 1000} .5"), ("s", ".5"),
                                 ("s", f"{T // 1000}.5x"), ("ms", f"{T}.5"), ("", f"{T}000000.5")]:
        answer = line(client, address, precision, timestamp, "never")
        assert answer.status == 400 and b"timestamp" in answer.text, (precision, timestamp, answer.text)


# (precision, timestamp, what the sender is told): in the sender's unit, whatever is kept.
LINE_HINTS = [
    ("", "1769860800", "timestamp 1769860800 (1970-01-01T00:00:01.769Z in nanoseconds)",
     "it looks like seconds, where nanoseconds"),
    ("ns", "1769860800001", "timestamp 1769860800001 (", "it looks like milliseconds, where nanoseconds"),
    ("us", "1769860800000", "timestamp 1769860800000 (", "it looks like milliseconds, where microseconds"),
    ("s", "1769860800000", "timestamp 1769860800000 (", "it looks like milliseconds, where seconds"),
    ("ms", "1769860800", "timestamp 1769860800 (", "it looks like seconds, where milliseconds"),
    ("ms", "1769860800000000", "timestamp 1769860800000000 (", "it looks like microseconds, where milliseconds"),
    ("s", "90", "timestamp 90 (1970-01-01T00:01:30.000Z in seconds)", "a clock that was never set begins in 1970"),
    ("s", "315964809", "timestamp 315964809 (", "a clock that was never set begins in January 1980"),
    ("s", "2085978500", "timestamp 2085978500 (", "a clock that NTP never set shows 2036-02-07"),
]


@pytest.mark.parametrize("address", ["/write", "/api/v2/write"])
@pytest.mark.parametrize("precision,timestamp,named,cause", LINE_HINTS)
def test_a_lines_time_is_explained_in_the_senders_unit(client, address, precision, timestamp, named, cause):
    answer = line(client, address, precision, timestamp, "hints")
    assert answer.status in (400, 422), answer.text
    message = answer.json().get("error") or answer.json()["message"]
    assert named in message and cause in message, message


JSON_HINTS = [
    (1769860800, "timestamp 1769860800 (", "it looks like seconds, where milliseconds"),
    (1769860800000000, "timestamp 1769860800000000 (", "it looks like microseconds, where milliseconds"),
    (1769860800000000000, "timestamp 1769860800000000000 (", "it looks like nanoseconds, where milliseconds"),
    (12345, "timestamp 12345 (1970-01-01T00:00:12.345Z in milliseconds)", "a clock that was never set begins in 1970"),
    ("1970-01-01T00:00:12Z", "1970-01-01T00:00:12.000Z", "a clock that was never set begins in 1970"),
    (2085978500000, "timestamp 2085978500000 (", "a clock that NTP never set shows 2036-02-07"),
    (1769860800.25, "1769860800.25", "it looks like seconds"),
]


@pytest.mark.parametrize("timestamp,named,cause", JSON_HINTS)
def test_a_readings_time_is_explained(client, timestamp, named, cause):
    for body, content_type in forms("hints", timestamp):
        answer = post(client, body, content_type)
        assert answer.status == 422, answer.text
        detail = answer.json()["rejected"][0]["detail"]
        assert named in detail and cause in detail, detail


def test_local_time_sent_as_utc_is_suspected(client):
    for hours in (1, 2, 13):
        detail = post(client, json.dumps({"room": "hints", "sensor": "s", "value": 1,
                                          "timestamp": now_ms() + hours * 3_600_000})).json()["rejected"][0]["detail"]
        assert "it may be local time that was sent as UTC" in detail
