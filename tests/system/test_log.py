"""The log: nothing that becomes of standard error stops the service, and nothing but lines of the log gets there."""

import json
import os
import select
import signal
import socket
import subprocess
import threading
import time

import pytest

from credentials import SensorKey
from service import Service, average, now_ms, post_readings, reading

HOSTILE = "a\n2026-01-01T00:00:00.000Z error forged\r\x1b[31m\x7f\u0085\u009b31m\u2028\u2029\u202e\u2066"
ADMIN = "a-key-of-the-operator-0123456789"


def wait_for(what, seen, seconds=60):
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Pipe:
    """A pipe whose reader is the test, as a log driver is."""

    def __init__(self):
        self.reader, self.writer = os.pipe()

    def fill(self):
        """Leaves no room. Not by O_NONBLOCK, which would be the service's, too."""
        page = b"x" * select.PIPE_BUF
        filled = 0
        poll = select.poll()
        poll.register(self.writer, select.POLLOUT)
        while poll.poll(0):
            filled += os.write(self.writer, page)
        return filled

    def read_to_end(self):
        """All that was written, once nobody can write any more."""
        self.close("writer")
        got = b""
        while piece := os.read(self.reader, 65_536):
            got += piece
        return got

    def close(self, *ends):
        for end in ends or ("reader", "writer"):
            if getattr(self, end) is not None:
                os.close(getattr(self, end))
                setattr(self, end, None)


@pytest.fixture
def pipe():
    made = Pipe()
    yield made
    made.close()


class ServiceOn(Service):
    """Whose standard error is what the test says: a file or descriptor, or closed as the shell does it ("2>&-")."""

    def __init__(self, stderr=None, closed=(), **arguments):
        self.known_port = free_port()
        super().__init__(listen=f"127.0.0.1:{self.known_port}", **arguments)
        self.stderr = stderr
        self.closed = closed

    def launch(self):
        command = [self.binary, "serve", "--listen", self.listen, "--data-dir", str(self.data_dir), *self.flags]
        if self.closed:
            closing = " ".join(f"{number}>&-" for number in self.closed)
            command = ["/bin/sh", "-c", f'exec "$0" "$@" {closing}', *command]
        self.process = subprocess.Popen(command, stderr=self.stderr, stdout=subprocess.DEVNULL, env=self.environment,
                                        stdin=subprocess.DEVNULL)
        return self

    def output(self):
        return "(not seen)"

    def start(self):
        self.launch()
        self.port = self.known_port
        wait_for("it gets ready", self.ready_or_ended, seconds=30)
        assert self.process.poll() is None, f"ended with {self.process.returncode}"
        return self

    def ready_or_ended(self):
        return self.process.poll() is not None or self.ready()

    def ready(self):
        client = self.client(timeout=5)
        try:
            return client.get("/readyz").status == 200
        except OSError:
            return False
        finally:
            client.close()


def refused(count):
    return [{"room": "r", "sensor": f"s{i}", "value": f"no number {i} " + "y" * 300} for i in range(count)]


def seconds_to_stop(service):
    began = time.monotonic()
    assert service.stop(timeout=60) == 0
    return time.monotonic() - began


def use(service, room="kept"):
    """Requests that are logged, and requests that are not; every one is answered."""
    client = service.client(timeout=20)
    stamp = now_ms() - 100_000
    for i in range(20):
        assert client.post("/v1/readings", [reading(room, value=20, timestamp=stamp + 1_000 * i + j)
                                            for j in range(100)]).status == 200
        assert client.post("/v1/readings", refused(100)).status == 422
    assert average(client, room, at=now_ms(), window="1d")["count"] == 2_000
    client.close()


def dropped_lines(service):
    text = service.client().get("/metrics").text.decode()
    return int(next(line.split()[1] for line in text.splitlines()
                    if line.startswith("temperature_service_log_lines_dropped_total ")))


def test_a_log_that_nobody_reads_stops_nothing(pipe):
    """Full before the service says its first word, as Docker's pipe or a terminal after Ctrl-S."""
    with ServiceOn(stderr=subprocess.DEVNULL) as service:
        use(service.start())
        usual = seconds_to_stop(service)
    pipe.fill()
    with ServiceOn(stderr=pipe.writer) as service:
        use(service.start())
        service.process.send_signal(signal.SIGHUP)
        use(service, "later")
        assert seconds_to_stop(service) < 10 * usual


