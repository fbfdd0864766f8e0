"""What a line of line protocol means, by docs/api.md ("What a line becomes" and what follows it): as meaning.py."""

import re

from meaning import (KEPT, KIND_OF, NAME_BYTES_MAX, PAGE, SENSOR_BYTES_MAX, Reading, Refused, convert, name, near,
                     number_of, unit_of)

BUILDING_TAGS = ["building", "building_id", "site", "house", "facility"]
ROOM_TAGS = ["room", "room_id", "area", "area_id", "location", "zone"]
UNIT_NAMES = ["unit", "units", "unit_of_measurement", "unit_of_measurement_str"]
SENSOR_TAGS = ["sensor", "sensor_id", "device", "device_id", "entity_id", "id", "host"]
SECOND_CHOICE = ["host", "topic", "friendly_name"]
QUANTITY_NAMES = {
    "temperature": ["temperature", "temp"],
    "humidity": ["humidity", "humidityrh", "hum", "rh", "relhum", "relhumidity", "relativehumidity"],
    "pressure": ["pressure", "press", "baro", "barometer", "barometricpressure", "atmosphericpressure", "airpressure"],
    "co2": ["co2", "co2concentration", "carbondioxide"],
}
UNITS_ALONE = {"celsius": "°C", "fahrenheit": "°F"}


def describing_tags():
    section = PAGE[PAGE.index("- tags that describe a sensor and change"):]
    return re.findall(r"`([^`]+)`", section[:section.index(";\n")])


DESCRIBING = describing_tags()


def quantity_of(key):
    """The quantity and the unit, or None, that a field's key or a measurement says."""
    folded = re.sub(r"[\s_\-()\[\]]", "", key.lower())
    if folded in UNITS_ALONE:
        return "temperature", UNITS_ALONE[folded]
    for quantity, names in QUANTITY_NAMES.items():
        for each in names:
            if folded == each:
                return quantity, None
            unit = unit_of(folded[len(each):]) if folded.startswith(each) else None
            if unit and KIND_OF[unit] == KIND_OF[KEPT[quantity]]:
                return quantity, unit
    return key, None


def first_of(tags, keys):
    return next((tags[key] for key in keys if key in tags), None)


def escaped(text):
    return re.sub(r"([\\,=])", r"\\\1", text)


def naming_tags(tags):
    naming = {key: value for key, value in tags.items()
              if key not in BUILDING_TAGS + ROOM_TAGS + UNIT_NAMES and key.lower() not in DESCRIBING}
    if set(naming) & (set(SENSOR_TAGS) - set(SECOND_CHOICE)):
        naming = {key: value for key, value in naming.items() if key not in SECOND_CHOICE}
    return naming


def sensor_of(tags):
    naming = naming_tags(tags)
    if not naming:
        raise Refused("no tag names the sensor")
    if len(naming) == 1 and set(naming) <= set(SENSOR_TAGS):
        return name(*naming.values(), SENSOR_BYTES_MAX)
    # Each part is a name that somebody typed: it is the one that is meant, wherever it stands.
    pairs = sorted((key.encode(), name(value, SENSOR_BYTES_MAX)) for key, value in naming.items())
    return name(",".join(f"{escaped(key.decode())}={escaped(value)}" for key, value in pairs), SENSOR_BYTES_MAX)


def home_assistant(measurement, tags, fields, timestamp):
    """Its default export: the measurement is the unit, and `value` alone is a reading."""
    unit = unit_of(measurement)
    if unit in ("°C", "°F", "K"):
        quantity = "temperature"
    elif unit == "hPa":
        quantity = "pressure"
    elif unit == "%" and "humidity" in tags["entity_id"]:
        quantity = "humidity"
    else:
        raise NotImplementedError(measurement)
    value, is_string = fields["value"], isinstance(fields["value"], list)
    try:
        number = number_of(value[0] if is_string else value.rstrip("iu"))
    except Refused:
        return [], 0 if is_string else 1
    return [Reading(building=name(first_of(tags, BUILDING_TAGS) or "default"), room=name(first_of(tags, ROOM_TAGS)),
                    sensor=name(tags["entity_id"], SENSOR_BYTES_MAX), quantity=quantity, timestamp=timestamp,
                    value=number, unit=unit)], 0


def readings_of(measurement, tags, fields, timestamp):
    """The readings of a line, and how many others must be refused. `tags` and `fields` are {key: text}, as they are
    when what is escaped is unescaped; a string's text is in a list. Raises Refused: none of the line."""
    if "domain" in tags and "entity_id" in tags:
        return home_assistant(measurement, tags, fields, timestamp)
    words = [unit_of(tags[key]) for key in UNIT_NAMES if key in tags]
    words += [unit_of(fields[key][0]) for key in UNIT_NAMES if isinstance(fields.get(key), list)]
    said = next(iter(filter(None, words)), None)
    placed = first_of(tags, ROOM_TAGS) is not None and bool(naming_tags(tags))
    found, refused = {}, 0
    for key, given in fields.items():
        if isinstance(given, list):  # a string
            try:
                value = number_of(given[0]) if key == "value" or quantity_of(key)[0] in KEPT else None
            except Refused:
                value = None
            if value is None or not placed:  # a line that only has strings is never refused for its tags
                continue
        elif given in ("true", "f"):
            continue
        else:
            try:
                value = number_of(given.rstrip("iu"))
            except Refused:
                refused += 1
                continue
        quantity, unit = quantity_of(measurement if key == "value" else key)
        if quantity not in KEPT:
            quantity = name(quantity, NAME_BYTES_MAX)
        found.setdefault(quantity, []).append((key, value, unit))
    if not found:
        return [], refused
    if not placed:
        raise Refused("no tag names the room, or the sensor")
    place = dict(building=name(first_of(tags, BUILDING_TAGS) or "default"), room=name(first_of(tags, ROOM_TAGS)),
                 sensor=sensor_of(tags), timestamp=timestamp)
    alone = sum(map(len, found.values())) == 1
    readings = []
    for quantity, several in found.items():
        readings.append(one_of(quantity, several, said, alone, place))
    return [each for each in readings if each], refused + readings.count(None)


def one_of(quantity, several, said, alone, place):
    """The reading of one quantity of a line; None when its fields do not agree, or contradict the unit that is said."""
    if quantity not in KEPT:
        return Reading(quantity=quantity, value=several[0][1], unit=said, **place)
    kept = KEPT[quantity]
    if said and KIND_OF[said] != KIND_OF[kept] and not alone and all(unit for _, _, unit in several):
        said = None  # each key says its own unit: what else is said is about other fields
    if said and (KIND_OF[said] != KIND_OF[kept] or any(unit and unit != said for _, _, unit in several)):
        return None
    values = [(convert(value, unit or said or kept, kept), value, unit or said or kept) for _, value, unit in several]
    best = next((each for each in values if each[2] == kept), values[0])
    for value, _, _ in values:
        apart = abs(value - best[0])
        if apart > (0.1 if quantity == "temperature" else abs(best[0]) / 1000) and not near(value, best[0]):
            return None
    return Reading(quantity=quantity, value=best[1], unit=best[2], **place)
