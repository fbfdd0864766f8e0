"""POST /v1/readings: what is taken, what is refused and why, and that neighbours are kept."""

import gzip
import json
import zlib

import pytest

from service import average, now_ms, post_readings, reading


def post(client, body, content_type="application/json", **headers):
    return client.post("/v1/readings", body, {"Content-Type": content_type, **headers})


def test_one_object_an_array_and_lines(client):
    stamp = now_ms()
    assert post_readings(client, reading("forms", timestamp=stamp))["accepted"] == 1
    assert post_readings(client, [reading("forms", "s2", 22.5), reading("forms", "s3", 23.5)])["accepted"] == 2
    lines = "\n".join(json.dumps(reading("forms", f"s{i}", 20 + i)) for i in range(4, 7)) + "\n"
    answer = post(client, lines, "application/x-ndjson")
    assert answer.status == 200 and answer.json()["accepted"] == 3
    body = average(client, "forms")
    assert (body["count"], body["sensors"]) == (6, 6)
    assert body["value"] == pytest.approx((21.5 + 22.5 + 23.5 + 24 + 25 + 26) / 6, abs=1e-12)


def test_the_answer_has_these_fields(client):
    body = post_readings(client, reading("fields"))
    assert set(body) == {"accepted", "duplicates", "conflicts", "rejected", "rejected_count", "conflict_details",
                         "position"}
    assert body["position"] > 0


def test_positions_rise(client):
    first = post_readings(client, reading("positions"))["position"]
    assert post_readings(client, reading("positions", "s2"))["position"] > first


def test_a_reading_without_a_timestamp_is_now(client):
    before = now_ms()
    post_readings(client, reading("untimed"))
    rows = client.get("/v1/readings", room="untimed", format="ndjson").text.decode().splitlines()
    row = json.loads(rows[0])
    assert len(rows) == 1
    # RFC 3339 sorts as text.
    assert row["timestamp"].endswith("Z") and len(row["timestamp"]) == len("2026-01-01T00:00:00.000Z")
    found = average(client, "untimed", at=now_ms() + 1)
    assert found["count"] == 1
    assert average(client, "untimed", at=before - 1)["count"] == 0


def test_a_timestamp_may_be_rfc_3339(client):
    post_readings(client, reading("dated", timestamp="2022-10-06T00:00:00.250+02:00"))
    body = average(client, "dated", at="2022-10-05T22:00:00.250Z", window="1s")
    assert body["count"] == 1 and body["first"] == "2022-10-05T22:00:00.250Z"


def test_duplicates_and_conflicts_are_told_apart(client):
    stamp = now_ms()
    assert post_readings(client, reading("twice", timestamp=stamp))["accepted"] == 1
    body = post_readings(client, [
        reading("twice", timestamp=stamp),
        reading("twice", timestamp=stamp, value=30.25),
        reading("twice", timestamp=stamp + 1, value=22.5),
        reading("twice", timestamp=stamp + 1, value=22.5),
    ])
    assert (body["accepted"], body["duplicates"], body["conflicts"]) == (1, 2, 1)
    assert body["conflict_details"] == [{"index": 1, "stored": 21.5, "refused": 30.25}]
    found = average(client, "twice", at=stamp + 1)
    assert (found["count"], found["value"]) == (2, 22.0)


def test_other_quantities_work_the_same_way(client):
    post_readings(client, [reading("many", quantity="co2", value=400),
                           reading("many", quantity="noise", value=55, unit="dB")])
    assert average(client, "many", quantity="co2")["unit"] == "ppm"
    assert average(client, "many", quantity="noise")["unit"] == "dB"
    assert average(client, "many")["count"] == 0  # known room, no temperature


def test_names_may_be_anything_printable(client):
    room = 'a/b?c&d=e "quoted" — 温度'
    post_readings(client, {"building": "é/ü", "room": room, "sensor": "\\", "value": 1})
    body = average(client, room, building="é/ü")
    assert (body["room"], body["building"], body["count"]) == (room, "é/ü", 1)


