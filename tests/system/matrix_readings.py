"""The matrix's cells of the doors that know fields: JSON, NDJSON, CSV, and the original's."""

import csv
import io
import json

from matrix import BOM, MOMENT, STAYS_OPEN, Case, Kept

FORMS = ("JSON", "NDJSON", "CSV")
CELLS = {}
AT = "<ms>"


def json_of(rows):
    return json.dumps(rows, ensure_ascii=False).replace('"<ms>"', "<ms>")


def ndjson_of(rows):
    return "".join(json_of(row) + "\r\n" for row in rows)


def csv_of(rows):
    text = io.StringIO()
    table = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


WRITERS = {"JSON": json_of, "NDJSON": ndjson_of, "CSV": csv_of}


def row(value=21.5, sensor="s", **more):
    return {"room": "<room>", "sensor": sensor, "value": value, "timestamp": AT, **more}


def spelt(**names):
    """A row whose fields have other names: spelt(timestamp="Time")."""
    return {names.get(name, name): value for name, value in row().items()}


def cells(item, cases, **more):
    """A cell for each form, of (rows, source, {of the case}) and what only that form can say."""
    for form in FORMS:
        CELLS[item, form] = [Case(WRITERS[form](rows), source, **said) for rows, source, said in cases
                             ] + list(more.get(form, []))


KEPT = (Kept(21.5),)


cells("names of fields", [
    ([spelt(timestamp="Time")], "InfluxDB's and Telegraf's CSV: the column is time", {"kept": KEPT}),
    ([spelt(timestamp="TS", room="RoomId", sensor="deviceId")],
     "ThingsBoard's telemetry: ts; camelCase of Java's beans",
     {"kept": KEPT}),
    ([row(70.7, Unit_Of_Measurement="°F")], "Home Assistant's attribute unit_of_measurement",
     {"kept": (Kept(21.5),)}),
    ([row(55, type="Humidity", Building="east")], "Adafruit's and MQTT senders' field type",
     {"kept": (Kept(55, quantity="humidity", unit="%", building="east"),)}),
    ([row(212, unit="°F", Units="°C", Device="x")],
     "MQTT bridges copy a field beside its alias: the field's own name counts",
     {"kept": (Kept(100),)}),
    ([row(type="BME280", battery=3)], "ESPEasy and Tasmota: type is the chip's name", {"kept": KEPT}),
    ([spelt(timestamp="time") | {"Datetime": MOMENT + 1}], "two names for one field that differ: none is guessed",
     {"codes": ("field_repeated",)}),
], JSON=[
    Case(json_of([spelt(timestamp="created_at"), row(sensor="t")]), "ThingSpeak's feeds: created_at",
         kept=(Kept(21.5, "t"),), codes=("field_unknown",), says=("created_at",)),
], NDJSON=[
    Case(ndjson_of([row(temp_unit="F"), row(sensor="t")]), "rtl_433 and its kin: temp_unit",
         kept=(Kept(21.5, "t"),), codes=("field_unknown",), says=("temp_unit",)),
], CSV=[
    Case("Room, Sensor, Value, Unixtime\n<room>,s,21.5,<s>\n", "loggers of the Arduino world: unixtime",
         status=400, codes=("malformed_body",), says=("Unixtime",)),
])

cells("units", [
    ([row(72.5, unit="degrees Fahrenheit")], "NOAA's files spell the unit", {"kept": (Kept(22.5),)}),
    ([row(295.65, unit=" Kelvin ")], "OpenWeatherMap's standard units", {"kept": (Kept(22.5),)}),
    ([row(0.75, quantity="pressure", unit="bar")], "Bosch's and Keller's pressure sensors: bar",
     {"kept": (Kept(750, quantity="pressure", unit="hPa"),)}),
    ([row(1.5, quantity="load", unit="kW"), row(250, "t", quantity="load", unit="W")],
     "Shelly says W, inverters kW",
     {"kept": (Kept(1.5, quantity="load", unit="kW"), Kept(0.25, "t", quantity="load", unit="kW"))}),
    ([row(29, quantity="pressure", unit="in Hg"), row(14, "t", quantity="pressure", unit="PSI")],
     "Davis' and Ambient Weather's inHg; NIST SP 811, appendix B.8",
     {"kept": (Kept(982.05270569889, quantity="pressure", unit="hPa"),
               Kept(965.2660210435706, "t", quantity="pressure", unit="hPa"))}),
    ([row(50, quantity="humidity", unit="°C"), row(sensor="t")], "a unit of another quantity is no typing error",
     {"kept": (Kept(21.5, "t"),), "codes": ("unit_mismatch",)}),
])

