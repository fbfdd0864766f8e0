"""Data folders as earlier versions wrote them, in tests/formats, open and say what they said."""

import datetime
import json
import subprocess

import pytest

from service import ROOT, Service

pytestmark = pytest.mark.one_at_a_time

SAMPLES = ROOT / "tests" / "formats"
T = 1_700_000_000_000


def unpacked(name, folder):
    folder.mkdir()
    subprocess.run(["tar", "-xzf", str(SAMPLES / name), "-C", str(folder)], check=True)
    return folder


def readings(client, **query):
    answer = client.get("/v1/readings", format="ndjson", building="museum", **query)
    assert answer.status == 200, answer.text
    rows = [json.loads(line) for line in answer.text.decode().splitlines()]
    return [(row["sensor"], row["timestamp"], row["value"]) for row in rows]


def text_of(stamp):
    moment = datetime.datetime.fromtimestamp(stamp // 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{stamp % 1000:03}Z"


def expected_of_format_1():
    """What README.md beside the sample says is in it: room, quantity -> {(sensor, stamp): value}."""
    rooms = {("vault 0", "temperature"): {}, ("vault 1", "temperature"): {}, ("vault 0", "co2"): {}}
    for s in range(3):
        for i in range(200):
            rooms[f"vault {s % 2}", "temperature"][f"sensor {s}", T + i * 60_000 + s] = 20 + s + (i % 50) / 100
    for i in range(100):
        rooms["vault 0", "co2"]["sensor 0", T + i * 1_000] = 400 + i
    for i in range(10):
        rooms["vault 0", "temperature"]["sensor 0", T + i * 60_000 + 30_000] = 21.5
        rooms["vault 1", "temperature"]["sensor 1", T + (200 + i) * 60_000 + 1] = 30 + i
    return rooms


def check_format_1(client):
    for (room, quantity), expected in expected_of_format_1().items():
        rows = sorted(((stamp, sensor, value) for (sensor, stamp), value in expected.items()))
        wanted = [(sensor, text_of(stamp), value) for stamp, sensor, value in rows]
        assert readings(client, room=room, quantity=quantity) == wanted
        end = max(stamp for _, stamp in expected)
        body = client.get("/v1/average", building="museum", room=room, quantity=quantity, at=end, window="2d").json()
        assert body["count"] == len(expected)
        assert body["value"] == pytest.approx(sum(expected.values()) / len(expected), abs=1e-9)
        assert (body["min"], body["max"]) == (min(expected.values()), max(expected.values()))
        assert body["unit"] == ("ppm" if quantity == "co2" else "°C")


def test_a_data_folder_of_format_1(tmp_path):
    folder = unpacked("data-1.tar.gz", tmp_path / "data")
    assert (folder / "FORMAT").read_text() == "temperature-service 1\n"
    with Service(data_dir=folder) as service:
        client = service.start().client()
        assert (folder / "FORMAT").read_text() == "temperature-service 2\n", "an older program would open it"
        check_format_1(client)
        repeat = {"building": "museum", "room": "vault 1", "sensor": "sensor 1", "timestamp": T + 1, "value": 21}
        assert client.post("/v1/readings", repeat).json()["duplicates"] == 1
        client.close()
        service.restart()
        check_format_1(service.client())
        service.restart(kill=True)
        check_format_1(service.client())


def test_reading_an_old_folder_over_survives_kill_9(tmp_path):
    for moment in range(12):
        folder = unpacked("data-1.tar.gz", tmp_path / f"data{moment}")
        with Service(data_dir=folder) as service:
            service.launch()
            try:
                service.process.wait(0.005 * moment)
            except subprocess.TimeoutExpired:
                pass
            service.kill()
            check_format_1(service.start().client())