GOOD = {"room": "neighbours", "sensor": "good", "value": 20}
FAULTY = [
    ({"sensor": "s", "value": 1}, "field_missing", "room"),
    ({"room": "r", "value": 1}, "field_missing", "sensor"),
    ({"room": "r", "sensor": "s"}, "field_missing", "value"),
    ({"room": 5, "sensor": "s", "value": 1}, "field_type", "room"),
    ({"room": "r", "sensor": ["s"], "value": 1}, "field_type", "sensor"),
    ({"room": "r", "sensor": "s", "value": "warm"}, "field_type", "value"),
    ({"room": "r", "sensor": "s", "value": True}, "field_type", "value"),
    ({"room": "r", "sensor": "s", "value": 1, "timestamp": "soon"}, None, "timestamp"),
    ({"room": "r", "sensor": "s", "value": 1, "timestamp": 1.5}, None, "timestamp"),
    ({"room": "r", "sensor": "s", "value": 1, "timestamp": -1}, "timestamp_too_old", "timestamp"),
    ({"room": "r", "sensor": "s", "value": 1, "timestamp": 1_700_000_000}, "timestamp_too_old", "seconds"),
    ({"room": "r", "sensor": "s", "value": 1, "timestamp": 253_402_300_799_999}, "timestamp_ahead", "timestamp"),
    ({"room": "r", "sensor": "s", "value": 1, "timestamp": 9_223_372_036_854_775_807}, "timestamp_ahead", "timestamp"),
    ({"room": "", "sensor": "s", "value": 1}, "id_invalid", "room"),
    ({"room": "x" * 129, "sensor": "s", "value": 1}, "id_invalid", "room"),
    ({"room": "r", "sensor": "a\nb", "value": 1}, "id_invalid", "sensor"),
    ({"room": "r", "sensor": "a\u0000b", "value": 1}, "id_invalid", "sensor"),
    ({"room": "r", "sensor": "\u0085", "value": 1}, "id_invalid", "sensor"),
    ({"room": "r", "sensor": "s", "value": 1, "building": "x" * 129}, "id_invalid", "building"),
    ({"room": "r", "sensor": "s", "value": 1, "quantity": "\t"}, "id_invalid", "quantity"),
    ({"room": "r", "sensor": "s", "value": 70, "unit": "hPa"}, "unit_mismatch", "unit"),
    (5, "field_type", "object"),
    ([], "field_type", "object"),
    (None, "field_type", "object"),
]


@pytest.mark.parametrize("faulty,code,named", FAULTY)
def test_a_faulty_reading_is_named_and_its_neighbours_are_kept(client, faulty, code, named):
    stamp = now_ms()
    batch = [dict(GOOD, timestamp=stamp), faulty, dict(GOOD, sensor="other", timestamp=stamp)]
    answer = client.post("/v1/readings", batch)
    assert answer.status == 200, answer.text
    body = answer.json()
    assert body["accepted"] + body["duplicates"] == 2 and body["rejected_count"] == 1
    rejected = body["rejected"][0]
    assert rejected["index"] == 1
    assert code is None or rejected["code"] == code, rejected
    assert named in rejected["detail"]

    alone = client.post("/v1/readings", [faulty])
    assert alone.status == 422
    problem = alone.json()
    assert problem["code"] == "nothing_admissible" and problem["rejected"][0]["index"] == 0
    assert alone.headers["content-type"] == "application/problem+json"


RAW = [
    ('{"room":"r","sensor":"s","value":1,"value":2}', 422, "field_repeated"),
    ('{"room":"r","sensor":"s","value":1e999}', 422, "value_invalid"),
    ('{"room":"r","sensor":"s","value":NaN}', 400, "malformed_json"),
    ('{"room":"r","sensor":"s","value":Infinity}', 400, "malformed_json"),
    ('{"room":"r","sensor":"s","value":-Infinity}', 400, "malformed_json"),
    ('{"room":"r","sensor":"s","value":1', 400, "malformed_json"),
    ('[{"room":"r","sensor":"s","value":1}', 400, "malformed_json"),
    ('{"room":"r","sensor":"s","value":1} x', 400, "malformed_json"),
    ("", 400, "malformed_json"),
    ("   ", 400, "malformed_json"),
    ('{"room":"r","sensor":"s","value":01}', 400, "malformed_json"),
    ('{"room":"\\ud800","sensor":"s","value":1}', 400, "malformed_json"),
    ('{"x":' + "[" * 64 + "]" * 64 + ',"room":"r","sensor":"s","value":1}', 400, "malformed_json"),
    (b'{"room":"\xff","sensor":"s","value":1}', 400, "malformed_json"),
    (b'{"room":"a\x01b","sensor":"s","value":1}', 400, "malformed_json"),
    ("room=r&value=1", 400, "malformed_json"),
]


