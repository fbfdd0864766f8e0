"""The queries of docs/sql.md, read from the page, and the dashboard that asks the database: in PostgreSQL and in
TimescaleDB, over readings whose answers are reckoned here."""

import collections
import contextlib
import datetime
import json
import re
import zoneinfo

import pytest

from migrating import SCHEMA, UTC, add_series, insert, migrate
from service import ROOT

pytestmark = pytest.mark.one_at_a_time

PAGE = ROOT / "docs/sql.md"
DASHBOARD = ROOT / "deploy/grafana/database/rooms.json"
QUERIES = dict(re.findall(r"```sql\n-- ([^\n]+)\n(.*?)```", PAGE.read_text(), re.DOTALL))
MINUTE = datetime.timedelta(minutes=1)
HOUR = 60 * MINUTE
DAY = 24 * HOUR
AMSTERDAM = zoneinfo.ZoneInfo("Europe/Amsterdam")


class Museum:
    """A hall with two sensors, one of which was away for an hour; an attic that is hot; a cellar that was hot and was
    opened. Readings are 20 s behind the minute, and newer than `now` none."""

    def __init__(self):
        self.now = datetime.datetime.now(UTC)
        start = self.now.replace(second=20, microsecond=0)
        start -= MINUTE if start > self.now else datetime.timedelta(0)
        self.readings = []  # (room, sensor, quantity, time, value)
        for number in range(3 * 24 * 60):
            time = start - number * MINUTE
            self.readings.append(("hall", "s1", "temperature", time, 18 + number % 240 / 64))
            if not 180 < number < 240:
                self.readings.append(("hall", "s2", "temperature", time, 19 + number % 7 / 8))
            if number % 5 == 0:
                self.readings.append(("hall", "s2", "co2", time, 400 + number % 100))
            if number < 300:
                self.readings.append(("attic", "s3", "temperature", time, 26.5 + number % 3))
                self.readings.append(("cellar", "s4", "temperature", time, 27 if number > 30 else 25))
        self.gone = ("cellar", "s9", "humidity", start - 4 * DAY, 0.5)
        self.readings.append(self.gone)

    def fill(self, database):
        migrate(database.url)
        ids = add_series(database, [("museum", *name) for name in {row[:3] for row in self.readings}])
        insert(database, [(ids["museum", *row[:3]], row[3], row[4]) for row in self.readings])
        database.script(f"ANALYZE {SCHEMA}.readings; ANALYZE {SCHEMA}.series")

    def of(self, room=None, quantity="temperature", since=None, until=None):
        return [row for row in self.readings if room in (None, row[0]) and quantity in (None, row[2])
                and (since is None or row[3] > since) and (until is None or row[3] <= until)]


def mean(rows):
    return pytest.approx(sum(row[4] for row in rows) / len(rows), rel=1e-12)


def floor(time, unit):
    epoch = datetime.datetime(2000, 1, 1, tzinfo=UTC)
    return epoch + (time - epoch) // unit * unit


def grouped(rows, key):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(sorted(groups.items()))


@pytest.fixture(scope="module", params=["PostgreSQL", "TimescaleDB"])
def asked(request):
    """(the museum, the answer of each query of the page); all of them in one transaction, which has one now()."""
    museum = Museum()
    if request.param == "PostgreSQL":
        database = request.getfixturevalue("postgres").database()
    else:
        database = request.getfixturevalue("timescale_server")
        database.clear()
        database.script("DROP SCHEMA IF EXISTS facility CASCADE; DROP ROLE IF EXISTS dashboards")
    museum.fill(database)
    answers = {}
    with contextlib.closing(database.connect()) as connection, connection.cursor() as cursor:
        for name, sql in QUERIES.items():
            if "CREATE ROLE" in sql:
                continue
            cursor.execute("BEGIN")
            cursor.execute("SELECT now()")
            ((now,),) = cursor.fetchall()
            cursor.execute(sql)
            answers[name] = (now, cursor.fetchall() if cursor.description else None)
            cursor.execute("COMMIT")
    yield museum, database, answers
    if request.param == "PostgreSQL":
        database.drop()


def test_the_rolling_average_is_the_services(asked):
    museum, _, answers = asked
    now, ((average, count),) = answers["rolling average now"]
    rows = museum.of("hall", since=now - 15 * MINUTE, until=now)
    assert count == len(rows) in (28, 30) and average == mean(rows)
    now, rows = answers["rolling average of a day"]
    minutes = grouped(museum.of("hall"), lambda row: floor(row[3], MINUTE))
    assert [bucket for bucket, _ in rows] == [bucket for bucket in minutes if bucket > now - DAY]
    for bucket, average in rows[14::97]:
        assert average == mean([row for back in range(15) for row in minutes[bucket - back * MINUTE]])


