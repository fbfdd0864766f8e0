"""The times of files that `import` reads, held against Python's zoneinfo; and its other flags, on a real service."""

import datetime
import subprocess
from zoneinfo import ZoneInfo

import pytest

from importing import BERLIN, CHICAGO, UTC, import_file, local, ms, taken, write
from service import BINARY
from upkeep import run, url_of

pytestmark = pytest.mark.one_at_a_time


IN_BERLIN = ["--delimiter", ";", "--column", "time=time", "--time-zone", BERLIN]


def lines(rows):
    return "time;value\n" + "".join(f"{row};{20 + i}\n" for i, row in enumerate(rows))


AUTUMN = ["2024-10-27 01:30:00", "2024-10-27 02:00:00", "2024-10-27 02:30:00", "2024-10-27 02:00:00",
          "2024-10-27 02:30:00", "2024-10-27 03:00:00"]


@pytest.mark.parametrize("flags,folds", [
    ([], [0, None, None, None, None, 0]),
    (["--ambiguous", "increasing"], [0, 0, 0, 1, 1, 0]),
])
def test_hours_that_come_twice(shared_service, room, tmp_path, flags, folds):
    file = write(tmp_path / "a.csv", lines(AUTUMN))
    ended = import_file(shared_service, file, room, *IN_BERLIN, *flags)
    want = {local(text, BERLIN, fold): 20.0 + i for i, (text, fold) in enumerate(zip(AUTUMN, folds))
            if fold is not None}
    assert taken(shared_service, room) == want
    assert ended.returncode == (1 if None in folds else 0), ended.stdout
    for line in (3, 4, 5, 6):
        assert (f"line {line}: " in ended.stdout) == (None in folds)


@pytest.mark.parametrize("which,fold", [("earlier", 0), ("later", 1)])
def test_one_of_the_two_by_flag(shared_service, room, tmp_path, which, fold):
    rows = AUTUMN[:3] + AUTUMN[5:]
    file = write(tmp_path / "a.csv", lines(rows))
    ended = import_file(shared_service, file, room, *IN_BERLIN, "--ambiguous", which)
    assert ended.returncode == 0, ended.stdout
    assert taken(shared_service, room) == {local(text, BERLIN, fold): 20.0 + i for i, text in enumerate(rows)}
    # Without a step back the order of the rows tells nothing.
    ended = import_file(shared_service, file, room, *IN_BERLIN, "--ambiguous", "increasing")
    assert ended.returncode == 1 and "rejected 2\n" in ended.stdout and "either hour may be meant" in ended.stdout


