"""The command line against servers that are no temperature-service, or a hostile one: each command meets each answer,
says one clear line, ends with 1, and neither hangs nor prints what a terminal would obey."""

import json
import re
import subprocess

import pytest

from hostile import ANSWERS, ENDLESS, ESCAPES, Hostile, http
from service import BINARY

pytestmark = pytest.mark.one_at_a_time

UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]")
CSV = "timestamp,room_id,sensor_id,value\n2024-01-01T00:00:00Z,r,s,1\n2024-01-01T00:00:01Z,r,s,2\n"
PEM = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "readings.csv").write_text(CSV)
    (folder / "key.pem").write_text(PEM)
    (folder / "sensors.csv").write_text("sensor,public_key_file\ns1,key.pem\n")
    return folder


# Every command that reads what a service answers. `names` and `restore` read folders, too; `token`, `keygen` and
# `explain-line` ask nobody.
COMMANDS = {
    "export": ["export", "-o", "{out}"],
    "export_rows": ["export", "-o", "{out}"],
    "import": ["import", "{files}/readings.csv"],
    "replay": ["replay", "{files}/readings.csv"],
    "simulate": ["simulate", "--rooms", "1", "--sensors-per-room", "1", "--duration", "1s"],
    "backup": ["backup", "/backups/x"],
    "names": ["names", "--check"],
    "sensor_add": ["sensor", "add", "s1", "--public-key", "{files}/key.pem"],
    "sensor_import": ["sensor", "import", "{files}/sensors.csv"],
    "sensor_list": ["sensor", "list"],
    "sensor_rotate": ["sensor", "rotate", "s1"],
    "sensor_revoke": ["sensor", "revoke", "s1"],
    "key_create": ["key", "create", "me", "--role", "reader"],
    "key_list": ["key", "list"],
    "key_revoke": ["key", "revoke", "k1"],
}


def run(command, url, files, out, timeout_s=2, within_s=60):
    arguments = [each.format(files=files, out=out) for each in COMMANDS[command]]
    done = subprocess.run([BINARY, *arguments, "--url", url, "--timeout", str(timeout_s), "--retry-for", "0"],
                          capture_output=True, timeout=within_s, check=False)
    return done.returncode, done.stdout.decode("utf-8", "strict"), done.stderr.decode("utf-8", "strict")


def check_refused(done, out):
    status, said, error = done
    assert status == 1, (status, said, error)
    lines = error.splitlines()
    assert len(lines) == 1 and lines[0].startswith("temperature-service: ") and len(lines[0]) < 3_000, error
    assert not UNSEEN.search(said) and not UNSEEN.search(error), (said, error)
    assert not out.exists(), "a file that is not whole has no name"


# The second question of `export` and the first of the others meet the answer.
def questioned(command, answer):
    def choose(line):
        if command == "export_rows" and line.startswith("GET /v1/rooms"):
            return http(json.dumps({**ROOMS, "next": None}))
        return answer(line)
    return choose


@pytest.mark.parametrize("command", COMMANDS)
def test_answers_that_no_service_gives(command, files, tmp_path):
    current = {}
    with Hostile(questioned(command, lambda line: current["answer"])) as server:
        for name, answer in ANSWERS.items():
            if name == "no_content" and command.endswith("revoke"):
                continue  # that is the success
            current["answer"] = answer
            done = run(command, server.url, files, tmp_path / "out")
            assert done[0] == 1, (name, done)
            check_refused(done, tmp_path / "out")


@pytest.mark.parametrize("command", COMMANDS)
def test_answers_without_an_end(command, files, tmp_path):
    current = {}
    with Hostile(questioned(command, lambda line: current["answer"]())) as server:
        for answer in ENDLESS.values():
            current["answer"] = answer
            check_refused(run(command, server.url, files, tmp_path / "out", timeout_s=20), tmp_path / "out")


@pytest.mark.parametrize("command", COMMANDS)
def test_answers_that_drip(command, files, tmp_path):
    def drip(_):
        yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
        while True:
            yield b" "
    with Hostile(questioned(command, drip), pause_s=0.1) as server:
        check_refused(run(command, server.url, files, tmp_path / "out", timeout_s=1), tmp_path / "out")


@pytest.mark.parametrize("command", COMMANDS)
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
SHAPES = [("export", ROOMS), ("names", SENSORS), ("sensor_list", SENSORS), ("sensor_rotate", REGISTERED),
          ("sensor_import", REGISTERED), ("sensor_add", REGISTERED), ("import", WRITTEN), ("backup", BACKUP),
          ("key_create", KEY), ("key_list", {"keys": [KEY], "next": "c"})]


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
    with Hostile(answer) as server:
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
                                          ("sensor_list", {"sensors": []}), ("key_list", {"keys": []})])
def test_lists_without_an_end(command, page, files, tmp_path):
    # A cursor that repeats, at once or after a while; and new ones for ever, without a row.
    for period in (1, 3, None):
        count = iter(range(10**9))

        def answer(_, period=period, count=count):
            at = next(count)
            return http(json.dumps({**page, "next": f"c{at % period if period else at}"}))
        with Hostile(answer) as server:
            status, _, error = run(command, server.url, files, tmp_path / "out")
            assert status == 1 and "list" in error, error
            assert len(server.requests) < 1_100
