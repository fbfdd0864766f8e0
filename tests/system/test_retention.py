"""What is forgotten because of its age is gone for good: not by a slip, then, nor by a clock that is wrong."""

import time

import pytest

from keeping import FILE, end_the_wait, know, lines_of
from service import Service, average, now_ms, post_readings, reading
from upkeep import verify

DAY = 86_400_000
YEARS = 3 * 365 * 86_400


def fill(client, days_ago, count=1_000, room="old"):
    stamp = now_ms() - days_ago * DAY
    post_readings(client, [reading(room, value=i, timestamp=stamp + i * 1_000) for i in range(count)])


def metrics(client):
    lines = client.get("/metrics").text.decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def metric(client, name):
    return metrics(client)["temperature_service_" + name]


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def restart(service, *flags, client=None):
    if client:
        client.close()
    assert service.stop() == 0, service.output()
    service.flags = ["--dev", *flags]
    return service.start().client()


@pytest.mark.parametrize("retention, read_as", [("6m", "6 minutes"), ("1ms", "1 milliseconds"), ("23h", "23 hours"),
                                                ("400d,co2=90s", "90 seconds")])
def test_a_retention_below_a_day_is_asked_about(retention, read_as, tmp_path):
    with Service(data_dir=tmp_path / "data") as service:
        client = service.start().client()
        fill(client, 3)
        client.close()
        assert service.stop() == 0
        known = lines_of(service.data_dir)
        service.flags = ["--dev", "--retention", retention]
        status, said = service.run_to_end()
        assert status == 1 and read_as in said and "--allow-short-retention" in said
        assert lines_of(service.data_dir) == known, "a start that fails changes nothing"
        service.flags = ["--dev"]
        assert average(service.start().client(), "old", window="30d")["count"] == 1_000


def test_a_short_retention_is_allowed_once_for_a_folder():
    with Service(flags=["--dev", "--retention", "6h", "--allow-short-retention"]) as service:
        client = service.start().client()
        client = restart(service, "--retention", "6h", client=client)
        client = restart(service, "--retention", "12h,co2=8h", client=client)
        client.close()
        assert service.stop() == 0
        service.flags = ["--dev", "--retention", "12h,co2=5h"]
        status, said = service.run_to_end()
        assert status == 1 and "co2=5h" in said, "shorter than ever"


def test_a_shorter_retention_is_said_an_hour_before(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=["--dev", "--retention", "400d"]) as service:
        client = service.start().client()
        fill(client, 130)
        post_readings(client, reading("old", value=5))
        assert "readings are kept for 400d" in service.output()
        client = restart(service, "--retention", "60d", client=client)
        for start in range(2):
            assert average(client, "old", window="200d")["count"] == 1, "hidden at once"
            wait_until(lambda: metric(client, "retention_waiting_readings") == 1_000)
            assert 3_000 < metric(client, "retention_wait_seconds") <= 3_600
            assert metric(client, "history_readings_expired_total") == 0
            said = service.output()
            assert "1000 readings" in said if start else "readings are kept for 60d from now on" in said
            client = restart(service, "--retention", "60d", client=client)
        client = restart(service, "--retention", "400d", client=client)
        assert average(client, "old", window="200d")["count"] == 1_001, "and whoever thinks better of it has it again"


def test_a_clock_that_is_years_ahead_deletes_nothing_until_three_sensors_agree_with_it(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=["--dev", "--retention", "60d"]) as service:
        client = service.start().client()
        fill(client, 50)
        client.close()
        assert service.stop() == 0
        know(service.data_dir, -YEARS)
        client = service.start().client()
        assert service.output().count("the clock says") == 1
        body = client.get("/healthz").json()
        assert body["clock"] == "ahead" and "--clock-is-right" in body["detail"]
        assert metric(client, "clock_unconfirmed") == 1
        old = reading("old", timestamp=now_ms() - 130 * DAY)
        assert post_readings(client, old)["accepted"] == 1, "nor is it too old"
        post_readings(client, [reading("old", f"unstamped{i}") for i in range(9)])
        post_readings(client, [reading("old", "s1", timestamp=now_ms() + i) for i in range(9)])
        post_readings(client, [reading("old", f"late{i}", timestamp=now_ms() - 400_000) for i in range(9)])
        post_readings(client, [reading("old", "s2", timestamp=now_ms(), quantity=each) for each in ("co2", "pm25")])
        assert metric(client, "clock_unconfirmed") == 1
        assert metric(client, "history_readings_expired_total") == 0
        post_readings(client, reading("other", "s1", timestamp=now_ms()))
        wait_until(lambda: "default/other/s1 agree with it" in service.output())
        assert metric(client, "clock_unconfirmed") == 0 and client.get("/healthz").json()["clock"] == "right"
        body = client.post("/v1/readings", dict(old, timestamp=old["timestamp"] + 1)).json()
        assert body["rejected"][0]["code"] == "too_old"


