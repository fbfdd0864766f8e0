"""HTTP itself: keep-alive, pipelining, bounds, slow and broken clients."""

import json
import socket
import time

import pytest

from service import now_ms, post_readings, reading

GET_LIVE = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Raw:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.buffer = b""

    def send(self, data):
        self.socket.sendall(data)

    def response(self, head_only=False):
        """Status, headers, body of the next response."""
        while b"\r\n\r\n" not in self.buffer:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError(self.buffer)
            self.buffer += more
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        length = 0 if head_only else int(headers.get("content-length", 0))
        while len(self.buffer) < length:
            self.buffer += self.socket.recv(65536)
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return int(lines[0].split(" ")[1]), headers, body

    def closed(self):
        try:
            return self.buffer == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


@pytest.fixture
def raw(shared_service):
    with Raw(shared_service.port) as connection:
        yield connection


def post_bytes(body, path="/v1/readings", extra=""):
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body


def test_a_connection_serves_many_requests(raw):
    for _ in range(5):
        raw.send(GET_LIVE)
        assert raw.response()[0] == 200


def test_pipelined_requests_are_answered_in_order(raw):
    batch = b""
    for i in range(50):
        body = json.dumps(reading("pipelined", f"s{i}", i)).encode()
        batch += post_bytes(body)
        batch += b"GET /v1/average?room=pipelined HTTP/1.1\r\nHost: localhost\r\n\r\n"
    raw.send(batch)
    for i in range(50):
        assert json.loads(raw.response()[2])["accepted"] == 1
        assert json.loads(raw.response()[2])["count"] == i + 1  # acknowledged, so visible


def test_a_request_may_come_byte_by_byte(raw):
    for byte in post_bytes(json.dumps(reading("bytes")).encode()):
        raw.send(bytes([byte]))
    assert raw.response()[0] == 200


def test_head_has_the_length_and_no_body(raw):
    raw.send(b"HEAD /livez HTTP/1.1\r\nHost: localhost\r\n\r\n" + GET_LIVE)
    status, headers, _ = raw.response(head_only=True)
    length = headers["content-length"]
    assert status == 200 and int(length) > 0
    status, headers, body = raw.response()
    assert status == 200 and headers["content-length"] == length and len(body) == int(length)


def test_options_names_the_methods(client):
    answer = client.request("OPTIONS", "/v1/readings")
    assert answer.status == 204 and answer.text == b""
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST", "DELETE", "OPTIONS"}
    assert client.request("OPTIONS", "/livez").headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.request("OPTIONS", "*").status == 204
    assert client.request("OPTIONS", "/nowhere").status == 404


def test_the_wrong_method_and_the_wrong_path(client):
    answer = client.request("DELETE", "/v1/average")
    assert answer.status == 405 and answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert answer.json()["code"] == "method_not_allowed"
    assert client.post("/v1/average", {}).status == 405
    assert client.request("BREW", "/livez").status == 405
    assert client.get("/v2/nothing").json()["code"] == "not_found"


def test_expect_100_continue(raw):
    body = json.dumps(reading("expect")).encode()
    raw.send(post_bytes(body, extra="Expect: 100-continue\r\n")[:-len(body)])
    assert raw.response()[0] == 100
    raw.send(body)
    assert raw.response()[0] == 200


