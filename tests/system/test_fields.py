"""Fields of JSON and CSV under other names than their own, byte order marks, and values that are no plain numbers.
What is taken must be found under the name, quantity, unit, value and time that the sender meant."""

import itertools
import json
import re

import pytest

from service import ROOT, Service, now_ms

pytestmark = pytest.mark.one_at_a_time

T = 1769860800000  # 2026-01-31T12:00:00Z
T_TEXT = "2026-01-31T12:00:00.000Z"
BOM = b"\xef\xbb\xbf"
ROOMS = (f"field-{number}" for number in itertools.count())
JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"
FIELDS = ("building", "room", "sensor", "quantity", "unit", "timestamp", "value")


def post(client, body, content_type):
    return client.post("/v1/readings", body, {"Content-Type": content_type})


def stored(client, room, **query):
    """What a question finds: (timestamp, sensor, value) of each reading."""
    answer = client.get("/v1/readings", room=room, format="ndjson", **query)
    if answer.status == 404:
        return []
    assert answer.status == 200, answer.text
    rows = [json.loads(line) for line in answer.text.decode().splitlines()]
    return [(row["timestamp"], row["sensor"], row["value"]) for row in rows]


def csv_of(fields):
    assert not any("," in str(value) for value in fields.values())
    return ",".join(fields) + "\n" + ",".join(str(value) for value in fields.values()) + "\n"


def forms(fields):
    """The same reading at each door that knows fields."""
    yield "object", json.dumps(fields), JSON
    yield "array", json.dumps([fields, fields]), JSON
    yield "lines", json.dumps(fields) + "\n", NDJSON
    yield "csv", csv_of(fields), CSV


def source_table():
    """The table in the code: {name: (field, spelling)}."""
    text = (ROOT / "src/model/field_names.cc").read_text()
    rows = re.findall(r'TableRow\{"([^"]+)", Field::(\w+)(?:, Spelling::(\w+))?\}', text)
    return {name: (field, spelling or "alias") for name, field, spelling in rows}


def documented(heading):
    """The rows of the table under a heading of docs/api.md: {field: names}."""
    text = (ROOT / "docs/api.md").read_text()
    section = text[text.index(heading):]
    rows = re.findall(r"^\| `(\w+)`[^|]*\| (.*) \|$", section.split("\n#", 1)[0], re.M)
    return {field: re.findall(r"`([^`]+)`", names) for field, names in rows}


def test_the_tables_are_in_the_documentation():
    table = source_table()
    assert len(table) > 50
    taken = {(name, field) for name, (field, spelling) in table.items() if spelling in ("id", "alias", "kind")}
    untaken = {(name, field) for name, (field, spelling) in table.items() if spelling == "untaken"}
    flat = lambda rows: {(name, field) for field, names in rows.items() for name in names}
    assert flat(documented("### Other names that are taken")) == taken
    assert flat(documented("### Words that are not taken")) == untaken


VALUES = {"building": "b", "sensor": "s", "quantity": "humidity", "unit": "%", "timestamp": T, "value": 21.5}
NAMES = sorted({(name, field) for field, names in documented("### Other names that are taken").items()
                for name in names} | {(field, field) for field in FIELDS})


@pytest.mark.parametrize("written", ["as it is", "upper", "title"])
def test_every_name_means_its_field(client, written):
    spell = {"as it is": str, "upper": str.upper, "title": str.title}[written]
    for name, field in NAMES:
        for form in range(4):
            fields = {"room": next(ROOMS), **VALUES}
            room = fields["room"]
            fields = {spell(name) if own == field else own: value for own, value in fields.items()}
            what, body, content_type = list(forms(fields))[form]
            answer = post(client, body, content_type)
            assert answer.status == 200, (name, what, answer.text)
            assert answer.json()["rejected_count"] == 0 and answer.json()["accepted"] == 1, (name, what, answer.text)
            found = stored(client, room, building="b", quantity="humidity")
            assert found == [(T_TEXT, "s", 21.5)], (name, what, found)


def test_every_word_that_is_not_taken_is_refused_and_named(client):
    for field, words in documented("### Words that are not taken").items():
        for word in words:
            room = next(ROOMS)
            fields = {"room": room, "sensor": "s", "value": 1, "unit": "°C", "timestamp": T}
            del fields[field]
            for what, body, content_type in forms({**fields, word.title(): "F"}):
                answer = post(client, body, content_type)
                assert answer.status == (400 if what == "csv" else 422), (word, what, answer.text)
                assert f'\\"{word.title()}\\"' in answer.text.decode(), (word, what, answer.text)
            assert stored(client, room) == []
            # Where the field itself is said, the word harms nobody: who sends so today is right.
            for what, body, content_type in forms({**fields, field: {"unit": "°C", "timestamp": T}[field], word: "F"}):
                assert post(client, body, content_type).status == 200, (word, what)
            assert stored(client, room) == [(T_TEXT, "s", 1.0)]


