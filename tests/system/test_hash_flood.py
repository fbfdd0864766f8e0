"""Nobody makes the service slow by the names that he chooses, and a stop does not wait for what is being read."""

import re
import socket
import threading
import time

import pytest

from colliding import colliding_names
from service import Service, post_readings, reading

pytestmark = pytest.mark.one_at_a_time

PREFIX = b"t,room=r,sensor="
TIMES_MAX = 10  # as long as ordinary names; where names collide it is a hundred times and more


def ordinary_names(count):
    return [PREFIX + b"%016d" % i for i in range(count)]


def seconds(work):
    """Of two times the shorter one."""
    taken = []
    for _ in range(2):
        began = time.monotonic()
        work()
        taken.append(time.monotonic() - began)
    return min(taken)


def test_refused_lines_whose_names_collide_cost_what_others_cost(client):
    def refuse(names):
        body = b"".join(name + b" v=1 1\n" for name in names)  # in 1970
        answer = client.request("POST", "/write", body)
        assert answer.status == 400 and b"1970" in answer.text, answer.text[:300]

    count = 30_000
    refuse(ordinary_names(100))
    ordinary = seconds(lambda: refuse(ordinary_names(count)))
    names = colliding_names(count, PREFIX)
    assert seconds(lambda: refuse(names)) < TIMES_MAX * ordinary


def define_and_restart(sensor_of):
    """How long it takes to write readings of many rooms and to read their definitions back."""
    rooms = [f"room {i:05}" for i in range(24_000)]
    with Service() as service:
        client = service.start().client()
        body = [reading(room, sensor_of(room)) for room in rooms]
        began = time.monotonic()
        assert post_readings(client, body)["accepted"] == len(rooms)
        written = time.monotonic() - began
        client.close()
        service.restart()
        return written + int(re.search(r"recovery_ms=(\d+)", service.output()).group(1)) / 1_000


def test_sensors_named_as_their_rooms_cost_what_others_cost():
    """Once each name took away the other's hash: 16 s at every start for 40,000 of them."""
    assert define_and_restart(lambda room: room) < TIMES_MAX * define_and_restart(lambda room: "sensor" + room)


class Sender:
    """A connection with a large body, of which the last byte is sent when it is wanted."""

    def __init__(self, service, body):
        self.socket = socket.create_connection(("127.0.0.1", service.port), timeout=120)
        self.body = body
        self.answer = b""
        self.head = b"POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)

    def send(self):
        self.socket.sendall(self.head + self.body[:-1])

    def end(self):
        self.socket.sendall(self.body[-1:])

    def read(self):
        try:
            while more := self.socket.recv(65_536):
                self.answer += more
        except ConnectionError:
            pass
        self.socket.close()


def in_threads(calls):
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_stop_does_not_wait_for_large_bodies():
    """Of ordinary names and of names that collide: 32 MiB each, some in work and some whole just after the signal."""
    names = colliding_names(60_000, PREFIX)
    lines = b"".join(name + b" v=1 1\n" for name in names)
    body = (lines * (32 * 1024 * 1024 // len(lines) + 1))[:32 * 1024 * 1024 - 1] + b"\n"
    with Service() as service:
        service.start()
        in_work = [Sender(service, body) for _ in range(4)]
        late = [Sender(service, body) for _ in range(2)]
        in_threads([sender.send for sender in in_work + late])
        for sender in in_work:
            sender.end()
        service.process.terminate()
        while "stopping" not in service.output():
            time.sleep(0.01)  # between two looks
        for sender in late:
            sender.end()
        readers = [threading.Thread(target=sender.read) for sender in in_work + late]
        for reader in readers:
            reader.start()
        assert service.process.wait(25) == 0, service.output()  # it gives requests 10 s; the rest is for slow machines
        for reader in readers:
            reader.join()
        for sender in in_work:
            assert sender.answer[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 503"), sender.answer[:300]
        for sender in late:
            assert sender.answer.startswith(b"HTTP/1.1 503") and b"shutting down" in sender.answer, sender.answer[:300]
