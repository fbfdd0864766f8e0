"""InfluxDB's clients, as they come from Debian and npm, and the real readings in the forms that they take."""

import calendar
import csv
import fcntl
import gzip
import os
import pathlib
import shutil
import subprocess
import time

from service import ROOT

DATA = pathlib.Path(ROOT / "../shared/data/b4b2022")
CLIENTS = ROOT / "tests/clients"
INSTALLED = pathlib.Path(os.environ.get("CLIENTS_DIR", ROOT / "build/clients"))


def node_clients():
    """The folder with npm's clients; installs them when they, or what they are, have changed."""
    wanted = "".join((CLIENTS / name).read_text() for name in ("package.json", "package-lock.json"))
    stamp = INSTALLED / "installed"
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with open(INSTALLED / "installing", "w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(CLIENTS / name, INSTALLED)
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=INSTALLED, check=True,
                           stdout=subprocess.DEVNULL)
            stamp.write_text(wanted)
        for script in CLIENTS.glob("*.mjs"):
            copy = INSTALLED / script.name
            if not copy.exists() or copy.read_bytes() != script.read_bytes():  # others may just be starting it
                shutil.copy(script, copy)
    return INSTALLED


def run_node(script, *arguments, lines=()):
    return subprocess.run(["node", str(node_clients() / script), *arguments], input="".join(lines), text=True,
                          capture_output=True, timeout=300)


def rows(name="b4b2022.bytime.csv.gz"):
    with gzip.open(DATA / name, "rt") as file:
        yield from csv.DictReader(file)


def epoch_ms(text):
    """Milliseconds since 1970 of "2022-10-05T22:00:00.000Z"."""
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) * 1000 + int(text[20:23])


def lines():
    """The file as line protocol, in milliseconds; the values as the file writes them."""
    for row in rows():
        yield "%s,room=%s,sensor=%s value=%s %d\n" % (
            row["quantity"], row["room_id"], row["sensor_id"], row["value"], epoch_ms(row["timestamp"]))


def points():
    """The same as the points of the clients that take objects."""
    for row in rows():
        yield {"measurement": row["quantity"], "tags": {"room": row["room_id"], "sensor": row["sensor_id"]},
               "fields": {"value": float(row["value"])}, "timestamp": epoch_ms(row["timestamp"])}
