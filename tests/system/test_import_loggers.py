"""Files of data loggers go into a real service by flags alone, and what is read back is what the logger measured.

The files are made here, in the shapes that their makers' programs write:

- Onset HOBO (HOBOware): https://github.com/jkall/qgis-midvatten-plugin has such files in the tests of its HOBO
  import, https://github.com/kbs-lter/rex-data and https://github.com/soilwater/example-projects-agron-845 read them.
  A title line, a header whose time column names the offset and whose others name the logger and the sensor, "Logged"
  in columns of events, whose rows mostly have no value.
- Elitech (ElitechLog, RC-4HC and RC-51H): "No.", "Time", "Temperature°C", "Humidity%RH" below some 25 rows about the
  device; https://github.com/pasccom/python-elitech has the devices. Saved as text it has tabs or semicolons, and where
  the system's language wants it, decimal commas.
- Govee (Govee Home): https://github.com/swharden/govee-plot reads its times. A byte order mark, a header that says how
  often readings are taken, with a no-break space in it, and local times that no zone stands beside.

Times are compared with those of Python's zoneinfo.
"""

import datetime
import gzip
from zoneinfo import ZoneInfo

import pytest

from importing import BERLIN, CHICAGO, UTC, import_file, local, ms, taken, write

pytestmark = pytest.mark.one_at_a_time


# Onset HOBO

HOBO_FLAGS = ["--skip-rows", "1", "--column", "timestamp=Date Time", "--column", "temperature=Temp,",
              "--time-format", "%m/%d/%y %I:%M:%S %p"]


def hobo(offset_h, unit, first, count, humidity=True, events=True):
    """The text, and [(moment, temperature, humidity)]."""
    zone = datetime.timezone(datetime.timedelta(hours=offset_h))
    number = "(LGR S/N: 10347366, SEN S/N: 10347366)"
    header = ['"#"', f'"Date Time, GMT{offset_h:+03}:00"', f'"Temp, {unit} {number}"']
    header += [f'"RH, % {number}"'] if humidity else []
    header += [f'"{event} (LGR S/N: 10347366)"' for event in ["Coupler Attached", "Host Connected", "End Of File"]]
    lines = ['"Plot Title: greenhouse, north"', ",".join(header)]
    readings = []
    for i in range(count):
        moment = first + datetime.timedelta(minutes=10 * i)
        values = [f"{20 + i % 7 + 0.125:.3f}"] + ([f"{40 + i % 5 + 0.25:.2f}"] if humidity else [])
        readings.append((ms(moment), *map(float, values)))
        when = moment.astimezone(zone).strftime("%m/%d/%y %I:%M:%S %p")
        # The launch is noted beside a reading.
        lines.append(",".join([str(i + 1), when, *values, "Logged" if events and i == 0 else "", "", ""]))
    if events:
        when = (first + datetime.timedelta(minutes=10 * count)).astimezone(zone).strftime("%m/%d/%y %I:%M:%S %p")
        lines.append(",".join([str(count + 1), when, "", *([""] if humidity else []), "Logged", "Logged", ""]))
        lines.append(",".join([str(count + 2), when, "", *([""] if humidity else []), "", "", "Logged"]))
    return "\r\n".join(lines) + "\r\n", readings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_hobo_in_its_own_offset(shared_service, room, tmp_path, encoding):
    # Over the night in which Berlin's clocks go forward: the logger's do not.
    text, readings = hobo(1, "°C", datetime.datetime(2024, 3, 30, 22, tzinfo=UTC), 60)
    file = write(tmp_path / "hobo.csv", text, encoding)
    flags = HOBO_FLAGS + ["--column", "humidity=RH,"]
    if encoding == "windows-1252":
        ended = import_file(shared_service, file, room, *flags)
        assert ended.returncode == 1 and "--encoding" in ended.stderr and not taken(shared_service, room)
        flags += ["--encoding", "windows-1252"]
    ended = import_file(shared_service, file, room, *flags)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "accepted 120\n" in ended.stdout and "without a value 4\n" in ended.stdout
    assert "GMT+01:00" in ended.stdout and "°C" in ended.stdout
    assert taken(shared_service, room) == {at: value for at, value, _ in readings}
    assert taken(shared_service, room, "humidity") == {at: value for at, _, value in readings}
    ended = import_file(shared_service, file, room, *flags)
    assert ended.returncode == 0 and "duplicates 120\n" in ended.stdout


def test_hobo_in_fahrenheit(shared_service, room, tmp_path):
    text, readings = hobo(-4, "°F", datetime.datetime(2024, 7, 1, tzinfo=UTC), 20, humidity=False)
    file = write(tmp_path / "hobo.csv", text)
    ended = import_file(shared_service, file, room, *HOBO_FLAGS)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = taken(shared_service, room)
    assert found == {at: pytest.approx((value - 32) / 1.8) for at, value in readings}
    # What the header says cannot be overruled in silence.
    ended = import_file(shared_service, file, room, *HOBO_FLAGS, "--unit", "°C")
    assert ended.returncode == 1 and "says °F" in ended.stderr
    assert taken(shared_service, room) == found


def test_hobo_with_a_broken_degree_sign_needs_a_unit(shared_service, room, tmp_path):
    text, readings = hobo(-7, "?F", datetime.datetime(2024, 7, 1, tzinfo=UTC), 5, humidity=False)
    file = write(tmp_path / "hobo.csv", text)
    ended = import_file(shared_service, file, room, *HOBO_FLAGS)
    assert ended.returncode == 1 and '"?F"' in ended.stderr and "--unit" in ended.stderr
    assert taken(shared_service, room) == {}
    assert import_file(shared_service, file, room, *HOBO_FLAGS, "--unit", "°F").returncode == 0
    assert taken(shared_service, room) == {at: pytest.approx((value - 32) / 1.8) for at, value in readings}