def test_increasing_through_a_pipe(shared_service, room, tmp_path):
    ended = subprocess.run([BINARY, "import", "-", "--url", url_of(shared_service), "--room", room,
                            "--sensor", "s", *IN_BERLIN,
                            "--ambiguous", "increasing"],
                           input=lines(AUTUMN), capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len(taken(shared_service, room)) == 6


def test_hours_that_do_not_exist(shared_service, room, tmp_path):
    rows = ["2024-03-31 01:59:59", "2024-03-31 02:00:00", "2024-03-31 02:59:59", "2024-03-31 03:00:00"]
    file = write(tmp_path / "a.csv", lines(rows))
    ended = import_file(shared_service, file, room, *IN_BERLIN, "--ambiguous", "earlier")
    assert ended.returncode == 1
    assert "rejected 2\n" in ended.stdout and "does not exist in Europe/Berlin" in ended.stdout
    assert taken(shared_service, room) == {local(rows[0], BERLIN): 20.0, local(rows[3], BERLIN): 23.0}


ZONES = [BERLIN, CHICAGO, "Europe/London", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kolkata",
         "Africa/Casablanca", "America/Sao_Paulo", "Asia/Tehran", "Pacific/Apia", "UTC"]


@pytest.mark.parametrize("zone", ZONES)
def test_every_hour_of_a_year_is_as_zoneinfo_has_it(shared_service, room, tmp_path, zone):
    """Local times, half an hour apart, of a year; those that come twice or not at all are refused, and no other."""
    info = ZoneInfo(zone)
    want = {}
    refused = 0
    rows = []
    at = datetime.datetime(2024, 1, 1, 0, 15)
    while at < datetime.datetime(2025, 1, 1):
        both = [at.replace(tzinfo=info, fold=fold) for fold in (0, 1)]
        rows.append(f"{at:%Y-%m-%d %H:%M};{len(rows)}")
        exists = both[0].astimezone(UTC).astimezone(info).replace(tzinfo=None) == at
        if exists and both[0].utcoffset() == both[1].utcoffset():
            want[ms(both[0])] = float(len(rows) - 1)
        else:
            refused += 1
        at += datetime.timedelta(minutes=30)
    file = write(tmp_path / "a.csv", "time;value\n" + "\n".join(rows))
    ended = import_file(shared_service, file, room, "--delimiter", ";", "--column", "time=time", "--time-zone", zone,
                        "--quantity", "steps")
    assert ended.returncode == (1 if refused else 0), ended.stderr
    assert f"rejected {refused}\n" in ended.stdout
    assert taken(shared_service, room, "steps") == want


@pytest.mark.parametrize("rows,flags", [
    (["2024-07-01T12:00:00Z", "2024-07-01T14:01:00+02:00", "1719835320000"], []),
    (["2024/07/01 12:00", "2024.7.1 12:01:00", "2024-07-01 12:02:00 PM"], ["--time-zone", "UTC"]),
    (["2024-07-01 14:00 +0200", "2024-07-01 14:01:00+02", "2024-07-01T12:02Z"], ["--time-zone", CHICAGO]),
    (["01.07.2024 14:00", "1.7.2024 14:01", "01.07.2024 14:02"],
     ["--time-zone", BERLIN, "--time-format", "%d.%m.%Y %H:%M"]),
    (["7/1/24 2:00 PM", "7/1/24 2:01 pm", "07/01/24 02:02 PM"],
     ["--time-zone", "+02:00", "--time-format", "%m/%d/%y %I:%M %p"]),
    (["1719835200", "1719835260.0", "1719835320"], ["--time-format", "%s"]),
])
def test_times_as_they_are_written(shared_service, room, tmp_path, rows, flags):
    file = write(tmp_path / "a.csv", lines(rows))
    ended = import_file(shared_service, file, room, "--delimiter", ";", "--column", "timestamp=TIME", *flags)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    first = ms(datetime.datetime(2024, 7, 1, 12, tzinfo=UTC))
    assert taken(shared_service, room) == {first: 20.0, first + 60_000: 21.0, first + 120_000: 22.0}


@pytest.mark.parametrize("text", ["03/04/2024 10:00", "3.4.2024 10:00", "13/04/2024 10:00", "03-04-24 10:00"])
def test_days_and_months_are_not_guessed(shared_service, room, tmp_path, text):
    file = write(tmp_path / "a.csv", lines([text]))
    ended = import_file(shared_service, file, room, "--delimiter", ";", "--column", "timestamp=time",
                        "--time-zone", BERLIN)
    assert ended.returncode == 1 and "which number is the day" in ended.stdout and "--time-format" in ended.stdout
    assert taken(shared_service, room) == {}


def test_our_own_files_with_a_byte_order_mark(shared_service, room, tmp_path):
    csv = write(tmp_path / "a.csv", f"timestamp,room_id,sensor_id,value\n1719835200000,{room},s,20\n", "utf-8-sig")
    line = '{"room":"%s","sensor":"s","timestamp":%d,"value":%d}\n'
    ndjson = write(tmp_path / "b.ndjson", line % (room, 1719835260000, 21), "utf-8-sig")
    wide = write(tmp_path / "c.ndjson", line % (room, 1719835320000, 22), "utf-16")
    ended = run("import", csv, ndjson, wide, "--url", url_of(shared_service))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert taken(shared_service, room) == {1_719_835_200_000: 20.0, 1_719_835_260_000: 21.0, 1_719_835_320_000: 22.0}


def test_what_is_not_stored_shows_in_the_exit_code(shared_service, room, tmp_path):
    header = "timestamp,room,sensor,value\n"
    good = write(tmp_path / "a.csv", header + f"1719835200000,{room},s,20\n")
    other = write(tmp_path / "b.csv", header + f"1719835200000,{room},s,21\n1719835260000,{room},s,22\n")
    assert run("import", good, "--url", url_of(shared_service)).returncode == 0
    assert run("import", good, "--url", url_of(shared_service)).returncode == 0  # a duplicate is a success
    ended = run("import", other, good, "--url", url_of(shared_service))  # the files after it go in all the same
    assert ended.returncode == 1 and "conflicts 1\n" in ended.stdout and "accepted 1\n" in ended.stdout
    assert "duplicates 1\n" in ended.stdout
    assert "b.csv: readings refused: 1" in ended.stderr and "a.csv" not in ended.stderr
    old = write(tmp_path / "c.csv", header + f"1,{room},s,21\n")
    ended = run("import", old, "--url", url_of(shared_service))
    assert ended.returncode == 1 and "line 2: " in ended.stdout


@pytest.mark.parametrize("flags,reason", [
    (["--time-zone", "Europe/Nowhere"], "no time zone"),
    (["--delimiter", ";;"], "--delimiter"),
    (["--column", "temperature"], "NAME=COLUMN"),
    (["--column", "=2"], "NAME=COLUMN"),
    (["--encoding", "klingon"], "iconv"),
    (["--ambiguous", "perhaps"], "perhaps"),
])
def test_flags_that_make_no_sense(shared_service, tmp_path, flags, reason):
    file = write(tmp_path / "a.csv", "timestamp,room,sensor,value\n")
    ended = run("import", file, "--url", url_of(shared_service), *flags)
    assert ended.returncode != 0 and reason in ended.stdout + ended.stderr
