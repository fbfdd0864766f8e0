"""Names as senders write them become the names that they mean, at every door; what nobody can see is refused."""

import json
import subprocess

import pytest

from credentials import KEY, SensorKey, make_key
from service import BINARY, Service, average, now_ms, reading
from upkeep import url_of

pytestmark = pytest.mark.one_at_a_time


PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"

# What is sent, what is meant, and who sends it so. Of each kind one that has letters beyond ASCII.
MEANT = [
    ("kitchen ", "kitchen", "a form field with a blank behind"),
    (" bath", "bath", "CSV with a blank after the comma"),
    ("living room  ", "living room", "a blank inside stays"),
    ("\u00a0hall\u00a0", "hall", "copied from a web page"),
    ("\u3000\u53f0\u6240", "\u53f0\u6240", "a Japanese keyboard's blank"),
    ('"attic"', "attic", "quotes that a shell script left"),
    ('" cellar "', "cellar", "blanks inside of them"),
    ("Ku\u0308che", "K\u00fcche", "macOS decomposes"),
    ("\u1112\u1161\u11ab", "\ud55c", "Hangul, decomposed"),
    (PERSIAN, PERSIAN, "a non-joiner"),
    ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937", "Hindi's joiner"),
    ("\U0001f469\u200d\U0001f467", "\U0001f469\u200d\U0001f467", "an emoji of two"),
    ("\u2764\ufe0f", "\u2764\ufe0f", "a variation selector"),
]
# What nobody sees, and what it is called.
UNSEEN = [
    ("kit\u0007chen", "U+0007"),
    ("kit\u007fchen", "U+007F"),
    ("kit\u0085chen", "U+0085"),
    ("kitchen\u200b", "U+200B"),
    ("\u2060kitchen", "U+2060"),
    ("\ufeffkitchen", "U+FEFF"),
    ("\u202ekitchen", "U+202E"),
    ("a\u2067b\u2069", "U+2067"),
]
BLANK = ["", " ", "\u00a0", '""', '" "']


def csv_cell(text):
    """As it is where CSV takes it so: that is how senders write it. Quoted only where it must be."""
    return '"' + text.replace('"', '""') + '"' if text.startswith('"') or "," in text or "\n" in text else text


def tag(text):
    return "".join("\\" + letter if letter in " ,=" else letter for letter in text)


def by_json(client, rows):
    return client.post("/v1/readings", rows)


def by_ndjson(client, rows):
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return client.post("/v1/readings", text, {"Content-Type": "application/x-ndjson"})


def by_csv(client, rows):
    text = "room,sensor,timestamp,value\n" + "".join(
        f"{csv_cell(row['room'])},{csv_cell(row['sensor'])},{row['timestamp']},{row['value']}\n" for row in rows)
    return client.post("/v1/readings", text, {"Content-Type": "text/csv"})


def lines_of(rows):
    return "\n".join(f"temperature,room={tag(row['room'])},sensor={tag(row['sensor'])} value={row['value']} "
                     f"{row['timestamp']}" for row in rows)


def by_line_v1(client, rows):
    return client.post("/write?precision=ms", lines_of(rows), {"Content-Type": "text/plain"})


def by_line_v2(client, rows):
    return client.post("/api/v2/write?bucket=b&org=o&precision=ms", lines_of(rows), {"Content-Type": "text/plain"})


DOORS = [by_json, by_ndjson, by_csv, by_line_v1, by_line_v2]


@pytest.fixture(scope="module")
def open_service():
    with Service() as service:
        yield service.start()


@pytest.fixture(params=DOORS, ids=lambda door: door.__name__)
def door(request):
    return request.param


def rooms_of(client):
    return {room["room"] for room in client.get("/v1/rooms", limit=500).json()["rooms"]}


def sensors_of(client, room):
    return [each["sensor"] for each in client.get("/v1/sensors", room=room, building="default").json()["sensors"]]


@pytest.mark.parametrize("field", ["room", "sensor"])
def test_a_name_is_the_one_that_is_meant(open_service, door, field):
    client = open_service.client()
    at = now_ms()
    for place, (sent, meant, why) in enumerate(MEANT):
        row = {"room": f"r {door.__name__} {field} {place}", "sensor": "s1", "timestamp": at, "value": 20 + place}
        row[field] = sent
        other = dict(row, timestamp=at - 1, value=30 + place)
        other[field] = meant
        if field == "room":
            row["sensor"] = other["sensor"] = f"{door.__name__} {place}"
        before = rooms_of(client)
        for each in ([row], [other], [row]):  # the second time the name is known by its bytes, or is not
            answer = door(client, each)
            assert answer.status in (200, 204), (why, answer.text)
        room = meant if field == "room" else row["room"]
        said = average(client, room, sensor=row["sensor"] if field == "room" else meant, at=at)
        assert (said["count"], said["value"]) == (2, 25 + place), why
        if field == "room":
            assert rooms_of(client) - before <= {meant}, why
        else:
            assert sensors_of(client, room) == [meant], why


