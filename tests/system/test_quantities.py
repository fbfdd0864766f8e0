"""How many quantities there may be, who may bring new ones, and which fields of lines are taken."""

import subprocess

import pytest

from credentials import SensorKey, register
from service import BINARY, Service, post_readings, reading


ADMIN_KEY = "an-admin-key-for-quantities-0123456789"


def codes(answer):
    return sorted({each["code"] for each in answer.get("rejected", [])})


def line(sensor, first, count):
    return f"m,room=r,sensor={sensor} " + ",".join(f"q{i}=1" for i in range(first, first + count))


def quantities(client):
    return {window["quantity"] for room in client.get("/v1/rooms").json()["rooms"] for window in room["quantities"]}


def test_one_sensor_leaves_quantities_for_the_others():
    with Service() as service:
        client = service.start().client()
        # 5,000 fields of one line, which would have been more than all that there could be.
        answer = client.post("/write", line("flood", 0, 5_000))
        assert answer.status == 400 and b"--quantities-per-sensor" in answer.text, answer.text
        assert answer.headers.get("retry-after") is None
        assert len(quantities(client)) == 64
        # Others bring theirs, and what is there is anybody's.
        assert client.post("/write", line("other", 5_000, 64)).status == 204
        assert client.post("/write", line("third", 0, 64)).status == 204
        # What is built in is always taken, also from the sensor that brought too many.
        built_in = "m,room=r,sensor=flood temperature=20,humidity=40,co2=500,pressure=1000"
        assert client.post("/write", built_in).status == 204
        refused = client.post("/v1/readings", [reading("r", "flood", quantity="new"), reading("r", "flood")])
        assert refused.status == 200 and codes(refused.json()) == ["quantity_limit"]
        # The bounds hold after a restart, and what they do not allow any more stays.
        service.flags += ["--quantities-max", "100", "--quantities-per-sensor", "10"]
        service.restart()
        client = service.client()
        assert len(quantities(client)) == 132
        post_readings(client, reading("r", "flood", quantity="q63"))
        refused = client.post("/v1/readings", reading("r", "new", quantity="new"))
        assert refused.status == 422 and "--quantities-max" in refused.json()["rejected"][0]["detail"]
        assert 'readings_rejected_total{reason="quantity_limit"} 1' in client.get("/metrics").text.decode()


def test_what_cannot_be_stored_uses_up_no_quantity():
    flags = ["--series-per-sensor", "1", "--quantities-max", "2"]
    with Service(flags=flags, environment={"TEMPERATURE_ADMIN_KEY": ADMIN_KEY}) as service:
        service.start()
        admin = service.client(key=ADMIN_KEY)
        key = SensorKey()
        register(admin, "s1", key)
        sensor = service.client(key=key.token("s1"))
        post_readings(sensor, reading("r", "s1"))
        # A unit, which would be the first of its quantity, used to make the quantity before the series was refused.
        answer = sensor.post("/v1/readings", [reading("r", "s1", quantity=f"q{i}", unit="m") for i in range(4)])
        assert codes(answer.json()) == ["series_limit"]
        post_readings(admin, [reading("r", "s2", quantity=name, unit="m") for name in ("wind", "rain")])
        assert codes(admin.post("/v1/readings", reading("r", "s2", quantity="third")).json()) == ["quantity_limit"]


def test_fields_are_kept_out():
    with Service(flags=["--dev", "--line-fields", "!uptime,!wifi_*"]) as service:
        client = service.start().client()
        assert client.post("/write", "m,room=r,sensor=s temperature=20,uptime=5,wifi_rssi=-60,wifi_x=nan").status == 204
        assert quantities(client) == {"temperature"}
        passed = client.get("/v1/rejects?kind=passed_over").json()["rejects"]
        assert {(each["field"], each["code"]) for each in passed} == {
            ("uptime", "left_out"), ("wifi_rssi", "left_out"), ("wifi_x", "left_out")}
        assert 'line_fields_passed_over_total{kind="left_out"} 3' in client.get("/metrics").text.decode()


def explain(*arguments):
    return subprocess.run([BINARY, "explain-line", *arguments], capture_output=True, text=True, check=False)


def test_explain_line_says_which_fields_are_left_out():
    told = explain("m,room=r,sensor=s temperature=20,uptime=5", "--line-fields", "temp*")
    assert told.returncode == 0 and "uptime: passed over, --line-fields does not take it" in told.stdout
    assert "temperature: temperature = 20" in told.stdout


@pytest.mark.parametrize("flags", [("--line-fields", "a,!b"), ("--line-fields", "!*"), ("--quantities-max", "0"),
                                   ("--quantities-max", "1000001"), ("--quantities-per-sensor", "1000001")])
def test_flags_that_make_no_sense_are_refused(flags, tmp_path):
    status, said = Service(tmp_path / "data", flags=["--dev", *flags]).run_to_end()
    assert status == 2 and flags[0] in said and not (tmp_path / "data").exists(), said
