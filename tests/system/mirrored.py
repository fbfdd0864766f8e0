"""The mirror's tables, filled without the mirror: what a service answers, written by SQL."""

import uuid

import psycopg2.extras

from upkeep import all_readings, run


def make_tables(database):
    ended = run("migrate", environment={"TIMESCALE_DB_URL": database.url})
    assert ended.returncode == 0, ended.stderr


def fill_mirror(database, client, journal_id=None, position=1000):
    """Copies names, units and readings of a service to a database. {(building, room, sensor, quantity): id}."""
    ids = {}
    rows = []
    for (building, room, quantity), readings in sorted(all_readings(client).items()):
        for (sensor, timestamp), value in sorted(readings.items()):
            key = (building, room, sensor, quantity)
            if key not in ids:
                # Numbers with gaps, as a sequence leaves them behind transactions that were rolled back.
                ids[key] = 10 + 3 * len(ids)
            rows.append((ids[key], timestamp, value))
    with database.connect() as connection, connection.cursor() as cursor:
        for (building, room, sensor, quantity), number in ids.items():
            cursor.execute("INSERT INTO temperature_service.series VALUES (%s, %s, %s, %s, %s)",
                           (number, building, room, sensor, quantity))
        insert_readings(cursor, rows)
        for room in client.get("/v1/rooms", limit=1000).json()["rooms"]:
            for quantity in room["quantities"]:
                if quantity["unit"]:
                    cursor.execute("INSERT INTO temperature_service.units VALUES (%s, %s) ON CONFLICT DO NOTHING",
                                   (quantity["quantity"], quantity["unit"]))
        cursor.execute("INSERT INTO temperature_service.mirror (journal_id, position, fence, updated_at) "
                       "VALUES (%s, %s, 1, now())", (journal_id or str(uuid.uuid4()), position))
    return ids


def insert_readings(cursor, rows):
    """By the values' texts: SQL's own -0.0 has no sign."""
    psycopg2.extras.execute_values(cursor, "INSERT INTO temperature_service.readings VALUES %s",
                                   [(series, time, repr(value)) for series, time, value in rows],
                                   template="(%s, %s, %s::text::float8)", page_size=1000)
