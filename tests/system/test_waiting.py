"""Commands that wait for a service: they say so, they end, and http and https are not mixed up in silence."""

import contextlib
import os
import signal
import socket
import subprocess

import pytest

from service import BINARY, Service
from test_tls import KEY, make_certificate, start

pytestmark = pytest.mark.one_at_a_time

QUIET = {name: value for name, value in os.environ.items() if not name.startswith("TEMPERATURE_")}


def launch(*words, **arguments):
    return subprocess.Popen([BINARY, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env=QUIET, **arguments)


def run(*words):
    return subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=60, env=QUIET)


@contextlib.contextmanager
def port_of(listens):
    """A port where nobody listens, or where somebody takes connections and says nothing. Nobody else gets it."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        if listens:
            bound.listen(64)
        yield bound.getsockname()[1]


def test_whoever_waits_says_so_and_ends(tmp_path):
    """Ten seconds for all of them at once."""
    (tmp_path / "rows.csv").write_text("timestamp,room_id,sensor_id,quantity,value\n1700000000000,r,s,temperature,20\n")
    (tmp_path / "key").write_text("k" * 40)
    (tmp_path / "sensors.csv").write_text("sensor,public_key\ns,x\n")
    commands = [("export",), ("import", tmp_path / "rows.csv"), ("replay", tmp_path / "rows.csv"), ("names", "--check"),
                ("backup", tmp_path / "backup"), ("key", "list"), ("sensor", "revoke", "s1"),
                ("simulate", "--rooms", "1", "--sensors-per-room", "1", "--from", "1m", "--speed", "max",
                 "--connections", "4")]
    with port_of(listens=False) as closed, port_of(listens=True) as silent:
        waiting = [(launch(*words, "--url", f"http://127.0.0.1:{port}"), words, why, end)
                   for words in commands
                   for port, why, end in ((closed, "Failed to connect", "gave up after 10 s"),
                                          (silent, "no answer yet", "answers nothing within 10 s"))]
        for process, words, why, end in waiting:
            first = process.stderr.readline()
            assert first.startswith("temperature-service: waiting for http://127.0.0.1:"), (words, first)
            assert why in first, (words, first)
            assert process.poll() is None, words
        for process, words, why, end in waiting:
            said = process.communicate(timeout=60)[1]
            assert process.returncode == 1 and "cannot send to http://" in said and end in said, (words, said)
            assert said.count("waiting for") == 0, (words, said)


def test_a_service_that_comes_while_it_is_waited_for_is_used(tmp_path):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    process = launch("export", "--url", f"http://127.0.0.1:{port}", "--retry-for", "60", "-o", tmp_path / "all.csv")
    assert "waiting for" in process.stderr.readline()
    with Service(listen=f"127.0.0.1:{port}") as service:
        service.start()
        assert process.wait(60) == 0
    assert (tmp_path / "all.csv").read_text().startswith("timestamp")


def test_ctrl_c_ends_the_waiting():
    with port_of(listens=False) as closed:
        process = launch("key", "list", "--url", f"http://127.0.0.1:{closed}", "--retry-for", "3600")
        assert "waiting for" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert "interrupted" in process.communicate(timeout=20)[1] and process.returncode == 1


@pytest.mark.parametrize("words", [("export",), ("names", "--check"), ("key", "list")])
def test_http_to_tls_and_https_to_none_are_named(words, tmp_path, shared_service):
    make_certificate(tmp_path)
    with start(tmp_path) as secured:
        secured.start()
        ended = run(*words, "--url", f"http://127.0.0.1:{secured.port}", "--key", KEY)
        assert ended.returncode == 1, ended.stderr
        assert f"the server there speaks TLS; use https://127.0.0.1:{secured.port}" in ended.stderr
        ended = run(*words, "--url", f"http://127.0.0.1:{secured.port}", "--key", KEY, "--retry-for", "0")
        assert "use https://" in ended.stderr
        trusted = ("--key", KEY, "--ca-file", tmp_path / "cert.pem")
        good = run(*words, "--url", f"https://127.0.0.1:{secured.port}", *trusted)
        assert good.returncode == 0, good.stderr
    ended = run(*words, "--url", f"https://127.0.0.1:{shared_service.port}")
    assert ended.returncode == 1, ended.stderr
    assert f"speaks plain HTTP, without TLS; use http://127.0.0.1:{shared_service.port}" in ended.stderr


def test_the_key_goes_nowhere_while_the_port_is_asked():
    """A server that speaks neither gets no key by it: an https address is not spoken to in clear."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        process = launch("key", "list", "--url", url, "--key", "secret-" * 6, "--retry-for", "0")
        heard = b""
        for _ in range(2):  # the handshake, and the question
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(20)
                heard += connection.recv(10_000)
                connection.sendall(b"220 neither of them\r\n")
        assert process.wait(60) == 1 and b"HEAD " in heard and b"secret-" not in heard