def test_expect_is_refused_before_the_body(raw):
    raw.send(b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
    assert raw.response()[0] == 404


def test_chunked_bodies(raw):
    body = json.dumps([reading("chunked", f"s{i}") for i in range(1000)]).encode()
    raw.send(b"POST /v1/readings HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    for at in range(0, len(body), 777):
        piece = body[at:at + 777]
        raw.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    raw.send(b"0\r\n\r\n" + GET_LIVE)
    assert json.loads(raw.response()[2])["accepted"] == 1000
    assert raw.response()[0] == 200


@pytest.mark.parametrize("request_bytes,status", [
    (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 17_000 + b"\r\n\r\n", 431),
    (b"GET /" + b"y" * 17_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
    (b"nonsense\r\n\r\n", 400),
    (b"GET /livez HTTP/3.0\r\nHost: localhost\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: y\r\n\r\n", 400),
    (b"GET livez HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    (b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nNo colon\r\n\r\n", 400),
    (b"POST /v1/readings HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
    (b"POST /v1/readings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", 400),
    (b"POST /v1/readings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (b"POST /v1/readings HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nzz\r\n", 400),
    (b"POST /v1/readings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 33554433\r\n\r\n", 413),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
])
def test_what_cannot_be_served_is_answered_and_closed(raw, request_bytes, status):
    raw.send(request_bytes)
    got, headers, body = raw.response()
    assert got == status, body
    assert headers["connection"] == "close"
    assert json.loads(body)["status"] == status
    raw.socket.shutdown(socket.SHUT_WR)
    assert raw.closed()


def test_a_body_at_the_limit_is_read(client):
    body = b"[" + b" " * (32 * 1024 * 1024 - 2) + b"]"
    assert client.post("/v1/readings", body, {"Content-Type": "application/json"}).status == 200


def test_a_chunked_body_over_the_limit_is_413(raw):
    raw.send(b"POST /v1/readings HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = b" " * (1 << 20)
    try:
        for _ in range(40):
            raw.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    except (ConnectionResetError, BrokenPipeError):
        pass
    assert raw.response()[0] == 413


def test_http_1_0_and_connection_close(raw, shared_service):
    raw.send(b"GET /livez HTTP/1.0\r\n\r\n")
    assert raw.response()[0] == 200
    assert raw.closed()
    with Raw(shared_service.port) as other:
        other.send(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        status, headers, _ = other.response()
        assert status == 200 and headers["connection"] == "close"
        assert other.closed()


def whole_body(port, version):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"GET /v1/readings?room=old_client&format=csv HTTP/" + version +
                           b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return connection.makefile("rb").read().split(b"\r\n\r\n", 1)


def test_http_1_0_is_sent_no_chunks(shared_service, client):
    now = now_ms()
    post_readings(client, [reading("old_client", "s1", i, timestamp=now - i) for i in range(20_000)])
    head, body = whole_body(shared_service.port, b"1.1")
    assert b"Transfer-Encoding: chunked" in head and b"\r\n0\r\n" in body  # it is long enough to be sent in pieces
    head, body = whole_body(shared_service.port, b"1.0")
    assert b"Transfer-Encoding" not in head and b"Content-Length" not in head and b"Connection: close" in head
    lines = body.splitlines()
    assert len(lines) == 1 + 20_000 and {line.count(b",") for line in lines} == {lines[0].count(b",")}


def test_a_client_that_leaves_harms_nobody(shared_service, client):
    for cut in (b"GET /li", post_bytes(b"{}")[:-1], post_bytes(json.dumps(reading("gone")).encode())):
        with Raw(shared_service.port) as leaving:
            leaving.send(cut)
    assert post_readings(client, reading("stays"))["accepted"] == 1


def test_an_absolute_target_is_understood(raw):
    """Its host counts, and that of the header does not (RFC 9112, section 3.2.2)."""
    raw.send(b"GET http://localhost/livez?x=1 HTTP/1.1\r\nHost: example.org\r\n\r\n")
    assert raw.response()[0] == 200
    raw.send(b"GET http://example.org/livez?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert raw.response()[0] == 403


HOSTS = {
    b"Host: localhost": 200, b"Host: [::1]": 200, b"Host: [::1]:8000": 200, b"Host: localhost:": 200,
    b"HOST:localhost ": 200, b"Host: a.b-c_d.localhost:65535": 200, b"": 400, b"Host:": 400, b"Host: ": 400,
    b"Host: localhost\r\nHost: localhost": 400, b"Host: localhost\r\nHost:": 400, b"Host:\r\nHost: localhost": 400,
    b"Host: local host": 400, b"Host: localhost, localhost": 400, b"Host: localhost/": 400, b"Host: localhost?": 400,
    b"Host: localhost#": 400, b"Host: user@localhost": 400, b"Host: http://localhost": 400, b"Host: localhost:x": 400,
    b"Host: localhost:80:80": 400, b"Host: localhost:65536": 400, b"Host: localhost:-1": 400, b"Host: [::1": 400,
    b"Host: ::1": 400, b"Host: []": 400, b"Host: [localhost]": 400, b"Host: [::1]x": 400, b"Host: local\xffhost": 400,
    b"Host: %zz": 400, b'Host: "localhost"': 400, b"Host: local\\host": 400,
}


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_is_none_is_refused(raw, host):
    """RFC 9112, section 3.2: none, several, or what is no host and port."""
    raw.send(b"GET /livez HTTP/1.1\r\n" + host + (b"\r\n" if host else b"") + b"\r\n")
    assert raw.response()[0] == HOSTS[host]


@pytest.mark.parametrize("target", [b"http://", b"http:///livez", b"http://user@localhost/livez", b"http://a b/livez",
                                    b"http://localhost:x/livez"])
def test_an_absolute_target_without_a_host_is_refused(raw, target):
    raw.send(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert raw.response()[0] == 400


@pytest.mark.parametrize("path", ["/write", "//write", "/write/", "///write//", "//api/v2/write", "/api/v2/write/",
                                  "/api//v2/write", "/%77rite", "http://localhost//write"])
def test_slashes_too_many_are_passed_over_where_lines_are_written(client, raw, path):
    room = "slashes " + path
    line = f"temperature,room={room},sensor=s value=20".replace(" ", "\\ ", 1).encode()
    raw.send(post_bytes(line, path))
    assert raw.response()[0] == 204
    assert client.get("/v1/average", room=room).json()["count"] == 1


def test_slashes_too_many_are_passed_over_wherever_an_address_stays_one(client):
    body = json.dumps([reading("slashes", timestamp=now_ms())])
    as_json = {"Content-Type": "application/json"}
    assert client.post("/v1/readings/", body, as_json).status == 200
    assert client.post("//v1//readings", body, as_json).status == 200
    assert client.post("/temperatures/", "{}", as_json).status == 422  # the original's word for what is missing
    assert client.get("//v1/average?room=slashes").json()["count"] == 1
    assert client.get("/v1/rooms/").status == 200
    assert client.get("/ping/").status == 204
    assert client.post("/query/?q=SHOW+DATABASES", b"").status == 200
    assert client.request("OPTIONS", "//write/").headers["allow"] == "POST, OPTIONS"
    assert client.get("/write/").status == 405


@pytest.mark.parametrize("path", ["/v1%2frooms", "/v1%2Frooms", "/v1/rooms%2F", "%2Fv1/rooms", "/v1/sensors/", "/docs/",
                                  "/v1/roo/ms", "/v1/keys/", "/v1%2Fsensors/a", "/v1/sensors%2Fa", "//v1/sensors/a"])
def test_an_address_that_would_be_another_resource_is_none(raw, path):
    raw.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    status = raw.response()[0]
    assert status == (404 if path.startswith("/") else 400)


def test_an_id_keeps_its_slashes(client):
    for path in ("/v1/sensors/a%2Fb", "/v1/sensors/a/b", "/v1/sensors/a//"):
        assert client.get(path).json()["code"] == "sensor_unknown", path


def test_a_slow_header_is_timed_out_and_a_line_end_behind_a_body_begins_none(shared_service):
    with Raw(shared_service.port) as slow, Raw(shared_service.port) as idle:
        idle.send(post_bytes(json.dumps(reading("line end")).encode()))
        assert idle.response()[0] == 200
        idle.send(b"\r\n")
        slow.send(b"GET /livez HTTP/1.1\r\nHo")
        began = time.monotonic()
        status, headers, _ = slow.response()
        assert status == 408 and headers["connection"] == "close"
        assert time.monotonic() - began > 5  # it was given time
        idle.send(GET_LIVE)  # which has more of it between requests
        assert idle.response()[0] == 200


def test_security_headers(client):
    answer = client.get("/v1/rooms")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
