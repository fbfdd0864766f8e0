"""What senders really send, at every door: each kind of input against each door, with what must come of it.

The tables are in matrix_readings.py (JSON, NDJSON, CSV, the original's door), matrix_lines.py (line protocol),
matrix_files.py (import, the device map, the configuration) and matrix_questions.py."""

import dataclasses

import pytest

import matrix
import matrix_files
import matrix_lines
import matrix_questions
import matrix_readings
from matrix import Case
from service import Service

pytestmark = pytest.mark.one_at_a_time

ITEMS = ("names of fields", "units", "sensors and conflicts", "where a body ends", "byte order marks", "names",
         "numbers in strings", "one bad value", "times", "values that cannot be", "addresses and parameters",
         "files of loggers")
DOORS = (*matrix.HTTP_DOORS, "import", "device map", "configuration", "questions")
CELLS = {}
for table in (matrix_readings.CELLS, matrix_lines.CELLS, matrix_files.CELLS, matrix_questions.CELLS):
    assert not CELLS.keys() & table.keys()
    CELLS.update(table)

CASES = [pytest.param(door, case, id=f"{item}-{door}-{place}") for (item, door), cell in CELLS.items()
         if not isinstance(cell, str) for place, case in enumerate(cell)]


@pytest.mark.parametrize("item", ITEMS)
def test_no_cell_is_missing(item):
    for door in DOORS:
        assert (item, door) in CELLS, f"no cell for {item} at {door}"
        cell = CELLS[item, door]
        if isinstance(cell, str):
            assert len(cell.split()) >= 4, f"{item} at {door} is empty, and nothing says why"
            continue
        assert len(cell) >= 1 and all(isinstance(case, Case) for case in cell), (item, door)
        for case in cell:
            assert len(case.source.split()) >= 2, f"no source for {case.sent!r}"


def test_no_cell_is_of_another_item_or_door():
    assert set(CELLS) == {(item, door) for item in ITEMS for door in DOORS}


def configured(case, room, folder):
    """A service of the case's own: its flags, its environment, its device map or its configuration."""
    flags = ["--dev", *case.flags]
    if case.file is not None:
        file = folder / "file"
        file.write_bytes(matrix.filled(case.file, room, case.encoding))
        flags = [flag.replace("<file>", str(file)) for flag in flags]
    return Service(flags=flags, environment=dict(case.environment))


def judge_configured(door, case, room, folder):
    with configured(case, room, folder) as service:
        if case.sent is None:
            status, said = service.run_to_end()
            assert status not in (0, None), said
            matrix.check_says(case, said)
            return
        client = service.start().client()
        before = matrix.rejects(client)
        name, sent = case.sent if isinstance(case.sent, tuple) else ("/write", case.sent)
        if name == "questions":
            matrix.ask(client, dataclasses.replace(case, sent=sent), room)
        else:
            matrix.send_http(service, client, name, dataclasses.replace(case, sent=sent, encoding="utf-8"), room)
        matrix.check_codes(before, matrix.rejects(client), case.codes)
        matrix.check_kept(client, case.kept, room)
        client.close()


@pytest.mark.parametrize("door, case", CASES)
def test_what_is_sent_becomes_what_is_meant(request, tmp_path, door, case):
    room = matrix.next_room()
    if door in ("device map", "configuration"):
        judge_configured(door, case, room, tmp_path)
        return
    service = request.getfixturevalue("shared_service")
    client = service.client()
    before = matrix.rejects(client)
    if door == "import":
        matrix.send_import(service, case, room, tmp_path)
    elif door == "questions":
        matrix.ask(client, case, room)
        client.close()
        return
    else:
        matrix.send_http(service, client, door, case, room)
    if case.raw is None and door != "import":  # import finds much by itself, and says how many
        matrix.check_codes(before, matrix.rejects(client), case.codes)
    matrix.check_kept(client, case.kept, room)
    client.close()
