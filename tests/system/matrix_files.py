"""The matrix's cells of what comes in files: import, the device map, and the configuration."""

from matrix import BOM, MOMENT, Case, Kept
from matrix_lines import line
from matrix_readings import json_of, row

CELLS = {}
KEPT = (Kept(21.5),)
HEADER = "timestamp,room,sensor,value\n"
LOGGER = ("--room", "<room>", "--sensor", "s")
BERLIN_NOON = 1_719_828_000_000  # 2024-07-01T10:00:00Z, 12:00 in Berlin


def lost(count, *says, **more):
    """What import says of rows that were refused."""
    return {"status": 1, "says": (f"rejected {count}\n", *says), **more}


CELLS |= {
    ("names of fields", "import"): [
        Case("Time,Room_Name,DEVICE,Value\n<ms>,<room>,s,21.5\n", "InfluxDB's CSV: the column is time", kept=KEPT),
        Case("ts,room,sensor,value,units\n<ms>,<room>,s,70.7,F\n", "ThingsBoard's ts; units of CSV loggers", kept=KEPT),
        Case('{"TIMESTAMP":<ms>,"roomId":"<room>","sensor":"s","value":21.5,"type":"DHT22"}\n',
             "jq -c makes files of lines; type is the chip's name", kept=KEPT, flags=("--ndjson",)),
        Case("created_at,room,sensor,value\n2026-01-31T12:00:00Z,<room>,s,21.5\n",
             "ThingSpeak's exports: created_at, once it is said what it is", kept=KEPT,
             flags=("--column", "timestamp=created_at"))],
    ("units", "import"): [
        Case("timestamp,room,sensor,value,unit\n<ms>,<room>,s,72.5,deg F\n", "HOBOware's exports", kept=(Kept(22.5),)),
        Case("timestamp,value\n<ms>,295.65\n", "a file that says its unit nowhere", kept=(Kept(22.5),),
             flags=(*LOGGER, "--unit", "K")),
        Case("timestamp,room,sensor,value,unit\n<ms>,<room>,s,50,hPa\n<ms>,<room>,t,20,°C\n",
             "a unit of another quantity is no typing error", kept=(Kept(20, "t"),), **lost(1))],
    ("sensors and conflicts", "import"): [
        Case(HEADER + "<ms>,<room>,s,20\n<ms>,<room>,s,21\n", "two loggers with one serial number in a merged file",
             kept=(Kept(20),), status=1, says=("conflicts 1\n",)),
        Case(HEADER + "<ms>,<room>,\"a,b\",20\n<ms>,<room>,a,21\n", "RFC 4180: quoted commas are part of a name",
             kept=(Kept(20, "a,b"), Kept(21, "a")))],
    ("where a body ends", "import"): "import frames its requests itself, always with a Content-Length",
    ("byte order marks", "import"): [
        Case(BOM + HEADER + "<ms>,<room>,s,21.5\n", "Excel's CSV UTF-8", kept=KEPT),
        Case(BOM + '{"timestamp":<ms>,"room":"<room>","sensor":"s","value":21.5}\n', "PowerShell's Out-File", kept=KEPT,
             flags=("--ndjson",)),
        Case(HEADER + f"{MOMENT},<room>,s,21.5\n", "Excel's Unicode text: UTF-16 with a mark", kept=KEPT,
             encoding="utf-16")],
    ("names", "import"): [
        Case("timestamp, room, sensor, value\n<ms>, <room>, s9 , 21.5\n", "spreadsheets with a blank after the comma",
             kept=(Kept(21.5, "s9"),)),
        Case(HEADER + "<ms>,<room>,Fu\u0308hler,21.5\n<ms>,<room>,\"\"\"q\"\"\",22\n",
             "macOS's NFD: UAX 15; quotes of quotes",
             kept=(Kept(21.5, "F\u00fchler"), Kept(22, "q"))),
        Case(HEADER + "<ms>,<room>,a\u200bb,21\n<ms>,<room>,t,22\n", "U+200B from web pages: UTS 55",
             kept=(Kept(22, "t"),), **lost(1, "U+200B"))],
    ("numbers in strings", "import"): [
        Case(HEADER + '<ms>,<room>,s," 21.5"\n', "QUOTE_ALL of Python's csv", kept=KEPT),
        Case('{"timestamp":<ms>,"room":"<room>","sensor":"s","value":"21.5"}\n', "Home Assistant's states are strings",
             kept=KEPT, flags=("--ndjson",)),
        Case("timestamp;value\n<ms>;21,5\n", "Excel in German writes decimal commas", kept=KEPT,
             flags=(*LOGGER, "--delimiter", ";", "--decimal-comma"))],
    ("one bad value", "import"): [
        Case(HEADER + f"<ms>,<room>,s,{bad}\n<ms>,<room>,t,22\n", source, kept=(Kept(22, "t"),), **lost(1))
        for bad, source in (("NaN", "pandas' to_csv with na_rep"), ("#N/A", "Excel's missing values"),
                            ("-inf", "C's printf: -inf"))] + [
        Case('{"timestamp":<ms>,"room":"<room>","sensor":"s","value":NaN}\n'
             '{"timestamp":<ms>,"room":"<room>","sensor":"t","value":22}\n', "Python's json.dumps writes NaN",
             kept=(Kept(22, "t"),), flags=("--ndjson",), **lost(1))],
    ("times", "import"): [
        Case(HEADER + "2026-01-31 13:00+01,<room>,s,21.5\n", "PostgreSQL's timestamptz, seconds left out", kept=KEPT),
        Case("timestamp,value\n01.07.2024 12:00,21.5\n", "German loggers: wall clock times",
             kept=(Kept(21.5, at=BERLIN_NOON),),
             flags=(*LOGGER, "--time-zone", "Europe/Berlin", "--time-format", "%d.%m.%Y %H:%M")),
        Case("timestamp,value\n2024-07-01 12:00:00,21.5\n", "local times without a zone are not guessed: RFC 3339, 4.4",
             flags=LOGGER, **lost(1, "--time-zone")),
        Case("timestamp,value\n2024-10-27 02:30:00,21.5\n2024-10-27 03:30:00,22\n",
             "tz database: Berlin's autumn hour comes twice", kept=(Kept(22, at=1_729_996_200_000),),
             flags=(*LOGGER, "--time-zone", "Europe/Berlin"), **lost(1, "--ambiguous"))],
    ("values that cannot be", "import"): [
        Case("timestamp,room,sensor,value,unit\n<ms>,<room>,s,-460,F\n<ms>,<room>,t,0,K\n",
             "absolute zero after the conversion: NIST SP 811", kept=(Kept(-273.15, "t"),), **lost(1))],
    ("addresses and parameters", "import"): [
        Case(HEADER + "<ms>,<room>,s,21.5\n", "base addresses with a slash behind: RFC 3986, section 6.2.3", kept=KEPT,
             flags=("--url", "<url>/"))],
    ("files of loggers", "import"): [
        Case('"Plot Title: attic"\n"#","Date Time, GMT+02:00","Temp, °F (LGR S/N: 1, SEN S/N: 2)",'
             '"End Of File (LGR S/N: 1)"\n'
             '1,07/01/24 12:00:00 PM,72.5,\n2,07/01/24 12:10:00 PM,,Logged\n',
             "Onset HOBOware's exports, kbs-lter/rex-data",
             kept=(Kept(22.5, at=BERLIN_NOON),),
             flags=(*LOGGER, "--skip-rows", "1", "--column", "timestamp=Date Time", "--column", "temperature=Temp,",
                    "--time-format", "%m/%d/%y %I:%M:%S %p")),
        Case("Device;RC-51H\nNo.;Time;Temperature°C;Humidity%RH\n1;2024-07-01 12:00:00;21,5;40,5\n",
             "ElitechLog's exports, pasccom/python-elitech, saved by Excel in German",
             kept=(Kept(21.5, at=BERLIN_NOON), Kept(40.5, at=BERLIN_NOON, quantity="humidity", unit="%")),
             encoding="windows-1252",
             flags=(*LOGGER, "--encoding", "windows-1252", "--delimiter", ";", "--decimal-comma", "--skip-rows", "1",
                    "--column", "timestamp=Time", "--column", "temperature=Temperature", "--column", "humidity=4",
                    "--time-zone", "Europe/Berlin")),
        Case(BOM + "Timestamp for sample frequency every 15\u00a0min min,\u00a0Temperature_Fahrenheit,"
             "Relative_Humidity\n2024-07-01 12:00:00,72.5,40.5\n", "Govee Home's exports, swharden/govee-plot",
             kept=(Kept(22.5, at=BERLIN_NOON), Kept(40.5, at=BERLIN_NOON, quantity="humidity", unit="%")),
             flags=(*LOGGER, "--column", "timestamp=Timestamp for", "--column", "temperature=Temperature_Fahrenheit",
                    "--column", "humidity=Relative_Humidity", "--time-zone", "Europe/Berlin"))],
}


