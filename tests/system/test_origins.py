"""Web pages. A browser sends requests for any page that it shows: every route, with and without --dev, refuses what a
foreign page has it send, answers as no other host, and takes JSON from no page that does not say that it is JSON."""

import base64
import json
import re

import pytest

from credentials import KEY, SensorKey, make_key, register
from service import Service, reading
from test_access import ROUTES

FOREIGN = "http://evil.example"

# What each route answers under --dev to a page of the service's own that sends its body as text/plain: the routes whose
# body is JSON tell it to say so, the others answer as ever. A route that is in neither list fails.
JSON_BODIES = {("POST", "/temperatures"), ("POST", "/v1/readings"), ("PUT", "/v1/sensors/{id}"), ("POST", "/v1/keys"),
               ("POST", "/v1/admin/backup"), ("POST", "/api/v2/delete")}
OTHERS = {
    ("GET", "/temperatures/average"), ("GET", "/v1/readings"), ("DELETE", "/v1/readings"), ("GET", "/v1/average"),
    ("GET", "/v1/history"),
    ("GET", "/v1/rooms"), ("GET", "/v1/sensors"), ("GET", "/v1/sensors/{id}"), ("DELETE", "/v1/sensors/{id}"),
    ("GET", "/v1/keys"), ("GET", "/v1/keys/{id}"), ("DELETE", "/v1/keys/{id}"), ("GET", "/v1/admin/backup"),
    ("GET", "/v1/admin/mirror"), ("POST", "/v1/admin/mirror/resync"), ("POST", "/v1/admin/mirror/replace"),
    ("GET", "/v1/audit"), ("GET", "/v1/rejects"), ("GET", "/metrics"), ("GET", "/metrics/rooms"),
    ("GET", "/livez"), ("GET", "/readyz"), ("GET", "/healthz"),
    # InfluxDB's, whose bodies are lines or say nothing.
    ("POST", "/write"), ("POST", "/api/v2/write"), ("POST", "/api/v3/write_lp"), ("POST", "/api/v2/query"),
    ("GET", "/query"), ("POST", "/query"), ("GET", "/ping"), ("GET", "/api/v2/ping"), ("GET", "/health"),
    ("GET", "/ready"), ("GET", "/api/v2/orgs"), ("GET", "/api/v2/buckets"),
    # The page and the documentation, which hold no data: a link to them may be followed from anywhere.
    ("GET", "/"), ("GET", "/page/page.css"), ("GET", "/page/rooms.css"), ("GET", "/page/day.css"),
    ("GET", "/page/main.js"), ("GET", "/page/day.js"), ("GET", "/page/chart.js"), ("GET", "/page/rooms.js"),
    ("GET", "/page/service.js"), ("GET", "/page/words.js"), ("GET", "/page/uplot.js"),
    ("GET", "/page/uplot.css"), ("GET", "/page/uplot.LICENSE.txt"),
    ("GET", "/docs"), ("GET", "/docs/docs.js"), ("GET", "/docs/docs.css"), ("GET", "/docs/swagger-ui.css"),
    ("GET", "/docs/swagger-ui-bundle.js"), ("GET", "/docs/swagger-ui-bundle.js.LICENSE.txt"),
    ("GET", "/docs/swagger-ui.LICENSE.txt"), ("GET", "/docs/swagger-ui.NOTICE.txt"), ("GET", "/openapi.json"),
    ("GET", "/favicon.svg"),
}
DOCS = {route for route in OTHERS if route[1].startswith(("/docs", "/page/", "/openapi.json", "/favicon"))} | {
    ("GET", "/")}
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module")
def open_service():
    with Service(flags=["--dev"]) as service:
        yield service.start()


def own(service):
    return f"http://127.0.0.1:{service.port}"


def basic(key=KEY):
    return {"Authorization": "Basic " + base64.b64encode(b"someone:" + key.encode()).decode()}


def bearer(key=KEY):
    return {"Authorization": "Bearer " + key}


def routes_of(service, **credential):
    """The metrics have a line for each route that the server has."""
    metrics = service.client(**credential).get("/metrics").text.decode()
    routes = set()
    for labels in re.findall(r"^temperature_service_http_requests_total\{(.*)\}", metrics, re.M):
        named = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        routes.add((named["method"], named["route"]))
    return routes - {("", "")}


def ask(client, route, headers):
    """The status of one request of the route, and the code that its refusal has."""
    path, body, _ = ROUTES[route]
    body = None if body is None else json.dumps(body)
    answer = client.request(route[0], path, body, {"Content-Type": "application/json", **headers})
    assert not any(name.startswith("access-control-") for name in answer.headers)
    code = None
    if answer.status in (403, 415) and answer.text:
        refusal = answer.json()
        # InfluxDB's words have no code of ours.
        code = refusal.get("code") if "title" in refusal else refusal.get("error") or refusal["message"]
    return answer.status, code


def is_refused(got, code):
    status, said = got
    words = {"forbidden_origin": "web page of another origin", "forbidden_host": "--host"}
    return status == 403 and (said == code or words[code] in said)


