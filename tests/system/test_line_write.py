"""POST /write and /api/v2/write: what becomes of lines, and what their senders are told."""

import gzip
import json
import signal
import subprocess
import threading
import time

import pytest

from service import BINARY, Service, average, now_ms


def write(client, body, version=1, headers=None, **query):
    query = {"precision": "ms", **query}
    path = "/write" if version == 1 else "/api/v2/write"
    return client.request("POST", path, body, {"Content-Type": "text/plain", **(headers or {})}, **query)


def rejects(client, **query):
    return client.get("/v1/rejects", **query).json()


@pytest.mark.parametrize("version", [1, 2])
def test_lines_are_readings(client, version):
    room, stamp = f"lines{version}", now_ms()
    body = (f"temperature,room={room},sensor=a value=20 {stamp}\n"
            f"air,building=default,room={room},sensor=b temperature=21,humidity=40i,note=\"x\",open=t {stamp}\n")
    answer = write(client, body, version)
    assert (answer.status, answer.text) == (204, b"")
    assert average(client, room)["value"] == 20.5
    assert average(client, room, quantity="humidity")["value"] == 40


@pytest.mark.parametrize("precision, scale", [
    (None, 1_000_000), ("ns", 1_000_000), ("n", 1_000_000), ("us", 1000), ("u", 1000), ("ms", 1), ("s", 1 / 1000),
    ("m", 1 / 60_000), ("h", 1 / 3_600_000)])
def test_precisions(client, precision, scale):
    room = f"precision-{precision}"
    moment = 1_699_999_200_000  # a whole hour
    answer = client.request("POST", "/write" + (f"?db=x&precision={precision}" if precision else "?db=x"),
                            f"temperature,room={room},sensor=s value=20 {round(moment * scale)}")
    assert answer.status == 204, answer.text
    assert average(client, room, at=moment, window="1s")["count"] == 1
    assert average(client, room, at=moment - 1)["count"] == 0


def test_nanoseconds_are_cut_to_milliseconds(client):
    """Two readings of a series within a millisecond are one: a repeat, or a conflict."""
    body = ("temperature,room=cut,sensor=s value=20 1700000000000999999\n"
            "temperature,room=cut,sensor=s value=20 1700000000000000001\n"
            "temperature,room=cut,sensor=s value=30 1700000000000500000\n")
    assert write(client, body, precision="ns").status == 204
    found = average(client, "cut", at=1_700_000_000_000)
    assert (found["count"], found["value"]) == (1, 20)


def test_an_unknown_precision_is_refused(client):
    answer = write(client, "t,room=r,sensor=s value=1", precision="d")
    assert answer.status == 400 and "invalid precision" in answer.json()["error"]
    answer = write(client, "t,room=r,sensor=s value=1", version=2, precision="d")
    assert answer.status == 400 and answer.json()["code"] == "invalid"


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("body", ["", "\n", "# nothing but a comment\n", "event text=\"started\"\n"])
def test_nothing_to_take_is_taken(client, version, body):
    assert write(client, body, version).status == 204


def test_gzip(client):
    body = gzip.compress(f"temperature,room=packed,sensor=s value=20 {now_ms()}\n".encode())
    assert write(client, body, headers={"Content-Encoding": "gzip"}).status == 204
    assert average(client, "packed")["count"] == 1


def test_good_lines_around_bad_ones_are_kept_v1(client):
    body = ("temperature,room=partial,sensor=a value=20\n"
            "temperature,room=partial,sensor=b value=warm\n"
            "temperature,sensor=c value=20\n"
            "temperature,room=partial,sensor=d value=22\n")
    answer = write(client, body)
    assert answer.status == 400
    error = answer.json()["error"]
    assert error.startswith("partial write: line 2: ") and error.endswith(" dropped=2"), error
    assert "temperature,room=partial,sensor=b value=warm" in error
    assert average(client, "partial")["count"] == 2


