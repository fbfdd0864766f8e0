"""Acknowledged means kept: the process is killed, the disk fills up, and everything acknowledged is there."""

import http.client
import json
import os
import pathlib
import random
import re
import threading
import time

import pytest

from service import Service, average, now_ms, post_readings, reading

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SEED = int(os.environ.get("CRASH_SEED", str(int(time.time()))))
WRITERS = 6


class Writer(threading.Thread):
    """Writes batches of its own sensor until the connection breaks; remembers what was acknowledged."""

    def __init__(self, service, name, first_stamp, seed):
        super().__init__()
        self.service, self.sensor, self.stamp = service, name, first_stamp
        self.random = random.Random(seed)
        self.acknowledged, self.uncertain = {}, {}
        self.wrong = None
        self.pause = False

    def run(self):
        client = self.service.client(timeout=20)
        try:
            while True:
                if self.pause:
                    time.sleep(0.01)
                    client.get("/livez")  # breaks with the process
                    continue
                batch = {}
                for _ in range(self.random.choice([1, 1, 3, 50])):
                    self.stamp += self.random.choice([1, 10, 1000])
                    batch[self.stamp] = round(self.random.uniform(-20, 40), 2)
                self.uncertain = batch
                body = [reading("crash", self.sensor, value, timestamp=stamp) for stamp, value in batch.items()]
                answer = client.post("/v1/readings", body)
                if answer.status != 200 or answer.json()["accepted"] != len(batch):
                    self.wrong = answer.text
                    return
                self.acknowledged.update(batch)
                self.uncertain = {}
        except (OSError, http.client.HTTPException):
            return


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def stored(client, sensor):
    lines = client.get("/v1/readings", room="crash", sensor=sensor, format="ndjson").text.decode().splitlines()
    rows = [json.loads(line) for line in lines]
    found = {row["timestamp"]: row["value"] for row in rows}
    assert len(found) == len(rows), "a reading is there twice"
    return found


def text_of(stamp):
    seconds, ms = divmod(stamp, 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{ms:03}Z"


def check(client, writers, kept):
    """All that was acknowledged is there, and nothing else but whole batches; `kept` learns of it."""
    for writer in writers:
        found = stored(client, writer.sensor)
        known = {**kept[writer.sensor], **writer.acknowledged}
        missing = {stamp for stamp in known if found.get(text_of(stamp)) != known[stamp]}
        assert not missing, f"{len(missing)} acknowledged readings of {writer.sensor} are lost"
        maybe = {stamp: value for stamp, value in writer.uncertain.items() if text_of(stamp) in found}
        assert len(maybe) in (0, len(writer.uncertain)), "a batch is there by half"
        known.update(maybe)
        assert found == {text_of(stamp): value for stamp, value in known.items()}
        kept[writer.sensor] = known


@pytest.mark.crash
def test_kill_9_at_random_moments_loses_nothing_acknowledged():
    print(f"CRASH_SEED={SEED} ROUNDS={ROUNDS}")
    chance = random.Random(SEED)
    kept = {f"w{i}": {} for i in range(WRITERS)}
    first = now_ms() - 86_400_000
    with Service() as service:
        service.start()
        for round_number in range(ROUNDS):
            begin = first + round_number * 10_000_000 // max(ROUNDS, 1)
            last = max([begin] + [max(readings) for readings in kept.values() if readings])
            writers = [Writer(service, name, last, chance.random()) for name in kept]
            for writer in writers:
                writer.start()
            time.sleep(chance.uniform(0.05, 1.0))
            service.kill()
            for writer in writers:
                writer.join()
                assert writer.wrong is None, writer.wrong
            service.start()
            client = service.client()
            check(client, writers, kept)
            everything = [value for readings in kept.values() for value in readings.values()]
            if not everything:
                continue
            end = max(stamp for readings in kept.values() for stamp in readings)
            body = average(client, "crash", at=end, window="7d")
            assert body["count"] == len(everything)
            assert body["value"] == pytest.approx(sum(everything) / len(everything), abs=1e-9)
    assert sum(map(len, kept.values())) > 0


@pytest.mark.crash
def test_a_full_disk_refuses_writes_and_a_restart_finds_everything(small_disk):
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * (20 << 20))
    with Service(data_dir=small_disk / "data", flags=["--dev", "--min-free-disk", "0"]) as service:
        client = service.start().client()
        stamp = now_ms() - 3_600_000
        acknowledged = 0
        while True:
            batch = [reading("full", "s", 20 + i / 100, timestamp=stamp + acknowledged + i) for i in range(2_000)]
            answer = client.post("/v1/readings", batch)
            if answer.status != 200:
                break
            acknowledged += answer.json()["accepted"]
            assert acknowledged < 10_000_000
        assert acknowledged > 0
        assert answer.status == 507, answer.text
        assert answer.json()["code"] == "disk_full" and int(answer.headers["retry-after"]) > 0
        assert client.post("/v1/readings", reading("full")).status == 507  # for good, until a restart
        old = client.post("/temperatures", {"buildingId": "b", "roomId": "r", "sensorId": "s", "temperature": 1,
                                            "timestamp": now_ms()})
        assert old.status == 507 and "detail" in old.json()
        assert client.get("/readyz").status == 200
        assert client.get("/readyz", **{"for": "writes"}).status == 503
        assert client.get("/healthz").json()["status"] == "read_only"
        assert "temperature_service_writes_refused 1" in client.get("/metrics").text.decode()
        assert average(client, "full", at=stamp + acknowledged, window="1d")["count"] == acknowledged

        service.kill()
        ballast.unlink()
        service.start()
        client = service.client()
        count = average(client, "full", at=stamp + acknowledged + 2_000, window="1d")["count"]
        assert acknowledged <= count <= acknowledged + 2_000
        assert average(client, "full", at=stamp + acknowledged - 1, window="1d")["count"] == acknowledged
        assert post_readings(client, reading("full", "after"))["accepted"] == 1


