"""What senders mean: the readings of a request as docs/api.md has them, in the tests' language. It shares nothing with
the program but that page, whose tables of fields it reads. Every function takes what was sent and returns what is
meant, or raises Refused. test_meaning.py compares the program with it."""

import dataclasses
import datetime
import math
import pathlib
import re
import unicodedata
from fractions import Fraction

PAGE = (pathlib.Path(__file__).resolve().parents[2] / "docs/api.md").read_text()
NAME_BYTES_MAX, SENSOR_BYTES_MAX = 128, 512
WHITE_SPACE = "".join(map(chr, [*range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F,
                                0x205F, 0x3000]))
UNSEEN = {chr(code) for code in [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2060, 0xFEFF]}


class Refused(Exception):
    """A reading that must be refused."""


@dataclasses.dataclass(frozen=True)
class Reading:
    building: str
    room: str
    sensor: str
    quantity: str
    timestamp: int  # milliseconds
    value: float  # in `unit`
    unit: str | None = None  # as a table below names it; another text as it was sent; None when nothing was said


# ## Names

def name(text, bytes_max=NAME_BYTES_MAX):
    text = text.strip(WHITE_SPACE)
    while len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1].strip(WHITE_SPACE)
    text = unicodedata.normalize("NFC", text)
    if not text or len(text.encode()) > bytes_max:
        raise Refused("a name is empty or long")
    if any(unicodedata.category(letter) == "Cc" or letter in UNSEEN for letter in text):
        raise Refused("a name has what nobody sees")
    return text


# ## Units

MMHG = Fraction("133.322387415")
KINDS = {  # the units of a kind, each in the kind's first
    "temperature": {"°C": None, "°F": None, "K": None},
    "humidity": {"%": 1},
    "pressure": {"Pa": 1, "hPa": 100, "kPa": 1000, "MPa": 1000000, "bar": 100000, "atm": 101325,
                 "Torr": Fraction(101325, 760), "mmHg": MMHG, "inHg": MMHG * Fraction("25.4"),
                 "psi": Fraction("4.4482216152605") / Fraction("0.0254") ** 2},
    "fraction": {"ppm": 1000, "ppb": 1},
    "power": {"W": 1000, "kW": 1000000, "mW": 1, "MW": 1000000000},
    "energy": {"Wh": 3600, "kWh": 3600000, "MWh": 3600000000, "J": 1, "kJ": 1000, "MJ": 1000000},
}
KIND_OF = {unit: kind for kind, units in KINDS.items() for unit in units}
KEPT = {"temperature": "°C", "humidity": "%", "pressure": "hPa", "co2": "ppm"}
SPELLINGS = {
    "°C": ["°C", "C", "Cel", "degC", "deg C", "degrees C", "celsius", "celcius", "centigrade", "°Celsius",
           "deg Celsius", "degree Celsius", "degrees Celsius", "℃"],
    "°F": ["°F", "F", "degF", "deg F", "degrees F", "[degF]", "fahrenheit", "farenheit", "°Fahrenheit",
           "deg Fahrenheit", "degree Fahrenheit", "degrees Fahrenheit", "℉"],
    "K": ["K", "°K", "degK", "kelvin", "kelvins", "degree Kelvin", "degrees Kelvin"],
    "%": ["%", "percent", "pct", "%RH", "RH%", "percent RH"],
    "Pa": ["Pa", "pascal", "pascals"], "kPa": ["kPa", "kilopascal", "kilopascals"],
    "hPa": ["hPa", "hectopascal", "hectopascals", "mbar", "mb", "millibar", "millibars"],
    "MPa": ["MPa", "megapascal", "megapascals"], "bar": ["bar", "bars"], "atm": ["atm", "atmosphere", "atmospheres"],
    "Torr": ["Torr"],
    "mmHg": ["mmHg", "mm Hg", "mm[Hg]", "millimetres of mercury", "millimeters of mercury"],
    "inHg": ["inHg", "in Hg", "[in_i'Hg]", "inch Hg", "inches Hg", "inches of mercury", '"Hg'],
    "psi": ["psi", "[psi]", "lbf/in2", "lbf/in²", "pounds per square inch"],
    "ppm": ["ppm", "[ppm]", "parts per million"], "ppb": ["ppb", "[ppb]", "parts per billion"],
    "W": ["W", "watt", "watts"], "kW": ["kW", "kilowatt", "kilowatts"], "mW": ["mW", "milliwatt", "milliwatts"],
    "MW": ["MW", "megawatt", "megawatts"],
    "Wh": ["Wh", "W.h", "W·h", "watt hour", "watt hours"],
    "kWh": ["kWh", "kW.h", "kW·h", "kilowatt hour", "kilowatt hours"],
    "MWh": ["MWh", "MW.h", "MW·h", "megawatt hour", "megawatt hours"],
    "J": ["J", "joule", "joules"], "kJ": ["kJ", "kilojoule", "kilojoules"], "MJ": ["MJ", "megajoule", "megajoules"],
}
CASE_COUNTS = {"mb", "MPa", "mW", "MW", "MJ", "MWh", "MW.h", "MW·h"}
DEGREES = ["º", "˚", "Â°", "&deg;"]