# Elitech

def elitech(delimiter, comma, first, count, zone):
    """The text, and [(moment, temperature, humidity)]. Times are those of a clock on a wall."""
    head = ["Data Report", "", f"Model:{delimiter}RC-51H", f"Serial Number:{delimiter}EFG19600400",
            f"Max:{delimiter}26.3", f"Min:{delimiter}19.1", "Note: \"attic"]
    lines = head + [delimiter.join(["No.", "Time", "Temperature°C", "Humidity%RH"])]
    readings = []
    for i in range(count):
        moment = first + datetime.timedelta(hours=i)
        values = [f"{-5 + i * 0.5:.1f}", f"{50 + i % 10}.0"]
        readings.append((ms(moment), *map(float, values)))
        wall = moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
        lines.append(delimiter.join([str(i + 1), wall, *(value.replace(".", comma) for value in values)]))
    return "\n".join(lines) + "\n", len(head), readings


@pytest.mark.parametrize("delimiter,comma,encoding,flags", [
    (";", ",", "utf-8", ["--delimiter", ";", "--decimal-comma"]),
    (";", ",", "windows-1252", ["--delimiter", "semicolon", "--decimal-comma", "--encoding", "windows-1252"]),
    ("\t", ".", "utf-8-sig", ["--delimiter", "tab"]),
    ("\t", ".", "utf-16-le", ["--delimiter", "\\t", "--encoding", "UTF-16LE"]),
    ("\t", ",", "utf-16", ["--delimiter", "tab", "--decimal-comma"]),
])
def test_elitech(shared_service, room, tmp_path, delimiter, comma, encoding, flags):
    # From winter time over the night when clocks go forward.
    text, skip, readings = elitech(delimiter, comma, datetime.datetime(2024, 3, 30, tzinfo=UTC), 48, BERLIN)
    file = write(tmp_path / "elitech.txt", text, encoding)
    ended = import_file(shared_service, file, room, "--skip-rows", skip, "--column", "timestamp=Time", "--column",
                        "temperature=Temperature", "--column", "humidity=4", "--time-zone", BERLIN, *flags)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert taken(shared_service, room) == {at: value for at, value, _ in readings}
    assert taken(shared_service, room, "humidity") == {at: value for at, _, value in readings}


def test_elitech_without_saying_what_its_numbers_are(shared_service, room, tmp_path):
    text, skip, _ = elitech(";", ",", datetime.datetime(2024, 3, 30, tzinfo=UTC), 5, BERLIN)
    file = write(tmp_path / "elitech.txt", text)
    columns = ["--skip-rows", skip, "--column", "timestamp=Time", "--column", "temperature=Temperature"]
    for flags, reason in [(["--delimiter", ";", "--time-zone", BERLIN], "no finite number"),
                          (["--delimiter", ";", "--decimal-comma"], "no offset"),
                          (["--time-zone", BERLIN, "--decimal-comma"], "the header of none")]:
        ended = import_file(shared_service, file, room, *columns, *flags)
        assert ended.returncode == 1 and reason in ended.stdout + ended.stderr, ended.stdout + ended.stderr
        assert taken(shared_service, room) == {}


# Govee

def govee(unit, first, count, zone, minutes=15, pm=False):
    nbsp = "\u00a0"
    columns = [f"Timestamp for sample frequency every {minutes}{nbsp}min min", *(["PM2.5(µg/m³)"] if pm else []),
               f"{nbsp}Temperature_{unit}", "Relative_Humidity"]
    lines = [",".join(columns)]
    readings = []
    for i in range(count):
        moment = first + datetime.timedelta(minutes=minutes * i)
        values = [*(["0"] if pm else []), f"{69.8 + i % 9 / 10:.2f}", f"{50 + i % 4}.6"]
        readings.append((ms(moment), *map(float, values[-2:])))
        lines.append(",".join([moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S"), *values]))
    return "\ufeff" + "\n".join(lines), readings


@pytest.mark.parametrize("pm", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_govee_over_the_autumn_night(shared_service, room, tmp_path, pm, packed):
    text, readings = govee("Fahrenheit", datetime.datetime(2024, 11, 2, 12, tzinfo=UTC), 96, CHICAGO, pm=pm)
    file = tmp_path / "govee.csv"
    file.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    flags = ["--column", "timestamp=Timestamp for", "--column", "temperature=temperature_fahrenheit", "--column",
             "humidity=Relative_Humidity", "--time-zone", CHICAGO]
    # 01:00 to 02:00 comes twice: its rows are refused, by name; the others are taken.
    ended = import_file(shared_service, file, room, *flags)
    assert ended.returncode == 1
    assert "rejected 16\n" in ended.stdout and "readings refused: 16" in ended.stderr
    assert "comes twice in America/Chicago" in ended.stdout and "--ambiguous" in ended.stdout
    twice = range(local("2024-11-03 01:00", CHICAGO), local("2024-11-03 02:00", CHICAGO))
    celsius = {at: pytest.approx((value - 32) / 1.8) for at, value, _ in readings}
    assert taken(shared_service, room) == {at: value for at, value in celsius.items() if at not in twice}
    # The order of the rows tells which is which.
    ended = import_file(shared_service, file, room, *flags, "--ambiguous", "increasing")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "accepted 16\n" in ended.stdout
    assert taken(shared_service, room) == celsius
    assert taken(shared_service, room, "humidity") == {at: value for at, _, value in readings}
