"""Readings take the places of wrong ones: who may, what is answered, what a crash leaves; and the page's recipe."""

import csv
import datetime
import http.client
import os
import random
import threading
import time

import pytest

from credentials import KEY, make_key
from readme import Checkout, free_port, read_blocks
from service import BINARY, ROOT, Service, average, now_ms, reading
from upkeep import format_line, run, url_of

pytestmark = pytest.mark.one_at_a_time

ROUNDS = int(os.environ.get("REPLACE_ROUNDS", "4"))
READINGS = int(os.environ.get("REPLACE_READINGS", "6000"))
T = 1_760_000_000_000
PAGE = (ROOT / "docs/corrections.md").read_text()


@pytest.fixture
def client(admin):
    return admin


def rows_of(room, *values, sensor="s1", building="north", at=T):
    return [reading(building=building, room=room, sensor=sensor, timestamp=at + i * 1000, value=value)
            for i, value in enumerate(values)]


def replace(client, rows, **query):
    return client.request("POST", "/v1/readings", rows, on_conflict="replace", **query)


def values(client, room, building="north"):
    rows = client.get("/v1/readings", building=building, room=room, limit=500).json()["readings"]
    return [row["value"] for row in rows]


@pytest.mark.parametrize("at", [T, None], ids=["long ago", "now"])
def test_another_value_is_replaced_the_same_is_a_duplicate_and_nothing_is_filled(client, at):
    room, at = f"answers {at}", at or now_ms() - 60_000
    assert client.post("/v1/readings", rows_of(room, 68, 20, 212, at=at)).json()["accepted"] == 3
    answer = replace(client, rows_of(room, 20, 20, 100, 7, at=at), reason="Fahrenheit")
    assert answer.status == 200, answer.text
    told = answer.json()
    assert {name: told[name] for name in ("accepted", "duplicates", "conflicts", "replaced", "rejected_count")} == {
        "accepted": 1, "duplicates": 1, "conflicts": 0, "replaced": 2, "rejected_count": 0}
    assert answer.headers["temperature-position"].endswith(f":{told['position']}")
    assert values(client, room) == [20, 20, 100, 7]
    again = replace(client, rows_of(room, 20, 20, 100, 7, at=at)).json()
    assert (again["duplicates"], again["replaced"], again["accepted"]) == (4, 0, 0)
    refused = client.post("/v1/readings?on_conflict=keep", rows_of(room, 68, at=at)).json()
    assert refused["conflicts"] == 1 and refused["conflict_details"][0]["stored"] == 20 and "replaced" not in refused
    assert values(client, room) == [20, 20, 100, 7]


def test_of_several_readings_for_one_place_the_last_stays(client):
    rows = rows_of("twice", 1)
    assert client.post("/v1/readings", rows).json()["accepted"] == 1
    told = replace(client, [dict(rows[0], value=value) for value in (2, 3, 3)]).json()
    assert (told["replaced"], told["duplicates"]) == (1, 2)
    assert values(client, "twice") == [3]


def test_faulty_readings_stop_no_neighbours(client):
    rows = rows_of("faulty", 1, 2)
    assert client.post("/v1/readings", rows).json()["accepted"] == 2
    told = replace(client, [dict(rows[0], value="x"), dict(rows[1], value=5)]).json()
    assert (told["rejected_count"], told["replaced"]) == (1, 1)
    assert values(client, "faulty") == [1, 5]


@pytest.mark.parametrize("query", ["on_conflict=overwrite", "on_conflict=", "on_conflict=Replace", "reason=x",
                                   "on_conflict=keep&reason=x", "on_conflict=replace&reason=" + "x" * 1025,
                                   "on_conflict=replace&on_conflict=keep", "on_conflicts=replace"])
def test_what_cannot_be_meant_changes_nothing(client, query):
    room = f"kept {query[:40]}"
    assert client.post("/v1/readings", rows_of(room, 1)).json()["accepted"] == 1
    answer = client.post("/v1/readings?" + query, rows_of(room, 2))
    assert answer.status == 400 and answer.json()["code"].startswith("parameter_"), answer.text
    assert values(client, room) == [1]