def mapped(file, sent, source, **said):
    return Case(sent, source, file=file, flags=("--device-map", "<file>"), **said)


def device(fields="value=21.5", tags="device=probe", measurement="temperature"):
    return f"{measurement},{tags} {fields} <ms>\n"


PLACED = (Kept(21.5, "probe"),)
MAP = "device,room\nprobe,<room>\n"
CELLS |= {
    ("names of fields", "device map"): [
        mapped("Device,Room\nprobe,<room>\n", device(), "spreadsheets begin headers with capitals", kept=PLACED),
        mapped("device_id, room_id\nprobe,<room>\n", device(), "exports of databases: ids and blanks", kept=PLACED)],
    ("units", "device map"): [
        mapped("device,room,quantity\nprobe,<room>,temperature\n", device("value=72.5", "device=probe,unit=°F", "esp"),
               "openHAB and ioBroker: the map names the quantity", kept=(Kept(22.5, "probe"),)),
        mapped("device,room,quantity\nprobe,<room>,pressure\n", device('value=30,units="inHg"', measurement="esp"),
               "Davis' and Ambient Weather's inHg",
               kept=(Kept(1015.9165921023, "probe", quantity="pressure", unit="hPa"),)),
        mapped("device,room,quantity\nprobe,<room>,humidity\n", device("value=30", "device=probe,unit=°C", "esp"),
               "a unit of another quantity is no typing error", codes=("unit_mismatch",))],
    ("sensors and conflicts", "device map"): [
        mapped("device,room\n84:F3:EB:0a:bc:de,<room>\n", device(tags="node=x,mac=84f3eb0abcde"),
               "RFC 7042: a MAC address is one however it is written", kept=(Kept(21.5, "mac=84f3eb0abcde,node=x"),)),
        mapped("device,room\nzigbee2mqtt/Attic,<room>\n", device(tags="host=pi,topic=zigbee2mqtt/Attic"),
               "Telegraf's mqtt_consumer: the topic is the device",
               kept=(Kept(21.5, "host=pi,topic=zigbee2mqtt/Attic"),)),
        mapped("device,room,quantity\nhm-rpc.0.X.TEMP,<room>,temperature\n", "hm-rpc.0.X.TEMP value=21.5 <ms>\n",
               "ioBroker's lines have no tags", kept=(Kept(21.5, "hm-rpc.0.X.TEMP"),)),
        mapped(MAP, device("value=20") + device("value=21"), "two devices with one id: the second is told",
               kept=(Kept(20, "probe"),), codes=("conflict",))],
    ("where a body ends", "device map"): "the map is a file, whose end the file system knows",
    ("byte order marks", "device map"): [
        mapped(BOM + MAP, device(), "Excel's CSV UTF-8", kept=PLACED),
        mapped(BOM + "# rooms\r\n" + MAP.replace("\n", "\r\n"), device(), "Notepad: a mark before a comment, and CRLF",
               kept=PLACED)],
    ("names", "device map"): [
        mapped('device, building, room\n "probe" ,east, <room>\u00a0\n'.replace(' "probe" ', " probe "), device(),
               "spreadsheets with a blank after the comma", kept=(Kept(21.5, "probe", building="east"),)),
        mapped("device,room\nprobe,<room> Ku\u0308che\n", device(), "macOS's NFD: UAX 15",
               kept=(Kept(21.5, "probe", room="<room> K\u00fcche"),)),
        mapped("device,room\nprobe,ki\u200btchen\n", None, "U+200B from web pages: UTS 55", says=("U+200B", "line 2"))],
    ("numbers in strings", "device map"): [
        mapped("device,room,quantity\nprobe,<room>,temperature\n", device('value="21.5"', measurement="esp"),
               "Node-RED writes numbers as strings", kept=PLACED)],
    ("one bad value", "device map"): [
        mapped(MAP, device("temperature=21.5,humidity=nan", measurement="esp"), "DHT libraries write nan", kept=PLACED,
               codes=("value_invalid",)),
        mapped("device,room\nprobe,<room>\nother\n", None, "a map that is half taken would lose readings in silence",
               says=("line 3",))],
    ("times", "device map"): "the map says where devices are, and has no times",
    ("values that cannot be", "device map"): [
        mapped("device,room,quantity\nprobe,<room>,temperature\n", device("value=-300", measurement="esp"),
               "BIPM, SI brochure: 0 K is -273.15 °C", codes=("out_of_range",)),
        mapped("device,room,quantity\nprobe,<room>,temperature\n", device("value=-460", "device=probe,unit=F", "esp"),
               "absolute zero after the conversion: NIST SP 811", codes=("out_of_range",))],
    ("addresses and parameters", "device map"): "the map is a file, and is asked for at no address",
    ("files of loggers", "device map"): "the map has no readings; sensor import registers what is in files",
}


