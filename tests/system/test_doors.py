"""The addresses and parameters that clients look for: InfluxDB's of three versions, lists, and what is empty."""

import pytest

from service import Service, average, now_ms

NOON = 1_699_999_200_000  # a whole hour


def write_lp(client, lines, query=""):
    return client.request("POST", "/api/v3/write_lp" + query, lines, {"Content-Type": "text/plain; charset=utf-8"})


# What Arduino's client (validateConnection) and Tasmota's driver (InfluxDbValidateConnection) ask, and InfluxDB 1's own
# handler, which takes any verbose but "", "0" and "false".
@pytest.mark.parametrize("query, status", [
    ("", 204), ("?verbose=true", 200), ("?verbose=true&u=user&p=secret", 200), ("?verbose=1", 200),
    ("?verbose=false", 204), ("?verbose=0", 204), ("?verbose=", 204), ("?other=1", 204)])
def test_ping(client, query, status):
    answer = client.get("/ping" + query)
    assert answer.status == status
    version = answer.headers["x-influxdb-version"]
    assert version.startswith("1.8") and answer.headers["x-influxdb-build"] == "temperature-service"
    if status == 200:
        assert answer.json() == {"version": version}
        assert answer.headers["content-type"] == "application/json"
    else:
        assert answer.text == b""
    head = client.request("HEAD", "/ping" + query)
    assert head.status == status and head.text == b"" and head.headers["x-influxdb-version"] == version
    assert client.get("/api/v2/ping").status == 204


def test_ready_says_since_when(client):
    answer = client.get("/ready")
    assert answer.status == 200
    body = answer.json()
    assert body["status"] == "ready" and body["started"].endswith("Z") and set(body) == {"status", "started", "up"}


def test_the_bucket_and_the_organization_that_are_looked_for_are_there(client):
    organization = client.get("/api/v2/orgs", org="my home").json()["orgs"][0]
    assert organization["name"] == "my home" and len(organization["id"]) == 16
    bucket, = client.get("/api/v2/buckets", name="readings", orgID=organization["id"]).json()["buckets"]
    assert bucket["name"] == "readings" and bucket["orgID"] == organization["id"] and bucket["retentionRules"] == []
    assert len(client.get("/api/v2/buckets").json()["buckets"]) == 1
    # Clients that ask for page after page come to an end.
    assert client.get("/api/v2/buckets", limit=20, offset=1).json()["buckets"] == []
    assert client.get("/api/v2/buckets", after=bucket["id"]).json()["buckets"] == []
    assert client.get("/api/v2/buckets", limit=20, offset=0, name="x").json()["buckets"][0]["name"] == "x"