def test_good_lines_around_bad_ones_are_kept_v2(client):
    malformed = write(client, "temperature,room=partial2,sensor=a value=20\nbroken\n", version=2)
    assert malformed.status == 400
    assert malformed.json()["code"] == "invalid" and malformed.json()["line"] == 2
    body = "\ntemperature,sensor=a value=20\ntemperature,room=partial2,sensor=b value=20\n"
    homeless = write(client, body, version=2)
    assert homeless.status == 422
    assert homeless.json()["code"] == "unprocessable entity" and homeless.json()["line"] == 2
    assert average(client, "partial2")["count"] == 2


def test_a_conflict_is_taken_and_counted(client):
    stamp = now_ms()
    assert write(client, f"temperature,room=clash,sensor=s value=20 {stamp}").status == 204
    assert write(client, f"temperature,room=clash,sensor=s value=30 {stamp}").status == 204
    assert average(client, "clash")["value"] == 20


def test_seconds_taken_for_nanoseconds_are_explained(client):
    answer = write(client, f"temperature,room=r,sensor=s value=20 {now_ms() // 1000}", precision="ns")
    assert answer.status == 400 and "is the precision that of the timestamps?" in answer.json()["error"]


@pytest.mark.parametrize("path,words", [
    ("/write?db=x", {"error"}), ("/api/v2/write?bucket=x", {"code", "message"}), ("/v1/readings", {"type", "code"})])
def test_a_length_over_the_limit_is_told_in_the_words_of_the_address(client, path, words):
    connection = client.connection
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", str(64 * 1024 * 1024))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413 and words <= set(json.loads(answer.read()))
    connection.close()


def test_too_many_lines_are_413(client):
    """Telegraf halves such a batch; any other 4xx would lose it."""
    body = gzip.compress(b"t,room=many,sensor=s v=1\n" * 1_000_001)
    answer = write(client, body, headers={"Content-Encoding": "gzip"})
    assert answer.status == 413 and "error" in answer.json()


def test_credentials_are_asked_for_in_each_dialects_words():
    with Service(flags=["--admin-key", "0123456789abcdef"]) as service:
        client = service.start().client()
        v1 = write(client, "t,room=r,sensor=s value=1")
        assert v1.status == 401 and set(v1.json()) == {"error"}
        v2 = write(client, "t,room=r,sensor=s value=1", version=2)
        assert v2.status == 401 and v2.json()["code"] == "unauthorized"
        keyed = service.client(key="0123456789abcdef")
        assert write(keyed, "t,room=r,sensor=s value=1").status == 204
        assert keyed.get("/v1/rejects").status == 200 and client.get("/v1/rejects").status == 401


def test_a_limit_is_no_fault_of_the_line():
    """A sender keeps its batch on 503; on 400 it would throw it away."""
    with Service(flags=["--dev", "--series-max", "1"]) as service:
        client = service.start().client()
        body = f"temperature,room=r,sensor=a value=20 {now_ms()}\ntemperature,room=r,sensor=b value=20\n"
        for version in (1, 2, 1):
            answer = write(client, body, version)
            assert answer.status == 503 and int(answer.headers["retry-after"]) > 0
        assert average(client, "r")["count"] == 1


def test_what_clients_ask_first(client):
    ping = client.get("/ping")
    assert ping.status == 204 and "x-influxdb-version" in ping.headers
    assert client.request("HEAD", "/ping").status == 204
    assert client.get("/health").json()["status"] == "pass"
    created = client.post("/query", "q=CREATE+DATABASE+%22my+home%22",
                          {"Content-Type": "application/x-www-form-urlencoded"})
    assert created.json() == {"results": [{"statement_id": 0}]}
    shown = client.get("/query", q="show databases").json()["results"][0]["series"][0]
    assert ["my home"] in shown["values"] and shown["columns"] == ["name"]
    assert client.get("/query", q="DROP DATABASE x").status == 400
    many = client.get("/query", q="; ".join(f"CREATE DATABASE d{i}" for i in range(150)) + "; SHOW DATABASES").json()
    assert len(many["results"]) == 151 and len(many["results"][-1]["series"][0]["values"]) == 100
    assert client.get("/query").status == 400