def test_days_and_hours(asked):
    museum, _, answers = asked
    now, rows = answers["daily minimum by sensor"]
    days = grouped(museum.of("hall", since=now - 7 * DAY), lambda row: (row[3].astimezone(AMSTERDAM).date(), row[1]))
    assert rows == [(day, sensor, min(row[4] for row in its)) for (day, sensor), its in days.items()]
    assert len(rows) >= 6
    now, rows = answers["hours of a day"]
    midnight = now.astimezone(AMSTERDAM).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = midnight.astimezone(UTC) - DAY
    hours = grouped([row for row in museum.of() if floor(row[3], HOUR) >= begin],
                    lambda row: (floor(row[3], HOUR), row[0]))
    assert [row[:2] for row in rows] == list(hours)
    for (_, _, average, low, high), its in zip(rows, hours.values(), strict=True):
        assert average == mean(its) and (low, high) == (min(row[4] for row in its), max(row[4] for row in its))


def test_gaps_and_silence(asked):
    museum, _, answers = asked
    _, ((sensor, quantity, before, after, length),) = answers["gaps"]
    assert (sensor, quantity, length) == ("s2", "temperature", HOUR)
    times = sorted(row[3] for row in museum.of("hall") if row[1] == "s2")
    assert times[times.index(before) + 1] == after
    _, rows = answers["silent sensors"]
    assert rows == [("museum", *museum.gone[:4])]


def test_what_is_hot_for_an_hour_and_on_which_floor(asked):
    museum, _, answers = asked
    assert answers["above 26 degrees for an hour"][1] == [("museum", "attic", 26.5)]
    now, rows = answers["by floor"]
    floors = [(0, "hall"), (3, "attic")]
    assert [(row[0], row[2]) for row in rows] == [(number, 1) for number, _ in floors]
    for (_, average, _), (_, room) in zip(rows, floors):
        assert average == mean([row for row in museum.of(room) if floor(row[3], MINUTE) > now - HOUR])
    assert answers["rooms without sensors"][1] == []


def test_every_query_of_the_page_is_asked_and_none_is_left_out(asked):
    _, _, answers = asked
    assert len(re.findall(r"```sql", PAGE.read_text())) == len(QUERIES)
    checked = {"rolling average now", "rolling average of a day", "daily minimum by sensor", "hours of a day",
               "gaps", "silent sensors", "above 26 degrees for an hour", "a table of rooms", "by floor",
               "rooms without sensors"}
    assert set(answers) == checked and set(QUERIES) == checked | {"a role for dashboards"}


def test_a_role_for_dashboards_reads_the_views_and_nothing_else(postgres, database):
    migrate(database.url)
    administrator = postgres.admin(database.name)
    administrator.script("DROP ROLE IF EXISTS dashboards")
    administrator.script(QUERIES["a role for dashboards"])
    for view in ("room_readings", "room_minutes", "room_hours"):
        assert database.query(f"SELECT * FROM {SCHEMA}.{view}", user="dashboards") == []
    with pytest.raises(Exception, match="permission denied for table api_keys"):
        database.query(f"SELECT * FROM {SCHEMA}.api_keys", user="dashboards")
    administrator.script("DROP OWNED BY dashboards; DROP ROLE dashboards")


def filled(sql, museum):
    """With Grafana's macros and variables replaced, as it does it for a range of six hours."""
    since, until = (f"'{time.isoformat()}'" for time in (museum.now - 6 * HOUR, museum.now))
    sql = re.sub(r"\$__timeFilter\((\w+)\)", rf"\1 BETWEEN {since} AND {until}", sql)
    sql = re.sub(r"\$__timeGroupAlias\((\w+), ?\$__interval\)", r'floor(extract(epoch from \1)/60)*60 AS "time"', sql)
    sql = sql.replace("$__timeFrom()", since).replace("$__timeTo()", until)
    for variable, values in {"building": "'museum'", "room": "'hall','attic','cellar'",
                             "quantity": "'temperature'"}.items():
        sql = sql.replace("${%s:sqlstring}" % variable, values)
    assert "$" not in sql, sql
    return sql


def test_each_panel_of_the_dashboard_shows_something(asked):
    museum, database, _ = asked
    dashboard = json.loads(DASHBOARD.read_text())
    variables = [variable for variable in dashboard["templating"]["list"] if variable["type"] == "query"]
    found = {variable["name"]: [row for row, in database.query(filled(variable["query"], museum))]
             for variable in variables}
    assert found == {"building": ["museum"], "room": ["attic", "cellar", "hall"],
                     "quantity": ["co2", "humidity", "temperature"]}
    panels = {panel["title"]: database.query(filled(target["rawSql"], museum))
              for panel in dashboard["panels"] for target in panel["targets"]}
    assert len(panels) == len(dashboard["panels"]) and all(panels.values()), panels
    assert panels["Rooms with readings"] == [(3,)]
    shown = [row for row in museum.of() if museum.now - 6 * HOUR <= floor(row[3], MINUTE) <= museum.now]
    assert panels["Readings"] == [(len(shown),)]
    assert {row[:3] for row in panels["Averages of 15 minutes"]} == {("museum", room, "temperature")
                                                                    for room in ("hall", "attic", "cellar")}
