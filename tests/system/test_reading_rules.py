"""A data folder keeps the rules by which names are read, until its operator switches it, for good."""

import pytest

from credentials import SensorKey
from service import Service, average, now_ms, reading
from upkeep import format_line, run, url_of, verify

pytestmark = pytest.mark.one_at_a_time

KEY = "a-key-of-the-operator-0123456789"
FORMER = "temperature-service 2\n"
CURRENT = "temperature-service 3\n"
SWITCH = ["--dev", "--reading-rules", "current"]


@pytest.fixture
def former(tmp_path):
    """A folder of before, with nothing in it."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "FORMAT").write_text(FORMER)
    return folder


def rooms_of(client):
    return {room["room"] for room in client.get("/v1/rooms", limit=500).json()["rooms"]}


def write_twins(client, at):
    rows = [reading(room=room, sensor="s1", timestamp=at, value=value)
            for room, value in (("kitchen", 20), ("kitchen ", 30), ("Ku\u0308che", 40))]
    assert client.post("/v1/readings", rows).json()["accepted"] == 3


def test_a_new_folder_has_the_current_rules(tmp_path):
    with Service(data_dir=tmp_path / "data") as service:
        service.start()
        assert format_line(tmp_path / "data") == CURRENT
        assert "--reading-rules" not in service.output()


def test_a_folder_of_before_keeps_the_former_rules_and_says_so(former):
    with Service(data_dir=former) as service:
        client = service.start().client()
        at = now_ms()
        write_twins(client, at)
        assert rooms_of(client) == {"kitchen", "kitchen ", "Ku\u0308che"}
        assert client.post("/v1/readings", [reading(room="kit\u200bchen")]).json()["accepted"] == 1
        assert client.get("/v1/average", room="\"kitchen\"").status == 404
        for kill in (False, True):
            said = [line for line in service.output().splitlines() if "--reading-rules current" in line]
            assert len(said) == 1 and "former" in said[0], service.output()
            service.restart(kill=kill)
            client = service.client()
            assert [average(client, room, at=at)["value"] for room in ("kitchen", "kitchen ")] == [20, 30]
        assert format_line(former) == FORMER


@pytest.mark.parametrize("way", ["flag", "environment", "file"])
def test_it_is_switched_for_good(former, tmp_path, way):
    with Service(data_dir=former) as service:
        client = service.start().client()
        at = now_ms()
        write_twins(client, at)
        assert service.stop() == 0
        file = tmp_path / "config.toml"
        file.write_text('reading-rules = "current"\n')
        if way == "flag":
            service.flags = SWITCH
        elif way == "environment":
            service.environment["TEMPERATURE_READING_RULES"] = "current"
        else:
            service.flags = ["--dev", "--config", str(file)]
        service.start()
        assert format_line(former) == CURRENT
        assert "for good" in service.output()
        service.flags = ["--dev"]
        service.environment.pop("TEMPERATURE_READING_RULES", None)
        for kill in (False, True):
            client = service.client()
            # What was stored stays where it is, under its own name.
            stored = ("kitchen", "kitchen ", "Ku\u0308che")
            assert [average(client, room, at=at)["value"] for room in stored] == [20, 30, 40]
            assert average(client, " kitchen", at=at)["value"] == 20
            # What comes goes to the name that is meant, though the other one's bytes are known.
            rows = [reading(room=room, sensor="s1", timestamp=at + 1 + kill + 10 * place, value=50)
                    for place, room in enumerate(("kitchen ", "Ku\u0308che"))]
            assert client.post("/v1/readings", rows).json()["accepted"] == 2
            counts = {room: average(client, room, at=at + 100)["count"] for room in (*stored, "K\u00fcche")}
            assert list(counts.values()) == [2 + kill, 1, 1, 1 + kill], counts
            service.restart(kill=kill)
            assert format_line(former) == CURRENT
            assert "--reading-rules" not in service.output()


def test_a_start_that_fails_switches_nothing(former, tmp_path):
    (tmp_path / "devices.csv").write_text("no header\n")
    for flags in (["--device-map", str(tmp_path / "devices.csv")], ["--admin-key", "short"],
                  ["--tls-cert", "no", "--tls-key", "no"]):
        dev = [] if "--admin-key" in flags else ["--dev"]
        status, _ = Service(data_dir=former, flags=[*dev, "--reading-rules", "current", *flags]).run_to_end()
        assert status == 1
        assert format_line(former) == FORMER


@pytest.mark.parametrize("rules", ["former", "new", "Current"])
def test_nothing_else_can_be_asked_for(tmp_path, rules):
    status, said = Service(data_dir=tmp_path / "data", flags=["--dev", "--reading-rules", rules]).run_to_end()
    assert status == 2 and "--reading-rules must be current" in said and rules in said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("text", ["temperature-service 2x\n", "temperature-service 02\n", "temperature-service 2.0\n",
                                  "temperature-service -2\n", "temperature-service\n", "temperature-service 2 3\n", ""])
def test_a_format_is_exact(tmp_path, text):
    (tmp_path / "FORMAT").write_text(text)
    status, said = Service(data_dir=tmp_path).run_to_end()
    assert status == 1 and "its file FORMAT is not one of" in said
    assert (tmp_path / "FORMAT").read_text() == text


def test_more_lines_of_a_format_stay(former):
    (former / "FORMAT").write_text(FORMER + "of a newer program 7\n")
    with Service(data_dir=former) as service:
        service.start()
        text = (former / "FORMAT").read_text()
        assert text.startswith(FORMER + "journal_id ") and text.endswith("\nof a newer program 7\n")
        assert service.stop() == 0
        service.flags = SWITCH
        service.start()
        assert (former / "FORMAT").read_text() == text.replace(FORMER, CURRENT)


def test_a_format_with_a_damaged_journal_id_is_refused_and_stays(tmp_path):
    text = CURRENT + "journal_id 7\n"
    (tmp_path / "FORMAT").write_text(text)
    status, said = Service(data_dir=tmp_path).run_to_end()
    assert status == 1 and 'FORMAT is damaged where it says "journal_id 7"' in said
    assert (tmp_path / "FORMAT").read_text() == text


def test_a_backup_carries_the_rules(former, tmp_path):
    for flags, text, rooms in ((["--dev"], FORMER, 2), (SWITCH, CURRENT, 1)):
        backup = tmp_path / f"backup{rooms}"
        with Service(data_dir=former, flags=flags) as service:
            service.start()
            assert run("backup", backup, "--url", url_of(service)).returncode == 0
        assert format_line(backup) == text
        assert verify(backup)[0] == 0
        restored = tmp_path / f"restored{rooms}"
        assert run("restore", backup, "--data-dir", restored, "--verify").returncode == 0
        assert format_line(restored) == text
        with Service(data_dir=restored) as service:
            client = service.start().client()
            assert client.post("/v1/readings", [reading(room="new"), reading(room="new ", sensor="s2")]).status == 200
            assert len(rooms_of(client)) == rooms


def test_a_sensor_that_was_registered_before_writes_under_its_normal_name(former):
    key, twin = SensorKey(), SensorKey()
    with Service(data_dir=former, flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        admin = service.start().client(key=KEY)
        for sensor in ("%20s1", "%20s2"):
            assert admin.request("PUT", "/v1/sensors/" + sensor, key.registration(building="main ")).status == 200
        assert admin.request("PUT", "/v1/sensors/s2", twin.registration()).status == 200
        row = reading(building="main ", room="lab", sensor=" s1", timestamp=now_ms())
        assert service.client(key=key.token(" s1")).post("/v1/readings", [row]).json()["accepted"] == 1
        answer = service.client(key=key.token(" s1")).post("/v1/readings", [dict(row, sensor="s1")])
        assert b"forbidden_sensor" in answer.text
        assert service.stop() == 0
        service.flags = ["--reading-rules", "current"]
        service.start()
        admin = service.client(key=KEY)
        sensor = service.client(key=key.token(" s1"))
        for name in (" s1", "s1"):
            answer = sensor.post("/v1/readings", [dict(row, sensor=name, building="main")])
            assert answer.json()["accepted"] + answer.json()["duplicates"] == 1, answer.text
        assert average(admin, "lab", building="main", sensor="s1")["count"] == 1
        answer = service.client(key=key.token(" s2")).post("/v1/readings", [dict(row, sensor=" s2", building="main")])
        assert b"forbidden_sensor" in answer.text, "s2 is another's"
        assert admin.request("PUT", "/v1/sensors/s1", twin.registration()).status == 200
        answer = sensor.post("/v1/readings", [dict(row, sensor="s1", building="main", timestamp=now_ms())])
        assert b"forbidden_sensor" in answer.text, "and now s1 is, too"


def names_check(*arguments):
    return run("names", "--check", *arguments)


def test_names_check_lists_twins(former):
    with Service(data_dir=former) as service:
        client = service.start().client()
        write_twins(client, now_ms())
        rows = [reading(room="hall", sensor=sensor, quantity=quantity)
                for sensor, quantity in (("s1", "co2"), (" s1", "CO2"), ("s\u200b2", "noise "))]
        assert client.post("/v1/readings", rows).json()["accepted"] == 3
        asked = names_check("--url", url_of(service))
        assert service.stop() == 0
    looked = names_check("--data-dir", former)
    assert asked.stdout == looked.stdout
    assert asked.returncode == looked.returncode == 1, looked.stderr
    lines = looked.stdout.splitlines()

    def line(kind, *words):
        found = [each for each in lines if each.startswith(kind) and all(word in each for word in words)]
        assert len(found) == 1, (kind, words, looked.stdout)

    line("twins", 'room in building "default": "kitchen", "kitchen " -> "kitchen"')
    line("twins", 'sensor in room "hall" in building "default": " s1", "s1" -> "s1"')
    line("changed", "room", "Ku\\xcc\\x88che", "K\\xc3\\xbcche")
    line("changed", 'quantity: "noise " -> "noise"')
    line("refused", "sensor", "U+200B")
    line("case", 'quantity: "CO2", "co2"')


def test_names_check_is_content_with_names_that_are_apart(tmp_path):
    with Service(data_dir=tmp_path / "data") as service:
        client = service.start().client()
        assert client.post("/v1/readings", [reading(room="hall"), reading(room="Hall")]).status == 200
        asked = names_check("--url", url_of(service))
        assert asked.returncode == 0 and "case " in asked.stdout, asked.stderr
        busy = names_check("--data-dir", service.data_dir)
        assert busy.returncode == 1 and "another process has it" in busy.stderr
        assert service.stop() == 0
    assert names_check("--data-dir", tmp_path / "data").returncode == 0
    assert names_check("--data-dir", tmp_path / "nothing").returncode == 1


def test_the_default_building_is_a_name(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=["--dev", "--default-building", " house"]) as service:
        client = service.start().client()
        assert client.post("/v1/readings", [reading(room="hall")]).status == 200
        assert client.get("/v1/rooms").json()["rooms"][0]["building"] == "house"
        assert average(client, "hall")["count"] == 1
    status, said = Service(data_dir=tmp_path / "other", flags=["--dev", "--default-building", "a\u200bb"]).run_to_end()
    assert status == 1 and "U+200B" in said
