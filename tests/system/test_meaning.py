"""Whatever a sender writes, at whatever address: what is answered as accepted is found by a read under the name, time,
quantity, unit and value that was meant, what cannot be meant is refused, and nothing else is stored. meaning.py says
what is meant. MEANING_EXAMPLES requests for each address (30), of seed MEANING_SEED."""

import datetime
import itertools
import json
import os
import re

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import meaning
import meaning_lines
import meaning_strategies as senders
from service import Service
from upkeep import run, url_of

pytestmark = pytest.mark.one_at_a_time

EXAMPLES = int(os.environ.get("MEANING_EXAMPLES", "30"))
SEED = int(os.environ.get("MEANING_SEED", "15"))
NUMBERS = itertools.count()  # of examples: their rooms, buildings and quantities are their own
BOM = b"\xef\xbb\xbf"
LINE_ADDRESSES = {"v1": "/write", "v2": "/api/v2/write", "v3": "/api/v3/write_lp"}


def examples(share=1):
    profile = settings(max_examples=max(5, EXAMPLES // share), deadline=None, database=None, print_blob=False,
                       suppress_health_check=list(HealthCheck),
                       phases=[Phase.generate] + [Phase.shrink] * (os.environ.get("MEANING_SHRINK", "1") == "1"))
    return lambda test: seed(SEED)(profile(test))


@pytest.fixture(scope="module")
def running():
    print(f"MEANING_SEED={SEED} MEANING_EXAMPLES={EXAMPLES}")
    with Service() as service:
        service.start()
        service.asking = service.client()
        yield service


class Expected:
    """What must come of one example's readings."""

    def __init__(self, service):
        self.client = service.asking
        self.store = meaning.Store()
        self.outcomes = []  # one a reading: what Store.keep says, or "refused"
        self.lines_refused = 0
        self.series_before = series_known(self.client)

    def keep(self, reading_of, *arguments):
        try:
            self.outcomes.append(self.store.keep(reading_of(*arguments)))
        except meaning.Refused:
            self.outcomes.append("refused")

    def check_counts(self, accepted, duplicates, conflicts, rejected):
        said = {"accepted": accepted, "duplicate": duplicates, "conflict": conflicts, "refused": rejected}
        want = {outcome: self.outcomes.count(outcome) for outcome in said}
        if None in self.outcomes:
            want["duplicate"] = said["duplicate"]
            want["conflict"] = self.outcomes.count("conflict") + self.outcomes.count("duplicate") + \
                self.outcomes.count(None) - said["duplicate"]
        assert said == want, self.outcomes

    def check_stored(self):
        rooms = {}
        for (building, room, sensor, quantity, timestamp), value in self.store.values.items():
            rooms.setdefault((building, room), {}).setdefault(quantity, {})[sensor, timestamp] = value
        for (building, room), quantities in rooms.items():
            series = series_of(self.client, building, room)
            assert series == {(sensor, quantity) for quantity, values in quantities.items() for sensor, _ in values}
            for quantity, values in quantities.items():
                unit, found = readings_in(self.client, building, room, quantity)
                assert (unit and meaning.unit_of(unit) or unit) == self.store.units.get(quantity), quantity
                assert set(found) == set(values)
                for key, value in values.items():
                    assert meaning.near(found[key], value), (key, found[key], value)
        known = {key[:4] for key in self.store.values}
        assert series_known(self.client) == self.series_before + len(known), "something else is stored"


def series_known(client):
    return int(re.search(rb"^temperature_service_series (\d+)$", client.get("/metrics").text, re.M)[1])


def series_of(client, building, room):
    answer = client.get("/v1/sensors", building=building, room=room)
    assert answer.status == 200, answer.text
    return {(each["sensor"], quantity["quantity"]) for each in answer.json()["sensors"]
            for quantity in each["quantities"]}


def readings_in(client, building, room, quantity):
    answer = client.get("/v1/readings", building=building, room=room, quantity=quantity, limit=100)
    assert answer.status == 200, answer.text
    page = answer.json()
    found = {}
    for row in page["readings"]:
        moment = datetime.datetime.fromisoformat(row["timestamp"].replace("Z", "+00:00"))
        ms = int(moment.timestamp()) * 1000 + moment.microsecond // 1000
        assert found.setdefault((row["sensor"], ms), row["value"]) is row["value"], "a reading is there twice"
    return page["unit"], found


def body_of(data, text):
    return data.draw(st.sampled_from([b"", b"", BOM])) + text.encode()


@pytest.mark.parametrize("form", ["object", "array", "ndjson", "csv"])
def test_readings(running, form):
    @examples()
    @given(st.data())
    def each(data):
        expected = Expected(running)
        batch = data.draw(senders.rows(f"x{next(NUMBERS)}", form))
        for pairs in batch:
            expected.keep(meaning.reading_of, pairs)
        objects = [senders.json_of(data.draw, pairs) for pairs in batch] if form != "csv" else []
        text, content_type = {
            "object": lambda: (objects[0], "application/json"),
            "array": lambda: ("[" + ",".join(objects) + "]", "application/json"),
            "ndjson": lambda: ("\n".join(objects) + "\n", "application/x-ndjson"),
            "csv": lambda: (senders.csv_of(data.draw, batch), "text/csv")}[form]()
        answer = expected.client.post("/v1/readings", body_of(data, text), {"Content-Type": content_type})
        said = text + "\n" + answer.text.decode()
        assert answer.status == (422 if set(expected.outcomes) == {"refused"} else 200), said
        outcome = answer.json()
        rejected = [row["index"] for row in outcome["rejected"]]
        assert rejected == [place for place, was in enumerate(expected.outcomes) if was == "refused"], said
        expected.check_counts(outcome["accepted"], outcome["duplicates"], outcome["conflicts"],
                              outcome["rejected_count"])
        expected.check_stored()
    each()


@pytest.mark.parametrize("version", list(LINE_ADDRESSES))
def test_lines(running, version):
    @examples()
    @given(st.data())
    def each(data):
        expected = Expected(running)
        precision, batch, text = data.draw(senders.line_batches(f"x{next(NUMBERS)}"))
        for line in batch:
            keep_line(expected, *line)
        answer = expected.client.post(f"{LINE_ADDRESSES[version]}?precision={precision}", body_of(data, text),
                                      {"Content-Type": "text/plain"})
        said = f"precision={precision}\n{text}\n{answer.text.decode()}"
        refused, lines_refused = expected.outcomes.count("refused"), expected.lines_refused
        assert answer.status in ((400, 422) if refused else (204,)), said
        dropped = re.search(rb"dropped=(\d+)", answer.text)
        assert lines_refused <= (int(dropped[1]) if dropped else 0) <= refused, said  # a line may count as one
        expected.check_stored()
    each()


def keep_line(expected, measurement, tags, fields, ms):
    before = expected.outcomes.count("refused")
    try:
        readings, refused = meaning_lines.readings_of(measurement, tags, fields, ms)
    except meaning.Refused:
        readings, refused = [], len(fields)  # at most
    for reading in readings:
        expected.keep(lambda: reading)
    expected.outcomes += ["refused"] * refused
    expected.lines_refused += expected.outcomes.count("refused") > before


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_imports(running, form, tmp_path):
    @examples(share=6)
    @given(st.data())
    def each(data):
        expected = Expected(running)
        batch = data.draw(senders.rows(f"x{next(NUMBERS)}", form))
        for pairs in batch:
            expected.keep(meaning.reading_of, pairs)
        text = senders.csv_of(data.draw, batch) if form == "csv" else "".join(
            senders.json_of(data.draw, pairs) + "\n" for pairs in batch)
        file = tmp_path / f"readings.{form}"
        file.write_bytes(body_of(data, text))
        ended = run("import", file, "--url", url_of(running))
        said = f"{text}\n{ended.stdout}\n{ended.stderr}"
        assert ended.returncode == (1 if {"refused", "conflict"} & set(expected.outcomes) else 0), said
        counts = re.search(r"^accepted (\d+)\nduplicates (\d+)\nconflicts (\d+)\nrejected (\d+)$", ended.stdout, re.M)
        assert counts, said
        expected.check_counts(*map(int, counts.groups()))
        expected.check_stored()
    each()


def test_the_originals_address(running):
    @examples()
    @given(st.data())
    def each(data):
        expected = Expected(running)
        example, draw = f"x{next(NUMBERS)}", data.draw
        ms = senders.moments(draw)
        for _ in range(draw(st.integers(1, 3))):
            body = {"buildingId": senders.dressed(draw, f"bäu {example}"),
                    "roomId": senders.dressed(draw, f"Küche {example}"),
                    "sensorId": senders.dressed(draw, draw(st.sampled_from(senders.NAMES))),
                    "temperature": float(senders.spelled_number(draw, tame=True)), "timestamp": ms}
            expected.keep(meaning.original_reading_of, body)
            text = json.dumps(body, ensure_ascii=draw(st.booleans()))
            answer = expected.client.post("/temperatures", body_of(data, text), {"Content-Type": "application/json"})
            want = {"accepted": 201, "duplicate": 201, "conflict": 409, "refused": 422}[expected.outcomes[-1]]
            assert answer.status == want, text + answer.text.decode()
        expected.check_stored()
    each()


# The reference itself, by hand.
@pytest.mark.parametrize("written, meant", [
    (' "Ku\u0308che\u00a0" ', "K\u00fcche"), ('""s1""', "s1"), ('5"', '5"'), ("\u3000a b\t", "a b"), ('""', None),
    ("a\u200bb", None), ("x" * 129, None), ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e")])
def test_reference_names(written, meant):
    if meant is None:
        with pytest.raises(meaning.Refused):
            meaning.name(written)
    else:
        assert meaning.name(written) == meant


@pytest.mark.parametrize("value, unit, kept, want", [
    (212, "degrees Fahrenheit", "°C", 100), (-40, "ºF", "°C", -40), (0, "Kelvin", "°C", -273.15),
    (101325, "PA", "hPa", 1013.25), (1, "mb", "hPa", 1), (2.5, "kWh", "Wh", 2500), (1, "MW", "mW", 1e9)])
def test_reference_units(value, unit, kept, want):
    assert meaning.convert(value, meaning.unit_of(unit), kept) == want


@pytest.mark.parametrize("tags, meant", [
    ({"device": "esp", "version": "1", "rssi": "-6"}, "esp"), ({"host": "pi", "sensor": "c0"}, "c0"),
    ({"chip": "c", "host": "pi"}, "chip=c,host=pi"), ({"probe": "a,b"}, "probe=a\\,b"),
    ({"sensor": "d", "id": "1", "device": "X"}, "device=X,id=1,sensor=d"), ({"room": "r", "unit": "C"}, None)])
def test_reference_sensors(tags, meant):
    if meant is None:
        with pytest.raises(meaning.Refused):
            meaning_lines.sensor_of(tags)
    else:
        assert meaning_lines.sensor_of(tags) == meant


def test_reference_lines_and_fields():
    tags = {"room": "r", "sensor": "s"}
    readings, refused = meaning_lines.readings_of("env", tags, {"tempf": "72", "tempc": "22.2", "rh": "nan"}, 1)
    assert [(each.quantity, each.value, each.unit) for each in readings] == [("temperature", 22.2, "°C")]
    assert refused == 1
    assert meaning_lines.readings_of("env", tags, {"tempf": "80", "tempc": "22.2"}, 1) == ([], 1)
    assert meaning_lines.readings_of("env", tags, {"version": ["1.2"]}, 1) == ([], 0)
    assert meaning.fields_of([("Time", 1), ("timestamp", 2), ("type", "DHT22")]) == {"timestamp": 2}
    with pytest.raises(meaning.Refused):
        meaning.fields_of([("ts", 1), ("time", 2)])
    assert meaning.moment_of("2026-01-31 13:00+01") == 1769860800000
