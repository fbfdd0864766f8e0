"""What the log says of requests: their traces, the access log, failures and how often they were repeated."""

import gzip
import json
import os
import re
import shutil
import socket
import subprocess
import time

import pytest

from service import BINARY, Service, now_ms, reading

pytestmark = pytest.mark.one_at_a_time

KEY = "a-key-of-the-operator-0123456789"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"
JSON = {"Content-Type": "application/json"}
BODY_MAX = 32 * 1024 * 1024
SOURCE = {"service.name": "temperature-service", "deployment.environment.name": "staging",
          "dd.service": "temperature-service", "dd.env": "staging"}


def logging(*flags, **more):
    return Service(flags=["--log-format", "json", "--environment", "staging", *flags], **more)


@pytest.fixture(scope="module")
def guarded():
    """Asks everybody for a credential, and has a line for each request."""
    with logging("--access-log", "all", environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        yield service.start()


@pytest.fixture
def admin(guarded):
    its = guarded.client(key=KEY)
    yield its
    its.close()


def lines_of(service):
    """Every line is an object of JSON that harms no terminal, and says who wrote it."""
    lines = []
    for text in service.output().rstrip("\n").split("\n"):
        assert text.isprintable(), text
        line = json.loads(text)
        assert SOURCE.items() <= line.items() and line["service.version"] == line["dd.version"], line
        assert line["time"] == line["timestamp"]
        lines.append(line)
    return lines


def line_with(service, **members):
    """The one line that has these members, once it is there."""
    wanted = {name.replace("__", "."): value for name, value in members.items()}
    deadline = time.monotonic() + 30
    while True:
        found = [line for line in lines_of(service) if wanted.items() <= line.items()]
        if found:
            assert len(found) == 1, found
            return found[0]
        assert time.monotonic() < deadline, (wanted, service.output()[-3000:])


def trace_of(answer):
    version, trace, span, flags = answer.headers["traceresponse"].split("-")
    assert (version, len(trace), len(span)) == ("00", 32, 16), answer.headers
    return trace, span, flags


def line_of(service, answer):
    trace, span, _ = trace_of(answer)
    line = line_with(service, trace_id=trace, span_id=span)
    assert line["http.status_code"] == answer.status and line["duration_seconds"] >= 0, line
    assert line["network.client.ip"] == "127.0.0.1"
    return line


def raw(service, data):
    """What comes back for these bytes, up to the end of the connection."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        got = b""
        while piece := connection.recv(65_536):
            got += piece
    return got


def test_a_trace_goes_on(guarded, admin):
    answer = admin.post("/v1/readings", [reading("r", timestamp=now_ms())], {"traceparent": PARENT})
    assert answer.status == 200
    trace, span, flags = trace_of(answer)
    assert (trace, flags) == (TRACE, "01") and span != SPAN
    line = line_of(guarded, answer)
    assert line["message"] == "POST /v1/readings 200" and line["level"] == "info"
    assert line["http.method"] == "POST" and line["http.route"] == "/v1/readings"
    assert line["network.bytes_read"] > 40 and line["network.bytes_written"] > len(answer.text)
    assert line["sender"] == "admin" and "http.url_details.path" not in line


@pytest.mark.parametrize("parents", [
    ["00-" + TRACE.upper() + "-" + SPAN + "-01"], ["ff-" + TRACE + "-" + SPAN + "-01"], [PARENT, PARENT],
    ["00-" + "0" * 32 + "-" + SPAN + "-01"], ["\x80" * 55],
], ids=range(5))
def test_a_trace_that_is_none_begins_anew(guarded, parents):
    headers = b"".join(b"traceparent: " + parent.encode("latin-1") + b"\r\n" for parent in parents)
    got = raw(guarded, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n")
    assert got.startswith(b"HTTP/1.1 200 ")
    trace, flags = re.search(rb"\r\ntraceresponse: 00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})\r\n", got).groups()
    assert trace != TRACE.encode() and flags == b"00"
    assert line_with(guarded, trace_id=trace.decode())["http.route"] == "/livez"


def test_each_error_says_its_trace():
    """In the header at every address, in the words of the one that are JSON of problems; a success only when asked."""
    with Service() as service:
        client = service.start().client()
        assert "traceresponse" not in client.get("/livez").headers
        assert "traceresponse" not in client.get("/livez", {"traceparent": "00-1-2-3"}).headers
        assert trace_of(client.get("/livez", {"traceparent": PARENT}))[0] == TRACE
        problem = client.get("/v1/average")
        assert problem.status == 400 and problem.json()["trace_id"] == trace_of(problem)[0]
        part = client.post("/v1/readings", [{"room": "r"}])
        assert part.status == 422 and part.json()["trace_id"] == trace_of(part)[0]
        packed = client.post("/v1/readings", [{"room": "r"}] * 200, {"Accept-Encoding": "gzip"})
        body = gzip.decompress(packed.text) if "content-encoding" in packed.headers else packed.text
        assert json.loads(body)["trace_id"] == trace_of(packed)[0]
        for other in (client.post("/write", "nonsense"), client.get("/temperatures/average"),
                      client.post("/api/v2/write", "nonsense"), client.get("/query")):
            assert 400 <= other.status < 500 and b"trace_id" not in other.text
            trace_of(other)
        assert client.request("HEAD", "/v1/average").headers["traceresponse"]
        # A success that has something in the log.
        answer = client.post("/v1/readings", [reading("r", timestamp=now_ms()), {"room": "t"}])
        assert answer.status == 200 and answer.json()["rejected_count"] == 1
        assert f"trace_id={trace_of(part)[0]} span_id={trace_of(part)[1]}" in service.output()
        trace_of(answer)


def test_every_door_has_a_line(guarded, admin):
    nobody = guarded.client()
    large = {"Content-Length": str(BODY_MAX + 1)}
    for answer, method, route, path, code in (
            (nobody.get("/v1/average?room=r"), "GET", "/v1/average", None, "credential_missing"),
            (admin.get("/no/where"), "GET", None, "/no/where", "not_found"),
            (admin.request("DELETE", "/v1/average"), "DELETE", None, "/v1/average", "method_not_allowed"),
            (admin.get("/v1/sensors/s%2F1"), "GET", "/v1/sensors/{id}", "/v1/sensors/s/1", "sensor_unknown"),
            (admin.request("OPTIONS", "/v1/average"), "OPTIONS", None, "/v1/average", None),
            (admin.request("HEAD", "/livez"), "HEAD", "/livez", None, None),
            (admin.post("/v1/readings", "{}", {"Content-Encoding": "br"}), "POST", "/v1/readings", None,
             "unsupported_encoding"),
            (admin.get("/docs"), "GET", "/docs", None, None),
            (admin.get("/metrics"), "GET", "/metrics", None, None),
            (admin.post("/write", "temperature,room=r,sensor=s value=1"), "POST", "/write", None, None),
            (admin.get("/temperatures/average?room=r"), "GET", "/temperatures/average", None, None),
            (guarded.client(key=KEY).request("POST", "/v1/readings", headers={**JSON, **large}), "POST", None,
             "/v1/readings", "body_too_large")):
        line = line_of(guarded, answer)
        assert line["http.method"] == method and line.get("http.route") == route, line
        assert line.get("http.url_details.path") == path and line.get("code") == code, line
        assert line["level"] == ("info" if answer.status < 400 else "warning")
        assert line["network.bytes_written"] >= len(answer.text) + 100
    nobody.close()


@pytest.mark.parametrize("request_bytes,status", [
    (b"nonsense\r\n\r\n", 400), (b"GET /\x1b[31m HTTP/1.1\r\n\r\n", 400), (b"\xff\xfe\x00 / HTTP/1.1\r\n\r\n", 400),
    (b"GET /%00%1b%5b31m%0a%22%5c%ff%e2%80%ae HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    (b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405), (b"GET / HTTP/1.1\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 70_000 + b"\r\n\r\n", 431),
    (b"GET /%80/" + b"%c3%a9" * 300 + b" HTTP/1.0\r\n\r\n", 404),
], ids=range(8))
def test_bytes_of_outsiders_do_no_harm(guarded, request_bytes, status):
    """lines_of() looks at each line."""
    got = raw(guarded, request_bytes)
    assert got.startswith(b"HTTP/1.1 %d " % status), got
    trace = re.search(rb"\r\ntraceresponse: 00-([0-9a-f]{32})-", got).group(1).decode()
    line = line_with(guarded, trace_id=trace)
    assert line["http.status_code"] == status and len(line.get("http.url_details.path", "")) <= 256


def test_no_credential_is_in_a_line(guarded, admin):
    made = admin.post("/v1/keys", {"name": "grafana", "role": "writer"}, {"traceparent": PARENT}).json()
    key = made["key"]
    token = "eyJhbGciOiJFZERTQSIsImtpZCI6IjEifQ.eyJzdWIiOiJzMSJ9.c2lnbmF0dXJl"
    wrong = "tsk_0123456789ab_0123456789abcdefghijklmnopqrstuvwxyz0123456"
    nobody = guarded.client()
    line = "temperature,room=r,sensor=s value=1"
    sent = [nobody.post("/write?u=any&p=" + each, line) for each in (key, wrong, token)]
    sent += [nobody.get("/v1/rooms", {"Authorization": "Bearer " + each}) for each in (key, wrong, token, KEY)]
    sent += [nobody.get("/v1/rooms", {"Authorization": "Token " + each}) for each in (key, wrong)]
    sent += [nobody.get(f"/v1/rooms?token={each}&key={each}") for each in (key, wrong, token, KEY)]
    sent += [nobody.get(f"/v1/rooms/{each}/x") for each in (key, wrong, token)]
    sent.append(admin.get("/v1/keys/" + key))
    assert {answer.status for answer in sent} >= {200, 204, 401, 403, 404}
    for answer in sent:
        line_of(guarded, answer)
    for secret in (key, key.split("_")[2], wrong, token, token.split(".")[2], KEY):
        assert secret not in guarded.output()
    nobody.close()


def test_a_line_of_a_change_has_its_trace():
    with logging(environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        client = service.start().client(key=KEY)
        answer = client.post("/v1/keys", {"name": "grafana", "role": "reader"}, {"traceparent": PARENT})
        made = line_with(service, message="made a key")
        assert (made["trace_id"], made["span_id"]) == trace_of(answer)[:2] and made["trace_id"] == TRACE
        answer = client.request("DELETE", "/v1/keys/" + answer.json()["id"], headers={"traceparent": PARENT})
        assert line_with(service, message="revoked a key")["span_id"] == trace_of(answer)[1]
        assert not [line for line in lines_of(service) if "http.method" in line], "there is no access log"


def test_one_of_so_many_and_every_error():
    with logging("--dev", "--access-log", "10") as service:
        client = service.start().client()
        for _ in range(200):
            assert client.get("/livez").status == 200
        for _ in range(15):
            assert client.get("/nowhere").status == 404
        client.close()
        assert service.stop() == 0
        lines = lines_of(service)
        assert sum(line["message"] == "GET /livez 200" for line in lines) == 20
        assert sum(line["message"] == "GET /nowhere 404" for line in lines) == 15


def test_a_client_that_goes_away_has_a_line_that_says_so():
    with logging("--dev", "--access-log", "all") as service:
        client = service.start().client()
        start = now_ms() - 50_000_000
        for batch in range(10):
            assert client.post("/v1/readings", [reading("r", sensor=f"s{batch}", timestamp=start + 1_000 * i)
                                                for i in range(5_000)]).status == 200
        with socket.create_connection(("127.0.0.1", service.port), timeout=60) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            connection.sendall(b"GET /v1/readings?room=r&format=csv HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(100)
        line = line_with(service, http__route="/v1/readings", http__method="GET")
        assert line["message"] == "GET /v1/readings 200, not to its end", line


def test_failures_are_told_once_and_counted(tmp_path):
    """Ten thousand requests that fail alike do not drown the log, and the count is right at a stop."""
    with logging("--dev", data_dir=tmp_path / "data") as service:
        client = service.start().client()
        shutil.move(tmp_path / "data", tmp_path / "away")
        deadline = time.monotonic() + 30
        while client.get("/readyz").status == 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        answers = [client.post("/v1/readings", [reading("r")]) for _ in range(300)]
        answers += [client.post("/write", "temperature,room=r,sensor=s value=1") for _ in range(50)]
        assert {answer.status for answer in answers} == {503}
        first = line_with(service, message="a request failed")
        assert (first["trace_id"], first["span_id"]) == trace_of(answers[0])[:2]
        assert first["code"] == answers[0].json()["code"] == "data_folder_lost" and first["level"] == "warning"
        assert first["detail"] == answers[0].json()["detail"] and first["http.status_code"] == 503
        client.close()
        service.stop()
        lines = lines_of(service)
        repeated = [line for line in lines if "repeated" in line]
        assert sum(line["repeated"] for line in repeated) == 349 and repeated[-1]["code"] == "data_folder_lost"
        assert [line for line in lines if line["message"] == "a request failed"] == [first]
        assert lines.index(repeated[-1]) < len(lines) - 1 and lines[-1]["message"] == "stopped"


def test_commands_hand_a_trace_on(guarded):
    environment = {**os.environ, "TEMPERATURE_KEY": KEY, "TRACEPARENT": f"00-{'5' * 32}-{'6' * 16}-01",
                   "TRACESTATE": "congo=t61rcWkgMzE"}
    command = [BINARY, "rooms", "--json", "--url", f"http://127.0.0.1:{guarded.port}"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=60)
    assert line_with(guarded, trace_id="5" * 32, http__route="/v1/rooms")["span_id"] != "6" * 16
    before = len(lines_of(guarded))
    subprocess.run(command, env={**environment, "TRACEPARENT": "00-nonsense\r\nX: y"}, check=True,
                   stdout=subprocess.DEVNULL, timeout=60)
    line = next(line for line in lines_of(guarded)[before:] if line.get("http.route") == "/v1/rooms")
    assert line["http.status_code"] == 200 and "nonsense" not in json.dumps(line)


@pytest.mark.parametrize("wrong", ["often", "0", "-1", "1.5", "1000000001", ""])
def test_flags_that_cannot_be_are_told_in_json_too(tmp_path, wrong):
    with logging("--access-log", wrong, data_dir=tmp_path / "data") as service:
        status, _ = service.run_to_end()
        (line,) = lines_of(service)
    assert status == 2 and line["level"] == "error" and "--access-log must be off, errors, all" in line["message"]
    assert not (tmp_path / "data").exists()