def test_what_does_not_fit_is_dropped_and_counted(pipe):
    filled = pipe.fill()
    flags = ["--dev", "--log-level", "debug", "--log-format", "json"]
    with ServiceOn(stderr=pipe.writer, flags=flags) as service:
        client = service.start().client()
        for _ in range(50):  # 5,000 lines of some 600 bytes
            assert client.post("/v1/readings", refused(100)).status == 422
        dropped = dropped_lines(service)
        assert dropped > 0
        # Then somebody reads, slowly at first.
        got = b""
        while len(got) < filled + 20_000:
            got += os.read(pipe.reader, 1_000)
        reader = threading.Thread(target=lambda: rest.append(pipe.read_to_end()))
        rest = []
        reader.start()
        assert client.post("/v1/readings", refused(1)).status == 422
        assert service.stop() == 0
        reader.join()
    lines = [json.loads(line) for line in (got + rest[0])[filled:].splitlines()]
    told = sum(int(line["dropped"]) for line in lines if "dropped" in line)
    written = sum("refused" in line["message"] for line in lines)
    assert told == dropped and written + told == 5_001, (told, dropped, written)
    assert lines[-1]["message"] == "stopped"


def files_with(folder, text):
    return [str(file) for file in folder.rglob("*") if file.is_file() and text in file.read_bytes()]


@pytest.mark.parametrize("kind", ["full", "gone", "0", "2", "0 2", "1 2", "0 1 2"])
def test_a_log_that_cannot_be_written_stops_nothing(kind, pipe):
    closed = () if kind in ("full", "gone") else kind.split()
    with open("/dev/full", "w") as full:
        stderr = {"full": full, "gone": pipe.writer}.get(kind, subprocess.DEVNULL)
        if kind == "gone":
            pipe.close("reader")
        with ServiceOn(stderr=stderr, closed=closed) as service:
            client = service.start().client()
            post_readings(client, reading(kind))
            assert client.post("/v1/readings", refused(1)).status == 422
            assert average(client, kind)["count"] == 1
            for number in map(int, closed):
                assert os.readlink(f"/proc/{service.process.pid}/fd/{number}") == "/dev/null"
            if not closed or "2" in closed:
                wait_for("it is counted", lambda: dropped_lines(service) >= 4)
            assert service.stop() == 0
            assert files_with(service.data_dir, b"listening") == [] and (service.data_dir / "LOCK").read_bytes() == b""


def test_a_terminal_gets_lines_for_people_in_text_alone():
    for log_format in ("text", "json"):
        ours, its = os.openpty()
        with ServiceOn(stderr=its, flags=["--dev", "--log-format", log_format]) as service:
            service.start()
            assert service.stop() == 0
        os.close(its)
        got = b""
        try:
            while piece := os.read(ours, 65_536):
                got += piece
        except OSError:
            pass  # the other end is closed
        os.close(ours)
        assert (b"curl" in got) == (log_format == "text"), got
        if log_format == "json":
            all_json(got.decode())


def test_a_stopped_terminal_stops_nothing():
    """Ctrl-S."""
    ours, its = os.openpty()
    os.write(ours, b"\x13")
    with ServiceOn(stderr=its) as service:
        use(service.start())
        assert service.stop(timeout=60) == 0
    os.close(ours)
    os.close(its)


def all_json(text):
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines, "nothing is said"
    for line in lines:
        assert {"time", "level", "message"} <= line.keys(), line
    return lines


def test_every_line_of_a_json_log_is_json(tmp_path):
    devices = tmp_path / "devices.csv"
    devices.write_text("device,building,room\n")
    config = tmp_path / "config.toml"
    config.write_text('log-format = "json"\n')
    environment = {"TEMPERATURE_RETENTOIN": "7d\n"}
    flags = ["--config", str(config), "--admin-key", ADMIN, "--device-map", str(devices)]
    with Service(flags=flags, environment=environment) as service:
        client = service.start().client(key=ADMIN)
        client.post("/v1/readings", [{"room": HOSTILE, "sensor": "s", "value": "x"}])
        client.post("/write", HOSTILE)
        assert client.post("/v1/keys", {"name": "grafana", "role": "reader"}).status == 201
        devices.write_text("nonsense\n")
        service.process.send_signal(signal.SIGHUP)
        wait_for("the map is read again", lambda: "was not read again" in service.output())
        assert client.post("/v1/admin/backup", {"directory": str(tmp_path / "backup")}).status == 202
        wait_for("it is made", lambda: "made a backup" in service.output())
        client.close()
        assert service.stop() == 0
        said = [line["message"] for line in all_json(service.output())]
    for message in ("serving", "made a key", "making a backup", "made a backup", "stopping", "stopped"):
        assert said.count(message) == 1, (message, said)


@pytest.mark.parametrize("flags,environment,config", [
    (["--log-format", "json", "--retention", "soon"], {}, ""),
    (["--log-format", "json", "--no-such-flag"], {}, ""),
    (["--log-format=json", "--threads", "many"], {}, ""),
    (["--no-such-flag"], {"TEMPERATURE_LOG_FORMAT": "json"}, ""),
    (["--log-level", "loud"], {"TEMPERATURE_LOG_FORMAT": "json"}, ""),
    ([], {}, 'retentoin = "7d"\nlog-format = "json"\n'),
    (["--config", "/nonexistent/config.toml"], {"TEMPERATURE_LOG_FORMAT": "json"}, ""),
    (["--log-format", "json", "--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"], {}, ""),
    (["--log-format", "json", "--admin-key-file", "/nonexistent"], {}, ""),
])
def test_a_start_that_fails_says_so_in_json(flags, environment, config, tmp_path):
    if config:
        (tmp_path / "config.toml").write_text(config)
        flags = [*flags, "--config", str(tmp_path / "config.toml")]
    with Service(flags=flags, environment=environment) as service:
        status, said = service.run_to_end()
    assert status != 0
    assert all_json(said)[-1]["level"] == "error"


