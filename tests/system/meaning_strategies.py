"""How senders write what they mean, for hypothesis: each of these draws a meaning and one of its spellings."""

import datetime
import json
import unicodedata

from hypothesis import strategies as st

import meaning
import meaning_lines as lines

NAMES = ["kitchen", "Kitchen", "2.14", "s1", "living room", "K\u00fcche", "\u53f0\u6240", "\ud55c",
         "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\U0001f469\u200d\U0001f467", "a,b", "k=v",
         "it's", "5/8#1"]
BLANKS = ["", "", "", " ", "  ", "\t", "\u00a0", "\u3000", "\u202f"]
UNSEEN = ["\u200b", "\u2060", "\ufeff", "\u202e", "\u2066", "\u0007", "\u0085", "\u007f"]
DAYS = [datetime.datetime(2001, 9, 9), datetime.datetime(2016, 12, 31), datetime.datetime(2023, 3, 26),
        datetime.datetime(2024, 2, 29), datetime.datetime(2026, 1, 31)]
ZONES = [("Z", 0), ("z", 0), (" UTC", 0), ("+00:00", 0), ("-00:00", 0), ("+01:00", 60), ("+0100", 60), ("+01", 60),
         (" +0530", 330), ("-0330", -210), ("-11", -660), (" -08:00", -480), ("+14:00", 840)]
CUSTOM_UNITS = {"power": ["W", "kW", "mW", "MW"], "energy": ["Wh", "kWh", "J", "kJ", "MJ"], "level": ["\u33a5", "lx"]}


class Token(str):
    """A number as it stands in JSON; other texts stand in quotes."""


def sometimes(draw, one_in):
    return draw(st.integers(0, one_in - 1)) == one_in - 1


def dressed(draw, text):
    """A name as it may be sent; now and then one that nobody can mean."""
    if sometimes(draw, 40):
        where = draw(st.integers(1, len(text) - 1)) if len(text) > 1 else 0
        return text[:where] + draw(st.sampled_from(UNSEEN)) + text[where:]
    written = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFC", "NFD"])), text)
    blank = st.sampled_from(BLANKS)
    if sometimes(draw, 6):
        written = '"' + draw(blank) + written + draw(blank) + '"'
    written = draw(blank) + written + draw(blank)
    assert meaning.name(written) == text
    return written


def cased(draw, text):
    return draw(st.sampled_from([str, str, str.upper, str.title, str.lower]))(text)


def spelled_unit(draw, unit):
    text = draw(st.sampled_from(meaning.SPELLINGS.get(unit, [unit])))
    if unit in meaning.SPELLINGS and text not in meaning.CASE_COUNTS:
        other = cased(draw, text)
        text = other if meaning.unit_of(other) == unit else text
        text = text.replace("\u00b0", draw(st.sampled_from(["\u00b0", *meaning.DEGREES])))
    text = draw(st.sampled_from(["", "", " "])) + text + draw(st.sampled_from(["", "", " ", "\u00a0"]))
    assert meaning.unit_of(text) == (unit if unit in meaning.KIND_OF else None)
    return text


