"""What a registered sensor may do, and until when."""

import json
import threading
import time

import pytest

from credentials import SensorKey, make_key, register
from service import Service, average, now_ms, reading

KEY = "a-key-of-the-operator-0123456789"


def start(*flags):
    return Service(flags=list(flags), environment={"TEMPERATURE_ADMIN_KEY": KEY})


@pytest.fixture(scope="module")
def secured():
    with start() as service:
        yield service.start()


@pytest.fixture
def admin(secured):
    client = secured.client(key=KEY)
    yield client
    client.close()


def codes(answer):
    return [(each["index"], each["code"]) for each in answer.json()["rejected"]]


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
@pytest.mark.parametrize("form", ["pem", "jwk"])
def test_a_sensor_writes_with_its_own_key(secured, admin, algorithm, form):
    key = SensorKey(algorithm)
    name = f"own-{algorithm}-{form}"
    public = key.public_pem() if form == "pem" else key.jwk()
    assert admin.request("PUT", "/v1/sensors/" + name, {"keys": [{"kid": "k1", "public_key": public}]}).status == 200
    client = secured.client(key=key.token(name))
    assert client.post("/v1/readings", reading(room=name, sensor=name, value=20)).status == 200
    temperatures = {"buildingId": "default", "roomId": name, "sensorId": name, "temperature": 22,
                    "timestamp": now_ms() - 1000}
    assert client.post("/temperatures", temperatures).status == 201
    assert average(admin, name)["value"] == 21


def test_the_kid_is_the_thumbprint_when_it_has_no_other_name(secured, admin):
    key = SensorKey()
    shown = admin.request("PUT", "/v1/sensors/thumb", {"keys": [{"public_key": key.jwk()}]}).json()
    key.kid = shown["keys"][0]["kid"]
    assert len(key.kid) == 43
    assert secured.client(key=key.token("thumb")).post("/v1/readings", reading(sensor="thumb")).status == 200


def test_a_sensor_writes_its_own_readings_only(secured, admin):
    key = SensorKey()
    register(admin, "mine", key, building="north", room="hall", quantities=["co2"])
    client = secured.client(key=key.token("mine"))
    mine = {"building": "north", "room": "hall", "sensor": "mine", "quantity": "co2", "value": 400}
    others = [(dict(mine, sensor="other"), "forbidden_sensor"), (dict(mine, building="south"), "forbidden_building"),
              (dict(mine, room="attic"), "forbidden_room"), (dict(mine, quantity="temperature"), "forbidden_quantity")]
    for foreign, code in others:
        answer = client.post("/v1/readings", foreign)
        assert answer.status == 403 and answer.json()["code"] == code and answer.json()["accepted"] == 0
    answer = client.post("/v1/readings", [foreign for foreign, _ in others])
    assert answer.status == 403 and answer.json()["code"] == "forbidden" and len(codes(answer)) == 4
    # In a batch its own are kept.
    answer = client.post("/v1/readings", [others[0][0], mine, others[1][0]])
    assert answer.status == 200 and answer.json()["accepted"] == 1
    assert codes(answer) == [(0, "forbidden_sensor"), (2, "forbidden_building")]
    # One that is refused for something else is told so.
    answer = client.post("/v1/readings", [others[0][0], dict(mine, timestamp=1000)])
    assert answer.status == 422 and answer.json()["code"] == "nothing_admissible"
    answer = client.post("/temperatures", {"buildingId": "north", "roomId": "hall", "sensorId": "other",
                                           "temperature": 20, "timestamp": now_ms()})
    assert answer.status == 403 and "mine" in answer.json()["detail"]
    assert admin.get("/v1/average", building="south", room="hall").status == 404


def test_gateways_and_readers_keep_to_their_buildings(secured, admin):
    writer = secured.client(key=make_key(admin, "writer", buildings=["scope-a", "scope-b"])[0])
    for building, status in (("scope-a", 200), ("scope-b", 200), ("scope-c", 403)):
        assert writer.post("/v1/readings", reading(building=building, room="r", value=1)).status == status
    assert admin.post("/v1/readings", reading(building="scope-c", room="r", value=1)).status == 200
    reader = secured.client(key=make_key(admin, "reader", buildings=["scope-a", "scope-c"])[0])
    for path in ("/v1/average", "/v1/readings", "/temperatures/average"):
        assert reader.get(path, building="scope-a", room="r").status == 200
        forbidden = reader.get(path, building="scope-b", room="r")
        assert forbidden.status == 403
        # Without a building it is the default one; the original wants one.
        assert reader.get(path, room="r").status == (422 if path == "/temperatures/average" else 403)
    for path, rows in (("/v1/rooms", "rooms"), ("/v1/sensors", "sensors")):
        assert [row["building"] for row in reader.get(path).json()[rows]] == ["scope-a", "scope-c"]
        first = reader.get(path, limit=1).json()
        assert [row["building"] for row in reader.get(path, limit=1, cursor=first["next"]).json()[rows]] == ["scope-c"]
        assert reader.get(path, building="scope-b").status == 403
        assert [row["building"] for row in reader.get(path, building="scope-c").json()[rows]] == ["scope-c"]
    assert reader.get("/metrics").status == 403


