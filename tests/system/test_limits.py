"""How fast somebody may be, and how many connections an address may have."""

import concurrent.futures
import queue
import re
import socket
import threading
import time
import urllib.parse

import pytest

from credentials import SensorKey, make_key, register
from service import Service, average, now_ms, reading

KEY = "a-key-of-the-operator-0123456789"


def start(*flags):
    return Service(flags=list(flags), environment={"TEMPERATURE_ADMIN_KEY": KEY})


def limited(answer, name, quota, window_s):
    """Checks that the headers of a 429 agree; gives back the seconds to wait."""
    assert answer.status == 429, answer.text
    assert answer.json()["code"] == "rate_limited" and f"limit of the {name}" in answer.json()["detail"]
    wait_s = int(answer.headers["retry-after"])
    assert wait_s >= 1
    assert answer.headers["ratelimit-policy"] == f'"{name}";q={quota};w={window_s}'
    match = re.fullmatch(r'"(\w+)";r=(\d+);t=(\d+)', answer.headers["ratelimit"])
    assert match.group(1) == name and int(match.group(3)) == wait_s
    return wait_s


def batch(count, sensor="s1", room="hall"):
    now = now_ms()
    return [reading(room=room, sensor=sensor, value=1, timestamp=now - i) for i in range(count)]


def test_a_sensor_is_limited_and_nothing_is_half_stored():
    with start("--limit-sensor", "1:20") as service:
        admin = service.start().client(key=KEY)
        keys = {name: SensorKey() for name in ("s1", "s2")}
        for name, key in keys.items():
            register(admin, name, key)
        client = service.client(key=keys["s1"].token("s1"))
        assert client.post("/v1/readings", batch(15)).status == 200
        answer = client.post("/v1/readings", batch(15, room="attic"))
        assert 8 <= limited(answer, "sensor", 20, 20) <= 10  # 10 more at one a second
        assert admin.get("/v1/average", room="attic").status == 404
        assert client.post("/v1/readings", batch(5)).status == 200
        wait_s = limited(client.post("/v1/readings", reading(sensor="s1", room="attic")), "sensor", 20, 20)
        assert wait_s == 1
        # /temperatures is the same bucket, in its own words.
        answer = client.post("/temperatures", {"buildingId": "default", "roomId": "attic", "sensorId": "s1",
                                               "temperature": 20, "timestamp": now_ms()})
        assert answer.status == 429 and "limit of the sensor" in answer.json()["detail"]
        assert answer.headers["retry-after"] == "1"
        # A new token, and another connection, are the same sensor; another sensor is not.
        again = service.client(key=keys["s1"].token("s1", lifetime_s=1800))
        assert again.post("/v1/readings", batch(20)).status == 429
        assert service.client(key=keys["s2"].token("s2")).post("/v1/readings", batch(20, "s2")).status == 200
        time.sleep(wait_s)
        assert client.post("/v1/readings", reading(sensor="s1", room="attic")).status == 200
        assert average(admin, "attic")["count"] == 1
        metrics = admin.get("/metrics").text.decode()
        count = re.search(r'access_limited_total\{limit="sensor"\} (\d+)', metrics)
        assert int(count.group(1)) == 4


def test_a_backlog_larger_than_the_burst_is_taken_once():
    with start("--limit-sensor", "10:100") as service:
        admin = service.start().client(key=KEY)
        key = SensorKey()
        register(admin, "s1", key)
        client = service.client(key=key.token("s1"))
        assert client.post("/v1/readings", batch(2_000)).json()["accepted"] == 2_000
        wait_s = limited(client.post("/v1/readings", reading(sensor="s1")), "sensor", 100, 10)
        assert 185 <= wait_s <= 191  # what it owes: 1,900 at ten a second
        assert average(admin, "hall")["count"] == 2_000


def test_whoever_is_limited_sends_no_large_body():
    with start("--limit-sensor", "1:10") as service:
        admin = service.start().client(key=KEY)
        key = SensorKey()
        register(admin, "s1", key)
        client = service.client(key=key.token("s1"))
        assert client.post("/v1/readings", batch(10)).status == 200
        client.connection.putrequest("POST", "/v1/readings")
        client.connection.putheader("Authorization", "Bearer " + client.key)
        client.connection.putheader("Content-Length", str(20_000_000))
        client.connection.endheaders()
        assert client.connection.getresponse().status == 429  # and not a byte of it was sent


def test_broken_requests_count_too():
    with start("--limit-sensor", "1:5") as service:
        admin = service.start().client(key=KEY)
        key = SensorKey()
        register(admin, "s1", key)
        client = service.client(key=key.token("s1"))
        statuses = [client.post("/v1/readings", "{").status for _ in range(8)]
        assert statuses[:5] == [400] * 5 and 429 in statuses