def test_a_curator_replaces_within_his_buildings_alone(secured, client):
    rows = rows_of("shared", 1) + rows_of("shared", 1, building="south")
    assert client.post("/v1/readings", rows).json()["accepted"] == 2
    curator = secured.client(key=make_key(client, "curator", buildings=["south"])[0])
    told = replace(curator, [dict(row, value=2) for row in rows]).json()
    assert (told["replaced"], told["rejected_count"]) == (1, 1)
    assert told["rejected"][0]["index"] == 0 and told["rejected"][0]["code"].startswith("forbidden")
    assert values(client, "shared") == [1] and values(client, "shared", building="south") == [2]
    assert replace(curator, rows_of("shared", 3)).status == 403
    for role in ("reader", "writer"):
        refused = replace(secured.client(key=make_key(client, role)[0]), [dict(rows[0], value=3)])
        assert (refused.status, refused.json()["code"]) == (403, "forbidden"), role
    assert values(client, "shared") == [1]


def test_the_metrics_count_them(client):
    def count():
        text = client.get("/metrics").text.decode()
        return int(next(line for line in text.splitlines() if 'readings_total{outcome="replaced"}' in line).split()[-1])
    before = count()
    assert client.post("/v1/readings", rows_of("counted", 1, 2)).json()["accepted"] == 2
    assert replace(client, rows_of("counted", 3, 4)).json()["replaced"] == 2
    assert count() == before + 2


def test_the_format_rises_and_restarts_keep_the_new_values(tmp_path):
    folder = tmp_path / "data"
    with Service(data_dir=folder) as service:
        client = service.start().client()
        recent = now_ms() - 60_000
        assert client.post("/v1/readings", rows_of("hall", 68, 70) + rows_of("hall", 72, at=recent)).status == 200
        assert format_line(folder) == "temperature-service 3\n"
        assert replace(client, rows_of("hall", 20) + rows_of("hall", 22, at=recent)).json()["replaced"] == 2
        assert format_line(folder) == "temperature-service 5\n"
        for kill in (True, False, True):
            client.close()
            service.restart(kill=kill)
            client = service.client()
            assert values(client, "hall") == [20, 70, 22]
            assert average(client, "hall", building="north")["value"] == 22
        assert client.post("/v1/readings", rows_of("hall", 68)).json()["conflicts"] == 1
        client.close()
        service.stop()
    verified = run("verify", "--data-dir", str(folder))
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_what_the_retention_forgets_is_not_replaced(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=["--dev", "--retention", "10d"]) as service:
        client = service.start().client()
        at = now_ms() - 9 * 86_400_000
        assert client.post("/v1/readings", rows_of("hall", 1, at=at)).json()["accepted"] == 1
        assert replace(client, rows_of("hall", 2, at=at)).json()["replaced"] == 1
        old = replace(client, rows_of("hall", 2, at=now_ms() - 11 * 86_400_000))
        assert old.status == 422 and old.json()["rejected"][0]["code"] == "too_old", old.text
        assert values(client, "hall") == [2]
        client.close()


def send_corrections(service, generations, told):
    """One correction after the other: all readings get the number of their generation; notes what was acknowledged."""
    client = service.client()
    try:
        for generation in generations:
            rows = [dict(building="north", room="hall", sensor=f"s{i % 5}", timestamp=T + i * 7_000, value=generation)
                    for i in range(READINGS)]
            for begin in range(0, len(rows), 1_000):
                answer = replace(client, rows[begin:begin + 1_000])
                if answer.status == 503:
                    return
                assert answer.status == 200, answer.text
                told.append((generation, begin))
    except (OSError, http.client.HTTPException):
        pass  # it was killed
    finally:
        client.close()