@pytest.mark.parametrize("statement", ["SELECT mean(value) FROM temperature", "SHOW MEASUREMENTS", "DROP DATABASE x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refused_influxql_says_what_to_ask(client, method, statement):
    answer = client.request(method, "/query", q=statement)
    assert answer.status == 400
    for address in ("/v1/history", "/v1/average", "/v1/readings", "/v1/rooms"):
        assert address in answer.json()["error"]


def test_flux_is_refused_in_the_same_words(client):
    answer = client.post("/api/v2/query?org=home", {"query": "from(bucket: \"b\")", "type": "flux"})
    assert answer.status == 400
    assert answer.json()["code"] == "invalid" and "/v1/history" in answer.json()["message"]
    assert client.get("/query", q="").status == 400


UNITS = {"ns": 1_000_000, "us": 1_000, "ms": 1, "s": 1 / 1_000, "m": 1 / 60_000, "h": 1 / 3_600_000}
NAMES = {"nanosecond": "ns", "microsecond": "us", "millisecond": "ms", "second": "s", "minute": "m", "hour": "h"}


@pytest.mark.parametrize("path", ["/write", "/api/v2/write", "/api/v3/write_lp"])
@pytest.mark.parametrize("precision, unit", [
    *NAMES.items(), *((name + "s", unit) for name, unit in NAMES.items()), *((unit, unit) for unit in UNITS),
    ("n", "ns"), ("u", "us"), ("auto", "ns"), ("auto", "us"), ("auto", "ms"), ("auto", "s")])
def test_precisions_by_every_name(client, path, precision, unit):
    room = f"{path}-{precision}-{unit}".replace("/", "")
    line = f"temperature,room={room},sensor=s value=20 {round(NOON * UNITS[unit])}"
    answer = client.request("POST", f"{path}?precision={precision}", line)
    assert (answer.status, answer.text) == (204, b"")
    assert average(client, room, at=NOON, window="1s")["count"] == 1


@pytest.mark.parametrize("path", ["/write", "/api/v2/write", "/api/v3/write_lp"])
@pytest.mark.parametrize("precision", ["d", "NS", "millis", "nanosecondss", "sec", "0"])
def test_no_other_precision_is_taken(client, path, precision):
    answer = client.request("POST", f"{path}?precision={precision}", "temperature,room=none,sensor=s value=20 1")
    assert answer.status == 400 and "millisecond" in answer.text.decode()
    assert client.get("/v1/average", room="none").status == 404


@pytest.mark.parametrize("unit", ["ns", "us", "ms", "s"])
def test_version_3_tells_the_precision_by_magnitude_when_none_is_said(client, unit):
    for query in ("?db=readings", "?db=readings&precision=", ""):
        room = f"auto-{unit}-{len(query)}"
        line = f"temperature,room={room},sensor=s value=20 {round(NOON * UNITS[unit])}"
        assert write_lp(client, line, query).status == 204
        assert average(client, room, at=NOON, window="1s")["count"] == 1


def test_version_3_tells_of_each_refused_line(client):
    stamp = now_ms()
    answer = write_lp(client, f"temperature,room=v3,sensor=s value=20 {stamp}\nbroken\ntemperature,sensor=s value=1\n",
                      "?db=x&accept_partial=true&no_sync=false")
    assert answer.status == 400
    body = answer.json()
    assert body["error"].startswith("partial write")
    assert [(each["line_number"], each["original_line"]) for each in body["data"]] == [
        (2, "broken"), (3, "temperature,sensor=s value=1")]
    assert "room" in body["data"][1]["error_message"]
    assert average(client, "v3")["count"] == 1
    assert write_lp(client, "", "?db=x").status == 204


@pytest.mark.parametrize("query", ["?accept_partial=false", "?accept_partial=", "?accept_partial=maybe"])
def test_version_3s_promise_that_cannot_be_kept_is_refused(client, query):
    answer = write_lp(client, "temperature,room=whole,sensor=s value=20", query)
    assert answer.status == 400 and answer.json()["data"] is None and "accept_partial" in answer.json()["error"]
    assert client.get("/v1/average", room="whole").status == 404


def test_version_3_words_every_error_as_its_clients_know_it():
    with Service(flags=[], environment={"TEMPERATURE_ADMIN_KEY": "a" * 43}) as service:
        answer = write_lp(service.start().client(), "temperature,room=r,sensor=s value=20")
        assert answer.status == 401 and set(answer.json()) == {"error", "data"}


@pytest.fixture(scope="module")
def rooms(shared_service):
    client = shared_service.client()
    for number, room in enumerate(["l1", "l2", "l3", "with,comma", "with"]):
        line = f"temperature,room={room},sensor=s value={number} {NOON}".replace("with,comma", "with\\,comma")
        assert client.request("POST", "/write?precision=ms", line).status == 204
    client.close()


def history(client, query):
    return client.get(f"/v1/history?{query}&from={NOON}&to={NOON + 1000}&step=1s")


@pytest.mark.parametrize("query, want", [
    ("room=l1&room=l2", ["l1", "l2"]), ("room=l1,l2", ["l1", "l2"]), ("room=l1%2Cl2", ["l1", "l2"]),
    ("room=l3,l1&room=l2", ["l3", "l1", "l2"]), ("room=l1", ["l1"]),
    ("room=with,comma", ["with,comma"]), ("room=with%2Ccomma&room=l1", ["with,comma", "l1"]),
])
def test_rooms_may_be_repeated_or_have_commas_between(client, rooms, query, want):
    answer = history(client, query)
    assert answer.status == 200, answer.text
    assert [bucket["room"] for bucket in answer.json()["buckets"]] == want


@pytest.mark.parametrize("query", ["aggregates=max,min", "aggregates=max&aggregates=min", "aggregates=max%2Cmin",
                                   "aggregates=max,min&aggregates=max"])
def test_aggregates_may_be_repeated_or_have_commas_between(client, rooms, query):
    bucket, = history(client, "room=l2&" + query).json()["buckets"]
    assert list(bucket) == ["start", "end", "room", "count", "max", "min"] and bucket["max"] == 1


@pytest.mark.parametrize("query, named", [
    ("room=l1,", "room"), ("room=,l1", "room"), ("room=l1,,l2", "room"), ("room=,", "room"), ("room=l1,l1", "room"),
    ("room=l1&room=l2,l1", "room"), ("room=" + ",".join(f"r{i}" for i in range(51)), "room"),
    ("room=l1&aggregates=max,", "aggregates"), ("room=l1&aggregates=,", "aggregates"),
    ("room=l1&aggregates=max&aggregates=", "aggregates"), ("room=l1&aggregates=max,most", "aggregates"),
])
def test_a_faulty_list_is_refused_by_name(client, rooms, query, named):
    answer = history(client, query)
    assert answer.status == 400 and answer.json()["code"] == "parameter_invalid" and named in answer.json()["detail"]


# Every parameter of every address that reads, changes or tells something: empty is no word for "all".
PARAMETERS = {
    "/v1/average": ["building", "room", "sensor", "quantity", "window", "at"],
    "/v1/readings": ["building", "room", "sensor", "quantity", "from", "to", "format", "limit", "cursor"],
    "/v1/history": ["building", "room", "sensor", "quantity", "from", "to", "step", "aggregates", "fill", "format",
                    "limit", "cursor"],
    "/v1/rooms": ["building", "limit", "cursor", "order", "quantity", "search"],
    "/v1/sensors": ["building", "room", "limit", "cursor", "registered"],
    "/v1/keys": ["limit", "cursor"],
    "/v1/rejects": ["limit", "kind", "group_by"],
    "/v1/audit": ["from", "to", "limit", "cursor"],
    "/readyz": ["for"],
}


@pytest.mark.parametrize("path, name", [(path, name) for path, names in PARAMETERS.items() for name in names])
@pytest.mark.parametrize("written", ["{}=", "{}"])
def test_an_empty_parameter_is_refused_by_name(client, rooms, path, name, written):
    room = "" if name == "room" or "room" not in PARAMETERS[path] else "&room=l1"
    answer = client.get(f"{path}?{written.format(name)}{room}")
    assert answer.status == 400, answer.text
    assert answer.json()["code"] == "parameter_invalid" and name in answer.json()["detail"]


def test_the_document_has_no_other_parameters_than_these(client):
    """A parameter that is new stands in PARAMETERS, or is none that can be empty by mistake."""
    document = client.get("/openapi.json").json()
    for path, names in PARAMETERS.items():
        parameters = [document["components"]["parameters"][each["$ref"].rsplit("/", 1)[1]] if "$ref" in each else each
                      for each in document["paths"][path]["get"].get("parameters", [])]
        assert {each["name"] for each in parameters} == set(names), path
    ours = {path for path, item in document["paths"].items()
            if path.startswith("/v1") and item.get("get", {}).get("parameters")}
    assert ours <= set(PARAMETERS)


@pytest.mark.parametrize("method, path", [
    ("GET", "/v1/sensors/s1"), ("DELETE", "/v1/sensors/s1"), ("PUT", "/v1/sensors/s1"), ("POST", "/v1/keys"),
    ("GET", "/v1/keys/k"), ("DELETE", "/v1/keys/k"), ("POST", "/v1/readings"), ("GET", "/v1/admin/backup"),
    ("POST", "/v1/admin/backup")])
@pytest.mark.parametrize("query", ["?dry_run=true", "?dry_run="])
def test_addresses_without_parameters_refuse_them(client, method, path, query):
    answer = client.request(method, path + query, {} if method in ("PUT", "POST") else None)
    assert answer.status == 400 and answer.json()["code"] == "parameter_unknown", answer.text


def resolved(document, node):
    while "$ref" in node:
        found = document
        for part in node["$ref"][2:].split("/"):
            found = found[part]
        node = found
    return node


def has_default(document, schema):
    schema = resolved(document, schema)
    return "default" in schema or any(has_default(document, each) for word in ("allOf", "oneOf", "anyOf")
                                      for each in schema.get(word, []))


def test_what_has_a_default_is_not_required(client):
    """Programs made from the document would not compile, or send what they need not."""
    document = client.get("/openapi.json").json()
    looked_at = 0

    def visit(node):
        nonlocal looked_at
        if isinstance(node, dict):
            if node.get("in") in ("query", "header") and has_default(document, node.get("schema", {})):
                looked_at += 1
                assert not node.get("required"), node["name"]
            if isinstance(node.get("properties"), dict):
                for name in node.get("required", []):
                    if name in node["properties"]:
                        looked_at += 1
                        assert not has_default(document, node["properties"][name]), (name, list(node["properties"]))
            for each in node.values():
                visit(each)
        elif isinstance(node, list):
            for each in node:
                visit(each)

    visit(document)
    assert looked_at > 50


def test_the_document_requires_what_the_original_requires(client):
    document = client.get("/openapi.json").json()
    parameters = [resolved(document, each) for each in document["paths"]["/temperatures/average"]["get"]["parameters"]]
    assert {each["name"]: each.get("required", False) for each in parameters} == {
        "building": True, "room": True, "minutes": False}


def test_every_list_of_the_document_says_how_it_is_written(client):
    document = client.get("/openapi.json").json()
    lists = []
    for path, item in document["paths"].items():
        for method in item.values():
            for each in method.get("parameters", []) if isinstance(method, dict) else []:
                each = resolved(document, each)
                if each["schema"].get("type") == "array":
                    lists.append((path, each["name"]))
                    assert each["style"] == "form" and isinstance(each["explode"], bool)
                    assert "commas between" in each["description"] and "more than once" in each["description"]
    assert lists == [("/v1/rejects", "kind"), ("/v1/rejects", "group_by"), ("/v1/history", "room"),
                     ("/v1/history", "aggregates")]