def foreign_pages(service):
    another_port = f"http://127.0.0.1:{service.port + 1}"
    return {
        "foreign Origin": {"Origin": FOREIGN},
        "no origin": {"Origin": "null"},
        "another port": {"Origin": another_port, "Sec-Fetch-Site": "same-site"},
        "another scheme": {"Origin": own(service).replace("http:", "https:")},
        "cross-site fetch": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        "cross-site fetch that calls itself own": {"Sec-Fetch-Site": "cross-site", "Origin": own(service)},
        "same-site fetch": {"Sec-Fetch-Site": "same-site"},
        "cross-site form": {"Origin": FOREIGN, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
                            "Sec-Fetch-Dest": "document", "Content-Type": "text/plain"},
    }


def test_every_route_has_a_row(open_service, secured):
    assert routes_of(open_service) == JSON_BODIES | OTHERS == routes_of(secured, key=KEY)
    assert JSON_BODIES.isdisjoint(OTHERS)
    assert set(ROUTES) == JSON_BODIES | OTHERS


def test_every_route_under_dev(open_service):
    client = open_service.client()
    wrong = []
    for route in sorted(JSON_BODIES | OTHERS):
        for page, headers in foreign_pages(open_service).items():
            got = ask(client, route, headers)
            if not is_refused(got, "forbidden_origin"):
                wrong.append((route, page, got))
        for host in ("evil.example", f"evil.example:{open_service.port}", "127.0.0.1.evil.example", "192.0.2.1"):
            got = ask(client, route, {"Host": host})
            if not is_refused(got, "forbidden_host"):
                wrong.append((route, host, got))
        status = ask(client, route, LINK)[0]
        if (status == 200) != (route in DOCS):
            wrong.append((route, "link", status))
        # From here on they take effect: the same as without a browser.
        usual = ask(client, route, {})[0]
        for page, headers in {"own page": {"Origin": own(open_service), "Sec-Fetch-Site": "same-origin"},
                              "typed": {"Sec-Fetch-Site": "none"}, "localhost": {"Host": "localhost:1"},
                              "curl": {"Content-Type": "text/plain"}}.items():
            got = ask(client, route, headers)
            if got[0] != usual or usual in (403, 415):
                wrong.append((route, page, got, usual))
        for page in ({"Origin": own(open_service)}, {"Sec-Fetch-Site": "same-origin"}):
            got = ask(client, route, {"Content-Type": "text/plain", **page})
            want = (415, "unsupported_media_type") if route in JSON_BODIES else (usual, None)
            if route == ("POST", "/api/v2/delete") and "is to be JSON" in got[1]:
                got = (got[0], "unsupported_media_type")  # said in InfluxDB's words
            if got != want:
                wrong.append((route, "text/plain", got, want))
    assert not wrong, "\n".join(map(str, wrong))


def test_every_route_without_dev(secured):
    """Basic, which browsers add by themselves, authorises no foreign page; what a page has to know itself does."""
    client = secured.client()
    wrong = []
    for route in sorted(JSON_BODIES | OTHERS):
        for page, headers in foreign_pages(secured).items():
            got = ask(client, route, {**headers, **basic()})
            if not is_refused(got, "forbidden_origin"):
                wrong.append((route, page, got))
        usual = ask(client, route, bearer())[0]
        for page, headers in {
                "own page": {"Origin": own(secured), **basic()}, "no page": basic(),
                "text/plain": {"Origin": own(secured), "Content-Type": "text/plain", **basic()},
                "foreign Host": {"Host": "sensors.example", **basic()},
                "foreign page with Bearer": {"Origin": FOREIGN, "Sec-Fetch-Site": "cross-site", **bearer()},
        }.items():
            got = ask(client, route, headers)
            if got[0] != usual or usual == 403:
                wrong.append((route, page, got, usual))
        status = ask(client, route, {**LINK, **basic()})[0]
        if (status == 200) != (route in DOCS):
            wrong.append((route, "link", status))
    assert not wrong, "\n".join(map(str, wrong))


def test_no_preflight_is_granted(open_service, secured):
    asked = {"Origin": FOREIGN, "Access-Control-Request-Method": "PUT",
             "Access-Control-Request-Headers": "content-type"}
    for service, want in ((open_service, 403), (secured, 204)):
        client = service.client()
        for path in {path for _, path in JSON_BODIES | OTHERS}:
            answer = client.request("OPTIONS", path, headers=asked)
            assert answer.status == want, path
            assert not any(name.startswith("access-control-") for name in answer.headers)
        assert client.request("OPTIONS", "/v1/rooms", headers={"Origin": own(service)}).status == 204