@pytest.mark.parametrize("body,status,code", RAW)
def test_a_broken_body_is_refused_whole(client, body, status, code):
    answer = post(client, body)
    assert answer.status == status, answer.text
    problem = answer.json()
    codes = [problem["code"]] + [each["code"] for each in problem.get("rejected", [])]
    assert code in codes
    assert problem["status"] == status and problem["title"]


def test_nothing_of_a_broken_body_is_stored(client):
    answer = post(client, '[{"room":"half","sensor":"s","value":1},{"room":"half"')
    assert answer.status == 400
    assert client.get("/v1/average", room="half").json()["code"] == "room_unknown"


def test_a_broken_line_is_rejected_alone(client):
    lines = '{"room":"lines","sensor":"s","value":1}\n{oops\n\n{"room":"lines","sensor":"t","value":2}\r\n'
    answer = post(client, lines, "application/x-ndjson")
    assert answer.status == 200
    body = answer.json()
    assert body["accepted"] == 2
    assert [(each["index"], each["code"]) for each in body["rejected"]] == [(1, "malformed_json")]


def test_the_lists_hold_the_first_hundred(client):
    body = post_readings(client, [{"room": "r"}] * 250 + [reading("hundred")])
    assert body["rejected_count"] == 250 and len(body["rejected"]) == 100
    assert [each["index"] for each in body["rejected"]] == list(range(100))


def test_an_empty_array_is_nothing_to_do(client):
    body = post_readings(client, [])
    assert (body["accepted"], body["rejected_count"]) == (0, 0)


def test_unknown_fields_are_passed_over(client):
    assert post_readings(client, reading("extra", battery={"volts": [3, 1]}, tag=None))["accepted"] == 1


def test_gzip_bodies(client):
    body = gzip.compress(json.dumps([reading("packed", f"s{i}", i) for i in range(500)]).encode())
    answer = post(client, body, **{"Content-Encoding": "gzip"})
    assert answer.status == 200 and answer.json()["accepted"] == 500


@pytest.mark.parametrize("body,status,code", [
    (gzip.compress(b"[" + b" " * 200_000_000 + b"]", 1, mtime=0), 413, "body_too_large"),
    (gzip.compress(b'{"room":"r","sensor":"s","value":1}', mtime=0)[:-5], 400, "malformed_body"),
    (b"this is no gzip", 400, "malformed_body"),
    (zlib.compress(b'{"room":"r","sensor":"s","value":1}'), 400, "malformed_body"),
    (gzip.compress(b"{}", mtime=0) + b"trailing", 400, "malformed_body"),
])
def test_bad_gzip(client, body, status, code):
    answer = post(client, body, **{"Content-Encoding": "gzip"})
    assert (answer.status, answer.json()["code"]) == (status, code)


def test_an_unknown_encoding_or_type_is_415(client):
    assert post(client, b"x", **{"Content-Encoding": "br"}).json()["code"] == "unsupported_encoding"
    assert post(client, b"x", "text/html").json()["code"] == "unsupported_media_type"


def test_a_quantity_keeps_its_first_unit(client):
    post_readings(client, reading("units", quantity="flow", unit="l/s"))
    answer = client.post("/v1/readings", reading("units", "s2", quantity="flow", unit="m3/h"))
    assert answer.status == 422 and answer.json()["rejected"][0]["code"] == "unit_mismatch"
    assert average(client, "units", quantity="flow")["unit"] == "l/s"


def test_unknown_parameters_are_an_error(client):
    answer = client.post("/v1/readings?rom=1", reading())
    assert (answer.status, answer.json()["code"]) == (400, "parameter_unknown")
