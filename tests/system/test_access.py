"""Without --dev nothing is readable or writable without a credential."""

import json
import stat

import pytest

from service import Service, reading

KEY = "a-key-of-the-operator-0123456789"
OPEN = ["/livez", "/readyz", "/healthz", "/docs", "/docs/docs.js", "/docs/docs.css", "/docs/swagger-ui.css",
        "/docs/swagger-ui-bundle.js", "/docs/swagger-ui-bundle.js.LICENSE.txt", "/docs/swagger-ui.LICENSE.txt",
        "/docs/swagger-ui.NOTICE.txt", "/openapi.json", "/favicon.svg"]
CLOSED = [
    ("POST", "/temperatures", 422),
    ("GET", "/temperatures/average", 422),
    ("POST", "/v1/readings", 400),
    ("GET", "/v1/readings", 400),
    ("GET", "/v1/average", 400),
    ("GET", "/v1/rooms", 200),
    ("GET", "/v1/sensors", 200),
    ("GET", "/v1/rejects", 200),
    ("GET", "/metrics", 200),
]
# Doors that word their errors as InfluxDB does, and what they answer to a broken line with a key.
INFLUX_OPEN = ["/ping", "/health"]
INFLUX_CLOSED = [("/write", 400), ("/api/v2/write", 400), ("/query", 400)]


@pytest.fixture(scope="module")
def secured():
    with Service(flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        yield service.start()


@pytest.mark.parametrize("method,path,with_key", CLOSED)
@pytest.mark.parametrize("authorization,allowed", [
    (None, False), ("Bearer " + KEY, True), ("bearer " + KEY, True), ("Bearer " + KEY[:-1], False),
    ("Bearer " + KEY + "x", False), ("Basic " + KEY, False), (KEY, False), ("Bearer", False), ("Bearer ", False),
])
def test_every_door_asks_for_the_key(secured, method, path, with_key, authorization, allowed):
    headers = {"Authorization": authorization} if authorization else {}
    answer = secured.client().request(method, path, "{" if method == "POST" else None, headers)
    if allowed:
        assert answer.status == with_key, answer.text
    else:
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["code"] == ("credential_invalid" if authorization else "credential_missing")


@pytest.mark.parametrize("path,with_key", INFLUX_CLOSED)
def test_the_doors_of_influxdb_ask_for_the_key(secured, path, with_key):
    assert secured.client().post(path, "{").status == 401
    assert secured.client(key=KEY).post(path, "{").status == with_key


@pytest.mark.parametrize("path", INFLUX_OPEN)
def test_what_clients_of_influxdb_ask_first_is_open(secured, path):
    assert secured.client().get(path).status in (200, 204)


@pytest.mark.parametrize("path", OPEN)
def test_probes_and_docs_are_open(secured, path):
    assert secured.client().get(path).status == 200


def test_every_path_is_in_one_of_the_tables(secured):
    document = json.loads(secured.client().get("/openapi.json").text)
    known = {path for _, path, _ in CLOSED} | set(OPEN) | {path for path, _ in INFLUX_CLOSED} | set(INFLUX_OPEN)
    assert set(document["paths"]) <= known
    text = secured.client(key=KEY).get("/metrics").text.decode()
    assert "temperature_service" in text


def test_the_first_start_makes_a_key():
    with Service(flags=[]) as service:
        service.start()
        file = service.data_dir / "admin.key"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        key = file.read_text()
        assert key.count("\n") == 1 and key.endswith("\n") and " " not in key
        assert key.strip() not in service.output()
        client = service.client(key=key.strip())
        assert client.post("/v1/readings", reading()).status == 200
        service.restart()
        assert file.read_text() == key
        assert service.client(key=key.strip()).get("/v1/rooms").status == 200
        assert service.client().get("/v1/rooms").status == 401


def test_a_key_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    with Service(flags=["--admin-key-file", str(file)]) as service:
        assert service.start().client(key=KEY).get("/v1/rooms").status == 200
        assert not (service.data_dir / "admin.key").exists()


def test_a_large_body_without_a_key_is_refused_before_it_is_sent(secured):
    client = secured.client()
    client.connection.putrequest("POST", "/v1/readings")
    client.connection.putheader("Content-Length", str(20_000_000))
    client.connection.endheaders()
    assert client.connection.getresponse().status == 401
