"""`sensor import`: many sensors of a file are registered with a real service."""

import json

import pytest

from credentials import SensorKey
from importing import write
from service import Service
from upkeep import run, url_of

pytestmark = pytest.mark.one_at_a_time

KEY = "a-key-of-the-operator-0123456789"


@pytest.fixture(scope="module")
def secured():
    with Service(flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        yield service.start()


def import_sensors(service, path, *flags, key=KEY):
    return run("sensor", "import", path, "--url", url_of(service), "--key", key, *flags)


def registered(service, sensor):
    answer = service.client(key=KEY).get("/v1/sensors/" + sensor)
    return None if answer.status == 404 else answer.json()


def sensor_file(folder, name, rows, header="sensor,public_key_file,room,quantities"):
    return write(folder / name, "\n".join([header, *rows]) + "\n")


def counts(registered=0, replaced=0, unchanged=0, refused=0, dry=False):
    would = "would be " if dry else ""
    return f"{would}registered {registered}\n{would}replaced {replaced}\nunchanged {unchanged}\nrefused {refused}\n"


def test_many_sensors_are_registered(secured, tmp_path):
    keys = [SensorKey("EdDSA" if i % 2 else "ES256") for i in range(20)]
    rows = []
    for i, key in enumerate(keys):
        public = key.public_pem() if i % 3 else json.dumps(key.jwk())
        write(tmp_path / f"m{i}.pub", public)
        rows.append(f"m{i},k1,m{i}.pub,room {i},{'temperature; humidity' if i % 2 else ''}")
    file = sensor_file(tmp_path, "sensors.csv", rows, "sensor,kid,public_key_file,room,quantities")

    ended = import_sensors(secured, file, "--dry-run")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout == counts(registered=20, dry=True)
    assert registered(secured, "m0") is None

    ended = import_sensors(secured, file)
    assert ended.returncode == 0 and ended.stdout == counts(registered=20), ended.stdout + ended.stderr
    for i, key in enumerate(keys):
        shown = registered(secured, f"m{i}")
        assert shown["room"] == f"room {i}"
        assert shown.get("quantities") == (["humidity", "temperature"] if i % 2 else None)
        reading = {"room": f"room {i}", "sensor": f"m{i}", "value": 20, "quantity": "temperature"}
        assert secured.client(key=key.token(f"m{i}")).post("/v1/readings", reading).status == 200

    # Again: nothing changes, not even the time of registration.
    before = registered(secured, "m3")
    for flags in (["--dry-run"], [], ["--replace"]):
        ended = import_sensors(secured, file, *flags)
        assert ended.returncode == 0 and ended.stdout == counts(unchanged=20, dry="--dry-run" in flags)
    assert registered(secured, "m3") == before


def test_a_key_may_stand_in_the_file(secured, tmp_path):
    key = SensorKey()
    file = write(tmp_path / "s.csv", f'ID,Public_Key,Building\ninline,"{key.public_pem()}",north\n', "utf-8-sig")
    assert import_sensors(secured, file).stdout == counts(registered=1)
    assert registered(secured, "inline")["building"] == "north"
    assert import_sensors(secured, file).stdout == counts(unchanged=1)


def test_rows_that_are_refused_are_named_and_take_no_other_with_them(secured, tmp_path):
    write(tmp_path / "good.pub", SensorKey().public_pem())
    write(tmp_path / "private.pem", SensorKey().private_pem())
    write(tmp_path / "nonsense.pub", "a key")
    rows = ["r1,good.pub,hall,", "r2,private.pem,hall,", "r3,nonsense.pub,hall,", "r4,nothing.pub,hall,",
            ",good.pub,hall,", "r1,good.pub,attic,", "r5,good.pub,hall", f"{'x' * 600},good.pub,hall,",
            "r6,good.pub,hall,"]
    file = sensor_file(tmp_path, "s.csv", rows)
    for flags in (["--dry-run"], []):
        ended = import_sensors(secured, file, *flags)
        assert ended.returncode == 1
        assert ended.stdout.endswith(counts(registered=2, refused=7, dry=bool(flags))), ended.stdout
        for line, reason in [(3, "private"), (4, "key"), (5, "cannot read"), (6, "no sensor"), (7, "line 2 already"),
                             (8, "3 fields"), (9, "id")]:
            said = [row for row in ended.stdout.splitlines() if row.startswith(f"line {line}: ")]
            assert len(said) == 1 and reason in said[0], ended.stdout
        assert (registered(secured, "r6") is None) == bool(flags)
    assert registered(secured, "r2") is None and registered(secured, "r1")["room"] == "hall"


def test_what_is_registered_otherwise_is_kept_unless_told(secured, tmp_path):
    one, other = SensorKey(), SensorKey()
    write(tmp_path / "one.pub", one.public_pem())
    write(tmp_path / "other.pub", other.public_pem())
    first = sensor_file(tmp_path, "a.csv", ["o1,one.pub,hall,"])
    assert import_sensors(secured, first).returncode == 0
    for row in ["o1,other.pub,hall,", "o1,one.pub,attic,", "o1,one.pub,,", "o1,one.pub,hall,temperature"]:
        file = sensor_file(tmp_path, "b.csv", [row])
        before = registered(secured, "o1")
        ended = import_sensors(secured, file)
        assert ended.returncode == 1 and "line 2: " in ended.stdout and "--replace" in ended.stdout
        ended = import_sensors(secured, file, "--replace", "--dry-run")
        assert ended.returncode == 0 and ended.stdout == counts(replaced=1, dry=True)
        assert registered(secured, "o1") == before
        ended = import_sensors(secured, file, "--replace")
        assert ended.returncode == 0 and ended.stdout == counts(replaced=1)
        assert registered(secured, "o1") != before
        assert import_sensors(secured, file).stdout == counts(unchanged=1)


@pytest.mark.parametrize("header,reason", [
    ("sensor,public_key_file,rom,quantities", '"rom"'),
    ("sensor,room,building,quantities", "public_key"),
    ("name,public_key_file,room,quantities", '"name"'),
])
def test_a_header_that_is_misspelt_registers_nothing(secured, tmp_path, header, reason):
    write(tmp_path / "good.pub", SensorKey().public_pem())
    file = sensor_file(tmp_path, "s.csv", ["h1,good.pub,hall,"], header)
    ended = import_sensors(secured, file)
    assert ended.returncode == 1 and reason in ended.stderr
    assert registered(secured, "h1") is None


def test_without_an_administrators_key_it_ends_at_once(secured, tmp_path):
    write(tmp_path / "good.pub", SensorKey().public_pem())
    file = sensor_file(tmp_path, "s.csv", ["w1,good.pub,hall,", "w2,good.pub,hall,"])
    ended = import_sensors(secured, file, key="not-the-key-of-the-operator-0000")
    assert ended.returncode == 1 and "401" in ended.stderr and "line 2" in ended.stderr
    assert registered(secured, "w1") is None
