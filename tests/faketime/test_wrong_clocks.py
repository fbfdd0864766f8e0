"""The program as it is served, under a clock that is wrong (libfaketime), and that becomes right while it runs.

`make check` runs this with the release program: a library that takes the clock's place does not go with ASan.
"""

import glob
import time

import pytest

from credentials import SensorKey, make_key, register
from service import Service, average, now_ms, post_readings, reading

DAY = 86_400_000
LIBRARIES = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
ADMIN = "a-key-of-the-operator-0123456789"
UNSET = ["@1970-01-01 00:10:00", "@1999-12-31 00:00:00", "@2105-01-01 00:00:00"]


class WrongClock:
    """What the program takes for the time; it looks at it again and again."""

    def __init__(self, folder):
        self.file = folder / "clock"
        self.set("+0")
        self.environment = {"LD_PRELOAD": LIBRARIES[0], "FAKETIME_TIMESTAMP_FILE": str(self.file),
                            "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1", "TZ": "UTC"}

    def set(self, what):
        aside = self.file.with_suffix(".new")
        aside.write_text(what + "\n")
        aside.replace(self.file)


@pytest.fixture
def clock(tmp_path):
    return WrongClock(tmp_path)


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def metric(client, name):
    for line in client.get("/metrics").text.decode().splitlines():
        if line.startswith("temperature_service_" + name + " "):
            return float(line.split()[-1])
    raise AssertionError(name)


def lists(client):
    rows = client.get("/v1/rooms").json()["rooms"] + client.get("/v1/sensors").json()["sensors"]
    return [each for row in rows for each in row["quantities"]]


def write_everywhere(client, sensor="s1"):
    """The answers to a reading with a timestamp and one without, on each address that takes readings."""
    stamp = now_ms()
    csv = {"Content-Type": "text/csv"}
    yield client.post("/v1/readings", reading("hall", sensor, 20))
    yield client.post("/v1/readings", reading("hall", sensor, 20, timestamp=stamp))
    yield client.post("/v1/readings", f'{{"room":"hall","sensor":"{sensor}","value":20}}\n',
                      {"Content-Type": "application/x-ndjson"})
    yield client.post("/v1/readings", f"room,sensor,value\nhall,{sensor},20\n", csv)
    yield client.post("/v1/readings", f"room,sensor,value,timestamp\nhall,{sensor},20,{stamp}\n", csv)
    for path in ("/write?precision=ms", "/api/v2/write?precision=ms", "/api/v3/write_lp?precision=millisecond"):
        yield client.post(path, f"temperature,room=hall,sensor={sensor} value=20")
        yield client.post(path, f"temperature,room=hall,sensor={sensor} value=20 {stamp}")
    original = {"buildingId": "default", "roomId": "hall", "sensorId": sensor, "temperature": 20, "timestamp": stamp}
    yield client.post("/temperatures", original)


@pytest.mark.parametrize("unset", UNSET)
def test_a_clock_that_is_not_set_refuses_every_write_until_it_is(unset, clock, tmp_path):
    with Service(data_dir=tmp_path / "data", environment=clock.environment) as service:
        client = service.start().client()
        post_readings(client, reading("hall", value=7, timestamp=now_ms()))
        client.close()
        assert service.stop() == 0
        clock.set(unset)
        client = service.start().client()
        for answer in write_everywhere(client):
            assert answer.status == 503 and answer.headers["retry-after"], answer.text
            assert b"clock is not set" in answer.text
        assert client.post("/v1/readings", reading()).json()["code"] == "clock_not_set"
        ready = client.get("/readyz?for=writes")
        assert ready.status == 503 and ready.json()["status"] == "clock_not_set"
        assert client.get("/readyz").status == 200
        assert client.get("/healthz").json()["clock"] == "not_set" and metric(client, "writes_refused") == 1
        assert average(client, "hall", at=now_ms(), window="1h")["value"] == 7, "what is there can be asked for"
        assert client.get("/v1/average", room="hall").status == 200
        assert all(each["latest"] is None or each["latest"]["age_seconds"] >= 0 for each in lists(client))
        assert service.output().count("the clock is not set") == 1
        clock.set("+0")
        wait_until(lambda: client.get("/readyz?for=writes").status == 200)
        assert all(answer.status in (200, 201, 204) for answer in write_everywhere(client))
        wait_until(lambda: client.get("/healthz").json()["clock"] == "right")
        client.close()
        assert service.stop() == 0