def test_a_folder_in_use_is_told_in_json(shared_service):
    with Service(data_dir=shared_service.data_dir, flags=["--dev", "--log-format", "json"]) as service:
        status, said = service.run_to_end()
    assert status == 1 and "another process has it" in all_json(said)[-1]["message"]


@pytest.mark.parametrize("level,has,has_not", [
    ("error", [], ["no credential", "serving"]),
    ("warning", ["no credential"], ["serving", "listening"]),
    ("debug", ["no credential", "serving", "number 57"], []),
])
def test_log_levels(level, has, has_not, tmp_path):
    path = tmp_path / "log"
    with open(path, "wb") as file, ServiceOn(stderr=file, environment={"TEMPERATURE_LOG_LEVEL": level}) as service:
        client = service.start().client()
        assert client.post("/v1/readings", refused(100)).status == 422
        assert service.stop() == 0
    said = path.read_text()
    assert all(word in said for word in has) and not any(word in said for word in has_not), said


def test_a_refused_line_forges_no_line_and_sends_a_terminal_nothing():
    with Service(environment={"TEMPERATURE_LOG_LEVEL": "debug"}) as service:
        client = service.start().client()
        client.post("/v1/readings", f'room,sensor,value\nr,s,"{HOSTILE}"\n', {"Content-Type": "text/csv"})
        client.post("/write", HOSTILE)
        client.post("/v1/readings", json.dumps({"room": "r", "sensor": "s", "value": HOSTILE}, ensure_ascii=False))
        client.post("/v1/readings", [{"room": HOSTILE, "sensor": HOSTILE, "value": 1}])
        assert service.stop() == 0
        said = service.log_path.read_bytes().decode()
    lines = said.split("\n")
    assert not any(line.startswith("2026-01-01T00:00:00.000Z") for line in lines), said
    assert all(line.isprintable() for line in lines), said
    assert said.count("refused what was sent") >= 4 and said.count("forged") >= 4, said


def test_keys_and_sensors_are_logged_once_each_and_no_secret_is():
    key = SensorKey()
    with Service(flags=["--admin-key", ADMIN]) as service:
        client = service.start().client(key=ADMIN)
        made = client.post("/v1/keys", {"name": "grafana", "role": "admin"}).json()
        other = service.client(key=made["key"])
        assert other.request("PUT", "/v1/sensors/probe", key.registration()).status == 200
        assert other.request("DELETE", "/v1/sensors/probe").status == 204
        assert client.request("DELETE", "/v1/sensors/probe").status == 404
        assert client.request("DELETE", "/v1/keys/" + made["id"]).status == 204
        assert client.request("DELETE", "/v1/keys/" + made["id"]).status == 404
        assert service.stop() == 0
        said = service.output()
    changes = [line.split(" ", 2)[2] for line in said.splitlines() if "by=" in line]
    assert [change.split(" by=")[0] for change in changes] == ["made a key", "registered a sensor", "revoked a sensor",
                                                               "revoked a key"]
    assert f"id={made['id']} name=grafana" in changes[0]
    assert f"by=key:{made['id']}" in changes[1] and "id=probe" in changes[1]
    assert "id=probe" in changes[2] and "id=" + made["id"] in changes[3]
    assert made["key"] not in said and ADMIN not in said


@pytest.mark.crash
def test_a_journal_that_takes_nothing_more_is_told_once(small_disk):
    disk = os.statvfs(small_disk)
    with Service(data_dir=small_disk / "data", flags=["--dev", "--min-free-disk", "0"]) as service:
        client = service.start().client()
        post_readings(client, reading("full"))
        ballast = open(small_disk / "ballast", "wb")
        ballast.write(b"x" * (disk.f_bavail * disk.f_frsize - (4 << 20)))
        ballast.close()
        stamp = now_ms() - 3_600_000
        for i in range(2_000):
            batch = [reading("full", "s", 20 + j / 100, timestamp=stamp + 2_000 * i + j) for j in range(2_000)]
            if client.post("/v1/readings", batch).status != 200:
                break
        assert [client.post("/v1/readings", reading("full")).status for _ in range(3)] == [507] * 3
        wait_for("it is told", lambda: "the journal takes nothing more" in service.output())
        said = service.output()
        assert said.count("the journal takes nothing more") == 1, said
        assert "code=disk_full reason=" in said, said
