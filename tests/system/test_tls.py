"""TLS on the listener."""

import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
import time

import pytest

from credentials import SensorKey, register
from service import Client, Service, now_ms, reading

KEY = "a-key-of-the-operator-0123456789"


def make_certificate(folder, name="localhost", kind="ec"):
    new_key = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else ["rsa:2048"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", *new_key, "-keyout", folder / "key.pem", "-out",
                    folder / "cert.pem", "-days", "2", "-nodes", "-subj", "/CN=" + name, "-addext",
                    "subjectAltName=IP:127.0.0.1,DNS:" + name], check=True, stderr=subprocess.DEVNULL)
    return folder / "cert.pem", folder / "key.pem"


class TlsService(Service):
    scheme = "https"

    def client(self, key=None, timeout=60, context=None):
        its = Client(self.port, key, timeout)
        its.connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout,
                                                     context=context or self.context())
        return its

    def context(self):
        return ssl.create_default_context(cafile=self.folder / "cert.pem")


def start(folder, *flags, **more):
    certificate, key = folder / "cert.pem", folder / "key.pem"
    service = TlsService(flags=["--tls-cert", str(certificate), "--tls-key", str(key), *flags],
                         environment={"TEMPERATURE_ADMIN_KEY": KEY}, **more)
    service.folder = folder
    return service


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("tls")
    make_certificate(made)
    return made


@pytest.fixture(scope="module")
def secured(folder):
    with start(folder) as service:
        yield service.start()


def test_everything_works_inside_tls(secured):
    admin = secured.client(key=KEY)
    key = SensorKey()
    register(admin, "s1", key)
    client = secured.client(key=key.token("s1"))
    now = now_ms()
    for n in range(20):  # on one connection
        assert client.post("/v1/readings", reading(sensor="s1", value=n, timestamp=now - n)).status == 200
    assert admin.get("/v1/average", room="kitchen").json()["count"] == 20
    answer = admin.get("/livez")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_large_bodies_in_and_out(secured):
    client = secured.client(key=KEY)
    now = now_ms()
    batch = [reading(room="large", sensor="s1", value=n, timestamp=now - n) for n in range(60_000)]
    assert client.post("/v1/readings", batch).json()["accepted"] == 60_000
    lines = client.get("/v1/readings", room="large", format="ndjson").text.splitlines()
    assert len(lines) == 60_000
    assert client.get("/livez").status == 200


def test_permission_to_send_a_large_body(secured):
    body = b"[" + b" " * 300_000 + b'{"room":"hall","sensor":"s1","value":1}]'
    with secured.context().wrap_socket(socket.create_connection(("127.0.0.1", secured.port), timeout=30),
                                       server_hostname="127.0.0.1") as connection:
        connection.sendall(f"POST /v1/readings HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
                           f"Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_connection_ends_with_a_word(secured):
    """TLS tells the end of the bytes, so that nobody can cut them short unseen (close_notify)."""
    with secured.context().wrap_socket(socket.create_connection(("127.0.0.1", secured.port), timeout=30),
                                       server_hostname="127.0.0.1", suppress_ragged_eofs=False) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        got = b""
        while more := connection.recv(1000):
            got += more
        assert got.startswith(b"HTTP/1.1 200")


def test_a_refusal_is_read_by_who_is_still_sending(secured):
    with secured.context().wrap_socket(socket.create_connection(("127.0.0.1", secured.port), timeout=30),
                                       server_hostname="127.0.0.1") as connection:
        head = b"POST /v1/readings HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n"
        connection.sendall(head + b" " * 100_000)
        assert connection.recv(1000).startswith(b"HTTP/1.1 401")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("version,served", [
    (ssl.TLSVersion.TLSv1, False), (ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True),
    (ssl.TLSVersion.TLSv1_3, True)])
def test_versions_of_the_protocol(secured, version, served):
    context = secured.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    client = secured.client(context=context)
    if served:
        assert client.get("/livez").status == 200
    else:
        with pytest.raises(ssl.SSLError, match="alert protocol version"):  # the server's word
            client.get("/livez")


@pytest.mark.parametrize("ciphers,served", [
    ("ECDHE-ECDSA-AES128-GCM-SHA256", True), ("ECDHE-ECDSA-CHACHA20-POLY1305", True),
    ("ECDHE-ECDSA-AES128-SHA256", False), ("AES128-GCM-SHA256", False)])
def test_ciphers_of_the_older_version(secured, ciphers, served):
    context = secured.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers)
    client = secured.client(context=context)
    if served:
        assert client.get("/livez").status == 200
    else:
        with pytest.raises(ssl.SSLError, match="alert handshake failure"):
            client.get("/livez")


