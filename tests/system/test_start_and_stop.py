"""Starting, the faults that keep it from starting, and stopping under load."""

import json
import os
import socket
import subprocess
import threading
import time

import pytest

from keeping import end_the_wait
from service import BINARY, Service, average, now_ms, post_readings, reading


def fails(flags, *words, ends_with=1, **arguments):
    with Service(flags=flags, **arguments) as service:
        status, said = service.run_to_end()
    assert status == ends_with, said
    for word in words:
        assert word in said, said
    return said


def test_the_version():
    said = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("temperature-service ") and said.split()[1][0].isdigit()


def test_one_reading_takes_no_disk_ahead(service):
    """Once the journal took 18 MB for its first record."""
    post_readings(service.client(), reading())
    given = sum(file.stat().st_blocks * 512 for file in service.data_dir.rglob("*"))
    assert given < 1 << 20


def test_a_port_that_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        fails(["--dev"], f"127.0.0.1:{port}", "another program has the port", listen=f"127.0.0.1:{port}")


def test_a_folder_that_is_in_use(service):
    fails(["--dev"], "another process has it", str(service.data_dir), data_dir=service.data_dir)


def test_a_folder_of_a_newer_format(tmp_path):
    (tmp_path / "FORMAT").write_text("temperature-service 99\n")
    fails(["--dev"], "format 99 is newer", data_dir=tmp_path)


