"""What tests of backups, inspections and damage share."""

import json
import os
import random
import subprocess

from service import BINARY


def run(*arguments, timeout=120, environment=None, binary=BINARY):
    """The program with these arguments, to its end."""
    return subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                          env=dict(os.environ, **(environment or {})))


def format_line(folder):
    """The version of a data folder: the first line of FORMAT."""
    return (folder / "FORMAT").read_text().splitlines(keepends=True)[0]


def url_of(service):
    return f"http://127.0.0.1:{service.port}"


def verify(folder):
    """Exit code, findings, sums."""
    ended = run("verify", "--data-dir", folder, "--json")
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert lines, ended.stderr
    return ended.returncode, lines[:-1], lines[-1]


def all_readings(client, building=None):
    """{(building, room, quantity): {(sensor, timestamp): value}} of the whole service."""
    found = {}
    cursor = {}
    while True:
        page = client.get("/v1/rooms", limit=100, **cursor).json()
        for room in page["rooms"]:
            for quantity in room["quantities"]:
                key = (room["building"], room["room"], quantity["quantity"])
                answer = client.get("/v1/readings", building=key[0], room=key[1], quantity=key[2], format="ndjson")
                assert answer.status == 200, answer.text
                rows = [json.loads(line) for line in answer.text.decode().splitlines()]
                found[key] = {(row["sensor"], row["timestamp"]): row["value"] for row in rows}
                assert len(found[key]) == len(rows), "a reading is there twice"
        if not page["next"]:
            return found
        cursor = {"cursor": page["next"]}


def house(seed, rooms, sensors, readings, first, step=1_000):
    """Requests of readings that no codec makes nothing of."""
    chance = random.Random(seed)
    for room in range(rooms):
        for sensor in range(sensors):
            yield [{"building": "house", "room": f"room {room}", "sensor": f"s{sensor}",
                    "timestamp": first + i * step, "value": round(chance.uniform(-20, 40), 2)}
                   for i in range(readings)]


def flip_a_byte(file, at, mask=0x10):
    with open(file, "r+b") as bytes_of:
        bytes_of.seek(at)
        byte = bytes_of.read(1)[0]
        bytes_of.seek(at)
        bytes_of.write(bytes([byte ^ mask]))
