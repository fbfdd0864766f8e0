"""What tests of `import` share."""

import datetime
import json
from zoneinfo import ZoneInfo

from upkeep import run, url_of

UTC = datetime.timezone.utc
BERLIN = "Europe/Berlin"
CHICAGO = "America/Chicago"


def ms(moment):
    return int(moment.timestamp() * 1000)


def at_ms(text):
    return ms(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")))


def local(text, zone, fold=0):
    """The moment of a local time, in milliseconds."""
    return ms(datetime.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold))


def import_file(service, path, room, *flags, sensor="logger"):
    return run("import", path, "--url", url_of(service), "--room", room, "--sensor", sensor, *flags)


def taken(service, room, quantity="temperature"):
    """{timestamp: value} of a room's readings."""
    client = service.client()
    answer = client.get("/v1/readings", room=room, quantity=quantity, format="ndjson")
    client.close()
    if answer.status == 404:
        return {}
    assert answer.status == 200, answer.text
    rows = [json.loads(line) for line in answer.text.decode().splitlines()]
    found = {at_ms(row["timestamp"]): row["value"] for row in rows}
    assert len(found) == len(rows)
    return found


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path