def test_plain_http_gets_nothing(secured):
    with socket.create_connection(("127.0.0.1", secured.port), timeout=30) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        got = b""
        try:
            while more := connection.recv(1000):
                got += more
        except ConnectionResetError:
            pass
        assert b"HTTP/1.1" not in got
    assert secured.client().get("/livez").status == 200


def test_who_never_begins_is_cut_off(secured):
    with socket.create_connection(("127.0.0.1", secured.port), timeout=30) as connection:
        connection.sendall(b"\x16\x03\x01")  # three bytes of a handshake
        try:
            assert connection.recv(1000) == b""  # after the time for a head: 10 s
        except ConnectionResetError:
            pass


def serial(port):
    pem = ssl.get_server_certificate(("127.0.0.1", port))
    return subprocess.run(["openssl", "x509", "-noout", "-serial"], input=pem, capture_output=True, text=True,
                          check=True).stdout


def wait_for(service, words):
    deadline = time.monotonic() + 10
    while words not in service.output():
        assert time.monotonic() < deadline, service.output()
        time.sleep(0.02)


def test_a_new_certificate_is_read_while_it_runs(tmp_path):
    make_certificate(tmp_path)
    with start(tmp_path) as service:
        before = serial(service.start().port)
        kept = service.client(key=KEY)
        assert kept.get("/v1/rooms").status == 200
        make_certificate(tmp_path, kind="rsa")
        service.process.send_signal(signal.SIGHUP)
        wait_for(service, "read the certificate again")
        after = serial(service.port)
        assert after != before
        assert kept.get("/v1/rooms").status == 200  # what is open stays
        assert service.client(key=KEY).get("/v1/rooms").status == 200
        # A broken one is not taken.
        (tmp_path / "key.pem").write_text("nonsense")
        service.process.send_signal(signal.SIGHUP)
        wait_for(service, "the old one stays in use")
        assert serial(service.port) == after
        assert service.stop() == 0


def test_sighup_without_tls_ends_nothing(service):
    service.process.send_signal(signal.SIGHUP)
    assert service.client().get("/livez").status == 200
    assert service.stop() == 0


def new_key(folder, *more):
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", *more, "-out", folder / "key.pem"], check=True)


@pytest.mark.parametrize("break_it,said", [
    (lambda folder: (folder / "cert.pem").unlink(), "cert.pem"),
    (lambda folder: (folder / "key.pem").write_text("nonsense"), "key.pem"),
    (lambda folder: new_key(folder), "key.pem"),
    (lambda folder: new_key(folder, "-aes256", "-pass", "pass:secret"), "key.pem"),
])
def test_a_certificate_that_cannot_be_served(tmp_path, break_it, said):
    make_certificate(tmp_path)
    break_it(tmp_path)
    with start(tmp_path) as service:
        status, output = service.run_to_end()
        assert status == 1 and said in output and "TLS" in output
        assert not re.search("pass", output)


def test_clients_that_find_no_common_ground_are_told_of_once(folder):
    """As one that trusts another authority, or speaks no TLS at all: a flood of them is one line, and a count."""
    with start(folder, "--log-format", "json") as service:
        service.start()
        for _ in range(7):
            with pytest.raises(ssl.SSLError):
                client = service.client(context=ssl.create_default_context())
                client.get("/livez")
        with socket.create_connection(("127.0.0.1", service.port)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            connection.recv(100)
        with socket.create_connection(("127.0.0.1", service.port)):
            pass  # only looks whether somebody listens
        assert service.stop() == 0
        lines = [json.loads(line) for line in service.output().splitlines()]
    told = [line for line in lines if "by TLS" in line["message"]]
    assert len(told) == 3, told
    assert "unknown ca" in told[0]["reason"] and told[0]["network.client.ip"] == "127.0.0.1"
    assert "http request" in told[1]["reason"]
    assert told[2]["repeated"] == 6 and told[2]["code"] == told[0]["reason"]