def test_a_foreign_page_makes_no_key_no_sensor_no_backup_and_no_reading(tmp_path):
    """As a page may send it without being asked: a form, or fetch() with no-cors."""
    with Service() as service:
        client = service.start().client()
        directory = tmp_path / "taken"
        for headers in ({"Origin": FOREIGN}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                        {"Host": f"rebound.example:{service.port}", "Origin": f"http://rebound.example:{service.port}",
                         "Sec-Fetch-Site": "same-origin"}):
            for content_type in ("text/plain", "application/json"):
                sent = {"Content-Type": content_type, **headers}
                for method, path, body in (
                        ("POST", "/v1/keys", {"name": "x", "role": "admin"}),
                        ("PUT", "/v1/sensors/s1", SensorKey().registration()),
                        ("POST", "/v1/admin/backup", {"directory": str(directory)}),
                        ("POST", "/v1/readings", reading())):
                    assert client.request(method, path, json.dumps(body), sent).status == 403
                assert client.post("/write", "temperature,room=kitchen,sensor=s1 value=20", sent).status == 403
        assert client.get("/v1/keys").json()["keys"] == []
        assert client.get("/v1/sensors", registered="true").json()["sensors"] == []
        assert client.get("/v1/rooms").json()["rooms"] == []
        assert client.get("/v1/admin/backup").json()["state"] == "none"
        assert not directory.exists()


def test_what_was_made_under_dev_opens_nothing_without_it():
    keyed, environment = [], {"TEMPERATURE_ADMIN_KEY": KEY}
    with Service(flags=keyed, environment=environment) as service:
        admin = service.start().client(key=KEY)
        before, before_id = make_key(admin, "admin")
        good = SensorKey()
        register(admin, "before", good)
        assert "--dev" not in service.output()

        service.flags = ["--dev"]
        service.restart()
        client = service.client()
        made, made_id = make_key(client, "admin")
        sneaked = SensorKey()
        register(client, "sneaked", sneaked)
        assert client.get("/v1/keys/" + made_id).json()["made_under_dev"] is True
        assert "made_under_dev" not in client.get("/v1/keys/" + before_id).json()
        assert not (service.data_dir / "admin.key").exists()

        service.flags = keyed
        service.restart()
        assert service.client(key=made).get("/v1/rooms").status == 401
        assert service.client(key=made).get("/v1/keys").json()["code"] == "credential_invalid"
        sent = reading(sensor="sneaked")
        assert service.client(key=sneaked.token("sneaked")).post("/v1/readings", sent).status == 401
        assert re.search(r"registered under --dev let nobody in.*count=2\b", service.output())
        assert service.client(key=before).get("/v1/keys").status == 200
        sent = reading(sensor="before")
        assert service.client(key=good.token("before")).post("/v1/readings", sent).status == 200

        register(service.client(key=KEY), "sneaked", sneaked)
        assert service.client(key=KEY).request("DELETE", "/v1/keys/" + made_id).status == 204
        sent = reading(sensor="sneaked")
        assert service.client(key=sneaked.token("sneaked")).post("/v1/readings", sent).status == 200
        service.restart()
        assert "registered under --dev" not in service.output()


@pytest.mark.parametrize("flags,environment", [
    (["--dev", "--host", "sensors.example", "--host", "other.example:8443"], {}),
    (["--dev"], {"TEMPERATURE_HOST": "sensors.example,other.example:8443"})])
def test_further_names_of_the_service(flags, environment):
    with Service(flags=flags, environment=environment) as service:
        client = service.start().client()
        for headers, want in (
                ({"Host": "sensors.example"}, 200), ({"Host": "SENSORS.example:1234"}, 200),
                ({"Host": "other.example:8443"}, 200), ({"Host": "other.example"}, 403),
                ({"Host": "localhost"}, 200), ({"Host": "third.example"}, 403),
                ({"Origin": "https://sensors.example"}, 200), ({"Origin": "https://sensors.example:81"}, 403),
                ({"Origin": "https://other.example:8443"}, 200),
                ({"Origin": "https://sensors.example", "Sec-Fetch-Site": "cross-site"}, 403)):
            assert client.get("/v1/rooms", headers=headers).status == want, headers


@pytest.mark.parametrize("name", ["http://sensors.example", "a b", "a:b", "a:65536", "[::1"])
def test_a_further_name_that_is_none(name):
    with Service(flags=["--dev", "--host", name]) as service:
        status, said = service.run_to_end()
        assert status == 2 and "--host" in said


def test_the_documentation_and_its_try_it_work_from_their_own_origin(open_service):
    client = open_service.client()
    fetch = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    for path in ("/docs", "/docs/docs.js", "/openapi.json"):
        assert client.get(path, headers={**fetch, "Sec-Fetch-Mode": "no-cors"}).status == 200
    tried = {**fetch, "Origin": own(open_service)}
    for path, media, body, want in (
            ("/v1/readings", "application/json", json.dumps(reading("tried")), 200),
            ("/v1/readings", "application/x-ndjson", json.dumps(reading("tried")) + "\n", 200),
            ("/v1/readings", "text/csv", "room,sensor,value\ntried,s2,20\n", 200),
            ("/write", "text/plain", "temperature,room=tried,sensor=s3 value=20", 204),
            ("/v1/keys", "application/json", json.dumps({"name": "tried", "role": "reader"}), 201)):
        assert client.post(path, body, {"Content-Type": media, **tried}).status == want, path
    assert client.get("/v1/average?room=tried", headers=fetch).json()["count"] >= 1