def test_kill_9_during_replacements_leaves_the_old_or_the_new_value(tmp_path):
    seed = int(os.environ.get("REPLACE_SEED", "1"))
    chance = random.Random(seed)
    with Service(data_dir=tmp_path / "data", flags=["--dev", "--flush-readings", "3000"]) as service:
        service.start()
        told = []
        send_corrections(service, [0], told)
        assert len(told) == READINGS // 1_000
        for number in range(ROUNDS):
            sending = threading.Thread(target=send_corrections,
                                       args=(service, range(number * 1_000 + 1, number * 1_000 + 500), told))
            sending.start()
            time.sleep(chance.random() * chance.choice([0.1, 0.5, 1.5]))  # some are answered, some under way
            service.restart(kill=True)
            sending.join()
            client = service.client()
            path = "/v1/readings?building=north&room=hall&format=csv"
            kept = list(csv.DictReader(client.get(path).text.decode().splitlines()))
            client.close()
            assert len(kept) == READINGS, (seed, number, len(kept))
            acknowledged = {begin: generation for generation, begin in told}
            of_parts = {}
            for row in kept:
                index = (time_of(row["timestamp"]) - T) // 7_000
                of_parts.setdefault(index // 1_000 * 1_000, set()).add(float(row["value"]))
            for begin, seen in of_parts.items():
                assert len(seen) == 1, (seed, number, begin, "a record is whole or not at all", seen)
                last = acknowledged[begin]
                first_of_round = number * 1_000 + 1
                possible = {last, last + 1 if last >= first_of_round else first_of_round}
                assert seen <= possible, (seed, number, begin, seen, possible)
                told.append((int(seen.pop()), begin))


def time_of(text):
    """Milliseconds since 1970 of the answers' times."""
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


def test_the_command_says_how_many_were_replaced(secured, client, tmp_path):
    assert client.post("/v1/readings", rows_of("of the command", 1, 2, 3)).json()["accepted"] == 3
    file = tmp_path / "right.csv"
    file.write_text("timestamp,building,room,sensor,value\n" + "".join(
        f"{T + i * 1000},north,of the command,s1,{value}\n" for i, value in enumerate([1, 20, 30, 40])))
    words = ["import", file, "--url", url_of(secured)]
    ended = run(*words, "--key", KEY)
    assert ended.returncode == 1 and "conflicts 2" in ended.stdout and "replaced" not in ended.stdout, ended.stdout
    refused = run(*words, "--replace", "--key", make_key(client, "writer")[0])
    assert refused.returncode != 0 and "403" in refused.stderr, refused.stderr
    assert values(client, "of the command") == [1, 2, 3, 40]
    ended = run(*words, "--replace", "--reason", "a test & more", "--key", KEY)
    assert ended.returncode == 0 and "replaced 2\n" in ended.stdout and "duplicates 2\n" in ended.stdout, ended.stderr
    ended = run(*words, "--replace", "--json", "--key", KEY)
    assert ended.returncode == 0 and '"replaced":0' in ended.stdout, ended.stdout
    assert values(client, "of the command") == [1, 20, 30, 40]
    ended = run(*words, "--reason", "x", "--key", KEY)
    assert ended.returncode == 2, ended.stderr


def test_the_pages_recipe_mends_a_logger_in_fahrenheit(tmp_path):
    """The commands of docs/corrections.md as they stand there."""
    checkout = Checkout(tmp_path)
    checkout.ports = {port: free_port() for port in checkout.ports}
    program = checkout.root / "usr/local/bin/temperature-service"
    program.parent.mkdir(parents=True)
    program.symlink_to(BINARY)
    april = 1_711_929_600_000  # 2024-04-01
    of_april = {april + i * 3_600_000: 50 + (i * 7) % 40 + i % 4 / 4 for i in range(30 * 24)}
    others = [("attic", "hobo-1", april - 1, 10.5), ("attic", "hobo-1", april + 30 * 86_400_000, 11.5),
              ("attic", "hobo-2", april + 1, 12.5), ("cellar", "hobo-1", april + 1, 13.5)]
    sent = [("attic", "hobo-1", at, value) for at, value in of_april.items()] + others
    (checkout.folder / "sent.csv").write_text("timestamp,room,sensor,value\n" + "".join(
        f"{at},{room},{sensor},{value}\n" for room, sensor, at, value in sent))
    (served,) = read_blocks("```sh\ntemperature-service serve --dev\n```")
    (filled,) = read_blocks("```sh\ntemperature-service import sent.csv\n```")
    (after,) = read_blocks("```sh\ntemperature-service export --output after.csv\n```")
    blocks = [block for block in read_blocks(PAGE) if block.language == "sh"]
    assert len(blocks) == 1
    try:
        checkout.serve(served)
        for block in (filled, *blocks, after):
            checkout.run(block)
    finally:
        checkout.close()
    with (checkout.folder / "after.csv").open() as file:
        got = {(row["room"] if "room" in row else row["room_id"], row.get("sensor") or row["sensor_id"],
                time_of(row["timestamp"])): float(row["value"]) for row in csv.DictReader(file)}
    want = {(room, sensor, at): value for room, sensor, at, value in others}
    want |= {("attic", "hobo-1", at): float(f"{(value - 32) * 5 / 9:.2f}") for at, value in of_april.items()}
    assert got == want
