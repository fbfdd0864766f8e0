"""The command line against servers that are no temperature-service, or a hostile one: each command meets each answer,
says one clear line, ends with 1, and neither hangs nor prints what a terminal would obey."""

import json
import re
import subprocess

import pytest

from commands import COMMANDS, PEM, arguments_of, write_files
from hostile import ANSWERS, ENDLESS, ESCAPES, Hostile, http
from service import BINARY

pytestmark = pytest.mark.one_at_a_time

UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    write_files(folder)
    return folder


# Every command that asks a service, and those whose second question meets the answer.
ASKED = {**COMMANDS, "export rows": COMMANDS["export"], "sensor add new": COMMANDS["sensor add"],
         "key revoke by name": COMMANDS["key revoke"]}
UNKNOWN_SENSOR = http('{"code":"sensor_unknown"}', "application/problem+json", "404 Not Found")
UNKNOWN_KEY = http('{"code":"key_unknown"}', "application/problem+json", "404 Not Found")


def run(command, url, files, out, timeout_s=2, within_s=60):
    arguments = arguments_of(ASKED[command], files, out)
    done = subprocess.run([BINARY, *arguments, "--url", url, "--timeout", str(timeout_s), "--retry-for", "0"],
                          capture_output=True, timeout=within_s, check=False)
    return done.returncode, done.stdout.decode("utf-8", "strict"), done.stderr.decode("utf-8", "strict")


def check_refused(done, out):
    status, said, error = done
    assert status == 1, (status, said, error)
    lines = [line for line in error.splitlines() if not line.startswith("temperature-service: waiting for http")]
    assert len(lines) == 1 and lines[0].startswith("temperature-service: ") and len(lines[0]) < 3_000, error
    assert not UNSEEN.search(said) and not UNSEEN.search(error), (said, error)
    assert not out.exists(), "a file that is not whole has no name"


def questioned(command, answer):
    def choose(line):
        if command == "export rows" and line.startswith("GET /v1/rooms"):
            return http(json.dumps({**ROOMS, "next": None}))
        if command == "sensor add new" and line.startswith("GET"):
            return UNKNOWN_SENSOR
        if command == "key revoke by name" and line.startswith("DELETE"):
            return UNKNOWN_KEY
        return answer(line)
    return choose


@pytest.mark.parametrize("command", ASKED)
def test_answers_that_no_service_gives(command, files, tmp_path):
    current = {}
    with Hostile(questioned(command, lambda line: current["answer"])) as server:
        for name, answer in ANSWERS.items():
            if name == "no_content" and command in ("sensor revoke", "key revoke"):
                continue  # that is the success
            current["answer"] = answer
            done = run(command, server.url, files, tmp_path / "out")
            assert done[0] == 1, (name, done)
            check_refused(done, tmp_path / "out")


@pytest.mark.parametrize("command", ASKED)
def test_answers_without_an_end(command, files, tmp_path):
    current = {}
    with Hostile(questioned(command, lambda line: current["answer"]())) as server:
        for answer in ENDLESS.values():
            current["answer"] = answer
            check_refused(run(command, server.url, files, tmp_path / "out", timeout_s=20), tmp_path / "out")


@pytest.mark.parametrize("command", ASKED)
def test_answers_that_drip(command, files, tmp_path):
    def drip(_):
        yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
        while True:
            yield b" "
    with Hostile(questioned(command, drip), pause_s=0.1) as server:
        check_refused(run(command, server.url, files, tmp_path / "out", timeout_s=1), tmp_path / "out")


@pytest.mark.parametrize("command", ASKED)
def test_words_that_a_terminal_would_obey(command, files, tmp_path):
    problem = '{"code":"nothing_admissible","title":"%s","detail":"%s"}' % (ESCAPES, ESCAPES)
    refusal = http(problem, "application/problem+json", "403 Forbidden")
    with Hostile(questioned(command, lambda line: refusal)) as server:
        check_refused(run(command, server.url, files, tmp_path / "out"), tmp_path / "out")


def one_wrong(value):
    """The JSON value with each of its parts, one at a time, replaced by others."""
    for wrong in (None, -1, "", [], {"x": 1}):
        if type(wrong) is not type(value) or wrong != value:
            yield wrong
    if isinstance(value, dict):
        for key, member in value.items():
            yield {other: its for other, its in value.items() if other != key}
            for wrong in one_wrong(member):
                yield {**value, key: wrong}
    if isinstance(value, list):
        for i, member in enumerate(value):
            for wrong in one_wrong(member):
                yield [*value[:i], wrong, *value[i + 1:]]


ROOMS = {"rooms": [{"building": "b", "room": "r", "quantities": [{"quantity": "co2", "unit": "ppm"}]}], "next": "c"}
ROW = {"sensor": "s", "timestamp": "2024-01-01T00:00:00.000Z", "value": 1.5}
SENSORS = {"sensors": [{"building": "b", "room": "r", "sensor": "s", "quantities": [{"quantity": "co2"}]}], "next": "c"}
REGISTERED = {"sensor": "s1", "keys": [{"kid": "k", "public_key": PEM}], "room": "r", "quantities": ["co2"]}
WRITTEN = {"accepted": 1, "duplicates": 0, "conflicts": 1, "rejected": [],
           "conflict_details": [{"index": 1, "stored": 1, "refused": 2}], "position": 7}