def plain(text):
    for sign in DEGREES:
        text = text.replace(sign, "°")
    return "".join(letter for letter in text if letter != "_" and letter not in WHITE_SPACE)


EXACT_SPELLINGS = {plain(text): unit for unit, texts in SPELLINGS.items() for text in texts}
FOLDED_SPELLINGS = {plain(text).lower(): unit for unit, texts in SPELLINGS.items() for text in texts
                    if text not in CASE_COUNTS}


def unit_of(text):
    """The known unit; None for one that is not known."""
    text = plain(text)
    return EXACT_SPELLINGS.get(text) or FOLDED_SPELLINGS.get(text.lower())


def convert(value, given, kept):
    """A value in another unit of its kind, exactly, then rounded once."""
    if given == kept:
        return value
    exact = Fraction(value)
    if KIND_OF[given] == "temperature":
        celsius = {"°C": exact, "°F": (exact - 32) * 5 / 9, "K": exact - Fraction("273.15")}[given]
        return float({"°C": celsius, "°F": celsius * 9 / 5 + 32, "K": celsius + Fraction("273.15")}[kept])
    units = KINDS[KIND_OF[given]]
    return float(exact * units[given] / units[kept])


def near(one, other):
    """Whether two values are one: temperatures are converted in three steps, each of them rounded."""
    return math.isclose(one, other, rel_tol=4e-16, abs_tol=3e-13)


# ## Readings as JSON, NDJSON and CSV

def table_of(heading):
    section = PAGE[PAGE.index(heading):].split("\n#", 1)[0]
    return {word: field for field, words in re.findall(r"^\| `(\w+)`[^|]*\| (.*) \|$", section, re.M)
            for word in re.findall(r"`([^`]+)`", words)}


FIELDS = ("building", "room", "sensor", "quantity", "unit", "timestamp", "value")
ALIASES = table_of("### Other names that are taken")
UNTAKEN = table_of("### Words that are not taken")
IDS = {"building_id", "room_id", "sensor_id", "quantity_id"}
KIND_WORDS = {"type", "kind", "metric", "measurement", "device_class"}
KNOWN_QUANTITIES = {"temperature", "humidity", "pressure", "co2", "illuminance", "power", "energy", "voltage",
                    "current", "battery", "voc", "pm1", "pm25", "pm10", "noise"}