def test_refused_lines_can_be_looked_at():
    with Service() as service:
        client = service.start().client()
        write(client, "temperature,sensor=lost value=20\n" + "x" * 1000 + "\n")
        write(client, "temperature,room=r value=20", version=2)
        client.post("/v1/readings", [{"room": "r", "sensor": "s"},
                                     {"room": "r", "sensor": "s", "value": 1, "timestamp": 5}])
        client.post("/v1/readings", "{", {"Content-Type": "application/json"})
        for celsius in (99, 20):
            client.post("/temperatures", {"buildingId": "b", "roomId": "r", "sensorId": "s", "temperature": celsius,
                                          "timestamp": 1})
        found = rejects(client)
        assert found["count"] == 8
        seen = [(each["door"], each.get("place"), each["code"]) for each in found["rejects"]]
        assert seen == [("/temperatures", 1, "timestamp_too_old"), ("/temperatures", None, "nothing_admissible"),
                        ("/v1/readings", None, "malformed_json"), ("/v1/readings", 2, "timestamp_too_old"),
                        ("/v1/readings", 1, "field_missing"), ("/api/v2/write", 1, "sensor_missing"),
                        ("/write", 2, "malformed_line"), ("/write", 1, "room_missing")]
        assert found["rejects"][7]["text"] == "temperature,sensor=lost value=20"
        assert found["rejects"][7]["sender"] == "dev"
        assert len(found["rejects"][6]["text"]) == 256
        assert found["rejects"][4]["text"] == '{"room": "r", "sensor": "s"}'
        assert len(rejects(client, limit=2)["rejects"]) == 2
        assert client.get("/v1/rejects", limit=1001).status == 400
        metrics = client.get("/metrics").text.decode()
        for code in ("room_missing", "sensor_missing", "malformed_line", "field_missing"):
            assert f'readings_rejected_total{{reason="{code}"}} 1' in metrics, code
        assert "refused what was sent" in service.output() and "room_missing" in service.output()


def test_the_device_map_is_read_again_on_sighup(tmp_path):
    devices = tmp_path / "devices.csv"
    devices.write_text("device,room\nsensor.hall_temperature,hall\n")
    line = "°C,domain=sensor,entity_id=hall_temperature value=20,battery=90"
    with Service(flags=["--dev", "--device-map", str(devices)]) as service:
        client = service.start().client()
        assert write(client, line).status == 204
        assert average(client, "hall")["value"] == 20
        assert client.get("/v1/rooms").json()["rooms"][0]["quantities"][0]["quantity"] == "temperature"

        def hang_up(text, said):
            devices.write_text(text)
            service.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + 20
            while said not in service.output():
                assert time.monotonic() < deadline, service.output()
                time.sleep(0.02)

        hang_up("device,building,room\nhall_temperature,home,attic\nother,home,cellar\n", "read the device map again")
        assert write(client, line).status == 204
        assert average(client, "attic", building="home")["count"] == 1
        hang_up("device,rom\n", "the device map was not read again; the old one stays in use")
        assert write(client, "°C,domain=sensor,entity_id=other value=20").status == 204
        assert average(client, "cellar", building="home")["count"] == 1


def test_a_broken_device_map_is_no_start(tmp_path):
    devices = tmp_path / "devices.csv"
    devices.write_text("device,room\na,b\na,c\n")
    with Service(flags=["--dev", "--device-map", str(devices)]) as service:
        status, said = service.run_to_end()
        assert status == 1 and "line 3 of the device map" in said


