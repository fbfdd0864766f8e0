"""What a unit does to a value, at every door; values that cannot be."""

import csv
import io
import json
import itertools
from fractions import Fraction

import pytest

from service import Service, average, now_ms, post_readings, reading
from upkeep import run, url_of

pytestmark = pytest.mark.one_at_a_time

STAMP = 1_700_000_000_000
ROOMS = itertools.count()

# What is sent, and what is kept of it: by the definitions of the units, in decimals (NIST SP 811, appendix B.8).
INCH_OF_MERCURY = Fraction("25.4") * Fraction("1.33322387415")  # hPa
POUND_PER_SQUARE_INCH = Fraction("4.4482216152605") / Fraction("0.00064516") / 100
CONVERSIONS = [
    ("temperature", 77, "°F", 25), ("temperature", 77, "deg F", 25), ("temperature", 77, "degrees Fahrenheit", 25),
    ("temperature", 77, "ºF", 25), ("temperature", 77, "˚F", 25), ("temperature", 77, "FAHRENHEIT", 25),
    ("temperature", 77, " °F ", 25), ("temperature", 77, "Â°F", 25), ("temperature", 77, "℉", 25),
    ("temperature", 25, "CELSIUS", 25), ("temperature", 25, "degC", 25), ("temperature", 298.15, "K", 25),
    ("temperature", 298.15, "Kelvin", 25), ("humidity", 40, "%RH", 40), ("humidity", 40, "Percent", 40),
    ("pressure", 101325, "Pa", 1013.25), ("pressure", 101.25, "kPa", 1012.5), ("pressure", 1.015625, "bar", 1015.625),
    ("pressure", 1013, "mbar", 1013), ("pressure", 760, "mmHg", 760 * Fraction("1.33322387415")),
    ("pressure", 29.5, "inHg", Fraction("29.5") * INCH_OF_MERCURY),
    ("pressure", 29.5, "in Hg", Fraction("29.5") * INCH_OF_MERCURY),
    ("pressure", 14.5, "psi", Fraction("14.5") * POUND_PER_SQUARE_INCH), ("co2", 415, "PPM", 415)]
REFUSED = [("temperature", 20, "hPa"), ("temperature", 20, "%"), ("humidity", 40, "°F"), ("pressure", 1, "°C"),
           ("co2", 4, "K"), ("pressure", 1, "kWh")]


class Refused(Exception):
    """With the code, if the door tells one."""


def by_json(service, client, series, value, unit):
    return by_readings(client, dict(series, value=value, unit=unit, timestamp=STAMP))


def by_ndjson(service, client, series, value, unit):
    body = json.dumps(dict(series, value=value, unit=unit, timestamp=STAMP)) + "\n"
    return by_readings(client, body, "application/x-ndjson")


def by_csv(service, client, series, value, unit):
    return by_readings(client, csv_text(series, value, unit), "text/csv")


def csv_text(series, value, unit):
    text = io.StringIO()
    csv.writer(text).writerows([[*series, "value", "unit", "timestamp"], [*series.values(), value, unit, STAMP]])
    return text.getvalue()


def by_readings(client, body, content_type="application/json"):
    answer = client.request("POST", "/v1/readings", body, {"Content-Type": content_type})
    if answer.status != 200:
        raise Refused(answer.json()["rejected"][0]["code"])


def escaped(text):
    return text.replace(" ", "\\ ")


def by_line(client, line, path="/write"):
    answer = client.request("POST", path + "?precision=ms", line)
    if answer.status != 204:
        raise Refused(answer.text.decode())


def by_tag(service, client, series, value, unit):
    by_line(client, f"{series['quantity']},room={series['room']},sensor={series['sensor']},unit={escaped(unit)} "
                    f"value={value} {STAMP}")


def by_tag_v2(service, client, series, value, unit):
    by_line(client, f"m,room={series['room']},sensor={series['sensor']},unit_of_measurement={escaped(unit)} "
                    f"{series['quantity']}={value} {STAMP}", "/api/v2/write")