def test_a_word_that_is_not_taken_costs_no_neighbour(client):
    room = next(ROOMS)
    good = {"room": room, "sensor": "s", "value": 1, "timestamp": T}
    bad = {"room": room, "sensor": "t", "value": 2, "created_at": T_TEXT}
    body = post(client, json.dumps([good, bad]), JSON).json()
    assert body["accepted"] == 1 and body["rejected"][0]["code"] == "field_unknown"
    assert stored(client, room) == [(T_TEXT, "s", 1.0)]


# The own name first, then room_id and its like, then other names; `type` last.
PRECEDENCE = [
    ({"timestamp": T, "time": T + 1, "ts": "soon"}, (T_TEXT, "s", 1.0), "temperature"),
    ({"timestamp": T, "sensor_id": "x", "Sensor": "y"}, (T_TEXT, "s", 1.0), "temperature"),
    ({"timestamp": T, "quantity": "co2", "type": "humidity"}, (T_TEXT, "s", 1.0), "co2"),
    ({"timestamp": T, "type": "Humidity"}, (T_TEXT, "s", 1.0), "humidity"),
    ({"timestamp": T, "type": "DHT22"}, (T_TEXT, "s", 1.0), "temperature"),
    ({"time": T, "ts": T, "TIMESTAMP": T_TEXT}, (T_TEXT, "s", 1.0), "temperature"),
    ({"timestamp": T, "unit": "°C", "Units": "°F"}, (T_TEXT, "s", 1.0), "temperature"),
    ({"timestamp": T, "units": "°F", "value": 212}, (T_TEXT, "s", 100.0), "temperature"),
    ({"timestamp": T, "unit_of_measurement": "°F", "value": 212}, (T_TEXT, "s", 100.0), "temperature"),
]


@pytest.mark.parametrize("more,want,quantity", PRECEDENCE)
def test_of_several_names_the_surest_counts(client, more, want, quantity):
    for form in range(4):
        room = next(ROOMS)
        what, body, content_type = list(forms({"room": room, "sensor": "s", "value": 1, **more}))[form]
        answer = post(client, body, content_type)
        assert answer.status == 200 and answer.json()["rejected_count"] == 0, (what, answer.text)
        assert stored(client, room, quantity=quantity) == [want], what


@pytest.mark.parametrize("more", [
    {"time": T, "ts": T + 1}, {"units": "°C", "uom": "°F"}, {"type": "co2", "kind": "humidity"},
    {"Value": 1, "VALUE": 2}, {"device": "a", "deviceId": "b"}])
def test_two_other_names_that_differ_refuse_the_reading(client, more):
    room = next(ROOMS)
    fields = {"room": room, "sensor": "s", "value": 1, **more}
    if "Value" in more:
        del fields["value"]
    if "device" in more:
        del fields["sensor"]
    for what, body, content_type in forms(fields):
        answer = post(client, body, content_type)
        assert answer.status == 422, (what, answer.text)
        assert {each["code"] for each in answer.json()["rejected"]} == {"field_repeated"}
        assert all(name in answer.json()["rejected"][0]["detail"] for name in more)
    assert stored(client, room) == []


def refuses_unknown_fields(service):
    its = service.client()
    for what, body, content_type in forms({"room": "strict", "sensor": "s", "value": 1, "battery": 3}):
        answer = post(its, body, content_type)
        assert answer.status == (400 if what == "csv" else 422) and b"battery" in answer.text, (what, answer.text)
    body = post(its, json.dumps([{"room": "strict", "sensor": "s", "value": 1, "Timestamp": T},
                                 {"room": "strict", "sensor": "t", "value": 1, "type": "DHT22"}]), JSON).json()
    assert body["accepted"] == 1 and body["rejected"][0]["code"] == "field_unknown"
    assert stored(its, "strict") == [(T_TEXT, "s", 1.0)]


def test_unknown_fields_are_refused_where_that_is_asked_for(tmp_path):
    with Service(flags=("--dev", "--unknown-fields", "refuse")) as strict:
        refuses_unknown_fields(strict.start())
    with Service(environment={"TEMPERATURE_UNKNOWN_FIELDS": "refuse"}) as strict:
        refuses_unknown_fields(strict.start())
    # Notepad writes a byte order mark before a configuration.
    config = tmp_path / "service.toml"
    config.write_bytes(BOM + b'unknown-fields = "refuse"\n')
    with Service(flags=("--dev", "--config", str(config))) as strict:
        refuses_unknown_fields(strict.start())
    with Service(flags=("--dev", "--unknown-fields", "perhaps")) as wrong:
        status, said = wrong.run_to_end()
        assert status != 0 and "--unknown-fields must be ignore or refuse" in said