def fields_of(pairs):
    """{field: what is given} of a reading's names and values. None is a value that is not given."""
    ranked, untaken = {}, set()
    for written, given in pairs:
        key = written.lower()
        if given is None or given == "":
            continue
        if key in UNTAKEN:
            untaken.add(UNTAKEN[key])
        field = key if key in FIELDS else ALIASES.get(key)
        if field is None:
            continue
        if key in KIND_WORDS and str(given).lower() not in KNOWN_QUANTITIES:
            continue
        rank = 0 if written in FIELDS else 1 if key in IDS else 3 if key in KIND_WORDS else 2
        ranked.setdefault(field, {}).setdefault(rank, []).append(str(given).lower() if rank == 3 else given)
    found = {}
    for field, ranks in ranked.items():
        values = ranks[min(ranks)]
        if any(value != values[0] for value in values):
            raise Refused("two names of one field differ")
        found[field] = values[0]
    if untaken - set(found):
        raise Refused("a word for a time or a unit that is not taken")
    return found


NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


def number_of(text):
    text = str(text).strip(" \t")
    if not NUMBER.fullmatch(text) or math.isinf(float(text)):
        raise Refused("no finite number")
    return float(text)


MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
                    r"(?:(?: ?)([Zz]|UTC|[+-]\d\d(?::?\d\d)?))")


def moment_of(given):
    """Milliseconds."""
    text = str(given)
    if re.fullmatch(r"\d+", text):
        ms = int(text)
    else:
        found = MOMENT.fullmatch(text)
        if not found:
            raise Refused("no moment, or one without an offset")
        *parts, fraction, offset = found.groups()
        start = datetime.datetime(*[int(part or 0) for part in parts], tzinfo=datetime.timezone.utc)
        shift = 0
        if offset[0] in "+-":
            shift = int(offset[1:3]) * 60 + int(offset[3:].lstrip(":") or 0)
            shift = -shift if offset[0] == "-" else shift
        ms = int(start.timestamp()) * 1000 - shift * 60_000 + int(((fraction or "") + "000")[:3])
    if not 946684800000 <= ms <= 4102444800000:
        raise Refused("a time that cannot be")
    return ms


def reading_of(pairs, building="default"):
    """A reading of JSON, NDJSON or CSV, from its fields in the order in which they were sent."""
    found = fields_of(pairs)
    if not {"room", "sensor", "value"} <= set(found):
        raise Refused("a field is missing")
    said = found.get("unit")
    return Reading(building=name(found["building"]) if "building" in found else building, room=name(found["room"]),
                   sensor=name(found["sensor"], SENSOR_BYTES_MAX),
                   quantity=name(found["quantity"]) if "quantity" in found else "temperature",
                   timestamp=moment_of(found["timestamp"]), value=number_of(found["value"]),
                   unit=None if said is None else unit_of(said) or said.strip(WHITE_SPACE))


def original_reading_of(body):
    """A reading of the original's address: its own fields and bounds."""
    if not -88 <= body["temperature"] <= 58:
        raise Refused("the original's range")
    return Reading(building=name(body["buildingId"]), room=name(body["roomId"]),
                   sensor=name(body["sensorId"], SENSOR_BYTES_MAX), quantity="temperature",
                   timestamp=moment_of(body["timestamp"]), value=float(body["temperature"]))


# ## What is kept

class Store:
    """What is kept of readings that come one after the other."""

    def __init__(self):
        self.units = dict(KEPT)
        self.values = {}  # (building, room, sensor, quantity, timestamp): value
        self.first = {}

    def keep(self, reading):
        """"accepted", "duplicate" or "conflict"; None where rounding decides between the last two."""
        kept, unit, value = self.units.get(reading.quantity), reading.unit, reading.value
        if unit is not None and kept is not None:
            if KIND_OF.get(unit, unit) != KIND_OF.get(kept, kept):
                raise Refused("a unit of another kind")
            value = convert(value, unit, kept)
        if reading.quantity == "temperature" and value < -273.15:
            raise Refused("below absolute zero")
        if unit is not None:
            self.units.setdefault(reading.quantity, unit)
        key = (reading.building, reading.room, reading.sensor, reading.quantity, reading.timestamp)
        if key not in self.values:
            self.values[key], self.first[key] = value, (reading.value, reading.unit)
            return "accepted"
        if self.first[key] == (reading.value, reading.unit):
            return "duplicate"
        return None if near(self.values[key], value) else "conflict"