def by_field(service, client, series, value, unit):
    by_line(client, f"{series['quantity']},room={series['room']},sensor={series['sensor']} "
                    f"value={value},unit_of_measurement_str=\"{unit}\" {STAMP}")


def by_device_map(service, client, series, value, unit):
    """The map names room and quantity of the devices probe-<quantity>."""
    device = f"probe-{series['quantity']}-{series['room']}"
    by_line(client, f"esp,device={device},units={escaped(unit)} value={value} {STAMP}")


def by_import(service, client, series, value, unit):
    file = service.data_dir.parent / "one.csv"
    file.write_text(csv_text(series, value, unit))
    ended = run("import", file, "--url", url_of(service))
    if "unit_mismatch" in ended.stdout + ended.stderr:
        raise Refused("unit_mismatch")
    assert ended.returncode == 0, ended.stderr


DOORS = [by_json, by_ndjson, by_csv, by_tag, by_tag_v2, by_field, by_device_map, by_import]


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    """A service whose device map knows a device for each quantity and room that a test may use."""
    devices = tmp_path_factory.mktemp("units") / "devices.csv"
    quantities = sorted({case[0] for case in CONVERSIONS})
    devices.write_text("device,room,quantity\n" + "".join(
        f"probe-{quantity}-u{room},u{room},{quantity}\n" for quantity in quantities for room in range(1000)))
    with Service(flags=["--dev", "--device-map", str(devices)]) as service:
        yield service.start()


@pytest.mark.parametrize("door", DOORS)
def test_known_units_are_converted(mapped, door):
    client = mapped.client()
    for quantity, value, unit, want in CONVERSIONS:
        room = f"u{next(ROOMS)}"
        door(mapped, client, {"room": room, "sensor": "s", "quantity": quantity}, value, unit)
        kept = average(client, room, quantity=quantity, at=STAMP, window="1s")
        assert kept["count"] == 1, (unit, kept)
        assert kept["value"] == float(want), (unit, kept)
    client.close()


@pytest.mark.parametrize("door", DOORS)
def test_units_of_another_quantity_are_refused(mapped, door):
    client = mapped.client()
    for quantity, value, unit in REFUSED:
        room = f"u{next(ROOMS)}"
        with pytest.raises(Refused) as refused:
            door(mapped, client, {"room": room, "sensor": "s", "quantity": quantity}, value, unit)
        assert "unit" in str(refused.value)
        assert client.get("/v1/average", room=room, quantity=quantity, at=STAMP).status == 404
    client.close()


@pytest.mark.parametrize("door", [by_json, by_csv, by_tag, by_tag_v2, by_field])
@pytest.mark.parametrize("first, then", [(("kW", 1.5), ("W", 500)), (("Wh", 1000), ("kWh", 2.5))])
def test_the_first_unit_of_a_new_quantity_is_kept(client, shared_service, door, first, then):
    quantity = f"{door.__name__}-{first[0]}"
    for sensor, (unit, value) in zip("ab", (first, then)):
        door(shared_service, client, {"room": "meter", "sensor": sensor, "quantity": quantity}, value, unit)
    found = average(client, "meter", quantity=quantity, at=STAMP, window="1s")
    want = {"kW": (1.5, 0.5), "Wh": (1000, 2500)}[first[0]]
    assert (found["unit"], found["min"], found["max"]) == (first[0], min(want), max(want))


def lines(client, *fields, tags="", room=None):
    """Sends one line and returns its room."""
    room = room or f"line{next(ROOMS)}"
    answer = client.request("POST", "/write?precision=ms", f"m,room={room},sensor=s{tags} {','.join(fields)} {STAMP}")
    return room, answer


def kept_of(client, room, quantity="temperature"):
    return average(client, room, quantity=quantity, at=STAMP, window="1s")["value"]


@pytest.mark.parametrize("key, quantity, value, want", [
    ("temperature_F", "temperature", 77, 25), ("tempf", "temperature", 77, 25), ("tempc", "temperature", 25, 25),
    ("temperature_C", "temperature", 25, 25), ("Temperature", "temperature", 25, 25), ("temp", "temperature", 25, 25),
    ("temp_k", "temperature", 298.15, 25), ("Humidity", "humidity", 40, 40), ("rh", "humidity", 40, 40),
    ("pressure_hPa", "pressure", 1013, 1013), ("pressure_Pa", "pressure", 101325, 1013.25), ("CO2", "co2", 415, 415),
    ("carbon_dioxide", "co2", 415, 415)])