def test_registrations_are_shown_and_listed(secured, admin):
    key = SensorKey("ES256")
    register(admin, "list%2Fa", key, building="north", quantities=["co2", "humidity"])
    register(admin, "list%2Fb", SensorKey())
    shown = admin.get("/v1/sensors/list%2Fa").json()
    assert shown["sensor"] == "list/a" and shown["building"] == "north" and "room" not in shown
    assert shown["keys"] == [{"kid": "k1", "algorithm": "ES256", "public_key": key.public_pem()}]
    names = []
    where = {}
    while where is not None:
        page = admin.get("/v1/sensors", registered="true", limit=1, **where).json()
        names += [sensor["sensor"] for sensor in page["sensors"]]
        where = {"cursor": page["next"]} if page["next"] else None
    assert names == sorted(names) and {"list/a", "list/b"} <= set(names)
    reader = secured.client(key=make_key(admin, "reader")[0])
    assert reader.get("/v1/sensors", registered="true").status == 403
    assert admin.get("/v1/sensors", registered="maybe").status == 400
    assert admin.request("DELETE", "/v1/sensors/list%2Fa").status == 204
    assert admin.get("/v1/sensors/list%2Fa").status == 404


@pytest.mark.parametrize("body,status,code", [
    ("{", 400, "malformed_json"), ([], 422, "registration_invalid"), ({"keys": []}, 422, "registration_invalid"),
    ({"keys": [{"public_key": "x"}]}, 422, "public_key_invalid"),
    ({"keys": [{"public_key": SensorKey().private_pem()}]}, 422, "public_key_invalid"),
])
def test_what_cannot_be_registered(admin, body, status, code):
    answer = admin.request("PUT", "/v1/sensors/bad", body)
    assert answer.status == status and answer.json()["code"] == code
    assert admin.get("/v1/sensors/bad").status == 404


def test_credentials_survive_a_restart_and_a_kill():
    with start() as service:
        admin = service.start().client(key=KEY)
        key = SensorKey()
        register(admin, "s1", key)
        reader, key_id = make_key(admin, "reader")
        for kill in (False, True):
            service.restart(kill=kill)
            assert service.client(key=key.token("s1")).post("/v1/readings", reading()).status == 200
            assert service.client(key=reader).get("/v1/rooms").status == 200
        admin = service.client(key=KEY)
        assert admin.get("/v1/keys/" + key_id).json()["last_used"] is not None
        assert admin.request("DELETE", "/v1/sensors/s1").status == 204
        service.restart(kill=True)
        assert service.client(key=key.token("s1")).post("/v1/readings", reading()).status == 401
        lines = [json.loads(line) for line in (service.data_dir / "access/audit.jsonl").read_text().splitlines()]
        assert [(line["actor"], line["action"]) for line in lines] == [
            ("admin", "sensor.put"), ("admin", "key.make"), ("admin", "sensor.remove")]


def test_a_revocation_is_seen_at_once_on_an_open_connection(secured, admin):
    key = SensorKey()
    register(admin, "gone", key)
    client = secured.client(key=key.token("gone"))
    assert client.post("/v1/readings", reading(sensor="gone")).status == 200
    assert admin.request("DELETE", "/v1/sensors/gone").status == 204
    assert client.post("/v1/readings", reading(sensor="gone")).status == 401
    key_text, key_id = make_key(admin, "reader")
    client = secured.client(key=key_text)
    assert client.get("/v1/rooms").status == 200
    assert admin.request("DELETE", "/v1/keys/" + key_id).status == 204
    assert client.get("/v1/rooms").status == 401


def test_a_revocation_ends_an_answer_that_is_being_sent(secured, admin):
    end = now_ms()
    for begin in range(0, 400_000, 50_000):
        batch = [reading(room="long", sensor="s1", value=1, timestamp=end - begin - i) for i in range(50_000)]
        assert admin.post("/v1/readings", batch).status == 200
    key_text, key_id = make_key(admin, "reader")
    client = secured.client(key=key_text)
    client.connection.request("GET", "/v1/readings?room=long&format=ndjson",
                              headers={"Authorization": "Bearer " + key_text})
    response = client.connection.getresponse()
    assert response.status == 200
    assert response.read(1000)  # it has begun, and stops where the socket's buffers are full
    assert admin.request("DELETE", "/v1/keys/" + key_id).status == 204
    with pytest.raises(Exception) as broken:
        while response.read(1_000_000):
            pass
    assert broken.type.__name__ == "IncompleteRead"