cells("sensors and conflicts", [
    ([row(20, "a,b=c"), row(21, "a")], "Zigbee2MQTT's friendly names have commas: no part of a name is dropped",
     {"kept": (Kept(20, "a,b=c"), Kept(21, "a"))}),
    ([row(20), row(21)], "two sensors with one id: the second is told, not lost in silence",
     {"kept": (Kept(20),), "codes": ("conflict",)}),
    ([row(20), row(20)], "a repeat is safe: RFC 9110, section 9.2.2 on retries", {"kept": (Kept(20),)}),
])

ENDS = [
    ("chunks with a blank after their sizes", (b"", b"", "chunks", b"1.1", b""), [200, STAYS_OPEN], True,
     "RFC 9112, section 7.1; BWS in nginx's parser"),
    ("GZIP", (b"", b"", "GZIP", b"1.1", b""), [200, STAYS_OPEN], True,
     "RFC 9110, section 8.4.1: codings have no case"),
    ("a line end too many", (b"", b"", "length", b"1.1", b"\r\n"), [200, STAYS_OPEN], True,
     "RFC 9112, section 2.2: an empty line before a request"),
    ("no length", (b"", b"", "bare", b"1.0", b""), [411], False, "RFC 9110, section 15.5.12"),
    ("xchunked", (b"", b"Transfer-Encoding: xchunked\r\n", "bare", b"1.1", b""), [501], False,
     "RFC 9112, section 6.1: an unknown coding is 501"),
    ("chunked, identity", (b"", b"Transfer-Encoding: chunked, identity\r\n", "bare", b"1.1", b""), [400], False,
     "RFC 9112, section 6.3: request smuggling"),
]


def ends(body, kept, well):
    return [Case(body, source, raw=raw, status=tuple(well if code == 200 else code for code in statuses),
                 kept=kept if taken else ()) for _, raw, statuses, taken, source in ENDS]


for form in FORMS:
    CELLS["where a body ends", form] = ends(WRITERS[form]([row()]), KEPT, 200)

for form in FORMS:
    text = WRITERS[form]([row(), row(22, "t")])
    both = (Kept(21.5), Kept(22, "t"))
    quoted = text.replace("room,sensor,value,timestamp", '"room","sensor","value","timestamp"')
    CELLS["byte order marks", form] = [
        Case(BOM + quoted, "Excel quotes the first name behind the mark: RFC 4180, section 2", kept=both),
        Case(BOM + text, "Excel's CSV UTF-8 and .NET's StreamWriter begin with U+FEFF; RFC 8259, section 8.1",
             kept=both),
        Case(BOM + text, "PowerShell's Out-File, sent by curl with gzip", kept=both, status=(200, STAYS_OPEN),
             raw=(b"", b"", "GZIP", b"1.1", b"")),
        Case(BOM + text, "a mark that chunks cut in two: RFC 9112, section 7.1", kept=both,
             status=(200, STAYS_OPEN), raw=(b"", b"", "chunks", b"1.1", b""))]

cells("names", [
    ([row(20, " s9 "), row(22, "t", room="\u00a0<room>\u2003")], "a web page's no-break spaces: Unicode, White_Space",
     {"kept": (Kept(20, "s9"), Kept(22, "t"))}),
    ([row(20, '"s9"', building=" east")], "quotes that a shell left around a name",
     {"kept": (Kept(20, "s9", building="east"),)}),
    ([row(20, "Fu\u0308hler", room="<room> Ku\u0308che"), row(22, "x", room="<room> K\u00fcche")],
     "macOS's file names are NFD: UAX 15",
     {"kept": (Kept(20, "F\u00fchler", room="<room> K\u00fcche"), Kept(22, "x", room="<room> K\u00fcche"))}),
    ([row(20, "a\u200bb"), row(21, "t")], "U+200B from web pages: UTS 55 on text that cannot be seen",
     {"kept": (Kept(21, "t"),), "codes": ("id_invalid",), "says": ("U+200B",)}),
    ([row(20, "\u202es"), row(21, "\u0646\u06cc\u200c\u0647")], "CVE-2021-42574 (bidi); Persian's joiner stays",
     {"kept": (Kept(21, "\u0646\u06cc\u200c\u0647"),), "codes": ("id_invalid",), "says": ("U+202E",)}),
])