def test_what_nobody_sees_is_refused_and_costs_no_neighbour(open_service, door):
    client = open_service.client()
    at = now_ms()
    for place, (sent, code_point) in enumerate(UNSEEN):
        for field in ("room", "sensor"):
            good = {"room": f"good {door.__name__}", "sensor": f"{field} {place}", "timestamp": at, "value": 20}
            answer = door(client, [good, dict(good, **{field: sent})])
            if answer.status == 200:
                assert code_point in answer.text.decode(), answer.text
            else:
                assert answer.status in (400, 422), answer.text
                assert code_point.encode() in answer.text, (sent, answer.text)
            assert average(client, good["room"], sensor=good["sensor"], at=at)["count"] == 1


def test_a_name_of_blanks_alone_is_empty(open_service):
    client = open_service.client()
    for blank in BLANK:
        for field in ("room", "sensor"):
            answer = client.post("/v1/readings", [reading(**{field: blank})])
            assert answer.status in (400, 422), answer.text
            assert b"empty" in answer.text or b"missing" in answer.text, (blank, answer.text)


def test_a_building_and_a_quantity_are_names_too(open_service):
    client = open_service.client()
    at = now_ms()
    rows = [reading(room="q", building=" house\u00a0", quantity=" co2", unit="ppm", value=400, timestamp=at),
            reading(room="q", building="house", quantity="co2", value=500, timestamp=at - 1),
            reading(room="q", building="house", quantity='"temperature"', unit="°F", value=212, timestamp=at)]
    assert client.post("/v1/readings", rows).json()["accepted"] == 3
    said = average(client, "q", building="house", quantity="co2", at=at)
    assert (said["count"], said["value"], said["unit"]) == (2, 450, "ppm")
    assert average(client, "q", building="house", at=at)["value"] == 100, "the unit is of the quantity that is meant"


def test_the_original_door_takes_them(open_service):
    client = open_service.client()
    at = now_ms()
    body = {"buildingId": " tower", "roomId": '"top"', "sensorId": "s1\u00a0", "temperature": 21.5, "timestamp": at}
    assert client.post("/temperatures", body).status == 201
    assert client.post("/temperatures", dict(body, sensorId="s1", temperature=22.5)).status == 409
    assert average(client, "top", building="tower", sensor="s1", at=at)["count"] == 1
    assert client.get("/temperatures/average", building="tower ", room=" top").json()["averageTemperature"] == 21.5
    refused = client.post("/temperatures", dict(body, roomId="to\u200bp"))
    assert refused.status == 422 and b"U+200B" in refused.text


def test_a_room_is_asked_for_by_what_is_meant(open_service):
    client = open_service.client()
    at = now_ms()
    row = reading(room="K\u00fcche 2", sensor="s1", timestamp=at, value=20)
    assert client.post("/v1/readings", [row]).status == 200
    for asked in ("K\u00fcche 2", "Ku\u0308che 2", " K\u00fcche 2 ", '"K\u00fcche 2"'):
        said = average(client, asked, at=at, sensor=" s1", quantity="temperature ", building="default ")
        assert (said["count"], said["room"]) == (1, "K\u00fcche 2")
        rows = client.get("/v1/readings", room=asked).json()["readings"]
        assert len(rows) == 1
        history = client.get("/v1/history", room=asked, **{"from": at - 1000, "to": at + 1000}, step="1s").json()
        assert "K\u00fcche 2" in json.dumps(history, ensure_ascii=False)
        assert len(client.get("/v1/sensors", room=asked).json()["sensors"]) == 1
    answer = client.get("/v1/average", room="K\u00fc\u200bche")
    assert answer.status == 400 and "U+200B" in answer.json()["detail"]


