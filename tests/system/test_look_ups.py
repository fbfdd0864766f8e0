"""Late readings, when the history cannot be asked whether it has them."""

import re
import time

from service import Service, now_ms, post_readings, reading

HOUR = 3_600_000


def damage_tables(folder):
    """Overwrites what readings are in; of a room that is silent nothing was read at the start."""
    tables = sorted((folder / "history").glob("*.sst"))
    assert tables
    for table in tables:
        with table.open("r+b") as file:
            file.write(b"\xa5" * min(4_096, table.stat().st_size // 2))


def metric(client, name):
    found = re.search(rf"^temperature_service_{name} (\S+)$", client.get("/metrics").text.decode(), re.M)
    return float(found.group(1)) if found else None


def test_a_late_reading_that_cannot_be_looked_up_is_not_taken_and_is_told_of(tmp_path):
    now = now_ms()
    with Service(data_dir=tmp_path / "data") as service:
        client = service.start().client()
        old = [reading("attic", "s1", i % 7 + i / 1_000, timestamp=now - 3 * HOUR + 1_000 * i) for i in range(3_000)]
        assert post_readings(client, old)["accepted"] == 3_000
        client.close()
        assert service.stop() == 0
        client = service.start().client()
        damage_tables(service.data_dir)
        assert metric(client, "writes_history_failed_total") == 0
        late = reading("attic", "s1", 99, timestamp=old[500]["timestamp"])
        for _ in range(3):
            answer = client.post("/v1/readings", [late, reading("hall", "s1", 21, timestamp=now + 1)])
            assert (answer.status, answer.json()["code"]) == (503, "history_failed"), answer.text
            assert int(answer.headers["retry-after"]) > 0
        line = f"temperature,room=attic,sensor=s1 value=99 {late['timestamp']}000000"
        assert client.post("/write", line).status == 503
        assert post_readings(client, [reading("hall", "s1", 21, timestamp=now + 2)])["accepted"] == 1
        assert metric(client, "writes_history_failed_total") == 4
        client.close()
        deadline = time.monotonic() + 20
        while "late readings" not in service.output() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert service.output().count("late readings are refused") == 1, service.output()
