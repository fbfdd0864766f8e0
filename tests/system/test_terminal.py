"""What `key`, `sensor`, `rooms`, `average` and `history` say: to people on a terminal, and to programs."""

import json
import re

import pytest

from credentials import SensorKey
from hostile import ESCAPES, Hostile, http
from service import Service, now_ms, reading
from terminal import on_terminal
from upkeep import run, url_of

pytestmark = pytest.mark.one_at_a_time

KEY = "a-key-of-the-operator-0123456789"
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{3})? UTC"


class Commands:
    def __init__(self, service):
        self.service = service
        self.environment = {"TEMPERATURE_URL": url_of(service), "TEMPERATURE_KEY": KEY}

    def terminal(self, *arguments):
        status, said, error = on_terminal(*arguments, environment=self.environment)
        assert (status, error) == (0, ""), (status, said, error)
        return said

    def piped(self, *arguments, status=0):
        done = run(*arguments, environment=self.environment)
        assert done.returncode == status, done
        return done.stdout if status == 0 else done.stderr

    def audit(self):
        lines = (self.service.data_dir / "access/audit.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def commands():
    with Service(flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        yield Commands(service.start())


@pytest.fixture
def public_key(tmp_path):
    file = tmp_path / "s.pub.pem"
    file.write_text(SensorKey().public_pem())
    return file


def rows(said):
    """The cells of a table, by the titles above them."""
    titles, *lines = said.splitlines()
    names = re.split(r" {2,}", titles.strip())
    return [dict(zip(names, re.split(r" {2,}", line.strip()), strict=True)) for line in lines]


def test_keys_on_a_terminal(commands):
    said = commands.terminal("key", "add", "grafana", "--role", "reader", "--building", "north")
    made = re.fullmatch(r"made key (\S+) for grafana: reader, buildings: north, expires: never\n"
                        r"key  (\S+)\nThe key is shown this once; the service keeps no copy\.\n", said)
    assert made, said
    assert commands.service.client(key=made[2]).get("/v1/rooms").status == 200
    listed = rows(commands.terminal("key", "list"))
    mine = [row for row in listed if row["ID"] == made[1]]
    assert [(row["NAME"], row["ROLE"], row["BUILDINGS"], row["EXPIRES"]) for row in mine] == [
        ("grafana", "reader", "north", "never")]
    assert re.fullmatch(TIME, mine[0]["CREATED"])
    assert commands.terminal("key", "revoke", made[1]) == f"revoked key {made[1]}\n"
    assert commands.service.client(key=made[2]).get("/v1/rooms").status == 401


# What scripts read stays: a JSON object a line, and nothing from `revoke`. --json says so on a terminal too.
def test_keys_in_a_pipe(commands):
    made = json.loads(commands.piped("key", "create", "script", "--role", "reader"))
    assert made["name"] == "script"
    assert made["id"] in [json.loads(line)["id"] for line in commands.piped("key", "list").splitlines()]
    assert commands.piped("key", "list", "--json") == commands.piped("key", "list")
    assert commands.terminal("key", "list", "--json") == commands.piped("key", "list")
    assert commands.piped("key", "revoke", made["id"]) == ""
    other = json.loads(commands.terminal("key", "add", "script", "--role", "reader", "--json"))
    assert json.loads(commands.piped("key", "revoke", "script", "--json")) == {"revoked": "key", "id": other["id"]}


def test_a_key_is_revoked_by_its_name_where_it_is_the_only_one(commands):
    made = [json.loads(commands.piped("key", "add", name, "--role", "reader"))
            for name in ("only", "twice", "twice")]
    works = lambda key: commands.service.client(key=key["key"]).get("/v1/rooms").status == 200
    assert commands.terminal("key", "revoke", "only") == f"revoked key {made[0]['id']} (only)\n"
    assert not works(made[0])
    refused = commands.piped("key", "revoke", "twice", status=1)
    assert "2 keys have this name" in refused and made[1]["id"] in refused and made[2]["id"] in refused
    assert works(made[1]) and works(made[2])
    # A key whose name is another's id is not the one that is meant.
    named = json.loads(commands.piped("key", "add", made[1]["id"], "--role", "reader"))
    commands.piped("key", "revoke", made[1]["id"])
    assert not works(made[1]) and works(named)
    refused = commands.piped("key", "revoke", "nobody", status=1)
    assert "no key with this id, and none with this name" in refused


def test_sensors_on_a_terminal(commands, public_key):
    said = commands.terminal("sensor", "add", "t1", "--public-key", public_key, "--kid", "k1", "--room", "hall")
    assert said == "registered sensor t1: building any, room hall, quantities: any; keys: k1\n"
    listed = rows(commands.terminal("sensor", "list"))
    assert [(row["ROOM"], row["KEYS"]) for row in listed if row["SENSOR"] == "t1"] == [("hall", "k1")]
    assert commands.terminal("sensor", "rotate", "t1") == \
        "rotated sensor t1: building any, room hall, quantities: any; keys: k1\n"
    assert commands.terminal("sensor", "revoke", "t1") == "revoked sensor t1\n"


def test_a_sensor_is_not_replaced_by_accident(commands, public_key, tmp_path):
    commands.piped("sensor", "add", "kept", "--public-key", public_key, "--room", "hall")
    other = tmp_path / "other.pem"
    other.write_text(SensorKey().public_pem())
    refused = commands.piped("sensor", "add", "kept", "--public-key", other, status=1)
    assert "registered already" in refused and "--replace" in refused
    kept = commands.service.client(key=KEY).get("/v1/sensors/kept").json()
    assert kept["room"] == "hall" and kept["keys"][0]["public_key"] == public_key.read_text()
    replaced = json.loads(commands.piped("sensor", "add", "kept", "--public-key", other, "--replace"))
    assert "room" not in replaced and replaced["keys"][0]["public_key"] == other.read_text()


def test_errors_are_sentences(commands, public_key):
    for arguments in (["key", "revoke", "nobody"], ["sensor", "revoke", "nobody"], ["sensor", "rotate", "nobody"],
                      ["key", "add", "x" * 1_000, "--role", "reader"],
                      ["sensor", "add", "x", "--public-key", public_key, "--room", "\u200b"]):
        status, said, error = on_terminal(*arguments, environment=commands.environment)
        assert status == 1 and said == "" and error.startswith("temperature-service: cannot "), error
        assert "{" not in error and '"code"' not in error and len(error.splitlines()) == 1, error


def test_the_audit_log_has_what_happened(commands, public_key):
    before = commands.audit()
    commands.piped("sensor", "add", "audited", "--public-key", public_key)
    commands.piped("sensor", "add", "audited", "--public-key", public_key, status=1)
    commands.piped("sensor", "add", "audited", "--public-key", public_key, "--replace")  # changes nothing
    commands.piped("sensor", "rotate", "audited")  # neither does this: it has one key
    commands.piped("key", "revoke", "nobody", status=1)
    commands.piped("sensor", "revoke", "nobody", status=1)
    commands.piped("key", "add", "gone", "--role", "reader", "--expires-in", "0s", status=1)
    commands.piped("sensor", "revoke", "audited")
    assert [(entry["action"], entry["subject"]) for entry in commands.audit()[len(before):]] == [
        ("sensor.put", "audited"), ("sensor.remove", "audited")]


@pytest.fixture(scope="module")
def asked(commands):
    """Rooms with readings: two sensors just now in the kitchen, one three hours ago in the attic."""
    admin = commands.service.client(key=KEY)
    now = now_ms()
    body = [reading(sensor="s1", value=21, timestamp=now - 2_000),
            reading(sensor="s2", value=22, timestamp=now - 1_000),
            reading(sensor="s1", value=612, quantity="co2", timestamp=now - 1_000),
            reading(room="attic", value=19, timestamp=now - 3 * 3_600_000)]
    assert admin.post("/v1/readings", body).json()["accepted"] == 4
    return commands


def test_rooms(asked):
    said = asked.terminal("rooms")
    assert said.endswith("-: no readings in the last 15 minutes\n"), said
    listed = rows(said.removesuffix("-: no readings in the last 15 minutes\n"))
    shown = {(row["ROOM"], row["QUANTITY"]): row for row in listed if row["ROOM"] in ("attic", "kitchen")}
    assert set(shown) == {("attic", "temperature"), ("kitchen", "co2"), ("kitchen", "temperature")}
    kitchen, attic = shown["kitchen", "temperature"], shown["attic", "temperature"]
    assert (kitchen["AVERAGE"], kitchen["READINGS"], kitchen["SENSORS"], kitchen["LATEST"]) == (
        "21.50 °C", "2", "2", "22.00 °C")
    assert re.fullmatch(r"\d+ s", kitchen["AGE"])
    assert (attic["AVERAGE"], attic["READINGS"], attic["LATEST"], attic["AGE"]) == ("-", "0", "19.00 °C", "3 h")
    assert "attic" not in asked.terminal("rooms", "--quantity", "co2")
    lines = [json.loads(line) for line in asked.piped("rooms").splitlines()]
    assert {"attic", "kitchen"} <= {line["room"] for line in lines}
    assert asked.terminal("rooms", "--json").count("\n") == len(lines)


def test_average(asked):
    said = asked.terminal("average", "kitchen")
    assert re.fullmatch(r"21\.50 °C  temperature of kitchen in default, the average of the last 15 minutes\n"
                        r"readings  2 of 2 sensors, from 21\.00 °C to 22\.00 °C\n"
                        rf"latest    \d+ s ago, {TIME}\n", said), said
    said = asked.terminal("average", "attic", "--window", "1h")
    assert re.fullmatch(r"no readings in the last hour: temperature of attic in default\n"
                        rf"latest    19\.00 °C, 3 h ago, {TIME}\n", said), said
    assert asked.terminal("average", "attic", "--window", "1d").startswith("19.00 °C  temperature of attic")
    assert asked.terminal("average", "kitchen", "--quantity", "co2", "--sensor", "s1").startswith(
        "612.00 ppm  co2 of kitchen in default, sensor s1, the average of")
    answer = json.loads(asked.piped("average", "kitchen", "--building", "default"))
    assert (answer["value"], answer["count"], answer["unit"]) == (21.5, 2, "°C")
    assert json.loads(asked.terminal("average", "attic", "--json"))["value"] is None


def test_history(asked):
    said = asked.terminal("history", "kitchen", "--step", "1d", "--from", "-1d")
    title, *table = said.splitlines()
    assert title == "temperature of kitchen in default, in steps of 1 day"
    listed = rows("\n".join(table))
    assert [(row["AVERAGE"], row["MIN"], row["MAX"], row["READINGS"]) for row in listed] == [
        ("21.50 °C", "21.00 °C", "22.00 °C", "2")]
    both = asked.terminal("history", "kitchen", "attic", "--step", "1d", "--from", "-1d")
    assert {row["ROOM"] for row in rows(both.partition("\n")[2])} == {"kitchen", "attic"}
    lines = [json.loads(line) for line in asked.piped("history", "kitchen", "--step", "1d").splitlines()]
    assert [(line["room"], line["count"], line["mean"]) for line in lines] == [("kitchen", 2, 21.5)]
    said = asked.terminal("history", "attic", "--from", "-1h")
    assert re.search(rf"^no readings from {TIME} to {TIME}$", said, re.MULTILINE), said


# More than one page of the service's.
def test_history_of_many_steps(asked):
    admin = asked.service.client(key=KEY)
    begin = 1_700_000_000_000
    body = [reading(room="long", value=i % 7, timestamp=begin + i * 60_000) for i in range(6_000)]
    assert admin.post("/v1/readings", body).json()["accepted"] == 6_000
    lines = asked.piped("history", "long", "--step", "1m", "--from", begin, "--to", begin + 6_000 * 60_000).splitlines()
    assert [json.loads(line)["mean"] for line in lines] == [i % 7 for i in range(6_000)]


def test_exit_codes_of_questions(asked):
    for arguments, status in ((["average", "nowhere"], 1), (["history", "nowhere"], 1),
                              (["history", "kitchen", "nowhere"], 1), (["average", "kitchen", "--at", "soon"], 2),
                              (["history", "kitchen", "--from", "2030-01-01", "--to", "2029-01-01"], 2),
                              (["average", "attic"], 0)):
        said = asked.piped(*arguments, status=status)
        assert status == 0 or said.startswith("temperature-service: cannot tell the "), said
    for arguments in (["average", "kitchen", "--window", "long"], ["average", ""], ["history"],
                      ["history", "kitchen", "--step", "1 fortnight"], ["rooms", "--building", ""]):
        done = run(*arguments, environment=asked.environment)
        assert done.returncode not in (0, 1) and done.stdout == "", done  # a usage error


# What other commands print as text they print as JSON, too: one object a line.
def test_json_of_the_other_commands(asked, tmp_path):
    def lines(*arguments):
        done = run(*arguments, "--json", environment=asked.environment)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]
    status, made = lines("keygen", "--out", tmp_path / "s")
    assert status == 0 and made[0]["public_key"] == f"{tmp_path}/s.pub.pem" and made[0]["kid"]
    (tmp_path / "sensors.csv").write_text("sensor,public_key_file\nj1,s.pub.pem\nj2,none.pem\n")
    status, rows_of_it = lines("sensor", "import", tmp_path / "sensors.csv")
    assert status == 1 and rows_of_it[0]["line"] == 3 and "none.pem" in rows_of_it[0]["refused"]
    assert rows_of_it[1:] == [{"registered": 1, "replaced": 0, "unchanged": 0, "refused": 1, "dry_run": False}]
    readings = ["timestamp,room_id,sensor_id,value", "2024-01-01T00:00:00Z,json,s,1", "never,json,s,2"]
    (tmp_path / "r.csv").write_text("\n".join(readings) + "\n")
    status, [summary] = lines("import", tmp_path / "r.csv")
    assert status == 1 and (summary["accepted"], summary["rejected"]) == (1, 1)
    assert summary["file"] == f"{tmp_path}/r.csv" and [each["line"] for each in summary["refused"]] == [3]
    status, [summary] = lines("replay", tmp_path / "r.csv")
    assert (summary["accepted"], summary["duplicates"], summary["rejected"]) == (0, 1, 1)
    status, [summary] = lines("simulate", "--rooms", "1", "--sensors-per-room", "1", "--from", "3s", "--speed", "max")
    assert status == 0 and summary["accepted"] > 0 and summary["refused"] == []
    status, [backup] = lines("backup", tmp_path / "backup")
    assert status == 0 and backup["state"] == "done" and backup["directory"] == f"{tmp_path}/backup"
    status, [restored, sums] = lines("restore", tmp_path / "backup", "--data-dir", tmp_path / "new")
    assert status == 0 and restored["data_dir"] == f"{tmp_path}/new" and sums["findings"] == 0
    asked.service.client(key=KEY).post("/v1/readings", [reading(room="Json"), reading(room="json")])
    status, [*findings, sums] = lines("names", "--check")
    assert status == 0 and sums == {"findings": 0, "hints": len(findings)}
    assert ["Json", "json"] in [finding["names"] for finding in findings if finding["finding"] == "case"]


# Names come from whoever writes: on a terminal they are shown, not obeyed.
@pytest.mark.parametrize("arguments,answer", [
    (["rooms"], {"rooms": [{"building": "b", "room": "NAME", "quantities": [
        {"quantity": "NAME", "unit": "NAME", "sensors": 1, "average": 1, "count": 1, "latest": None}]}], "next": None}),
    (["key", "list"], {"keys": [{"id": "NAME", "name": "NAME", "role": "NAME", "buildings": ["NAME"]}], "next": None}),
    (["sensor", "list"], {"sensors": [{"sensor": "NAME", "keys": [{"kid": "NAME"}], "room": "NAME"}], "next": None}),
], ids=lambda each: "_".join(each) if isinstance(each, list) else "")
def test_a_terminal_obeys_no_name(arguments, answer):
    body = json.dumps(answer).replace("NAME", ESCAPES)
    with Hostile(lambda _: http(body)) as server:
        status, said, error = on_terminal(*arguments, "--url", server.url, "--retry-for", "0")
    assert status == 0 and error == "", error
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]", said), said
    assert r"\x1b]0;owned\x07" in said and r"\u{202e}" in said
