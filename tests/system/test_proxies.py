"""Behind proxies: for whom they send is believed when they are trusted, so that limits hit the right address."""

import json
import re
import socket
import ssl
import struct

import pytest

from haproxy import HaProxy
from nginx import PrefixProxy
from service import Service
from test_tls import TlsService, make_certificate

KEY = "a-key-of-the-operator-0123456789"
GET = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
TRUSTED = ["--trusted-proxies", "127.0.0.1"]

pytestmark = pytest.mark.one_at_a_time


def proxy_header(client, family=socket.AF_INET):
    """Version 2, of a TCP connection from `client` (section 2.2 of HAProxy's proxy-protocol.txt)."""
    address = socket.inet_pton(family, client)
    body = address + address + struct.pack("!HH", 4711, 443)
    kind = 0x11 if family == socket.AF_INET else 0x21
    return b"\r\n\r\n\0\r\nQUIT\n" + struct.pack("!BBH", 0x21, kind, len(body)) + body


def connect(port, first=b""):
    made = socket.create_connection(("127.0.0.1", port), timeout=20)
    if first:
        made.sendall(first)
    return made


def answer(connection):
    """The status of the answer; "closed" when there is none."""
    connection.sendall(GET)
    try:
        said = connection.recv(65536)
    except ConnectionResetError:
        said = b""
    return int(said.split()[1]) if said else "closed"


def refused(client, bound):
    text = client.get("/metrics").text.decode()
    return int(re.search(r'http_connections_refused_total\{bound="%s"\} (\d+)' % bound, text).group(1))


# PROXY protocol


def test_connections_count_for_the_client_that_the_proxy_names():
    with Service(flags=["--dev", *TRUSTED, "--connections-per-address", "2"]) as service:
        service.start()
        held = []
        for last in range(1, 5):  # of the proxy's address there are more than two
            for _ in range(2):
                held.append(connect(service.port, proxy_header(f"192.0.2.{last}")))
                assert answer(held[-1]) == 200
        assert answer(connect(service.port, proxy_header("192.0.2.1"))) == "closed"
        assert answer(connect(service.port, proxy_header("2001:db8::1", socket.AF_INET6))) == 200
        held.append(connect(service.port))  # the proxy itself, without a header: its health checks
        assert answer(held[-1]) == 200
        client = service.client()
        assert refused(client, "address") == 1
        held.pop(0).close()
        for _ in range(200):
            again = connect(service.port, proxy_header("192.0.2.1"))
            if answer(again) == 200:
                break
        else:
            pytest.fail("a place that is free again is not given")


