"""Killed while it flushes, merges, forgets and makes backups: nothing acknowledged is lost, nothing is there twice."""

import calendar
import http.client
import json
import os
import pathlib
import random
import shutil
import threading
import time

import pytest

from keeping import end_the_wait
from service import Service, now_ms, post_readings, reading
from test_crash import ROUNDS, SEED, Writer, check, stored, text_of, wait_for
from upkeep import run, verify

WRITERS = 4
DAY = 86_400_000
QUIET_S = 5  # after so long without a reading the history puts its pieces together


class Backups(threading.Thread):
    """Has one backup after the other made until the connection breaks; remembers what was acknowledged before each."""

    def __init__(self, service, folder, writers):
        super().__init__()
        self.service, self.folder, self.writers = service, folder, writers
        self.begun = []

    def run(self):
        client = self.service.client(timeout=20)
        try:
            while True:
                at_least = {writer.sensor: dict(writer.acknowledged) for writer in self.writers}
                directory = self.folder / f"backup{len(self.begun)}"
                answer = client.post("/v1/admin/backup", {"directory": str(directory)})
                assert answer.status == 202, answer.text
                self.begun.append((directory, at_least))
                while client.get("/v1/admin/backup").json()["state"] == "running":
                    time.sleep(0.005)
        except (OSError, http.client.HTTPException):
            return


def check_backups(backups, kept_before, folder):
    """Those that have their name are whole; what the last one lacks came after it was asked for."""
    whole = [(directory, at_least) for directory, at_least in backups.begun if directory.exists()]
    assert all((directory / "BACKUP").exists() for directory, _ in whole)
    if not whole:
        return 0
    directory, at_least = whole[-1]
    code, findings, _ = verify(directory)
    assert (code, findings) == (0, [])
    ended = run("restore", directory, "--data-dir", folder / "restored")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    with Service(data_dir=folder / "restored") as restored:
        client = restored.start().client()
        for sensor, readings in at_least.items():
            found = stored(client, sensor)
            for stamp, value in {**kept_before[sensor], **readings}.items():
                assert found.get(text_of(stamp)) == value, f"{sensor} at {stamp} is not in the backup"
    return len(whole)


@pytest.mark.crash
def test_kill_9_during_flushes_merges_and_backups(tmp_path):
    print(f"CRASH_SEED={SEED} ROUNDS={ROUNDS}")
    chance = random.Random(SEED)
    kept = {f"w{i}": {} for i in range(WRITERS)}
    first = now_ms() - 3 * DAY
    backups_made = 0
    with Service(flags=["--dev", "--flush-readings", "100"]) as service:
        service.start()
        for round_number in range(ROUNDS):
            folder = tmp_path / f"round{round_number}"
            folder.mkdir()
            last = max([first] + [max(readings) for readings in kept.values() if readings])
            writers = [Writer(service, name, last, chance.random()) for name in kept]
            backups = Backups(service, folder, writers)
            for thread in [*writers, backups]:
                thread.start()
            time.sleep(chance.uniform(0.05, 1.0))
            if round_number % 5 == 4:  # let it merge what there is, and kill it in the middle of that
                for writer in writers:
                    writer.pause = True
                time.sleep(QUIET_S + chance.uniform(0, 1))
            service.kill()
            for thread in [*writers, backups]:
                thread.join()
            assert all(writer.wrong is None for writer in writers), [writer.wrong for writer in writers]
            before = {sensor: dict(readings) for sensor, readings in kept.items()}
            code, findings, _ = verify(service.data_dir)
            assert (code, findings) == (0, [])
            service.start()
            check(service.client(), writers, kept)
            backups_made += check_backups(backups, before, folder)
    assert sum(map(len, kept.values())) > 0
    print(f"{backups_made} backups")