def test_keys_name_quantities_and_units(client, key, quantity, value, want):
    room, answer = lines(client, f"{key}={value}")
    assert answer.status == 204, answer.text
    assert kept_of(client, room, quantity) == want


def test_two_keys_for_one_quantity_must_agree(client):
    room, answer = lines(client, "tempf=72", "tempc=22.2", "humidity=40")
    assert answer.status == 204 and kept_of(client, room) == 22.2
    room, answer = lines(client, "tempf=80", "tempc=22.2", "humidity=40")
    assert answer.status == 400
    assert "tempf" in answer.json()["error"] and "tempc" in answer.json()["error"]
    assert kept_of(client, room, "humidity") == 40
    assert average(client, room, at=STAMP)["count"] == 0


def test_two_words_about_the_unit_must_agree(client):
    room, answer = lines(client, "temperature=72", 'unit="°F"', tags=",unit=°C")
    assert answer.status == 400 and "°F" in answer.json()["error"] and "°C" in answer.json()["error"]
    room, answer = lines(client, "temperature_F=72", 'unit="°C"')
    assert answer.status == 400 and "temperature_F" in answer.json()["error"]


def test_an_unknown_unit_is_counted_and_logged_once(service):
    client = service.client()
    for turn in range(3):
        room, answer = lines(client, "temperature=21", tags=",unit=Rankine", room=f"r{turn}")
        assert answer.status == 204 and kept_of(client, room) == 21
    metrics = client.get("/metrics").text.decode()
    assert "temperature_service_line_units_unknown_total 3" in metrics
    assert service.output().count("Rankine") == 1


def test_other_tags_may_name_the_unit_or_none():
    for flag, want in [("einheit", 25), ("none", 77), ("", 77)]:
        with Service(flags=["--dev", "--line-unit-tags", flag]) as service:
            client = service.start().client()
            room, answer = lines(client, "temperature=77", tags=",einheit=°F,unit=°C" if flag else ",unit=°F", room="r")
            assert answer.status == 204 and kept_of(client, room) == want, flag


def test_home_assistant_is_as_it_was(client):
    def send(line):
        assert client.request("POST", "/write?precision=ms", f"{line} {STAMP}").status == 204

    tags = ",domain=sensor,area=assistant,entity_id="
    send(f'°F{tags}old value=77,friendly_name_str="Old"')
    assert average(client, "assistant", sensor="old", at=STAMP, window="1s")["value"] == 25
    send(f'temperature{tags}new value=77,unit_of_measurement_str="°F"')
    assert average(client, "assistant", sensor="new", at=STAMP, window="1s")["value"] == 25
    send(f'kWh{tags}meter value=77')
    assert average(client, "assistant", quantity="kWh", at=STAMP, window="1s")["value"] == 77


@pytest.mark.parametrize("door", [by_json, by_ndjson, by_csv, by_tag, by_tag_v2, by_field, by_device_map])
@pytest.mark.parametrize("value, unit", [(-273.16, "°C"), (-300, "°C"), (-460, "°F"), (-0.5, "K")])
def test_nothing_is_colder_than_absolute_zero(mapped, door, value, unit):
    client = mapped.client()
    room = f"u{next(ROOMS)}"
    with pytest.raises(Refused) as refused:
        door(mapped, client, {"room": room, "sensor": "s", "quantity": "temperature"}, value, unit)
    assert "out_of_range" in str(refused.value) or "absolute zero" in str(refused.value)
    door(mapped, client, {"room": room, "sensor": "s", "quantity": "temperature"}, -273.15, "°C")
    assert average(client, room, at=STAMP, window="1s")["value"] == -273.15
    client.close()