def test_a_header_that_is_broken_closes_the_connection():
    with Service(flags=["--dev", *TRUSTED]) as service:
        client = service.start().client()
        for header in (proxy_header("192.0.2.1")[:12] + b"\x31" + proxy_header("192.0.2.1")[13:],
                       b"PROXY TCP4 x y 1 2\r\n", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff", b"PROXY TCP4 " + b"1" * 200):
            assert answer(connect(service.port, header)) == "closed"
        assert refused(client, "proxy_header") == 4
        slowly = connect(service.port)
        for byte in proxy_header("192.0.2.1"):
            slowly.sendall(bytes([byte]))
        assert answer(slowly) == 200
        together = connect(service.port, proxy_header("192.0.2.1") + GET)
        assert answer(together) == 200


def test_who_is_not_trusted_has_no_header():
    with Service(flags=["--dev", "--trusted-proxies", "192.0.2.0/24,2001:db8::/32"]) as service:
        service.start()
        assert answer(connect(service.port, proxy_header("198.51.100.1"))) == 400
        assert answer(connect(service.port, b"PROXY TCP4 198.51.100.1 127.0.0.1 1 2\r\n")) == 400


@pytest.mark.parametrize("how", ["send-proxy", "send-proxy-v2"])
def test_a_real_haproxy_passes_connections_on(how):
    with Service(flags=["--dev", *TRUSTED, "--connections-per-address", "3"]) as service:
        service.start()
        with HaProxy(service.port, how) as proxy:
            here = [proxy.connect("127.0.0.2") for _ in range(3)]
            assert [answer(each) for each in here] == [200, 200, 200]
            assert answer(proxy.connect("127.0.0.2")) == "closed"
            there = [proxy.connect("127.0.0.3") for _ in range(3)]  # another client of the same proxy
            assert [answer(each) for each in there] == [200, 200, 200]


def test_the_header_stands_before_tls(tmp_path):
    certificate, key = make_certificate(tmp_path)
    with TlsService(flags=["--dev", *TRUSTED, "--connections-per-address", "1", "--tls-cert", str(certificate),
                           "--tls-key", str(key)]) as service:
        service.folder = tmp_path
        service.start()
        for last in range(1, 4):
            plain = connect(service.port, proxy_header(f"192.0.2.{last}"))
            with service.context().wrap_socket(plain, server_hostname="127.0.0.1") as encrypted:
                assert answer(encrypted) == 200
        first = connect(service.port, proxy_header("192.0.2.9"))
        with service.context().wrap_socket(first, server_hostname="127.0.0.1") as encrypted:
            assert answer(encrypted) == 200
            second = connect(service.port, proxy_header("192.0.2.9"))
            with pytest.raises((ssl.SSLError, OSError)):
                service.context().wrap_socket(second, server_hostname="127.0.0.1")
        assert service.client().get("/livez").status == 200  # the proxy's own, without a header


# Headers


def test_lists_that_name_different_clients_are_refused():
    with Service(flags=["--dev", *TRUSTED]) as service:
        client = service.start().client()
        both = {"X-Forwarded-For": "192.0.2.7", "Forwarded": "for=6.6.6.6"}
        told = client.get("/livez", headers=both)
        assert told.status == 400 and told.json()["code"] == "malformed_request"
        assert "different clients" in told.json()["detail"]
        assert client.get("/livez", headers={**both, "Forwarded": "for=192.0.2.7"}).status == 200
        assert client.get("/livez", headers={"Forwarded": "for=\"192.0.2.7"}).status == 400
        assert client.get("/livez", headers={"X-Forwarded-For": "nonsense"}).status == 200


def addresses_of(service):
    lines = [json.loads(line) for line in service.output().splitlines()]
    return [line["network.client.ip"] for line in lines if line.get("http.route") == "/v1/rooms"]


def test_the_log_has_the_clients_address():
    log = ["--log-format", "json", "--access-log", "all"]
    with Service(flags=["--dev", *TRUSTED, *log]) as service:
        client = service.start().client()
        client.get("/v1/rooms", headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.7"})
        client.get("/v1/rooms", headers={"Forwarded": 'for="[2001:db8::7]:4711", for=127.0.0.1'})
        client.get("/v1/rooms", headers={"X-Forwarded-For": "unknown"})
        client.get("/v1/rooms")
        plain = connect(service.port, proxy_header("192.0.2.9"))
        plain.sendall(b"GET /v1/rooms HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n")
        assert plain.recv(65536).startswith(b"HTTP/1.1 200")
        assert service.stop() == 0
        assert addresses_of(service) == ["192.0.2.7", "2001:db8::7", "127.0.0.1", "127.0.0.1", "192.0.2.9"]
    with Service(flags=["--dev", *log]) as service:
        service.start().client().get("/v1/rooms", headers={"X-Forwarded-For": "6.6.6.6"})
        assert service.stop() == 0
        assert addresses_of(service) == ["127.0.0.1"]


def test_who_is_not_trusted_says_nothing():
    with Service() as service:
        client = service.start().client()
        assert client.get("/livez", headers={"Forwarded": "for=\"", "X-Forwarded-For": "1"}).status == 200


def test_the_scheme_that_the_proxy_saw_counts():
    with Service(flags=TRUSTED, environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        client = service.start().client()
        for headers in ({"X-Forwarded-Proto": "https"}, {"Forwarded": "for=192.0.2.7;proto=https"}):
            assert "strict-transport-security" in client.get("/livez", headers=headers).headers
        assert "strict-transport-security" not in client.get("/livez", headers={"X-Forwarded-Proto": "http"}).headers
        assert "strict-transport-security" not in client.get("/livez").headers
        # A browser that does not say "same-origin" is known by the scheme.
        page = {"Origin": "https://localhost", "Host": "localhost", "Authorization": "Basic eDp5"}
        assert client.get("/v1/rooms", headers=page).status == 403
        assert client.get("/v1/rooms", headers={**page, "X-Forwarded-Proto": "https"}).status == 401


def test_a_real_nginx_tells_for_whom_it_sends():
    with Service(flags=["--dev", *TRUSTED, "--connections-per-address", "2"]) as service:
        service.start()
        with PrefixProxy(service.port) as proxy:
            connections = [proxy.connect() for _ in range(6)]  # nginx has one of its own for each of them
            for connection in connections:
                connection.sendall(b"GET /sensors/livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert connection.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("networks", ["proxy.example", "10.0.0.0/33", "10.0.0.0/8,x", ",".join(["::1"] * 257)])
def test_networks_that_are_none_refuse_the_start(networks):
    with Service(flags=["--dev", "--trusted-proxies", networks]) as service:
        status, said = service.run_to_end()
        assert status == 2 and "--trusted-proxies" in said