def spelled_moment(draw, ms):
    if sometimes(draw, 3):
        return Token(ms)
    zone, minutes = draw(st.sampled_from(ZONES))
    seconds, thousandths = divmod(ms, 1000)
    local = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds, minutes=minutes)
    text = local.strftime(draw(st.sampled_from(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dt%H:%M:%S"])))
    if ms % 60_000 == 0 and draw(st.booleans()):
        text = text[:-3]
    elif thousandths or draw(st.booleans()):
        text += f".{thousandths:03}" + draw(st.sampled_from(["", "0", "999", "123456"]))
        if thousandths % 100 == 0 and draw(st.booleans()):
            text = text[:text.index(".") + 2]
    assert meaning.moment_of(text + zone) == ms, text + zone
    return text if sometimes(draw, 30) else text + zone  # without an offset it is refused


def moments(draw, step=1):
    day = draw(st.sampled_from(DAYS)).replace(tzinfo=datetime.timezone.utc)
    ms = int(day.timestamp()) * 1000 + draw(st.one_of(st.integers(0, 172_799_999), st.integers(0, 47).map(
        lambda half_hours: half_hours * 3_600_000)))
    return ms // step * step


def spelled_number(draw, tame=False):
    """A number as JSON and line protocol write it."""
    hundredths = draw(st.one_of(st.integers(-2500, 9900), st.sampled_from([0, -27_315, 3200, 101_325, -40_000])))
    text = f"{'-' if hundredths < 0 else ''}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}"
    shapes = [text, text, text + "000", f"{hundredths}e-2", str(hundredths // 100)]
    if not tame:
        shapes += [repr(draw(st.floats(-250, 1e6))), f"{text}E+1"]
    return draw(st.sampled_from(shapes))


@st.composite
def places(draw):
    """The names of which a batch uses two of each: what is meant. {} stands for what makes them the example's own."""
    two = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True)
    return {"rooms": draw(two), "sensors": draw(two), "own_building": draw(st.booleans()),
            "custom": draw(st.sampled_from(list(CUSTOM_UNITS)))}


def units_for(draw, quantity, custom):
    """A unit of the quantity's kind, or now and then of another."""
    if quantity in meaning.KEPT:
        kind = meaning.KIND_OF[meaning.KEPT[quantity]] if not sometimes(draw, 15) else "energy"
        return draw(st.sampled_from(list(meaning.KINDS[kind])))
    return draw(st.sampled_from(CUSTOM_UNITS[custom]))


@st.composite
def rows(draw, example, form):
    """Readings of JSON, NDJSON or CSV: lists of pairs. Of CSV all have the same names."""
    place = draw(places())
    header = None if form != "csv" else draw(headers(form))
    times = [moments(draw) for _ in range(2)]
    batch = []
    for _ in range(1 if form == "object" else draw(st.integers(1, 6))):
        given = {"room": dressed(draw, f"{draw(st.sampled_from(place['rooms']))} {example}"),
                 "sensor": dressed(draw, draw(st.sampled_from(place["sensors"]))),
                 "timestamp": spelled_moment(draw, draw(st.sampled_from(times)))}
        if place["own_building"]:
            given["building"] = dressed(draw, f"b\u00e4u {example}")
        quantity = draw(st.sampled_from([*meaning.KEPT, "temperature", "custom"]))
        given["quantity"] = dressed(draw, f"{place['custom']}{example}" if quantity == "custom" else quantity)
        if quantity == "temperature" and draw(st.booleans()):
            del given["quantity"]
        if draw(st.booleans()):
            given["unit"] = spelled_unit(draw, units_for(draw, quantity, place["custom"]))
        given["value"] = value_of(draw, form)
        given["other"] = f"elsewhere {example}"
        batch.append(row_of(header or draw(headers(form)), given, form))
    return batch


def value_of(draw, form):
    text = spelled_number(draw)
    if sometimes(draw, 15):
        bad = ["21,5", "warm", "21.5 C", "NaN"]
        return draw(st.sampled_from(bad + [Token("NaN"), Token("-Infinity"), Token("1e999")] * (form == "array")))
    return draw(st.sampled_from([Token(text), Token(text), text, f" {text}", f"{text} "]))


@st.composite
def headers(draw, form):
    """The names that fields are given: (name as it is written, field or None)."""
    header = []
    for field in meaning.FIELDS:
        aliases = [word for word, of in meaning.ALIASES.items() if of == field and word not in meaning.KIND_WORDS]
        if field == "quantity":
            aliases += ["type", "metric"]
        own = not aliases or draw(st.booleans())
        header.append((cased(draw, field if own else draw(st.sampled_from(aliases))), field))
        if own and aliases and sometimes(draw, 12):  # the field's own name counts
            aliases = [word for word in aliases if word not in meaning.KIND_WORDS]
            header.append((draw(st.sampled_from(aliases)), "other"))
        elif form != "csv" and field == "timestamp" and header[-1][0].lower() in ("ts", "time") and draw(st.booleans()):
            header.append(("measured_at", draw(st.sampled_from(["timestamp", "other"]))))
    header += draw(st.lists(st.sampled_from([("battery", None), ("Comment", None), ("type", "DHT22")]), max_size=1))
    if form != "csv" and sometimes(draw, 20):
        header.append((draw(st.sampled_from(["created_at", "unix_time", "temp_unit"])), "other"))
    assert len({key for key, _ in header}) >= len(header) - 1
    return draw(st.permutations(header))


def row_of(header, given, form):
    pairs = []
    for key, field in header:
        text = given.get(field) if field in meaning.FIELDS or field == "other" else field or Token("3")
        if key not in dict(pairs) and (text is not None or form == "csv"):
            pairs.append((key, text or ""))
    return pairs


def json_of(draw, pairs):
    blank = draw(st.sampled_from(["", " "]))
    ascii_only = draw(st.booleans())
    return "{" + f",{blank}".join(
        f"{json.dumps(key)}:{blank}{text if isinstance(text, Token) else json.dumps(text, ensure_ascii=ascii_only)}"
        for key, text in pairs) + "}"


def csv_of(draw, batch):
    end = draw(st.sampled_from(["\n", "\r\n"]))

    def cell(text):
        if any(letter in text for letter in ',"\n\r') or sometimes(draw, 10):
            return '"' + text.replace('"', '""') + '"'
        return draw(st.sampled_from(["", "", " "])) + text if text else ""
    table = [[key for key, _ in batch[0]]] + [[text for _, text in pairs] for pairs in batch]
    return "".join(",".join(map(cell, row)) + end for row in table)


# ## Line protocol

PRECISIONS = {"ns": 10**6, "n": 10**6, "nanosecond": 10**6, "us": 1000, "u": 1000, "microseconds": 1000, "ms": 1,
              "millisecond": 1}
LONG_PRECISIONS = {"s": 1000, "second": 1000, "m": 60_000, "minutes": 60_000, "h": 3_600_000, "hour": 3_600_000}
KEYS = {"temperature": ["temperature", "Temperature", "temp", "temperature_C", "temperature_F", "tempf", "TempC",
                        "temp_k", "temperature [degF]", "fahrenheit", "celsius"],
        "humidity": ["humidity", "Relative Humidity", "rh", "humidity_percent", "Hum"],
        "pressure": ["pressure", "baro", "pressure_Pa", "pressure_inHg", "barometric-pressure", "air_pressure_kPa"],
        "co2": ["co2", "CO2", "co2_ppm", "carbon_dioxide"]}


def escaped(text, also=""):
    return "".join("\\" + letter if letter in " ," + also else letter for letter in text)


def string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@st.composite
def line_batches(draw, example):
    """(precision parameter, [(measurement, tags, fields, ms)], text)"""
    place = draw(places())
    precision = draw(st.sampled_from([*PRECISIONS, *LONG_PRECISIONS, "auto"]))
    step = LONG_PRECISIONS.get(precision, 1)
    times = [moments(draw, step) for _ in range(2)]
    batch, written = [], []
    for _ in range(draw(st.integers(1, 6))):
        ms = draw(st.sampled_from(times))
        tags = line_tags(draw, place, example)
        measurement, fields = line_fields(draw, place, example, tags)
        batch.append((measurement, tags, fields, ms))
        written.append(escaped(measurement) + "".join(
            f",{escaped(key, '=')}={escaped(text, '=')}" for key, text in tags.items()) + " " + ",".join(
            f"{escaped(key, '=')}={string(text[0]) if isinstance(text, list) else text}"
            for key, text in fields.items()) + " " + line_moment(draw, ms, precision))
        written += draw(st.sampled_from([[], [], [""], ["# temperature,room=r value=1"]]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return precision, batch, end.join(written) + draw(st.sampled_from(["", end]))


def line_moment(draw, ms, precision):
    if precision == "auto":
        precision = draw(st.sampled_from(["ms", "us", "ns"] + ["s"] * (ms % 1000 == 0)))
    elif precision == "s" and draw(st.booleans()):
        return f"{ms // 1000}.{draw(st.sampled_from(['0', '000']))}"
    if precision in PRECISIONS:
        scale = PRECISIONS[precision]
        return str(ms * scale + draw(st.integers(0, scale - 1)))
    return str(ms // LONG_PRECISIONS[precision])


def line_tags(draw, place, example):
    tags = {}
    if place["own_building"]:
        tags[draw(st.sampled_from(lines.BUILDING_TAGS))] = dressed(draw, f"b\u00e4u {example}")
    if not sometimes(draw, 30):
        tags[draw(st.sampled_from(lines.ROOM_TAGS))] = dressed(
            draw, f"{draw(st.sampled_from(place['rooms']))} {example}")
        if sometimes(draw, 10):
            tags.setdefault("zone", "upstairs")  # the last of the list: the room's tag is another, or this one
    for key in draw(st.sampled_from([["sensor"], ["device_id"], ["id"], ["host"], ["device", "id"],
                                     ["chip", "feature"], ["probe"], ["topic", "host"], ["sensor", "host"],
                                     ["entity_id"], []])):
        tags[key] = dressed(draw, draw(st.sampled_from(place["sensors"])))
    for key in draw(st.lists(st.sampled_from(["version", "RSSI", "ip", "status", "Firmware"]), max_size=2)):
        tags[key] = draw(st.sampled_from(["1", "10.0.0.7", "ok"]))
    return dict(draw(st.permutations(list(tags.items()))))


def line_fields(draw, place, example, tags):
    """The measurement and the fields. May add a tag for the unit."""
    shape = draw(st.sampled_from(["value", "value", "several", "custom", "custom value", "entity"]))
    fields, unit = {}, None
    measurement = draw(st.sampled_from(["env", "esp 32", "m,1"]))
    if shape == "entity" and "room" in tags:
        tags.update(domain="sensor", entity_id="hall humidity")
        fields["value"] = line_value(draw)
        return draw(st.sampled_from(["\u00b0C", "\u00b0F", "hPa", "%", "K"])), {**fields, "icon_str": ["mdi:home"]}
    if shape == "several":
        for quantity in draw(st.lists(st.sampled_from(list(KEYS)), min_size=1, max_size=3)):
            fields[draw(st.sampled_from(KEYS[quantity]))] = line_value(draw)
        said = {lines.quantity_of(key)[1] for key in fields}
        unit = draw(st.sampled_from([None, None, None] + ["\u00b0C", "\u00b0F"] * (said <= {None})))
    elif shape.startswith("custom"):
        quantity = f"{place['custom']}{example}"
        fields["value" if shape == "custom value" else dressed(draw, quantity)] = line_value(draw, strings=False)
        measurement = dressed(draw, quantity) if shape == "custom value" else measurement
        unit = draw(st.sampled_from([None, *CUSTOM_UNITS[place["custom"]]]))
    else:
        quantity = draw(st.sampled_from(list(KEYS)))
        measurement, fields = draw(st.sampled_from(KEYS[quantity])), {"value": line_value(draw)}
        unit = units_for(draw, quantity, None) if draw(st.booleans()) else None
    fields.update(draw(st.sampled_from([{}, {}, {"ok": "true"}, {"version": ["1.2"]}, {"note": ["a, b=c \\ \"d\""]}])))
    if unit is not None:
        key, text = draw(st.sampled_from(lines.UNIT_NAMES)), spelled_unit(draw, unit)
        if draw(st.booleans()):
            fields[key] = [text]
        else:
            tags[key] = text
    elif sometimes(draw, 20):
        tags["unit"] = "Rankine"
    return measurement, dict(draw(st.permutations(list(fields.items()))))


def line_value(draw, strings=True):
    text = spelled_number(draw, tame=True)
    if sometimes(draw, 12):
        return draw(st.sampled_from(["nan", "-inf", "NaN", "1e999", "null", ["unavailable"]]))
    if "." not in text and "e" not in text:
        text += draw(st.sampled_from(["", "i"]))
    return draw(st.sampled_from([text, text, [text], [f" {text} "]])) if strings and "i" not in text else text