def set_up(sent, source, flags=(), environment=(), toml=None, **said):
    flags = (*flags, "--config", "<file>") if toml else flags
    return Case(sent, source, flags=flags, environment=environment, file=toml, **said)


ROW = ("JSON", json_of([row()]))
STRICT = ("JSON", json_of([row(battery=3), row(sensor="t")]))
LOOSE = {"kept": (Kept(21.5, "t"),), "codes": ("field_unknown",), "status": 200}
HOT = ("JSON", json_of([row(61), row(60, "t")]))
RANGED = {"kept": (Kept(60, "t"),), "codes": ("out_of_range",), "status": 200}
CELLS |= {
    ("names of fields", "configuration"): [
        set_up(STRICT, "strict sites: JSON Schema's additionalProperties", ("--unknown-fields", "refuse"), **LOOSE),
        set_up(STRICT, "containers are configured by their environment: 12factor.net", (),
               (("TEMPERATURE_UNKNOWN_FIELDS", "refuse"),), **LOOSE),
        set_up(None, "a key that is not known is a typing error: RFC 9413, section 4",
               toml="unknown_field = \"refuse\"\n",
               says=("unknown_field",))],
    ("units", "configuration"): [
        set_up(line("value=72.5", "sensor=s,einheit=°F"), "Telegraf's tags in other languages",
               ("--line-unit-tags", "einheit"),
               kept=(Kept(22.5),)),
        set_up(("JSON", json_of([row(150, unit="°F"), row(140, "t", unit="°F")])),
               "a range is in the unit that is kept",
               ("--range", "temperature=-40..60"), **RANGED)],
    ("sensors and conflicts", "configuration"): [
        set_up(line(tags="probe=3,slot=b,run=17"), "Telegraf's tags of runs and builds",
               ("--line-sensor-tags", "probe,slot"),
               kept=(Kept(21.5, "probe=3,slot=b"),)),
        set_up(line(tags="run=17,probe=3"), "one tag alone is its bare value", (),
               (("TEMPERATURE_LINE_SENSOR_TAGS", "probe"),), kept=(Kept(21.5, "3"),)),
        set_up(line(tags="sensor=x"), "a line without the named tags is told",
               toml='line-sensor-tags = ["probe", "slot"]\n',
               codes=("sensor_missing",), status=400)],
    ("where a body ends", "configuration"): "no setting changes where a request ends: RFC 9112 alone says it",
    ("byte order marks", "configuration"): [
        set_up(STRICT, "Notepad writes a mark; TOML 1.0 has none", toml=BOM + 'unknown-fields = "refuse"\r\n',
               **LOOSE)],
    ("names", "configuration"): [
        set_up(ROW, "macOS's NFD: UAX 15", ("--default-building", "Ku\u0308che"),
               kept=(Kept(21.5, building="K\u00fcche"),)),
        set_up(ROW, "quotes that docker run --env-file keeps", (),
               (("TEMPERATURE_DEFAULT_BUILDING", '"east" '),), kept=(Kept(21.5, building="east"),)),
        set_up(None, "U+200B from web pages: UTS 55", toml='default-building = "ea\u200bst"\n', says=("U+200B",))],
    ("numbers in strings", "configuration"): [
        set_up(ROW, "environments have strings alone: POSIX, chapter 8", (), (("TEMPERATURE_SERIES_MAX", "10"),),
               kept=KEPT),
        set_up(ROW, "YAML and TOML writers that quote every number", toml='series-max = "10"\n', kept=KEPT)],
    ("one bad value", "configuration"): [
        set_up(None, "a start with half of its settings would lose readings in silence",
               toml='range = "temperature=nan..60"\n',
               says=("range",))],
    ("times", "configuration"): [
        set_up(("JSON", json_of([row() | {"timestamp": 4_000_000_000_000}])),
               "a clock that is ahead: RFC 8877, section 3",
               ("--max-ahead", "1m"), codes=("timestamp_ahead",))],
    ("values that cannot be", "configuration"): [
        set_up(HOT, "a DHT22's range ends at 80: its data sheet", ("--range", "temperature=-40..60"), **RANGED),
        set_up(HOT, "containers are configured by their environment: 12factor.net", (),
               (("TEMPERATURE_RANGE", "temperature=-40..60,humidity=0..100"),), **RANGED),
        set_up(HOT, "a file is what packages ship: FHS, /etc", toml='range = ["temperature=-40..60"]\n', **RANGED),
        set_up(line("value=61") + line("value=60", "sensor=t"), "a range holds at every door",
               ("--range", "temperature=-40..60"), kept=(Kept(60, "t"),), codes=("out_of_range",)),
        set_up(None, "a range that nothing can meet", ("--range", "temperature=60..-40"), says=("--range",))],
    ("addresses and parameters",
     "configuration"): "the addresses that clients look for are always there; no setting hides them",
    ("files of loggers", "configuration"): "the service reads no logger's files; import's flags are in its own cells",
}
