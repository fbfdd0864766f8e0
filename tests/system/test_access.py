"""Without --dev nothing is readable or writable without a credential: every route, with every kind of credential."""

import json
import re
import stat
import time

import pytest

from credentials import KEY, SensorKey, make_key, mistyped, register
from service import Service, now_ms, reading


# Who asks, in the order of the columns below.
WHO = ["nobody", "expired key", "wrong key", "revoked key", "expired token", "wrong token", "revoked token",
       "reader", "reader elsewhere", "writer", "sensor", "curator", "curator elsewhere", "admin", "operator"]
NO = [401] * 7  # whoever has no credential that is valid


def read(status):
    """A reader of the building may; one of another building is told so where the request is about a building."""
    return NO + [status, 403, 403, 403, status, 403, status, status]


def read_list(status):
    return NO + [status, status, 403, 403, status, status, status, status]


def write(status, elsewhere=None):
    return NO + [403, 403, status, status, status, elsewhere or status, status, status]


def curate(status):
    return NO + [403, 403, 403, 403, status, 403, status, status]


def curate_list(status):
    return NO + [403, 403, 403, 403, status, status, status, status]


def admin(status):
    return NO + [403, 403, 403, 403, 403, 403, status, status]


OPEN = [200] * len(WHO)
DOCS = [200] + [401] * 6 + [200] * 8  # --open docs: nobody needs a credential, but a wrong one is none
METRICS = NO + [200, 403, 403, 403, 200, 403, 200, 200]
POST_READING = {"building": "north", "room": "hall", "sensor": "s1", "value": 21.5}
# The request of each route, and the status that each of WHO must get.
ROUTES = {
    ("POST", "/temperatures"): ("/temperatures", {"buildingId": "north"}, write(422)),
    ("GET", "/temperatures/average"): ("/temperatures/average?building=north&room=nowhere", None, read(404)),
    ("POST", "/v1/readings"): ("/v1/readings", POST_READING, write(200, elsewhere=403)),
    ("DELETE", "/v1/readings"): (
        "/v1/readings?building=north&room=nowhere&from=1760000000000&to=1760000000001", None, curate(404)),
    ("GET", "/v1/audit"): ("/v1/audit", None, curate_list(200)),
    ("GET", "/v1/readings"): ("/v1/readings?building=north&room=nowhere", None, read(404)),
    ("GET", "/v1/average"): ("/v1/average?building=north&room=nowhere", None, read(404)),
    ("GET", "/v1/history"): ("/v1/history?building=north&room=nowhere", None, read(404)),
    ("GET", "/v1/rooms"): ("/v1/rooms", None, read_list(200)),
    ("GET", "/v1/sensors"): ("/v1/sensors", None, read_list(200)),
    ("PUT", "/v1/sensors/{id}"): ("/v1/sensors/x", {}, admin(422)),
    ("GET", "/v1/sensors/{id}"): ("/v1/sensors/x", None, admin(404)),
    ("DELETE", "/v1/sensors/{id}"): ("/v1/sensors/x", None, admin(404)),
    ("POST", "/v1/keys"): ("/v1/keys", {}, admin(422)),
    ("GET", "/v1/keys"): ("/v1/keys", None, admin(200)),
    ("GET", "/v1/keys/{id}"): ("/v1/keys/x", None, admin(404)),
    ("DELETE", "/v1/keys/{id}"): ("/v1/keys/x", None, admin(404)),
    ("POST", "/v1/admin/backup"): ("/v1/admin/backup", {"directory": "relative"}, admin(422)),
    ("GET", "/v1/admin/backup"): ("/v1/admin/backup", None, admin(200)),
    ("GET", "/v1/admin/mirror"): ("/v1/admin/mirror", None, admin(200)),
    ("POST", "/v1/admin/mirror/resync"): ("/v1/admin/mirror/resync", None, admin(409)),
    ("POST", "/v1/admin/mirror/replace"): ("/v1/admin/mirror/replace", None, admin(409)),
    ("GET", "/v1/rejects"): ("/v1/rejects", None, admin(200)),
    ("GET", "/metrics"): ("/metrics", None, METRICS),
    ("GET", "/metrics/rooms"): ("/metrics/rooms", None, read_list(200)),
    # Doors that word their answers as InfluxDB does; the body is no line.
    ("POST", "/write"): ("/write", {}, write(400)),
    ("POST", "/api/v2/write"): ("/api/v2/write", {}, write(400)),
    ("POST", "/api/v3/write_lp"): ("/api/v3/write_lp", {}, write(400)),
    ("GET", "/api/v2/orgs"): ("/api/v2/orgs?org=home", None, write(200)),
    ("GET", "/api/v2/buckets"): ("/api/v2/buckets?name=readings", None, write(200)),
    ("POST", "/api/v2/delete"): ("/api/v2/delete", {"start": "2026-01-01T00:00:00Z", "stop": "2026-01-02T00:00:00Z",
                                                    "predicate": 'building="north" AND room="nowhere"'}, curate(404)),
    ("POST", "/api/v2/query"): ("/api/v2/query", {}, read_list(400)),
    ("GET", "/api/v2/ping"): ("/api/v2/ping", None, [204] * len(WHO)),
    ("GET", "/ready"): ("/ready", None, OPEN),
    ("GET", "/query"): ("/query?q=SHOW+DATABASES", None, write(200)),
    ("POST", "/query"): ("/query?q=SHOW+DATABASES", None, write(200)),
    ("GET", "/ping"): ("/ping", None, [204] * len(WHO)),
    ("GET", "/health"): ("/health", None, OPEN),
    **{("GET", path): (path, None, OPEN) for path in ("/livez", "/readyz", "/healthz")},
    **{("GET", path): (path, None, DOCS) for path in (
        "/", "/page/page.css", "/page/rooms.css", "/page/day.css", "/page/main.js", "/page/day.js",
        "/page/chart.js", "/page/rooms.js", "/page/service.js", "/page/words.js", "/page/uplot.js",
        "/page/uplot.css", "/page/uplot.LICENSE.txt",
        "/docs", "/docs/docs.js", "/docs/docs.css", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js",
        "/docs/swagger-ui-bundle.js.LICENSE.txt", "/docs/swagger-ui.LICENSE.txt", "/docs/swagger-ui.NOTICE.txt",
        "/openapi.json", "/favicon.svg")},
}