BACKUP = {"state": "done", "directory": "/backups/x", "bytes": 1, "taken": "2024-01-01T00:00:00Z",
          "journal_position": 1}
KEY = {"id": "i", "key": "k", "name": "me", "role": "reader"}
SHOWN_ROOMS = {"rooms": [{"building": "b", "room": "r", "quantities": [
    {"quantity": "co2", "unit": "ppm", "sensors": 1, "average": 1.5, "count": 1,
     "latest": {"timestamp": "2024-01-01T00:00:00.000Z", "value": 1.5, "age_seconds": 1}}]}], "next": "c"}
AVERAGE = {"building": "b", "room": "r", "quantity": "co2", "unit": "ppm", "value": 1, "count": 1, "sensors": 1,
           "min": 1, "max": 1, "first": "2024-01-01T00:00:00.000Z", "last": "2024-01-01T00:00:00.000Z",
           "window": "15m", "start": "2024-01-01T00:00:00.000Z", "end": "2024-01-01T00:00:00.000Z"}
HISTORY = {"building": "b", "room": "r", "quantity": "co2", "unit": "ppm", "step": "1h",
           "from": "2024-01-01T00:00:00.000Z", "to": "2024-01-01T00:00:00.000Z", "buckets": [
               {"start": "2024-01-01T00:00:00.000Z", "room": "r", "count": 1, "mean": 1, "min": 1, "max": 1}],
           "next": "c"}
SHAPES = [("export", ROOMS), ("names", SENSORS), ("sensor list", SENSORS), ("sensor rotate", REGISTERED),
          ("sensor import", REGISTERED), ("sensor add new", REGISTERED),
          ("import", WRITTEN), ("backup", BACKUP), ("key add", KEY), ("key list", {"keys": [KEY], "next": "c"}),
          ("key revoke by name", {"keys": [{**KEY, "name": "k1"}], "next": "c"}),
          ("rooms", SHOWN_ROOMS), ("average", AVERAGE), ("history", HISTORY)]


@pytest.mark.parametrize("command,shape", SHAPES, ids=[command for command, _ in SHAPES])
def test_no_part_of_an_answer_has_to_be_what_it_should(command, shape, files, tmp_path):
    current = {}

    def answer(line):
        if command == "backup" and line.startswith("POST"):
            return http("{}", status="202 Accepted")
        # The second page of a list, and what comes behind the rooms, is what it should be.
        if "cursor=" in line or line.startswith("GET /v1/readings"):
            return http(json.dumps({**shape, "next": None}) if "cursor=" in line else "",
                        "application/json" if "cursor=" in line else "application/x-ndjson")
        return http(json.dumps(current["answer"]))
    with Hostile(questioned(command, answer)) as server:
        for wrong in one_wrong(shape):
            current["answer"] = wrong
            status, said, error = run(command, server.url, files, tmp_path / "out")
            assert status in (0, 1), (wrong, status, said, error)
            if status == 1 and command != "names":
                assert error.startswith("temperature-service: ") or said, (wrong, error)
            assert not UNSEEN.search(said.replace("\t", " ")) and not UNSEEN.search(error), (wrong, said, error)


def test_rows_of_an_export_are_what_they_should_be(files, tmp_path):
    current = {}

    def answer(line):
        if line.startswith("GET /v1/rooms"):
            return http(json.dumps({**ROOMS, "next": None}))
        return http(current["rows"], "application/x-ndjson")
    good = json.dumps(ROW) + "\n"
    later = json.dumps({**ROW, "timestamp": "2024-01-01T00:00:01.000Z"}) + "\n"
    with Hostile(answer) as server:
        out = tmp_path / "out"
        for rows in (later + good, good + good, good[:-1], good + later[:-9], "\n", "x" * 100_000, "{}\n"):
            current["rows"] = rows
            check_refused(run("export", server.url, files, out), out)
        for member, value in (("sensor", ""), ("sensor", 1), ("value", "1"), ("value", None), ("timestamp", 1),
                              ("timestamp", "2024-01-01T00:00:00Z"), ("timestamp", "2024-01-01T00:00:00.000Z,x"),
                              ("timestamp", "2024-01-01T00:00:00.000\n")):
            current["rows"] = json.dumps({**ROW, member: value}) + "\n"
            check_refused(run("export", server.url, files, out), out)
        current["rows"] = good + later
        assert run("export", server.url, files, out)[0] == 0
        assert len(out.read_text().splitlines()) == 3


@pytest.mark.parametrize("command,page", [("export", {"rooms": []}), ("names", {"sensors": []}),
                                          ("sensor list", {"sensors": []}), ("key list", {"keys": []}),
                                          ("key revoke by name", {"keys": []}), ("rooms", {"rooms": []}),
                                          ("history", {**HISTORY, "buckets": []})])
def test_lists_without_an_end(command, page, files, tmp_path):
    # A cursor that repeats, at once or after a while; and new ones for ever, without a row.
    for period in (1, 3, None):
        count = iter(range(10**9))

        def answer(_, period=period, count=count):
            at = next(count)
            return http(json.dumps({**page, "next": f"c{at % period if period else at}"}))
        with Hostile(questioned(command, answer)) as server:
            status, _, error = run(command, server.url, files, tmp_path / "out")
            assert status == 1 and "list" in error, error
            assert len(server.requests) < 1_100