@pytest.mark.parametrize("unset", UNSET)
def test_nor_does_a_clock_that_is_not_set_send_a_registered_sensor_away(unset, clock, tmp_path):
    """A 401 would have it throw its reading away, or ask for another token."""
    flags = ["--admin-key", ADMIN]
    with Service(data_dir=tmp_path / "data", flags=flags, environment=clock.environment) as service:
        admin = service.start().client(key=ADMIN)
        sensor = SensorKey()
        register(admin, "s1", sensor)
        writer, _ = make_key(admin, "writer", expires=now_ms() + DAY)
        token = sensor.token("s1")
        for client in (service.client(key=token), service.client(key=writer)):
            post_readings(client, reading("hall", timestamp=now_ms()))
        clock.set(unset)
        admin.close()
        service.restart(kill=True)
        for key in (token, sensor.token("s1", issued_s=int(time.time()) - 1), writer):
            for answer in write_everywhere(service.client(key=key)):
                assert answer.status == 503 and answer.headers["retry-after"], answer.text
        clock.set("+0")
        wait_until(lambda: service.client(key=token).post("/v1/readings", reading("hall")).status == 200)


def test_a_clock_that_is_three_years_ahead_deletes_nothing(clock, tmp_path):
    flags = ["--dev", "--retention", "400d"]
    with Service(data_dir=tmp_path / "data", flags=flags, environment=clock.environment) as service:
        client = service.start().client()
        stamp = now_ms() - 3 * DAY
        post_readings(client, [reading("hall", value=i, timestamp=stamp + i * 1_000) for i in range(1_000)])
        client.close()
        assert service.stop() == 0
        clock.set("+3y")
        for start in range(2):
            client = service.start().client()
            time.sleep(1.5)  # it looks at the clock, and at what is to be forgotten
            assert metric(client, "history_readings_expired_total") == 0
            assert average(client, "hall", at=now_ms(), window="30d")["count"] == 1_000
            assert client.get("/healthz").json()["clock"] == "ahead" and metric(client, "clock_unconfirmed") == 1
            assert service.output().count("the clock says") == 1
            client.close()
            service.stop() if start == 0 else service.kill()
        clock.set("+0")
        client = service.start().client()
        assert client.get("/healthz").json()["clock"] == "right"
        assert average(client, "hall", window="30d")["count"] == 1_000
        clock.set("+3y")  # while it runs
        wait_until(lambda: client.get("/healthz").json()["clock"] == "ahead")
        assert average(client, "hall", at=now_ms(), window="30d")["count"] == 1_000
        assert metric(client, "history_readings_expired_total") == 0


def test_a_clock_that_goes_back_by_an_hour(clock, tmp_path):
    flags = ["--dev", "--retention", "400d"]
    with Service(data_dir=tmp_path / "data", flags=flags, environment=clock.environment) as service:
        client = service.start().client()
        post_readings(client, [reading("hall", value=i, timestamp=now_ms() - i * 1_000) for i in range(2_000)])
        post_readings(client, [reading("hall", "late", value=9, timestamp=now_ms() - 2 * 3_600_000)])
        assert average(client, "hall")["count"] >= 890
        clock.set("-1h")
        wait_until(lambda: client.get("/healthz").json()["clock"] == "behind")
        wait_until(lambda: "before the last time that the service knew" in service.output())
        assert metric(client, "clock_unconfirmed") == 1
        found = lists(client)
        assert all(each["latest"] is None or each["latest"]["age_seconds"] >= 0 for each in found)
        assert found[0]["latest"]["value"] == 9, "the newest of then"
        assert average(client, "hall")["latest"]["age_seconds"] >= 0
        assert post_readings(client, reading("hall", "now", 3))["accepted"] == 1
        assert average(client, "hall")["value"] == 3
        assert metric(client, "history_readings_expired_total") == 0
        for sensor in ("a", "b", "c"):  # by the clock as it is now
            post_readings(client, reading("hall", sensor, 3, timestamp=now_ms() - 3_600_000))
        wait_until(lambda: client.get("/healthz").json()["clock"] == "right")
        clock.set("+0")
        assert average(client, "hall")["count"] >= 880, "and an hour is no leap"
        client.close()
        assert service.restart().client().get("/healthz").json()["clock"] == "right"