@pytest.fixture(scope="module")
def credentials(secured):
    client = secured.client(key=KEY)
    good, gone = SensorKey(), SensorKey()
    register(client, "s1", good)
    register(client, "s2", gone)
    revoked_key, revoked_id = make_key(client, "admin")
    expired_key, _ = make_key(client, "admin", expires=now_ms() + 1000)
    made = {
        "nobody": None,
        "expired key": expired_key,
        "wrong key": mistyped(make_key(client, "admin")[0]),
        "revoked key": revoked_key,
        "expired token": good.token("s1", issued_s=int(time.time()) - 7200),
        "wrong token": SensorKey().token("s1"),
        "revoked token": gone.token("s2"),
        "reader": make_key(client, "reader")[0],
        "reader elsewhere": make_key(client, "reader", buildings=["south"])[0],
        "writer": make_key(client, "writer")[0],
        "sensor": good.token("s1"),
        "curator": make_key(client, "curator")[0],
        "curator elsewhere": make_key(client, "curator", buildings=["south"])[0],
        "admin": make_key(client, "admin")[0],
        "operator": KEY,
    }
    # Both were good once, and are remembered.
    assert secured.client(key=revoked_key).get("/v1/keys").status == 200
    assert secured.client(key=made["revoked token"]).post("/v1/readings", dict(POST_READING, sensor="s2")).status == 200
    assert client.request("DELETE", "/v1/keys/" + revoked_id).status == 204
    assert client.request("DELETE", "/v1/sensors/s2").status == 204
    while secured.client(key=expired_key).get("/v1/keys").status == 200:
        time.sleep(0.05)
    assert list(made) == WHO
    return made


