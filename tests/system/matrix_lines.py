"""The matrix's cells of line protocol's doors."""

from matrix import BOM, LINE_DOORS, MOMENT, STAYS_OPEN, Case, Kept
from matrix_readings import ends

CELLS = {}
KEPT = (Kept(21.5),)


def line(fields="value=21.5", tags="sensor=s", measurement="temperature", room="room=<room>", at="<ms>"):
    return f"{measurement},{room},{tags} {fields} {at}\n"


def lines(item, cases):
    for door in LINE_DOORS:
        CELLS[item, door] = [case for case in cases]


lines("names of fields", [
    Case(line(room="location=<room>"), "Telegraf's inputs.openweathermap and Arduino's examples: location", kept=KEPT),
    Case(line(room="area_id=<room>", tags="site=east,device_id=s"),
         "Home Assistant's area_id; site of building systems",
         kept=(Kept(21.5, building="east"),)),
    Case(line("Temperature=21.5,HUMIDITY=40"), "Tasmota's SENSOR payload spells Temperature",
         kept=(Kept(21.5), Kept(40, quantity="humidity", unit="%"))),
    Case(line("relative_humidity=40,carbon_dioxide=612i"), "ESPHome's device classes",
         kept=(Kept(40, quantity="humidity", unit="%"), Kept(612, quantity="co2", unit="ppm"))),
])

lines("units", [
    Case(line("value=72.5", "sensor=s,unit=°F"), "Home Assistant's influxdb writes °F", kept=(Kept(22.5),)),
    Case(line('temperature=72.5,unit_of_measurement_str="º F"'), "Home Assistant's unit_of_measurement_str; º for °",
         kept=(Kept(22.5),)),
    Case(line("temperature_F=72.5,pressure_inHg=30"), "rtl_433's keys: temperature_F, pressure_inHg",
         kept=(Kept(22.5), Kept(1015.9165921023, quantity="pressure", unit="hPa"))),
    Case(line("tempf=72.5,tempc=22.5"), "Ecowitt and Ambient Weather: tempf beside tempc",
         kept=(Kept(22.5),)),
    Case(line('Temperature=72.5,Unit_Of_Measurement="degF"', 'sensor=s,UNITS=deg\\ F', "e"),
         "senders that write tags in capitals",
         kept=(Kept(22.5),)),
    Case(line("tempf=80,tempc=22.5,humidity=40"), "two keys that disagree by 4 K: none is guessed",
         kept=(Kept(40, quantity="humidity", unit="%"),), codes=("field_repeated",)),
    Case(line("value=40", "sensor=s,units=hPa", "humidity"), "a unit of another quantity is no typing error",
         codes=("unit_mismatch",)),
])

lines("sensors and conflicts", [
    Case(line("temp_input=41", "chip=k10temp,feature=tctl,host=nas", "sensors")
         + line("temp_input=42", "chip=k10temp,feature=tccd1,host=nas", "sensors"), "Telegraf's inputs.sensors",
         kept=tuple(Kept(value, f"chip=k10temp,feature={feature},host=nas", quantity="temp_input", unit=None)
                    for feature, value in (("tctl", 41), ("tccd1", 42)))),
    Case(line("temperature=20", "device=T1,sensor=DS18B20-1,id=0301A279", "e")
         + line("temperature=21", "device=T1,sensor=DS18B20-2,id=0301A27A", "e"),
         "Tasmota issue 6853: a DS18B20 says its id",
         kept=(Kept(20, "device=T1,id=0301A279,sensor=DS18B20-1"), Kept(21, "device=T1,id=0301A27A,sensor=DS18B20-2"))),
    Case(line("temperature=20", "sensor=s,firmware=1.1,rssi=-60,topic=a/b,host=h", "e"),
         "Zigbee2MQTT's and Tasmota's tags that change", kept=(Kept(20),)),
    Case(line("value=20", "place=a\\,b") + line("value=21", "place=a,b=1"),
         "line protocol's escapes: no two tag sets are one name",
         kept=(Kept(20, "place=a\\,b"), Kept(21, "b=1,place=a"))),
    Case(line("value=20", "sensor=s,version=1") + line("value=21", "sensor=s,version=2"),
         "a conflict is answered with 204 as InfluxDB does, and told by /v1/rejects", kept=(Kept(20),),
         codes=("conflict",)),
])

for door in LINE_DOORS:
    CELLS["where a body ends", door] = [
        case for case in ends(line(), KEPT, 204)]

lines("byte order marks", [
    Case(BOM + line() + line("value=22", "sensor=t"), "PowerShell's Out-File -Encoding utf8",
         kept=(*KEPT, Kept(22, "t"))),
    Case(BOM + "# exported\n" + line(), "a comment behind the mark: influx's export begins with one", kept=KEPT),
    Case(BOM + line(), "a mark that is packed: .NET's GZipStream", kept=KEPT, status=(204, STAYS_OPEN),
         raw=(b"", b"", "GZIP", b"1.1", b"")),
])