def test_rules_are_flags():
    rules = ["--line-room-tags", "raum,zimmer", "--line-sensor-tags", "geber", "--line-preset", "none"]
    with Service(flags=["--dev", *rules]) as service:
        client = service.start().client()
        assert write(client, "°C,domain=sensor,entity_id=e,zimmer=kueche,geber=g value=20").status == 204
        assert average(client, "kueche", quantity="°C")["count"] == 1
        assert write(client, "t,room=r,geber=g value=20").status == 400


def test_csv(client):
    stamp = now_ms()
    body = ("timestamp,room_id,sensor_id,quantity,value,unit\n"
            f'{stamp},"the ""blue"" room",s,temperature,70.7,F\n{stamp},x,y\n')
    answer = client.post("/v1/readings", body, {"Content-Type": "text/csv; charset=utf-8"})
    assert answer.status == 200, answer.text
    assert answer.json()["accepted"] == 1
    assert [(each["index"], each["code"]) for each in answer.json()["rejected"]] == [(1, "malformed_line")]
    assert average(client, 'the "blue" room')["value"] == pytest.approx(21.5, abs=1e-12)
    answer = client.post("/v1/readings", "a,b\n1,2\n", {"Content-Type": "text/csv"})
    assert answer.status == 400 and answer.json()["code"] == "malformed_body"


def test_units_of_temperature_are_converted(client):
    stamp = now_ms()
    body = [{"room": "units", "sensor": "f", "value": 50, "unit": "°F", "timestamp": stamp},
            {"room": "units", "sensor": "k", "value": 283.15, "unit": "K", "timestamp": stamp},
            {"room": "units", "sensor": "c", "value": 10, "unit": "°C", "timestamp": stamp}]
    assert client.post("/v1/readings", body).json()["accepted"] == 3
    found = average(client, "units")
    assert found["unit"] == "°C" and found["value"] == pytest.approx(10, abs=1e-12)
    # The same again is a repeat, not a conflict.
    assert client.post("/v1/readings", body).json()["duplicates"] == 3


def test_explain_line():
    def explain(line, *flags):
        ended = subprocess.run([BINARY, "explain-line", line, *flags], capture_output=True, text=True, timeout=60)
        return ended.returncode, ended.stdout

    status, said = explain("temperature,room=kitchen,device=s1 value=21.5,note=\"x\" 1700000000", "--precision", "s")
    assert status == 0
    for part in ("kitchen (tag room)", "s1 (tag device)", "default (the default)", "2023-11-14T22:13:20.000Z",
                 "value: temperature = 21.5", "note: passed over"):
        assert part in said, said
    status, said = explain("temperature,device=s1 value=21.5")
    assert status == 1 and "room_missing" in said
    assert explain("temperature")[0] == 1
    assert explain("t,room=r,sensor=s v=1", "--precision", "d")[0] == 2


def test_many_senders_at_once(tmp_path):
    """All threads of the server know the same series; the map changes meanwhile, and what is refused is looked at."""
    devices = tmp_path / "devices.csv"
    devices.write_text("device,room\nd,attic\n")
    with Service(flags=["--dev", "--threads", "4", "--device-map", str(devices)]) as service:
        service.start()
        stamp = now_ms()

        def send(number):
            client = service.client()
            for turn in range(20):
                moment = stamp - number * 20 - turn
                body = "".join(f"temperature,room=r{room},sensor=s value={room} {moment}\n" for room in range(20))
                body += f"temperature,device=d value=20 {moment}\ntemperature,device=lost value=20\n"
                assert write(client, body, version=1 + number % 2).status in (400, 422)
            client.close()

        threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        watcher = service.client()
        while any(thread.is_alive() for thread in threads):
            service.process.send_signal(signal.SIGHUP)
            assert rejects(watcher)["count"] <= 160
        for thread in threads:
            thread.join()
        assert rejects(watcher)["count"] == 160
        for room in range(20):
            found = average(watcher, f"r{room}")
            assert (found["count"], found["value"]) == (160, room)
        assert average(watcher, "attic")["count"] == 160