@pytest.mark.parametrize("method,route", ROUTES)
def test_every_route_with_every_credential(secured, credentials, method, route):
    path, body, statuses = ROUTES[(method, route)]
    assert len(statuses) == len(WHO)
    got = {}
    for who in WHO:
        client = secured.client(key=credentials[who])
        got[who] = client.request(method, path, body)
        client.close()
    assert {who: answer.status for who, answer in got.items()} == dict(zip(WHO, statuses))
    for who, answer in got.items():
        if answer.status == 401 and (route in ("/write", "/query") or route.startswith("/api/v")):
            assert answer.headers["www-authenticate"].startswith("Basic")
        elif answer.status == 401:
            assert answer.headers["www-authenticate"] == "Bearer"
            code = answer.json()["code"]
            want = "missing" if who == "nobody" else "expired" if who.startswith("expired") else "invalid"
            assert code == "credential_" + want, who


def test_replacing_with_every_credential(secured, credentials):
    got = {}
    for who in WHO:
        client = secured.client(key=credentials[who])
        got[who] = client.post("/v1/readings?on_conflict=replace", POST_READING).status
        client.close()
    assert got == dict(zip(WHO, curate(200)))


def test_every_route_has_a_row(secured):
    """The metrics have a line for each route that the server has."""
    metrics = secured.client(key=KEY).get("/metrics").text.decode()
    routes = set()
    for labels in re.findall(r"^temperature_service_http_requests_total\{(.*)\}", metrics, re.M):
        named = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        routes.add((named["method"], named["route"]))
    routes.discard(("", ""))
    assert routes == set(ROUTES)
    document = json.loads(secured.client().get("/openapi.json").text)
    documented = {(method.upper(), path) for path, item in document["paths"].items() for method in item
                  if method != "parameters"}
    assert documented <= routes
    assert {route for route in routes if not route[1].startswith(("/docs/", "/page/", "/favicon"))} <= documented


@pytest.mark.parametrize("authorization", [
    "Bearer " + KEY, "bearer " + KEY, "Bearer   " + KEY, "Token " + KEY, "Token someone:" + KEY])
def test_where_a_credential_may_stand(secured, authorization):
    assert secured.client().get("/v1/rooms", headers={"Authorization": authorization}).status == 200


@pytest.mark.parametrize("authorization", [
    "Bearer " + KEY[:-1], "Bearer " + KEY + "x", "Basic " + KEY, KEY, "Bearer", "Bearer ", "Digest " + KEY])
def test_where_it_may_not(secured, authorization):
    answer = secured.client().get("/v1/rooms", headers={"Authorization": authorization})
    assert answer.status == 401 and answer.json()["code"] == "credential_invalid"


@pytest.mark.parametrize("query,status", [
    (f"u=someone&p={KEY}", 200), (f"p={KEY}", 200), (f"u={KEY}", 401), (f"u=someone&p={KEY}x", 401),
    ("u=someone&p=", 401), ("u=someone", 401), ("", 401)])
def test_a_password_in_the_query_opens_the_doors_of_influxdb_alone(secured, query, status):
    client = secured.client()
    assert client.get("/query?q=SHOW+DATABASES&" + query).status == status
    written = client.request("POST", "/write?db=x&" + query, b"temperature,room=hall,sensor=q value=21.5")
    assert written.status == (204 if status == 200 else status)
    assert client.get("/v1/rooms?" + query).status == 401, "elsewhere it would get into logs"


def test_two_credentials_are_none(secured):
    client = secured.client()
    client.connection.putrequest("GET", "/v1/rooms")
    client.connection.putheader("Authorization", "Bearer " + KEY)
    client.connection.putheader("Authorization", "Bearer " + KEY)
    client.connection.endheaders()
    assert client.connection.getresponse().status == 400


