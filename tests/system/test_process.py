"""What surrounds the process: signals, its environment, who supervises it, and files that change while it runs."""

import os
import re
import signal
import socket
import stat
import time

import pytest

from service import Service, average, now_ms, post_readings, reading


def wait_for(what, seen, seconds=20):
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def half_a_request(service):
    stalled = socket.create_connection(("127.0.0.1", service.port))
    stalled.sendall(b"POST /v1/readings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    b"Content-Length: 1000\r\n\r\n[")
    return stalled


def test_a_stalled_client_does_not_keep_it_from_stopping_in_time():
    """Docker kills after 10 s; half of --stop-timeout is for requests under way, which was 10 s once."""
    with Service() as service:
        del service.environment["TEMPERATURE_STOP_TIMEOUT"]
        post_readings(service.start().client(), reading())
        with half_a_request(service):
            assert service.stop(timeout=8) == 0, service.output()
        assert "stopped" in service.output()


def test_the_time_to_stop_can_be_set():
    with Service(flags=["--dev", "--stop-timeout", "2s"]) as service:
        service.start()
        with half_a_request(service):
            assert service.stop(timeout=3) == 0, service.output()
    with Service(flags=["--dev", "--stop-timeout", "1s"]) as service:
        status, said = service.run_to_end()
        assert status == 2 and "--stop-timeout" in said


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE])
def test_signals_that_mean_nothing_do_nothing(service, number):
    post_readings(service.client(), reading())
    service.process.send_signal(number)
    time.sleep(0.2)
    assert service.process.poll() is None, service.output()
    assert average(service.client(), "kitchen")["count"] == 1
    assert service.stop() == 0


@pytest.mark.parametrize("name,nearest", [("TEMPERATURE_RETENTOIN", "TEMPERATURE_RETENTION"),
                                          ("TEMPERATURE_ADMIN_KEYFILE", "TEMPERATURE_ADMIN_KEY_FILE"),
                                          ("TEMPERATURE_URLS", "TEMPERATURE_URL")])
def test_an_unknown_variable_is_named_with_the_nearest(tmp_path, name, nearest):
    environment = {name: "a-secret-perhaps", "TEMPERATURE_SERVICE_SERVICE_HOST": "10.0.0.1",
                   "TEMPERATURE_SERVICE_PORT_8000_TCP": "tcp://10.0.0.1:8000", "TEMPERATURE_KEY": "known"}
    (tmp_path / "FORMAT").write_text("another program\n")  # the quickest end
    with Service(data_dir=tmp_path, environment=environment) as service:
        said = service.run_to_end()[1]
    assert re.findall(r"TEMPERATURE_\w+", said) == [name, nearest], said
    assert "a-secret" not in said


def test_an_address_of_a_network_without_tls_is_warned_of(tmp_path):
    (tmp_path / "FORMAT").write_text("another program\n")
    for listen, warned in [("0.0.0.0:0", True), ("[::]:0", True), ("127.0.0.1:0", False), ("[::1]:0", False)]:
        with Service(data_dir=tmp_path, flags=[], listen=listen) as service:
            said = service.run_to_end()[1]
        assert ("--tls-cert" in said) == warned, said


def test_a_device_map_is_read_again_when_it_has_changed(tmp_path):
    devices = tmp_path / "devices.csv"
    devices.write_text("device,room\nplug,kitchen\n")
    stamp = now_ms() * 1_000_000
    with Service(flags=["--dev", "--device-map", str(devices)]) as service:
        client = service.start().client()

        def write(offset):
            return client.post("/api/v2/write", f"climate,device=plug temperature=21 {stamp - offset}").status

        assert write(1_000_000) == 204
        assert average(client, "kitchen")["count"] == 1
        devices.write_text("device,room\nplug,\n")  # an editor's half of it, perhaps
        wait_for("the wrong map is named", lambda: "the old one stays in use" in service.output())
        assert write(2_000_000) == 204
        assert average(client, "kitchen")["count"] == 2
        (tmp_path / "next.csv").write_text("device,room\nplug,hall\n")
        os.rename(tmp_path / "next.csv", devices)
        wait_for("it is read again", lambda: "read the device map again" in service.output())
        assert write(3_000_000) == 204
        assert average(client, "hall")["count"] == 1
        assert service.output().count("the old one stays in use") == 1


@pytest.mark.parametrize("open_to_all", [False, True])
def test_the_folders_of_the_data_are_this_users_alone(tmp_path, open_to_all):
    former = os.umask(0o022)
    try:
        with Service(data_dir=tmp_path / "data") as service:
            post_readings(service.start().client(), reading())
            assert service.stop() == 0
            if open_to_all:  # as folders of before are
                for name in ("history", "journal", "access"):
                    os.chmod(service.data_dir / name, 0o755)
                service.start()
            for name in ("history", "journal", "access"):
                mode = stat.S_IMODE((service.data_dir / name).stat().st_mode)
                assert mode == 0o700, (name, oct(mode))
    finally:
        os.umask(former)


class Supervisor:
    """The other end of $NOTIFY_SOCKET."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.socket.settimeout(0.05)
        self.told = []

    def has(self, line):
        try:
            while True:
                self.told += self.socket.recv(4096).decode().splitlines()
        except TimeoutError:
            return line in self.told

    def wait(self, line):
        wait_for(f"{line}: {self.told}", lambda: self.has(line))


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_a_supervisor_is_told_how_it_is(tmp_path, kind):
    address = f"@temperature-{os.getpid()}" if kind == "abstract" else str(tmp_path / "notify")
    supervisor = Supervisor(address)
    with Service(environment={"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "300000"}) as service:
        service.start()
        supervisor.wait("READY=1")
        supervisor.told.clear()
        supervisor.wait("WATCHDOG=1")
        supervisor.told.clear()
        supervisor.wait("WATCHDOG=1")
        assert "STOPPING=1" not in supervisor.told
        supervisor.told.clear()
        service.process.send_signal(signal.SIGHUP)
        supervisor.wait("READY=1")
        assert supervisor.told.index("RELOADING=1") < supervisor.told.index("READY=1")
        assert any(line.startswith("MONOTONIC_USEC=") for line in supervisor.told)
        assert service.stop() == 0
        supervisor.wait("STOPPING=1")
    supervisor.socket.close()


def test_a_supervisor_that_wants_no_watchdog_gets_none(tmp_path):
    supervisor = Supervisor(str(tmp_path / "notify"))
    with Service(environment={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000",
                              "WATCHDOG_PID": "1"}) as service:
        service.start()
        supervisor.wait("READY=1")
        time.sleep(1)
        assert not supervisor.has("WATCHDOG=1")
        assert service.stop() == 0
    supervisor.socket.close()


def test_a_supervisor_that_does_not_listen_is_in_nobodys_way(tmp_path):
    supervisor = Supervisor(str(tmp_path / "notify"))  # whose queue is full soon: nobody reads
    for address in (str(tmp_path / "notify"), str(tmp_path / "nowhere"), "relative", "/" + "x" * 200):
        with Service(environment={"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "3000"}) as service:
            post_readings(service.start().client(), reading())
            assert service.stop() == 0
    supervisor.socket.close()
