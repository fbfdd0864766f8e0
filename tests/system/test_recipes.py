"""The recipes of docs/clients.md: their requests are sent, and their paths and templates are worked out as Grafana and
Home Assistant do it, on readings whose averages are known."""

import datetime
import json
import re
import string
import urllib.parse

import jinja2
import jsonpath_rw
import pytest
import yaml

from service import ROOT, Service, now_ms

pytestmark = pytest.mark.one_at_a_time

PAGE = (ROOT / "docs/clients.md").read_text()
RECIPES = {name: text for name, text in re.findall(r"<!-- recipe: ([\w-]+) -->\n```\w+\n(.*?)```", PAGE, re.S)}
MINUTE = 60_000
KEY = "a-key-of-the-operator-0123456789"


def test_every_recipe_was_found():
    assert set(RECIPES) == {"home-assistant", "grafana-infinity", "grafana-json-api"}
    assert PAGE.count("<!-- recipe:") == len(RECIPES)


@pytest.fixture(scope="module")
def house():
    """A service with keys, and three minutes of a kitchen and a hall."""
    with Service(flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        admin = service.start().client(key=KEY)
        from_ms = now_ms() // MINUTE * MINUTE - 3 * MINUTE
        for room, minutes in (("kitchen", [[20, 21], [22, 22.5, 23], [21]]), ("hall", [[18], [], [19, 17]])):
            for minute, values in enumerate(minutes):
                for second, value in enumerate(values):
                    sent = admin.post("/v1/readings", {"room": room, "sensor": f"s{second % 2}", "value": value,
                                                       "timestamp": from_ms + minute * MINUTE + second * 1000})
                    assert sent.json()["accepted"] == 1
        reader = admin.post("/v1/keys", {"name": "grafana", "role": "reader"}).json()["key"]
        yield service, reader, from_ms


def stamps(from_ms, *minutes):
    return [from_ms + minute * MINUTE for minute in minutes]


def epoch_ms(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def grafana(text, from_ms):
    """Grafana's own variables, as it puts them in before a request is sent."""
    return string.Template(text).substitute(__from=from_ms, __to=from_ms + 3 * MINUTE, __interval_ms=MINUTE)


def rows_at(answer, selector):
    """What stands at a selector of names with dots between."""
    for name in selector.split("."):
        answer = answer[name]
    return answer


def test_grafana_infinity(house):
    service, reader, from_ms = house
    recipe = json.loads(RECIPES["grafana-infinity"])
    url = urllib.parse.urlsplit(grafana(recipe["url"], from_ms))
    assert url.netloc == "localhost:8000"
    answer = service.client(key=reader).get(f"{url.path}?{url.query}")
    assert answer.status == 200, answer.text
    rows = rows_at(answer.json(), recipe["root_selector"])
    columns = {column["text"]: [rows_at(row, column["selector"]) for row in rows] for column in recipe["columns"]}
    assert [epoch_ms(each) for each in columns["time"]] == stamps(from_ms, 0, 0, 1, 2, 2)
    assert columns["room"] == ["kitchen", "hall", "kitchen", "kitchen", "hall"]
    assert columns["mean"] == [20.5, 18, 22.5, 21, 18]
    assert columns["max"] == [21, 18, 23, 21, 19]


def test_grafana_json_api(house):
    service, reader, from_ms = house
    recipe = json.loads(RECIPES["grafana-json-api"])
    query = urllib.parse.urlencode([(name, grafana(value, from_ms)) for name, value in recipe["params"]])
    answer = service.client(key=reader).get(f"{recipe['urlPath']}?{query}")
    assert answer.status == 200, answer.text
    fields = {field["name"]: [found.value for found in jsonpath_rw.parse(field["jsonPath"]).find(answer.json())]
              for field in recipe["fields"]}
    assert [epoch_ms(each) for each in fields["time"]] == stamps(from_ms, 0, 1, 2)
    assert fields["mean"] == [20.5, 22.5, 21]


def home_assistant(service, reader, room=None):
    """The one sensor of the recipe as Home Assistant shows it: (available, state, attributes)."""
    rest, = yaml.safe_load(RECIPES["home-assistant"])["rest"]
    url = urllib.parse.urlsplit(rest["resource"])
    assert url.netloc == "localhost:8000"
    params = dict(rest["params"], **({"room": room} if room else {}))
    headers = {name: value.replace("KEY", reader) for name, value in rest["headers"].items()}
    answer = service.client().get(f"{url.path}?{urllib.parse.urlencode(params)}", headers=headers)
    value_json = answer.json()
    sensor, = rest["sensor"]

    def render(template):
        return jinja2.Environment().from_string(template).render(value_json=value_json, value=answer.text.decode())

    return (render(sensor["availability"]) == "True", render(sensor["value_template"]),
            {name: value_json.get(name) for name in sensor["json_attributes"]}, sensor)


def test_home_assistant(house):
    service, reader, _ = house
    available, state, attributes, sensor = home_assistant(service, reader)
    assert available
    assert float(state) == pytest.approx((20 + 21 + 22 + 22.5 + 23 + 21) / 6, abs=1e-12)
    assert attributes == {"count": 6, "sensors": 2}
    assert sensor["unit_of_measurement"] == "°C" == service.client(key=reader).get(
        "/v1/average", room="kitchen").json()["unit"]


def test_home_assistant_when_there_is_nothing(house):
    """No reading in the window, and a room that never was: unavailable, not 0."""
    service, reader, from_ms = house
    service.client(key=KEY).post("/v1/readings", {"room": "attic", "sensor": "s", "value": 30,
                                                  "timestamp": from_ms - 60 * MINUTE})
    assert home_assistant(service, reader, "attic")[:2] == (False, "None")
    assert home_assistant(service, reader, "nowhere")[0] is False