lines("names", [
    Case(line(tags="sensor=s9\\ ", room="room=<room>\\ "), "form fields with a blank behind", kept=(Kept(21.5, "s9"),)),
    Case(line(tags='sensor="s9"'), "InfluxDB's documentation: quotes around a tag become part of it",
         kept=(Kept(21.5, "s9"),)),
    Case(line(tags="sensor=Fu\u0308hler"), "macOS's NFD: UAX 15", kept=(Kept(21.5, "F\u00fchler"),)),
    Case(line("value=1", "sensor=a\u200bb") + line(), "U+200B from web pages: UTS 55", kept=KEPT, codes=("id_invalid",),
         says=("U+200B",)),
    Case(line("value=1", "sensor=a\u2066b") + line(), "CVE-2021-42574 (bidi)", kept=KEPT, codes=("id_invalid",),
         says=("U+2066",)),
])

lines("numbers in strings", [
    Case(line('value="21.5"'), "Node-RED and ioBroker write numbers as strings", kept=KEPT),
    Case(line('temperature=" 21.5",version="1.2"', measurement="e"),
         "Telegraf's data_type string; version is no quantity",
         kept=KEPT, codes=("string",)),
    Case(line('value="unavailable"') + line("value=22", "sensor=t"), "Home Assistant: unavailable",
         kept=(Kept(22, "t"),), codes=("no_number",)),
    Case(line('temperature="21,5",humidity=40', measurement="e"), "a decimal comma is not guessed",
         kept=(Kept(40, quantity="humidity", unit="%"),), codes=("no_number",)),
])

lines("one bad value", [
    Case(line("temperature=21.5,humidity=nan", measurement="e"), "ESPHome and DHT libraries write nan", kept=KEPT,
         codes=("value_invalid",)),
    Case(line("temperature=-inf,humidity=40", measurement="e"), "C's printf: -inf",
         kept=(Kept(40, quantity="humidity", unit="%"),), codes=("value_invalid",)),
    Case(line("temperature=21.5,humidity=1e999", measurement="e"), "a number beyond a double: IEEE 754", kept=KEPT,
         codes=("value_invalid",)),
    Case(line("humidity=40,temperature=1.#IND", measurement="e"), "MSVC's printf before 2015: 1.#IND",
         kept=(Kept(40, quantity="humidity", unit="%"),), codes=("value_invalid",)),
    Case("broken\n" + line() + "temperature,room=<room>,sensor=t\n" + line("value=22", "sensor=u"),
         "InfluxDB's partial writes", kept=(*KEPT, Kept(22, "u")), codes=("malformed_line", "malformed_line"),
         status=400),
])


def timed(door, precision, at, moment=MOMENT, **more):
    path = f"{door}?precision={precision}" if precision else door
    return Case(line(at=at), kept=() if more.get("codes") else (Kept(21.5, at=moment),), path=path, **more)


for door in LINE_DOORS:
    CELLS["times", door] = [
        timed(door, "s", "<s>.25", MOMENT + 250, source="Python's time.time() as line_precision s"),
        timed(door, "ns", "<ns>", source="InfluxDB's own default"),
        timed(door, "us", f"{MOMENT * 1000 + 999}", source="Go's UnixMicro; what is less than a millisecond is cut"),
        timed(door, "ns", "<s>", codes=("timestamp_too_old",), says=("looks like seconds",),
              source="seconds where InfluxDB expects nanoseconds: they land in January 1970"),
        timed(door, "s", "12", codes=("timestamp_too_old",), says=("clock that was never set",),
              source="an ESP8266 before NTP counts from 1970")]

lines("values that cannot be", [
    Case(line("value=-273.15") + line("value=-300", "sensor=t"), "BIPM, SI brochure: 0 K is -273.15 °C",
         kept=(Kept(-273.15),), codes=("out_of_range",)),
    Case(line("temperature_F=-460,humidity=40", measurement="e"), "absolute zero after the conversion: NIST SP 811",
         kept=(Kept(40, quantity="humidity", unit="%"),), codes=("out_of_range",)),
    Case(line("value=-300", measurement="feed_in"), "other quantities go below: a meter that feeds in",
         kept=(Kept(-300, quantity="feed_in", unit=None),)),
])

for door in LINE_DOORS:
    CELLS["addresses and parameters", door] = [
        Case(line(), "Arduino's client joins a base address with a slash", kept=KEPT, path=f"/{door}?precision=ms"),
        Case(line(), "Django-like base addresses end with a slash", kept=KEPT, path=f"{door}/?precision=ms"),
        Case(line(), "InfluxDB 3's precision names", kept=KEPT, path=f"{door}?db=x&precision=millisecond"),
        Case(line(at="<s>"), "InfluxDB 3's precision names", kept=KEPT, path=f"{door}?precision=second&bucket=b"),
        Case(line(), "a precision that is none is no default", codes=("parameter_invalid",), status=400,
             path=f"{door}?precision=fortnight", says=("fortnight",))]

for door in LINE_DOORS:
    CELLS["files of loggers", door] = "line protocol is no file of a logger; import reads these"