def test_an_import_takes_them(open_service, tmp_path):
    at = now_ms()
    file = tmp_path / "readings.csv"
    file.write_text("timestamp,room_id,sensor_id,quantity,value\n"
                    f"{at}, imported, s1, temperature,20\n{at - 1},imported,s1,temperature,22\n")
    ended = subprocess.run([BINARY, "import", str(file), "--url", url_of(open_service)], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    client = open_service.client()
    assert sensors_of(client, "imported") == ["s1"]
    assert average(client, "imported", at=at)["count"] == 2


def test_a_device_map_has_them(tmp_path):
    devices = tmp_path / "devices.csv"
    devices.write_text('device,building,room\n meter1, east,Ku\u0308che\n"""meter2""",east,hall\u00a0\n')
    with Service(flags=["--dev", "--device-map", str(devices)]) as service:
        client = service.start().client()
        for device in ("meter1", "meter1\\ ", '"meter2"', "meter2"):
            line = f"temperature,device={device} value=20"
            assert client.post("/write", line, {"Content-Type": "text/plain"}).status == 204
        assert rooms_of(client) == {"K\u00fcche", "hall"}
        sensors = client.get("/v1/sensors").json()["sensors"]
        said = [(each["building"], each["room"], each["sensor"]) for each in sensors]
        assert said == [("east", "K\u00fcche", "meter1"), ("east", "hall", "meter2")]
    devices.write_text("device,room\nmeter\u200b1,hall\n")
    status, said = Service(flags=["--dev", "--device-map", str(devices)]).run_to_end()
    assert status == 1 and "line 2 of the device map" in said and "U+200B" in said


def test_a_registration_and_its_token_have_them(secured):
    admin = secured.client(key=KEY)
    key = SensorKey()
    shown = admin.request("PUT", "/v1/sensors/%20own%C2%A0", key.registration(building=" main", room='"Ku\u0308che"',
                                                                               quantities=["co2 ", "temperature"]))
    assert shown.status == 200, shown.text
    said = shown.json()
    assert (said["sensor"], said["building"], said["room"]) == ("own", "main", "K\u00fcche")
    assert said["quantities"] == ["co2", "temperature"]
    for asked in ("own", "%20own", "%22own%22"):
        assert admin.get("/v1/sensors/" + asked).json()["sensor"] == "own"
    at = now_ms()
    row = reading(building="main ", room="Ku\u0308che", sensor=" own", timestamp=at, value=20)
    sensor = secured.client(key=key.token("own"))
    answer = sensor.post("/v1/readings", [row])
    assert answer.status == 200 and answer.json()["accepted"] == 1, answer.text
    line = f"temperature,building=main,room=Küche,sensor=\\ own value=21 {at - 10}"
    assert sensor.post("/write?precision=ms", line, {"Content-Type": "text/plain"}).status == 204
    for subject in (" own", "own\u00a0", '"own"'):  # who one is is compared byte by byte
        assert secured.client(key=key.token(subject)).post("/v1/readings", [row]).status == 401
    for other in (dict(row, sensor="own2 "), dict(row, room=" hall"), dict(row, building="annex ")):
        answer = secured.client(key=key.token("own")).post("/v1/readings", [other])
        assert b"forbidden" in answer.text, answer.text
    refused = admin.request("PUT", "/v1/sensors/ow%E2%80%8Bn", key.registration())
    assert refused.status in (400, 422) and "U+200B" in refused.json()["detail"]
    assert admin.request("DELETE", "/v1/sensors/own%20").status == 204
    assert secured.client(key=key.token("own")).post("/v1/readings", [row]).status == 401


def test_a_keys_buildings_have_them(secured):
    admin = secured.client(key=KEY)
    writer, _ = make_key(admin, "writer", buildings=[" annex", "Gera\u0308t"])
    reader, _ = make_key(admin, "reader", buildings=["annex\u00a0"])
    at = now_ms()
    client = secured.client(key=writer)
    for building in ("annex", " annex", '"annex"', "Ger\u00e4t"):
        assert client.post("/v1/readings", [reading(room="lab", building=building, timestamp=at)]).status == 200
    assert b"forbidden" in client.post("/v1/readings", [reading(room="lab", building="annex2 ")]).text
    client = secured.client(key=reader)
    for building in ("annex", "annex ", " annex"):
        assert average(client, "lab", building=building, at=at)["count"] == 1
        assert len(client.get("/v1/rooms", building=building).json()["rooms"]) == 1
    assert client.get("/v1/average", room="lab", building="Ger\u00e4t").status == 403
    answer = admin.post("/v1/keys", {"name": "x", "role": "reader", "buildings": ["an\u202enex"]})
    assert answer.status in (400, 422) and "U+202E" in answer.json()["detail"]