def test_keys_and_the_whole_service_have_limits_of_their_own():
    with start("--limit-key", "1:10", "--limit-service", "1:30") as service:
        admin = service.start().client(key=KEY)
        clients = [service.client(key=make_key(admin, "writer")[0]) for _ in range(4)]
        assert clients[0].post("/v1/readings", batch(10)).status == 200
        limited(clients[0].post("/v1/readings", batch(2)), "key", 10, 10)
        assert clients[1].post("/v1/readings", batch(10)).status == 200
        assert clients[2].post("/v1/readings", batch(8)).status == 200
        # What a key's own limit refused was not taken from the service's: 28 of 30 are.
        limited(clients[3].post("/v1/readings", batch(10)), "service", 30, 30)
        assert clients[3].post("/v1/readings", batch(1)).status == 200
        limited(admin.post("/v1/readings", batch(10)), "service", 30, 30)  # the operator has no limit but this one
        assert admin.get("/v1/rooms").status == 200  # reads are not limited


def test_without_credentials_only_the_whole_service_is_limited():
    with Service(flags=["--dev", "--limit-sensor", "1:2", "--limit-service", "1:50"]) as service:
        client = service.start().client()
        assert client.post("/v1/readings", batch(50)).status == 200
        limited(client.post("/v1/readings", batch(10)), "service", 50, 50)


def test_wrong_signatures_are_limited_by_address():
    with start() as service:
        admin = service.start().client(key=KEY)
        good, other = SensorKey(), SensorKey()
        register(admin, "s1", good)
        client = service.client()
        token = good.token("s1")
        assert client.post("/v1/readings", reading(sensor="s1"), {"Authorization": "Bearer " + token}).status == 200
        # The same wrong token again and again costs one check, and no limit.
        wrong = {"Authorization": "Bearer " + other.token("s1")}
        assert {client.post("/v1/readings", "{}", wrong).status for _ in range(50)} == {401}
        figures = admin.get("/metrics").text.decode()
        assert "access_signatures_total 2\n" in figures and "access_signatures_wrong_total 1\n" in figures
        # Ever new ones are checked until the address has had its share; 100 a second are given back meanwhile, so
        # several at once try, and a slow machine takes more of them.
        refused, over = queue.Queue(), threading.Event()

        def flood(first):
            sender = service.client()
            for n in range(first, 80_000, 4):
                if over.is_set():
                    return
                answer = sender.post("/v1/readings", "{}",
                                     {"Authorization": "Bearer " + other.token("s1", lifetime_s=60 + n)})
                assert answer.status in (401, 429)
                if answer.status == 429:
                    refused.put(answer)

        honest = [(f"honest {n}", SensorKey()) for n in range(8)]
        for name, key in honest:
            register(admin, urllib.parse.quote(name), key)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            floods = [pool.submit(flood, first) for first in range(4)]
            try:
                answer = refused.get(timeout=120)
                # Who shares the address is heard while that goes on, at once, with a token that was never seen.
                heard = [service.client(key=key.token(name)).post("/v1/readings", reading(sensor=name)).status
                         for name, key in honest]
            finally:
                over.set()
            assert [each.result() for each in floods] == [None] * 4
        assert answer.json()["code"] == "rate_limited"
        assert answer.headers["ratelimit-policy"] == '"address";q=1000;w=10'
        assert heard == [200] * len(honest)
        # A token that is remembered is not checked, and so not limited.
        assert client.post("/v1/readings", reading(sensor="s1"), {"Authorization": "Bearer " + token}).status == 200


@pytest.mark.parametrize("flags", [
    ["--limit-sensor", "x"], ["--limit-key", "10:0.5"], ["--limit-service", "-1:5"], ["--limit-sensor", "1:2:3"],
    ["--open", "everything"], ["--audience", ""], ["--tls-cert", "a"]])
def test_flags_that_make_no_sense(flags):
    with Service(flags=flags) as service:
        status, said = service.run_to_end()
        assert status == 2 and flags[0] in said


def test_an_address_has_so_many_connections():
    with Service(flags=["--dev", "--connections-per-address", "5"]) as service:
        service.start()
        deadline = time.monotonic() + 10
        while service.client().get("/metrics").text.find(b"http_connections 1\n") < 0:
            assert time.monotonic() < deadline  # those of the start are gone

        def connect():
            made = socket.create_connection(("127.0.0.1", service.port), timeout=10)
            made.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try:
                return made, made.recv(1000)
            except ConnectionResetError:
                return made, b""

        connections = []
        for _ in range(5):
            connections.append(connect())
        assert all(answer.startswith(b"HTTP/1.1 200") for _, answer in connections)
        assert connect()[1] == b""
        connections.pop()[0].close()
        deadline = time.monotonic() + 10
        while not (again := connect())[1]:
            assert time.monotonic() < deadline
        connections.pop()[0].close()
        again[0].close()
        metrics = b""
        while not metrics:
            try:
                metrics = service.client().get("/metrics").text
            except (ConnectionError, OSError):
                time.sleep(0.05)
        assert int(re.search(rb'connections_refused_total\{bound="address"\} (\d+)', metrics).group(1)) >= 1
