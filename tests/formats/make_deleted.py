#!/usr/bin/env python3
"""Makes data-4.tar.gz and data-5.tar.gz, data folders with deletions: make_deleted.py PROGRAM, from any folder.

README.md beside it says what is in them. To be run again only while nobody outside has a folder of that format: then a
sample is never made anew."""

import pathlib
import sys
import tarfile
import tempfile
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))

from service import Service, wait_until  # noqa: E402

T = 1_700_000_000_000


def send(client, sensor, numbers, value, step=60_000):
    rows = [{"building": "museum", "room": "vault", "sensor": sensor, "timestamp": T + i * step, "value": value(i)}
            for i in numbers]
    answer = client.post("/v1/readings", rows).json()
    assert answer["accepted"] == len(rows), answer


def delete(client, sensor, first, last, **more):
    query = {"building": "museum", "room": "vault", "sensor": sensor, "from": T + first * 60_000,
             "to": T + last * 60_000, "reason": "a sample", **more}
    answer = client.request("DELETE", "/v1/readings?" + urllib.parse.urlencode(query))
    assert answer.status == 200, answer.text
    return answer.json()["deleted"]


def fill(folder, program):
    with Service(data_dir=folder, flags=["--dev", "--flush-readings", "150"], binary=program) as service:
        client = service.start().client()
        send(client, "kept", range(100), lambda i: 20 + i % 50 / 100)
        send(client, "cut", range(100), lambda i: 30 + i % 50 / 100)
        wait_until(lambda: client.get("/healthz").json()["unflushed_readings"] < 150)
        assert delete(client, "cut", 10, 20) == 10  # of what the history has, in part
        send(client, "cut", range(15, 20), lambda i: 40 + i)  # again, at places that are free
        send(client, "gone", range(20), lambda i: 5)
        assert delete(client, "gone", 0, 20) == 20  # all of a sensor
        send(client, "kept", range(100, 110), lambda i: 25)
        assert delete(client, "cut", 50, 60) == 10
        client.close()
        service.kill()  # the last records, deletions among them, are in the journal alone or there, too


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    for made, of in ((4, 2), (5, 3)):
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place) / "data"
            if of == 2:  # only former programs make such folders: as one that one of them made, and was not used
                folder.mkdir()
                (folder / "FORMAT").write_text("temperature-service 2\n")
            fill(folder, program)
            first = (folder / "FORMAT").read_text().splitlines()[0]
            assert first == f"temperature-service {made}", first
            (folder / "LOCK").unlink()
            with tarfile.open(HERE / f"data-{made}.tar.gz", "w:gz", compresslevel=9) as archive:
                archive.add(folder, arcname=".", filter=nobody)
        print(f"data-{made}.tar.gz: {(HERE / f'data-{made}.tar.gz').stat().st_size} bytes")


def nobody(entry):
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main()