# Excel ("CSV UTF-8"), PowerShell 5 (Out-File -Encoding utf8), Notepad and .NET's StreamWriter write the mark.
def test_a_byte_order_mark_is_no_part_of_a_text(client):
    for form in range(4):
        room = next(ROOMS)
        what, body, content_type = list(forms({"room": room, "sensor": "s", "value": 1, "timestamp": T}))[form]
        answer = post(client, BOM + body.encode(), content_type)
        assert answer.status == 200 and answer.json()["rejected_count"] == 0, (what, answer.text)
        assert stored(client, room) == [(T_TEXT, "s", 1.0)], what
    for address in ("/write?precision=ms", "/api/v2/write?precision=ms"):
        room = next(ROOMS)
        assert client.post(address, BOM + f"temperature,room={room},sensor=s value=1 {T}\n".encode()).status == 204
        assert stored(client, room) == [(T_TEXT, "s", 1.0)], address
        assert client.post(address, BOM + b"# a comment\n").status == 204
    room = next(ROOMS)
    original = {"buildingId": "default", "roomId": room, "sensorId": "s", "temperature": 1, "timestamp": T}
    assert client.post("/temperatures", BOM + json.dumps(original).encode()).status == 201
    assert stored(client, room) == [(T_TEXT, "s", 1.0)]


@pytest.mark.parametrize("header", [b"device,room", BOM + b"Device, Room", b"device_id,room_id",
                                    BOM + b'"DEVICE","ROOM"'])
def test_a_device_map_may_begin_with_a_mark_and_spell_its_columns_otherwise(tmp_path, header):
    devices = tmp_path / "devices.csv"
    devices.write_bytes(header + b"\r\nprobe,cellar\r\n")
    with Service(flags=("--dev", "--device-map", str(devices))) as service:
        its = service.start().client()
        assert its.post("/write?precision=ms", f"temperature,sensor=probe value=1 {T}").status == 204
        assert stored(its, "cellar") == [(T_TEXT, "probe", 1.0)]


NUMBERS = [("21.5", 21.5), ("-40", -40.0), ("1e2", 100.0), (" 21.5", 21.5), ("21.5 ", 21.5)]
NO_NUMBERS = ["21,5", "21.5 C", "+21.5", "warm", "NaN", "0x10", "1e999", "--"]


@pytest.mark.parametrize("text,value", NUMBERS)
def test_a_number_in_a_string_is_taken_as_csv_takes_it(client, text, value):
    for form in range(4):
        room = next(ROOMS)
        what, body, content_type = list(forms({"room": room, "sensor": "s", "value": text, "timestamp": T}))[form]
        assert post(client, body, content_type).status == 200, what
        assert stored(client, room) == [(T_TEXT, "s", value)], what


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_a_string_that_is_no_number_is_refused_alike(client, text):
    room = next(ROOMS)
    quoted = {"room": room, "sensor": "s", "value": text, "timestamp": T}
    codes = set()
    for what, body, content_type in [("object", json.dumps(quoted), JSON), ("lines", json.dumps(quoted), NDJSON),
                                     ("array", json.dumps([quoted]), JSON),
                                     ("csv", f'room,sensor,value\n{room},s,"{text}"\n', CSV)]:
        answer = post(client, body, content_type)
        assert answer.status == 422, (what, answer.text)
        codes |= {each["code"] for each in answer.json()["rejected"]}
    assert len(codes) == 1 and stored(client, room) == []


# Python's json.dumps, JavaScript libraries that print Infinity, C's printf("%f").
@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "nan", "-nan", "inf", "1e999", "-1e999"])
def test_a_value_that_is_not_finite_costs_no_neighbour(client, word):
    room = next(ROOMS)
    bodies = [json.dumps({"room": room, "sensor": f"s{i}", "value": i, "timestamp": T}) for i in range(3)]
    bad = '{"room":"%s","sensor":"bad","value":%s,"timestamp":%d}' % (room, word, T)
    answer = post(client, "[" + ",".join([bodies[0], bad, bodies[1]]) + "]", JSON)
    assert answer.status == 200, answer.text
    assert answer.json()["accepted"] == 2
    assert [(each["index"], each["code"]) for each in answer.json()["rejected"]] == [(1, "value_invalid")]
    answer = post(client, bad + "\n" + bodies[2], NDJSON)
    assert answer.status == 200 and answer.json()["accepted"] == 1 and answer.json()["rejected_count"] == 1
    assert [sensor for _, sensor, _ in stored(client, room)] == ["s0", "s1", "s2"]


def test_an_array_with_such_a_word_is_json_in_everything_else(client):
    good = '{"room":"r","sensor":"s","value":1}'
    for bad in ("{'room':'r'}", '{"room":"r","sensor":"s","value":01}', '{"room":"r","sensor":"s","value":NaN,}',
                '{"room":"r","sensor":"s","value":None}', '{"room":"r","sensor":"s","value":NaN1}'):
        answer = post(client, f"[{good},{bad}]", JSON)
        assert answer.status == 400 and answer.json()["code"] == "malformed_json", bad