def test_two_keys_rotate_under_load_without_one_refused_reading(secured, admin):
    old, new = SensorKey(kid="old"), SensorKey("ES256", kid="new")
    name = "rotating"
    register(admin, name, old)
    current = {"key": old}
    over = threading.Event()
    statuses = []

    def send():
        client = secured.client()
        n = 0
        while not over.is_set():
            n += 1
            token = current["key"].token(name)
            sent = reading(sensor=name, room=name, value=n, timestamp=now_ms() - n * 60_000)
            answer = client.post("/v1/readings", sent, {"Authorization": "Bearer " + token})
            statuses.append((answer.status, answer.json()["accepted"] if answer.status == 200 else answer.text))
            time.sleep(0.005)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        def both(*keys):
            body = {"keys": [{"kid": key.kid, "public_key": key.public_pem()} for key in keys]}
            assert admin.request("PUT", "/v1/sensors/" + name, body).status == 200
            time.sleep(0.2)

        both(old, new)
        current["key"] = new
        time.sleep(0.2)
        both(new)
    finally:
        over.set()
        sender.join()
    assert len(statuses) > 20
    assert set(statuses) == {(200, 1)}
    assert secured.client(key=old.token(name)).post("/v1/readings", reading(sensor=name)).status == 401


def test_a_sensor_has_so_many_series():
    with start("--series-per-sensor", "3") as service:
        admin = service.start().client(key=KEY)
        key = SensorKey()
        register(admin, "s1", key)
        client = service.client(key=key.token("s1"))
        batch = [reading(sensor="s1", room=f"r{i}") for i in range(5)]
        answer = client.post("/v1/readings", batch)
        assert answer.json()["accepted"] == 3 and codes(answer) == [(3, "series_limit"), (4, "series_limit")]
        service.restart()
        client = service.client(key=key.token("s1"))
        assert codes(client.post("/v1/readings", [reading(sensor="s1", room=room) for room in ("r0", "r9")])) == [
            (1, "series_limit")]
        # Gateways, which send for many, are not bound by it.
        assert service.client(key=KEY).post("/v1/readings", batch).json()["rejected_count"] == 0


def test_who_may_not_read_is_not_told_what_is_stored(secured, admin):
    key = SensorKey()
    register(admin, "secretive", key)
    at = now_ms()
    first = reading(room="secret", sensor="secretive", value=20.25, timestamp=at)
    assert admin.post("/v1/readings", first).status == 200
    other = dict(first, value=21.75)
    original = {"buildingId": "default", "roomId": "secret", "sensorId": "secretive", "temperature": 21.75,
                "timestamp": at}
    line = f"temperature,room=secret,sensor=secretive value=21.75 {at}"
    for credential in (key.token("secretive"), make_key(admin, "writer")[0]):
        client = secured.client(key=credential)
        for body in (other, [other, dict(first, sensor="nobody's")]):
            answer = client.post("/v1/readings", body)
            detail, = answer.json()["conflict_details"]
            assert detail == {"index": 0, "refused": 21.75}
            assert b"20.25" not in answer.text
        told = client.post("/temperatures", original)
        assert told.status == 409 and b"21.75" in told.text and b"20.25" not in told.text
        for path in ("/write", "/api/v2/write", "/api/v3/write_lp"):
            assert b"20.25" not in client.post(path + "?precision=ms", line).text
    assert admin.post("/v1/readings", other).json()["conflict_details"] == [
        {"index": 0, "stored": 20.25, "refused": 21.75}]
    assert b"20.25" in admin.post("/temperatures", original).text


def test_what_cannot_be_audited_is_refused_but_for_revocations():
    with start() as service:
        admin = service.start().client(key=KEY)
        key = SensorKey()
        register(admin, "s1", key)
        made, made_id = make_key(admin, "admin")
        audit = service.data_dir / "access/audit.jsonl"
        audit.rename(audit.with_suffix(".away"))
        audit.mkdir()
        refused = [admin.post("/v1/keys", {"name": "x", "role": "reader"}),
                   admin.request("PUT", "/v1/sensors/s2", SensorKey().registration())]
        assert [(answer.status, answer.json()["code"]) for answer in refused] == [(503, "registry_failed")] * 2
        assert admin.request("DELETE", "/v1/keys/" + made_id).status == 204
        assert admin.request("DELETE", "/v1/sensors/s1").status == 204
        assert service.client(key=made).get("/v1/keys").status == 401
        assert service.client(key=key.token("s1")).post("/v1/readings", reading(sensor="s1")).status == 401
        said = [line for line in service.output().splitlines() if "revocation is told here alone" in line]
        assert len(said) == 2 and made_id in said[0] and "key.remove" in said[0] and "sensor.remove" in said[1]
