"""Real sensors' readings, with reference answers (Brains4Buildings 2022, CC BY 4.0, ../shared/data/b4b2022)."""

import csv
import gzip
import json
import pathlib
import subprocess

import pytest

from service import BINARY, ROOT, Service

DATA = pathlib.Path(ROOT / "../shared/data/b4b2022")
FILES = ["b4b2022.bytime.csv.gz", "b4b2022.original.csv.gz"]
ROWS = 304_559
CONFLICTS = 11
BATCH = 5_000

pytestmark = [pytest.mark.one_at_a_time,
              pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data/b4b2022, which is not here")]


def post_file(client, name):
    """Posts the file's rows as JSON arrays, the values as the file writes them; returns the sums of the answers."""
    totals = {"accepted": 0, "duplicates": 0, "conflicts": 0, "rejected_count": 0}

    def post(parts):
        answer = client.post("/v1/readings", "[" + ",".join(parts) + "]", {"Content-Type": "application/json"})
        assert answer.status == 200, answer.text
        body = answer.json()
        for field in totals:
            totals[field] += body[field]

    parts = []
    with gzip.open(DATA / name, "rt") as file:
        for row in csv.DictReader(file):
            parts.append('{"room":%s,"sensor":%s,"quantity":%s,"timestamp":%s,"value":%s}' % (
                json.dumps(row["room_id"]), json.dumps(row["sensor_id"]), json.dumps(row["quantity"]),
                json.dumps(row["timestamp"]), row["value"]))
            if len(parts) == BATCH:
                post(parts)
                parts = []
    if parts:
        post(parts)
    return totals


def check_reference(client):
    with open(DATA / "reference_b4b2022.csv") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 196
    for row in rows:
        body = client.get("/v1/average", room=row["room_id"], at=row["t"]).json()
        assert body["count"] == int(row["count"]), row
        assert body["min"] == float(row["min_first_wins"]), row
        assert body["max"] == float(row["max_first_wins"]), row
        assert abs(body["value"] - float(row["mean_first_wins"])) <= 1e-9, row


@pytest.mark.parametrize("name", FILES)
def test_posted_files_give_the_reference_answers(name):
    with Service() as service:
        client = service.start().client()
        totals = post_file(client, name)
        assert totals == {"accepted": ROWS - CONFLICTS, "duplicates": 0, "conflicts": CONFLICTS, "rejected_count": 0}
        check_reference(client)
        service.restart(kill=True)
        check_reference(service.client())
        # All of it once more: nothing new.
        assert post_file(service.client(), name) == {
            "accepted": 0, "duplicates": ROWS - CONFLICTS, "conflicts": CONFLICTS, "rejected_count": 0}
        service.restart()
        check_reference(service.client())


@pytest.mark.parametrize("name", FILES)
def test_replayed_files_give_the_reference_answers(name):
    with Service() as service:
        service.start()
        url = f"http://127.0.0.1:{service.port}"
        ended = subprocess.run([BINARY, "replay", str(DATA / name), "--url", url], capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        said = " ".join(ended.stdout.replace(",", "").split())
        for number in (f"{ROWS - CONFLICTS}", f"{CONFLICTS}"):
            assert number in said.split(), ended.stdout
        check_reference(service.client())
        service.restart(kill=True)
        check_reference(service.client())
