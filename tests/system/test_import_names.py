"""How files that `import` reads spell their fields, on a real service: what is stored was meant so, or nothing is."""

import json

import pytest

from importing import taken, write
from service import Service
from upkeep import run, url_of

pytestmark = pytest.mark.one_at_a_time

AT = 1_700_000_000_000  # 2023-11-14T22:13:20Z


@pytest.fixture(scope="module")
def shared():
    with Service() as service:
        yield service.start()


@pytest.fixture
def room(request):
    """A room of its own for each test."""
    return request.node.name.replace("[", " ").replace("]", "")


def imported(service, path):
    return run("import", path, "--url", url_of(service))


TAKEN = {
    "time": (["time", "room", "sensor", "value"], [AT, None, "s", "21.5"], 21.5),
    "capitals": (["Timestamp", "Room", "Sensor", "Value"], [AT, None, "s", "21.5"], 21.5),
    "text": (["ts", "roomId", "device_id", "value"], ["2023-11-14T22:13:20Z", None, "s", "21.5"], 21.5),
    "unit": (["time", "room", "sensor", "value", "Unit"], [AT, None, "s", "72.5", "°F"], 22.5),
    "units": (["time", "room", "sensor", "value", "units"], [AT, None, "s", "72.5", "degF"], 22.5),
    "long unit": (["TS", "room", "sensor", "value", "unit_of_measurement"], [AT, None, "s", "72.5", "°F"], 22.5),
    "own name first": (["time", "timestamp", "room", "sensor", "value"], [1, AT, None, "s", "21.5"], 21.5),
    "a chip": (["time", "room", "sensor", "value", "type"], [AT, None, "s", "21.5", "DHT22"], 21.5),
}


def file_of(form, path, names, rows):
    if form == "ndjson":
        return write(path, "".join(json.dumps(dict(zip(names, row))) + "\n" for row in rows))
    return write(path, "\n".join([",".join(names)] + [",".join(map(str, row)) for row in rows]) + "\n")


@pytest.mark.parametrize("form", ["csv", "ndjson"])
@pytest.mark.parametrize("case", TAKEN)
def test_other_names_are_taken(shared, room, tmp_path, form, case):
    names, row, value = TAKEN[case]
    row = [room if cell is None else cell for cell in row]
    ended = imported(shared, file_of(form, tmp_path / "a", names, [row]))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = taken(shared, room)
    assert list(found) == [AT] and found[AT] == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_type_is_the_quantity_when_it_is_one(shared, room, tmp_path, form):
    names, row = ["time", "room", "sensor", "value", "type"], [AT, room, "s", "44", "humidity"]
    file = file_of(form, tmp_path / "a", names, [row])
    assert imported(shared, file).returncode == 0
    assert taken(shared, room, "humidity") == {AT: 44.0} and taken(shared, room) == {}


REFUSED = {
    "created_at": (["created_at", "room", "sensor", "value"], [AT, None, "s", "21.5"], "created_at"),
    "Date": (["Date", "room", "sensor", "value"], [AT, None, "s", "21.5"], "Date"),
    "scale": (["time", "room", "sensor", "value", "scale"], [AT, None, "s", "21.5", "F"], "scale"),
    "no time": (["zeit", "room", "sensor", "value"], [AT, None, "s", "21.5"], "timestamp"),
    "two times": (["ts", "time", "room", "sensor", "value"], [AT, AT + 1, None, "s", "21.5"], "different values"),
    "two units": (["ts", "room", "sensor", "value", "units", "uom"], [AT, None, "s", "21.5", "K", "°C"],
                  "different values"),
    "no number": (["time", "room", "sensor", "value"], [AT, None, "s", "warm"], "warm"),
}


@pytest.mark.parametrize("form", ["csv", "ndjson"])
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_sure_is_refused_by_name(shared, room, tmp_path, form, case):
    names, row, why = REFUSED[case]
    row = [room if cell is None else cell for cell in row]
    ended = imported(shared, file_of(form, tmp_path / "a", names, [row]))
    assert ended.returncode == 1
    assert why in ended.stdout + ended.stderr
    assert taken(shared, room) == {}
    if form == "ndjson":
        assert "line 1: " in ended.stdout and "rejected 1\n" in ended.stdout


def test_a_refused_row_costs_no_other(shared, room, tmp_path):
    rows = [[AT, AT, room, "s", 1], [AT + 1, AT + 2, room, "s", 2], ["", AT + 3, room, "s", 3]]
    ended = imported(shared, file_of("csv", tmp_path / "a", ["ts", "time", "room", "sensor", "value"], rows))
    assert ended.returncode == 1 and "line 3: " in ended.stdout and "rejected 1\n" in ended.stdout, ended.stdout
    assert taken(shared, room) == {AT: 1.0, AT + 3: 3.0}