cells("numbers in strings", [
    ([row("21.5")], "Home Assistant's states are strings", {"kept": KEPT}),
    ([row(" -4e1 ")], "C's dtostrf pads with blanks", {"kept": (Kept(-40),)}),
    ([row("21,5"), row(20, "t")], "a decimal comma is not guessed",
     {"kept": (Kept(20, "t"),), "codes": ("field_type",)}),
    ([row("unavailable"), row(20, "t")], "Home Assistant: unavailable",
     {"kept": (Kept(20, "t"),), "codes": ("field_type",)}),
])

# What is no JSON is told as that where a line alone is wrong, and CSV has a text where a number should be.
NOT_FINITE = {"JSON": "value_invalid", "NDJSON": "malformed_json", "CSV": "field_type"}
for form in FORMS:
    good, other = row(20), row(22, "u")
    CELLS["one bad value", form] = [
        Case(WRITERS[form]([good, row("<bad>", "t"), other]).replace('"<bad>"' if form != "CSV" else "<bad>", bad),
             source, kept=(Kept(20), Kept(22, "u")), codes=(code or NOT_FINITE[form],))
        for bad, code, source in [
            ("NaN", None, "Python's json.dumps writes NaN"), ("-Infinity", None, "Python's json.dumps: -Infinity"),
            ("nan", None, "C's printf writes nan"), ("1e400", "value_invalid", "a number beyond a double: IEEE 754")]]
    CELLS["one bad value", form].append(
        Case(WRITERS[form]([good, row(20, "t", timestamp="never"), other]), "Home Assistant: unknown in a time's place",
             kept=(Kept(20), Kept(22, "u")), codes=("timestamp_invalid",)))
    CELLS["one bad value", form].append(
        Case(WRITERS[form]([good, row(20, ""), other]), "an empty name costs its own reading",
             kept=(Kept(20), Kept(22, "u")), codes=("field_missing" if form == "CSV" else "id_invalid",)))


def timed(written):
    return [row() | {"timestamp": written}]


cells("times", [
    (timed("2026-01-31T13:30:00+0130"), "ISO 8601's basic offset: strftime's %z", {"kept": KEPT}),
    (timed("2026-01-31 06:00:00.25-06"), "PostgreSQL's timestamptz", {"kept": (Kept(21.5, at=MOMENT + 250),)}),
    (timed("2026-01-31T12:00:00.123456-00:00"), "RFC 3339, section 4.3: -00:00; Python's microseconds",
     {"kept": (Kept(21.5, at=MOMENT + 123),)}),
    (timed("2026-01-31T12:00Z"), "ISO 8601 without seconds", {"kept": KEPT}),
    (timed("2016-12-31T23:59:60Z"), "the leap second of 2016: IERS Bulletin C 52",
     {"kept": (Kept(21.5, at=1_483_228_800_000),)}),
    (timed("2026-01-31T13:00:00"), "Python's datetime.now().isoformat() has no offset",
     {"codes": ("timestamp_invalid",), "says": ("offset",)}),
    (timed("2026-01-31T12:30:60Z"), "RFC 3339, section 5.7: second 60 at a month's end alone",
     {"codes": ("timestamp_invalid",)}),
], JSON=[
    Case('{"room":"<room>","sensor":"s","value":1,"timestamp":<s>}', "Python's time.time(): seconds",
         codes=("timestamp_too_old",), says=("seconds",)),
], NDJSON=[
    Case('{"room":"<room>","sensor":"s","value":1,"timestamp":946684}\n', "an ESP8266 before NTP: 1970",
         codes=("timestamp_too_old",), says=("clock",)),
], CSV=[
    Case("room,sensor,value,timestamp\n<room>,s,1,<ns>\n", "InfluxDB's nanoseconds", codes=("timestamp_ahead",),
         says=("nanoseconds",)),
])