@pytest.mark.parametrize("seconds, state", [(-YEARS, "ahead"), (YEARS, "behind")])
def test_a_flag_says_that_the_clock_is_right(seconds, state, tmp_path):
    with Service(data_dir=tmp_path / "data") as service:
        assert service.start().client().get("/healthz").json()["clock"] == "right"
        assert service.stop() == 0
        know(service.data_dir, seconds)
        client = service.start().client()
        assert client.get("/healthz").json()["clock"] == state
        client = restart(service, "--clock-is-right", client=client)
        assert client.get("/healthz").json()["clock"] == "right"
        assert "--clock-is-right" in service.output()
        client = restart(service, client=client)
        assert client.get("/healthz").json()["clock"] == "right", "for good"


def test_a_folder_that_knows_no_time_opens_as_before(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=["--dev", "--retention", "60d"]) as service:
        client = service.start().client()
        fill(client, 3)
        post_readings(client, reading("old"))
        client.close()
        assert service.stop() == 0
        (service.data_dir / FILE).unlink()
        client = service.start().client()
        assert client.get("/healthz").json()["clock"] == "right"
        assert average(client, "old", window="30d")["count"] == 1_001
        client.close()
        service.kill()
        (service.data_dir / FILE).write_text("temperature-service keeping 1\n")
        assert any("KEEPING is damaged" in str(each) for each in verify(service.data_dir)[1])
        client = service.start().client()
        assert "KEEPING is damaged" in service.output() and average(client, "old", window="30d")["count"] == 1_001


def test_a_backup_knows_it_too(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=["--dev", "--retention", "60d"]) as service:
        client = service.start().client()
        assert client.post("/v1/admin/backup", {"directory": str(tmp_path / "backup")}).status == 202
        wait_until(lambda: (tmp_path / "backup" / "BACKUP").exists())
        assert "retention others 5184000000" in lines_of(tmp_path / "backup")


def test_a_sensor_that_is_ahead_is_not_the_latest():
    with Service() as service:
        client = service.start().client()
        post_readings(client, [reading("hall", "s1", 20, timestamp=now_ms() - 2_000),
                               reading("hall", "ahead", 30, timestamp=now_ms() - 5_000),
                               reading("hall", "ahead", 40, timestamp=now_ms() + 500_000),
                               reading("cellar", "ahead", 40, timestamp=now_ms() + 500_000)])
        rooms = {each["room"]: each["quantities"][0] for each in client.get("/v1/rooms").json()["rooms"]}
        assert rooms["hall"]["latest"]["value"] == 20 and rooms["hall"]["latest"]["age_seconds"] >= 2
        assert rooms["cellar"]["latest"] is None and rooms["cellar"]["count"] == 0
        sensors = {(each["room"], each["sensor"]): each["quantities"][0]["latest"]
                   for each in client.get("/v1/sensors").json()["sensors"]}
        assert sensors["hall", "s1"]["value"] == 20
        assert sensors["hall", "ahead"]["value"] == 30 and sensors["hall", "ahead"]["age_seconds"] >= 5
        assert sensors["cellar", "ahead"] is None
        assert average(client, "cellar")["latest"] is None
        client.close()
        service.restart()
        assert service.client().get("/v1/rooms", ).json()["rooms"][1]["quantities"][0]["latest"]["value"] == 20