def test_a_folder_of_something_else(tmp_path):
    (tmp_path / "FORMAT").write_text("another program\n")
    fails(["--dev"], "FORMAT", data_dir=tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    fails(["--dev"], "cannot make the folder", data_dir=tmp_path / "file" / "data")


@pytest.mark.parametrize("flags,words", [
    (["--admin-key", "short"], ["admin key"]),
    (["--admin-key-file", "/nonexistent/key"], ["/nonexistent/key"]),
    (["--dev", "--config", "/nonexistent/config.toml"], ["/nonexistent/config.toml"]),
])
def test_flags_that_lead_nowhere(flags, words):
    fails(flags, *words)


@pytest.mark.parametrize("flags,words", [
    (["--dev", "--retention", "soon"], ["--retention", "soon"]),
    (["--dev", "--retention", "400d,co2=soon"], ["--retention", "co2=soon"]),
    (["--dev", "--retention", "=4d"], ["--retention", "=4d"]),
    (["--dev", "--min-free-disk", "1GB"], ["--min-free-disk", "1GB"]),
    (["--dev", "--max-ahead", "x"], ["--max-ahead"]),
    (["--dev", "--log-format", "xml"], ["--log-format"]),
    (["--dev", "--default-building", ""], ["--default-building"]),
])
def test_flags_that_cannot_be(flags, words):
    fails(flags, *words, ends_with=2)


@pytest.mark.parametrize("listen,word", [
    ("0.0.0.0:0", "loopback"), ("[::]:0", "loopback"), ("nonsense", "--listen"), ("127.0.0.1", "--listen"),
    ("127.0.0.1:65536", "--listen"), ("127.0.0.1:http", "--listen"), ("192.0.2.1:0", "192.0.2.1"),
])
def test_addresses_that_cannot_be(listen, word):
    fails(["--dev"], word, ends_with=2, listen=listen)


def test_an_unknown_configuration_key_names_the_nearest(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('retentoin = "7d"\n')
    fails(["--dev", "--config", str(config)], "retentoin", '"retention"', ends_with=2)


def test_an_unknown_flag_is_an_error():
    ended = subprocess.run([BINARY, "serve", "--no-such-flag"], capture_output=True, text=True)
    assert ended.returncode != 0 and "no-such-flag" in ended.stderr


def test_flags_environment_and_file_in_this_order(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('default-building = "from file"\nmax-ahead = "1h"\nlog-format = "json"\n')
    environment = {"TEMPERATURE_DEFAULT_BUILDING": "from environment", "TEMPERATURE_DEV": "true"}
    with Service(flags=["--config", str(config)], environment=environment) as service:
        client = service.start().client()
        post_readings(client, reading("where"))
        assert average(client, "where")["building"] == "from environment"
        assert post_readings(client, reading("where", timestamp=now_ms() + 3_000_000))["accepted"] == 1
        lines = [json.loads(line) for line in service.output().splitlines() if line.startswith("{")]
        assert any(line["message"] == "serving" for line in lines)
    flags = ["--config", str(config), "--default-building", "from flag"]
    with Service(flags=flags, environment=environment) as service:
        client = service.start().client()
        post_readings(client, reading("where"))
        assert average(client, "where")["building"] == "from flag"


def test_the_default_configuration_is_one(tmp_path):
    printed = subprocess.run([BINARY, "config", "--print-default"], capture_output=True, text=True, check=True).stdout
    config = tmp_path / "config.toml"
    config.write_text(printed)
    with Service(flags=["--dev", "--config", str(config)]) as service:
        service.start()


def test_the_series_limit():
    with Service(flags=["--dev", "--series-max", "3"]) as service:
        client = service.start().client()
        body = post_readings(client, [reading("few", f"s{i}") for i in range(5)])
        assert body["accepted"] == 3
        assert [each["code"] for each in body["rejected"]] == ["series_limit"] * 2
        assert [each["index"] for each in body["rejected"]] == [3, 4]
        assert post_readings(client, reading("few", "s1"))["accepted"] == 1


def test_retention_refuses_what_is_older():
    with Service(flags=["--dev", "--retention", "1d"]) as service:
        client = service.start().client()
        body = post_readings(client, [reading("kept"), reading("kept", timestamp=now_ms() - 2 * 86_400_000)])
        assert body["accepted"] == 1 and body["rejected"][0]["code"] == "too_old"


@pytest.mark.parametrize("how", ["flags", "one flag", "environment", "file"])
def test_retention_of_each_quantity(how, tmp_path):
    flags, environment = ["--dev", "--allow-short-retention"], {}
    if how == "flags":
        flags += ["--retention", "30d", "--retention", "co2=1h", "--retention", "humidity=2d"]
    elif how == "one flag":
        flags += ["--retention", "30d,co2=1h,humidity=2d"]
    elif how == "environment":
        environment["TEMPERATURE_RETENTION"] = "co2=1h,30d,humidity=2d"
    else:
        (tmp_path / "config.toml").write_text('retention = ["30d", "co2=1h", "humidity=2d"]\n')
        flags += ["--config", str(tmp_path / "config.toml")]
    with Service(flags=flags, environment=environment) as service:
        client = service.start().client()
        day = 86_400_000
        body = post_readings(client, [reading("kept", quantity=quantity, timestamp=now_ms() - int(age * day))
                                      for quantity, age in [("temperature", 29), ("temperature", 31), ("co2", 0.02),
                                                            ("co2", 0.1), ("humidity", 1.9), ("humidity", 2.1)]])
        assert [(each["index"], each["code"]) for each in body["rejected"]] == [(1, "too_old"), (3, "too_old"),
                                                                                 (5, "too_old")]


def test_a_shorter_retention_hides_and_forgets_what_is_older(tmp_path):
    stamp = now_ms() - 130 * 86_400_000  # all of its 32 days is older than 60
    with Service(data_dir=tmp_path) as service:
        client = service.start().client()
        post_readings(client, [reading("old", value=i, timestamp=stamp + i * 1_000) for i in range(1_000)])
        post_readings(client, reading("old", value=5))
        client.close()
        assert service.stop() == 0
        service.flags += ["--retention", "60d"]
        client = service.start().client()
        body = average(client, "old", window="200d")
        assert (body["count"], body["value"]) == (1, 5)
        assert average(client, "old", at=stamp + 2_000_000, window="1h")["latest"] is None
        client.close()
        assert service.stop() == 0
        assert end_the_wait(tmp_path), "it waits an hour"
        client = service.start().client()
        metric = "temperature_service_history_readings_expired_total 1000"
        deadline = time.monotonic() + 20
        while metric not in client.get("/metrics").text.decode():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        client.close()
        assert service.stop() == 0
        service.flags = ["--dev"]
        assert average(service.start().client(), "old", window="200d")["count"] == 1, "it is gone for good"


def test_sigterm_under_load_loses_nothing():
    with Service() as service:
        service.start()
        acknowledged = [0] * 8
        first = now_ms()

        def write(worker):
            client = service.client()
            try:
                while True:
                    stamp = first + acknowledged[worker]
                    body = reading("load", f"w{worker}", 20, timestamp=stamp)
                    answer = client.post("/v1/readings", body)
                    if answer.status != 200:
                        return
                    acknowledged[worker] += 1
            except (OSError, EOFError, Exception):
                return

        threads = [threading.Thread(target=write, args=(worker,)) for worker in range(len(acknowledged))]
        for thread in threads:
            thread.start()
        while sum(acknowledged) < 400:
            assert service.process.poll() is None
        assert service.stop(timeout=10) == 0, service.output()
        for thread in threads:
            thread.join()
        service.start()
        client = service.client()
        for worker, count in enumerate(acknowledged):
            body = average(client, "load", sensor=f"w{worker}", at=first + 10_000_000 - 1, window="1d")
            # One more may have been stored without its answer being read.
            assert count <= body["count"] <= count + 1


def test_a_torn_journal_tail_is_cut_and_logged():
    with Service() as service:
        client = service.start().client()
        stamp = now_ms()
        for i in range(20):
            post_readings(client, reading("torn", value=i, timestamp=stamp + i))
        service.kill()
        log = newest_wal(service)
        os.truncate(log, end_of_records(log) - 3)
        service.start()
        assert "torn" in service.output()
        assert average(service.client(), "torn", at=stamp + 100)["count"] == 19


def test_a_flipped_byte_in_the_journal_refuses_to_start():
    with Service() as service:
        client = service.start().client()
        for i in range(20):
            post_readings(client, reading("flipped", value=i, timestamp=now_ms() + i))
        service.kill()
        log = newest_wal(service)
        content = bytearray(log.read_bytes())
        content[end_of_records(log) // 2] ^= 1
        log.write_bytes(content)
        status, said = service.run_to_end()
        assert status == 1 and log.name in said, said


def end_of_records(log):
    """Where what was written ends: a log that a crash leaves may be filled ahead (docs/formats/journal.md)."""
    content = log.read_bytes()
    end = len(content)
    while content[end - 1] == (end - 1) * 0x9E3779B97F4A7C15 % 2**64 >> 56:
        end -= 1
    return end


def newest_wal(service):
    logs = sorted((service.data_dir / "journal").glob("*.log"), key=lambda path: path.name)
    return [path for path in logs if path.stat().st_size > 0][-1]
