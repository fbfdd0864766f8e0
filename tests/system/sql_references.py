"""What the mirror's views must answer about the real readings, and of their own readings."""

import csv
import pathlib

import pytest

from migrating import SCHEMA
from service import ROOT

DATA = pathlib.Path(ROOT / "../shared/data/b4b2022")


def raw(unit):
    """What the view of minutes or hours must be, from the readings themselves."""
    return (f"SELECT date_bin('1 {unit}', time, TIMESTAMPTZ '2000-01-01 00:00:00+00') AS bucket, building, room, "
            f" quantity, count(*) AS count, sum(value) AS sum, min(value) AS min, max(value) AS max "
            f"FROM {SCHEMA}.room_readings GROUP BY 1, 2, 3, 4")


def compare_aggregates(database, units=("minute", "hour")):
    """All buckets of the views are those of raw SQL; the number of buckets of each."""
    numbers = []
    for unit in units:
        count, same, off = database.query(
            f"SELECT count(*), count(*) FILTER (WHERE a.count = r.count AND a.min = r.min AND a.max = r.max), "
            f"       coalesce(max(abs(a.sum - r.sum) / greatest(abs(r.sum), 1e-300)), 0) "
            f"FROM ({raw(unit)}) AS r "
            f"FULL JOIN {SCHEMA}.room_{unit}s AS a USING (bucket, building, room, quantity)")[0]
        assert count == same and off <= 1e-12, (unit, count, same, off)
        numbers.append(count)
    return numbers


def check_references(database):
    with open(DATA / "reference_b4b2022.csv") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 196
    answers = database.query(
        f"SELECT q.number, count(r.value), avg(r.value), min(r.value), max(r.value) "
        f"FROM unnest(%s, %s::timestamptz[]) WITH ORDINALITY AS q (room, at, number) "
        f"LEFT JOIN {SCHEMA}.room_readings AS r ON r.room = q.room AND r.quantity = 'temperature' "
        f"  AND r.time > q.at - INTERVAL '15 minutes' AND r.time <= q.at GROUP BY 1 ORDER BY 1",
        [row["room_id"] for row in rows], [row["t"] for row in rows])
    for row, (_, count, mean, low, high) in zip(rows, answers, strict=True):
        assert count == int(row["count"]), row
        assert (low, high) == (float(row["min_first_wins"]), float(row["max_first_wins"])), row
        assert abs(mean - float(row["mean_first_wins"])) <= 1e-9, row


needs_data = pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data/b4b2022, which is not here")