def test_what_is_opened_needs_no_credential():
    flags = ["--open", "reads,metrics"]
    with Service(flags=flags, environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        client = service.start().client()
        assert client.get("/v1/rooms").status == 200
        assert client.get("/metrics").status == client.get("/metrics/rooms").status == 200
        assert client.get("/docs").status == client.get("/").status == client.get("/page/main.js").status == 401
        assert client.post("/v1/readings", reading()).status == 401
        assert client.get("/v1/keys").status == 401
        assert client.get("/v1/rooms", headers={"Authorization": "Bearer wrong"}).status == 401


def test_the_first_start_makes_a_key():
    with Service(flags=[]) as service:
        service.start()
        file = service.data_dir / "admin.key"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE((service.data_dir / "access").stat().st_mode) == 0o700
        key = file.read_text()
        assert key.count("\n") == 1 and key.endswith("\n") and " " not in key
        assert key.strip() not in service.output()
        client = service.client(key=key.strip())
        assert client.post("/v1/readings", reading()).status == 200
        service.restart()
        assert file.read_text() == key
        assert service.client(key=key.strip()).get("/v1/rooms").status == 200
        assert service.client().get("/v1/rooms").status == 401


def test_a_key_that_others_can_read_is_told():
    with Service(flags=[]) as service:
        service.start()
        file = service.data_dir / "admin.key"
        assert "others on this machine" not in service.output()
        for mode, told in ((0o644, True), (0o640, False), (0o600, False)):
            file.chmod(mode)
            service.restart()
            assert ("others on this machine can read or change the admin key" in service.output()) == told, mode
            assert (str(file) in service.output()) == told
            assert service.client(key=file.read_text().strip()).get("/v1/rooms").status == 200


def test_a_key_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    with Service(flags=["--admin-key-file", str(file)]) as service:
        assert service.start().client(key=KEY).get("/v1/rooms").status == 200
        assert not (service.data_dir / "admin.key").exists()


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
def test_without_credentials_on_loopback_alone(listen):
    with Service(flags=["--dev"], listen=listen) as service:
        status, said = service.run_to_end()
        assert status == 2 and "--dev" in said and "loopback" in said


def test_a_large_body_without_a_key_is_refused_before_it_is_sent(secured):
    client = secured.client()
    client.connection.putrequest("POST", "/v1/readings")
    client.connection.putheader("Content-Length", str(20_000_000))
    client.connection.endheaders()
    assert client.connection.getresponse().status == 401


def test_secrets_are_told_to_nobody():
    """Whatever was sent stands in no log, no figure, no answer, no file that others read."""
    with Service(flags=["--open", "nothing"], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        admin_client = service.start().client(key=KEY)
        sensor = SensorKey()
        register(admin_client, "s1", sensor)
        key, key_id = make_key(admin_client, "writer")
        secrets = [KEY, key, sensor.token("s1"), SensorKey().token("s1"), mistyped(key), "just-any-password-123"]
        answers = []
        for secret in secrets:
            for authorization in ("Bearer " + secret, "Token " + secret, secret, "Basic " + secret):
                for method, path, body in (("POST", "/v1/readings", reading()), ("GET", "/v1/rooms", None),
                                           ("GET", "/nowhere", None), ("POST", "/temperatures", "{")):
                    answers.append(service.client().request(method, path, body, {"Authorization": authorization}).text)
        answers.append(admin_client.get("/v1/keys").text)
        answers.append(admin_client.get("/metrics").text)
        service.restart()
        answers += [service.output().encode(), (service.data_dir / "access/audit.jsonl").read_bytes()]
        answers += [file.read_bytes() for file in service.data_dir.rglob("*") if file.is_file()]
        for secret in secrets:
            for text in answers:
                assert secret.encode() not in text and secret[-20:].encode() not in text
        assert key_id.encode() in answers[-1] or any(key_id.encode() in text for text in answers)