@pytest.mark.crash
def test_writes_are_refused_before_the_disk_is_full_and_taken_again(small_disk):
    ballast = small_disk / "ballast"
    with Service(data_dir=small_disk / "data", flags=["--dev", "--min-free-disk", "16MiB"]) as service:
        client = service.start().client()
        assert post_readings(client, reading("full", "s", 20, timestamp=now_ms() - 1_000))["accepted"] == 1
        disk = os.statvfs(small_disk)
        ballast.write_bytes(b"x" * (disk.f_bavail * disk.f_frsize - (10 << 20)))
        wait_for(lambda: client.get("/readyz", **{"for": "writes"}).status == 503)
        answer = client.post("/v1/readings", reading("full", "s", 20))
        assert answer.status == 507, answer.text
        assert answer.json()["code"] == "disk_full" and int(answer.headers["retry-after"]) > 0
        assert client.get("/readyz").status == 200
        assert client.get("/readyz", **{"for": "writes"}).json()["status"] == "disk_full"
        assert average(client, "full")["count"] == 1
        metrics = client.get("/metrics").text.decode()
        assert "temperature_service_disk_min_free_bytes 16777216" in metrics
        free = int(float(re.search(r"^temperature_service_disk_free_bytes (\S+)$", metrics, re.M).group(1)))
        assert 0 < free < 16 << 20, "the disk was not full"
        ballast.unlink()
        wait_for(lambda: client.get("/readyz", **{"for": "writes"}).status == 200)
        assert post_readings(client, reading("full", "s", 21))["accepted"] == 1
        assert "writes are refused" in service.output() and "writes are taken again" in service.output()


@pytest.mark.crash
def test_recovery_is_told_by_readyz(tmp_path):
    with Service(data_dir=tmp_path / "data") as service:
        client = service.start().client()
        stamp = now_ms() - 600_000
        for batch in range(40):
            post_readings(client, [reading(f"r{i % 10}", f"s{i}", i % 30, timestamp=stamp + batch)
                                   for i in range(5_000)])
        service.kill()
        service.start()
        client = service.client()
        total = sum(average(client, f"r{i}", at=stamp + 40, window="1m")["count"] for i in range(10))
        assert total == 200_000
        assert pathlib.Path(service.data_dir).exists()