def test_a_range_holds_at_every_door_and_not_for_what_is_stored():
    with Service(flags=["--dev", "--range", "temperature=-40..60,humidity=0..100"]) as service:
        client = service.start().client()
        series = {"room": "r", "sensor": "s", "quantity": "temperature"}
        for door in [by_json, by_ndjson, by_csv, by_tag, by_tag_v2, by_field]:
            for value, unit in [(60.5, "°C"), (-41, "°C"), (150, "°F"), (0, "K")]:
                with pytest.raises(Refused) as refused:
                    door(service, client, series, value, unit)
                assert "out_of_range" in str(refused.value) or "range" in str(refused.value), (door, value)
        original = {"buildingId": "b", "roomId": "r", "sensorId": "s", "temperature": -41.5, "timestamp": now_ms()}
        answer = client.post("/temperatures", original)
        assert answer.status == 422 and answer.json()["detail"][0]["type"] == "out_of_range"
        by_json(service, client, series, 140, "°F")  # 60 °C
        post_readings(client, [reading("r", value=100, quantity="humidity"), reading("r", value=900, quantity="co2")])
        answer = client.post("/v1/readings", reading("r", value=100.5, quantity="humidity"))
        assert answer.json()["rejected"][0]["code"] == "out_of_range" and "0..100" in answer.text.decode()
        # A narrower range later forgets nothing.
        service.flags[-1] = "temperature=0..50"
        client = service.restart(kill=True).client()
        assert average(client, "r", at=STAMP, window="1s")["value"] == 60
        assert client.post("/v1/readings", reading("r", value=60)).status == 422


@pytest.mark.parametrize("wrong", ["temperature", "temperature=1", "temperature=5..1", "=1..2", "temperature=a..b",
                                   "temperature=1..2,temperature=3..4", "temperature=-400..-300", "40..60",
                                   "temperature=1..inf"])
def test_a_range_that_is_none_is_no_start(wrong):
    with Service(flags=["--dev", "--range", wrong]) as service:
        status, said = service.run_to_end()
        assert status != 0 and "--range" in said


def test_a_range_comes_from_the_environment_or_a_file(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text('range = ["temperature=-40..60", "humidity=0..100"]\nline-unit-tags = "none"\n')
    for arguments in [{"environment": {"TEMPERATURE_RANGE": "temperature=-40..60,humidity=0..100"}},
                      {"flags": ["--dev", "--config", str(file)]}]:
        with Service(**arguments) as service:
            client = service.start().client()
            assert client.post("/v1/readings", reading(value=61)).status == 422
            assert client.post("/v1/readings", reading(value=-1, quantity="humidity")).status == 422
            assert client.post("/v1/readings", reading(value=61, quantity="co2")).status == 200


def test_what_a_room_lacks_names_what_it_has(client):
    post_readings(client, [reading("greenhouse", value=40, quantity="humidity"),
                           reading("greenhouse", value=415, quantity="co2")])
    found = average(client, "greenhouse")
    assert found["count"] == 0 and "humidity" in found["detail"] and "co2" in found["detail"]
    assert "detail" not in average(client, "greenhouse", quantity="co2", at=STAMP)
    history = client.get("/v1/history", room="greenhouse").json()
    assert history["buckets"] == [] and "humidity" in history["detail"]
    answer = client.get("/temperatures/average", building="default", room="greenhouse")
    assert answer.status == 404 and set(answer.json()) == {"detail"} and "humidity" in answer.json()["detail"]


def test_explain_line_tells_units():
    line = 'm,room=r,sensor=s,unit=°F temperature=77,note="x"'
    ended = run("explain-line", line)
    assert ended.returncode == 0 and "25 °C" in ended.stdout, ended.stdout
    ended = run("explain-line", "m,room=r,sensor=s tempc=22.2,tempf=72")
    assert ended.returncode == 0 and "another field says the same" in ended.stdout, ended.stdout
    ended = run("explain-line", "m,room=r,sensor=s tempc=22.2,tempf=80")
    assert ended.returncode == 1 and "field_repeated" in ended.stdout, ended.stdout
    ended = run("explain-line", "humidity,room=r,sensor=s,unit=°F value=40")
    assert ended.returncode == 1 and "unit_mismatch" in ended.stdout, ended.stdout