cells("values that cannot be", [
    ([row(-273.15), row(-274, "t")], "BIPM, SI brochure: 0 K is -273.15 °C",
     {"kept": (Kept(-273.15),), "codes": ("out_of_range",)}),
    ([row(-500, unit="degF"), row(20, "t")], "absolute zero after the conversion: NIST SP 811",
     {"kept": (Kept(20, "t"),), "codes": ("out_of_range",)}),
    ([row(-300, quantity="feed_in")], "other quantities go below: a meter that feeds in",
     {"kept": (Kept(-300, quantity="feed_in", unit=None),)}),
])

for form in FORMS:
    text = WRITERS[form]([row()])
    CELLS["addresses and parameters", form] = [
        Case(text, "base addresses with a slash behind: python-requests and HTTPClient join them", kept=KEPT, path=path)
        for path in ("//v1/readings", "/v1/readings/")] + [
        Case(text, "a parameter that is none is told, not passed over", status=400, path="/v1/readings?precision=ms",
             codes=("parameter_unknown",))]
    CELLS["files of loggers", form] = "a logger's file is read by import, whose flags say what its columns are"


# What FastAPI's checks refuse is one code to us, and told in its words.
def original(value=21.5, sensor="s", **more):
    return json_of({"buildingId": "default", "roomId": "<room>", "sensorId": sensor, "temperature": value,
                    "timestamp": AT, **more})


CELLS |= {
    ("names of fields", "/temperatures"): [
        Case(original().replace("timestamp", "Timestamp"), "the original's contract: fields are spelt exactly",
             codes=("nothing_admissible",), says=('"missing"', '"timestamp"')),
        Case(original(type="DHT22"), "the original's contract: pydantic passes other fields over", kept=KEPT)],
    ("units", "/temperatures"): "the original's field is temperature in degrees Celsius, and no field says a unit",
    ("sensors and conflicts", "/temperatures"): [
        Case(original(20, "a/b=c,d"), "the original's contract: the id is the sensor", kept=(Kept(20, "a/b=c,d"),))],
    ("where a body ends", "/temperatures"): ends(original(), KEPT, 201),
    ("byte order marks", "/temperatures"): [
        Case(BOM + original(), ".NET's StreamWriter; RFC 8259, section 8.1", kept=KEPT)],
    ("names", "/temperatures"): [
        Case(original(sensor=' "s9"\u00a0'), "quotes and blanks of a shell script", kept=(Kept(21.5, "s9"),)),
        Case(original(sensor="Fu\u0308hler"), "macOS's NFD: UAX 15", kept=(Kept(21.5, "F\u00fchler"),)),
        Case(original(sensor="s\u2060"), "U+2060 cannot be seen: UTS 55", codes=("id_invalid",), says=("U+2060",))],
    ("numbers in strings", "/temperatures"): [
        Case(original("21.5"), "the original's contract: types are strict", codes=("nothing_admissible",),
             says=("float_type",))],
    ("one bad value", "/temperatures"): [
        Case(original("bad").replace('"bad"', "NaN"),
             "Python's json.dumps; one reading a request, so nothing else is lost",
             codes=("nothing_admissible",))],
    ("times", "/temperatures"): [
        Case(original(), "the original's contract: milliseconds", kept=KEPT),
        Case(original(timestamp="2026-01-31T12:00:00Z"), "the original's contract: the time is an integer", status=422,
             codes=("nothing_admissible",), says=("int_type",)),
        Case(original().replace("<ms>", "<s>"), "Python's time.time(): seconds", codes=("timestamp_too_old",),
             says=("seconds",))],
    ("values that cannot be", "/temperatures"): [
        Case(original(-274), "the original's contract: -88 to 58, and 0 K is below", status=422,
             codes=("nothing_admissible",), says=("greater_than_equal",)),
        Case(original(-87.5), "the original's contract: -88 to 58", kept=(Kept(-87.5),))],
    ("addresses and parameters", "/temperatures"): [
        Case(original(), "base addresses with a slash behind", kept=KEPT, path=path)
        for path in ("//temperatures", "/temperatures/")],
    ("files of loggers", "/temperatures"): "it takes one reading a request; files go through import",
}