@pytest.mark.crash
def test_kill_9_while_the_history_forgets():
    """Every second start has a retention: it forgets what is old, and is killed meanwhile."""
    print(f"CRASH_SEED={SEED} ROUNDS={ROUNDS}")
    chance = random.Random(SEED)
    recent = {}
    old = {}
    with Service(flags=["--dev", "--flush-readings", "500"]) as service:
        for round_number in range(ROUNDS):
            service.flags = ["--dev", "--flush-readings", "500"]
            client = service.start().client()
            found = stored_of(client, "old")
            assert found.items() <= old.items(), "something that was never there, or with another value"
            assert stored_of(client, "recent") == recent
            start = now_ms() - 130 * DAY + round_number * 1_000_000
            for sensor in range(20):
                batch = {(f"s{sensor}", start + i * 30_000): round(chance.uniform(0, 40), 2) for i in range(300)}
                old.update(batch)
                fresh = {(f"s{sensor}", now_ms() - DAY + i + round_number * 1_000): i for i in range(20)}
                recent.update(fresh)
                post_readings(client, [reading(room, each, value, timestamp=stamp)
                                       for room, readings in (("old", batch), ("recent", fresh))
                                       for (each, stamp), value in readings.items()])
            client.close()
            if chance.random() < 0.5:
                assert service.stop() == 0
            else:
                service.kill()
            service.flags = ["--dev", "--retention", "60d"]
            client = service.start().client()
            assert stored_of(client, "old") == {}, "older than the retention"
            wait_for(lambda: "are forgotten for good in" in service.output())
            client.close()
            assert service.stop() == 0
            end_the_wait(service.data_dir)
            service.start()
            time.sleep(chance.uniform(0, 0.3))
            service.kill()
            assert verify(service.data_dir)[:2] == (0, [])
        for seconds in (0.5, 2, 8):  # for the last of it
            client = service.start().client()
            assert stored_of(client, "recent") == recent
            client.close()
            assert service.stop() == 0
            end_the_wait(service.data_dir)
            service.start()
            time.sleep(seconds)
            assert service.stop() == 0
            service.flags = ["--dev"]
            client = service.start().client()
            left = stored_of(client, "old")
            client.close()
            assert service.stop() == 0
            service.flags = ["--dev", "--retention", "60d"]
            if not left:
                return
        raise AssertionError("it was not forgotten after all")


def stored_of(client, room):
    rows = rows_of(client, room)
    found = {(row["sensor"], stamp_of(row["timestamp"])): row["value"] for row in rows}
    assert len(found) == len(rows), "a reading is there twice"
    return found


def rows_of(client, room):
    answer = client.get("/v1/readings", room=room, format="ndjson")
    if answer.status == 404:
        return []
    return [json.loads(line) for line in answer.text.decode().splitlines()]


def stamp_of(text):
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) * 1000 + int(text[20:23])


@pytest.fixture
def other_disk(tmp_path):
    """Another file system than the data folder's, where there is one: backups there are copies, not links."""
    shared = pathlib.Path("/dev/shm")
    if not shared.is_dir() or os.stat(shared).st_dev == os.stat(tmp_path).st_dev:
        pytest.skip("there is no other file system here")
    folder = shared / f"temperature-{os.getpid()}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.mark.crash
def test_a_backup_on_another_disk(other_disk, tmp_path):
    with Service(data_dir=tmp_path / "data", flags=["--dev", "--flush-readings", "1000"]) as service:
        client = service.start().client()
        stamp = now_ms() - DAY
        for batch in range(20):
            post_readings(client, [reading("full", f"s{i % 7}", i % 30, timestamp=stamp + batch * 1_000 + i)
                                   for i in range(1_000)])
        ended = run("backup", other_disk / "backup", "--url", f"http://127.0.0.1:{service.port}")
        assert ended.returncode == 0, ended.stderr
        everything = stored_of(client, "full")
    assert verify(other_disk / "backup")[:2] == (0, [])
    with Service(data_dir=other_disk / "backup") as service:
        assert stored_of(service.start().client(), "full") == everything
