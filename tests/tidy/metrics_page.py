#!/usr/bin/env python3
"""Makes docs/metrics.md, the page of all metrics, and Datadog's list of them out of the table in the code. --write
writes both; without it they are printed. tidy.py holds them against the code."""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from tree import Tree

TABLE = "src/telemetry/metric_families.cc"
PAGE = "docs/metrics.md"
DATADOG = "deploy/datadog/openmetrics.d/conf.yaml"
PREFIX = "temperature_service_"
ROW = re.compile(r"\bdeclare\(\s*Metric::(\w+), (\w+),\s*(.*?)\),\n", flags=re.S)
STRING = r'"(?:\\.|[^"\\])*"'
ARGUMENT = re.compile(rf"\{{[^}}]*\}}|{STRING}(?:\s*{STRING})*")

HEAD = """# Metrics

Every family of `GET /metrics` and `GET /metrics/rooms`. `tests/tidy/metrics_page.py --write` makes this page out of the
[table in the code](../src/telemetry/metric_families.cc); what is not in it cannot be served, and `make lint` checks
that the page is up to date.

Names are by [Prometheus' conventions](https://prometheus.io/docs/practices/naming/): base units, `_total` at the end of
counters and of nothing else. Counters count from the start of the process. Who asks for `application/openmetrics-text`
gets OpenMetrics 1.0, everybody else the text format 0.0.4, both with the same names. What to do when one of them says
that something is wrong is in [alerts.md](alerts.md); how to scrape them in [operating.md](operating.md#metrics).
"""
COLUMNS = "| name | type | of | labels | what it is | when to look |\n|---|---|---|---|---|---|\n"
SERVICE = """
## The service

`GET /metrics`. It costs the same however large the building is: nothing here grows with sensors or rooms.

"""
ROOMS = """
## Rooms

`GET /metrics/rooms`, a scrape of its own, for every room that the credential may see; `?building=` for one building. It
has 10,000 averages at most.

"""
GONE = """
## Former names

Served beside the new ones until 0.3.

"""

AGENT_HEAD = """# Datadog's OpenMetrics check (version 2) of temperature-service. It goes to
# /etc/datadog-agent/conf.d/openmetrics.d/ on the service's machine. tests/tidy/metrics_page.py --write makes it;
# docs/datadog.md says more.
init_config:

instances:
  - openmetrics_endpoint: http://localhost:8000/metrics
    namespace: temperature_service
    # What --environment says becomes the tag env of every metric.
    target_info: true
    rename_labels:
      deployment_environment_name: env
    # Percentiles of the times that senders and people wait.
    histogram_buckets_as_distributions: true
    # A service that asks for credentials wants a reader's key here, unless it runs with --open metrics:
    # temperature-service key add datadog --role reader
    # auth_token:
    #   reader:
    #     type: file
    #     path: /etc/datadog-agent/temperature-service.key
    #   writer:
    #     type: header
    #     name: Authorization
    #     value: "Bearer <TOKEN>"
    #     placeholder: "<TOKEN>"
    # Counters are named without _total.
    metrics:
"""


@dataclass(frozen=True)
class Family:
    metric: str
    type: str
    name: str
    unit: str
    labels: tuple
    help: str
    look: str

    @property
    def deprecated(self):
        return self.help.startswith("deprecated")

    @property
    def of_rooms(self):
        return self.name.startswith(f"{PREFIX}room_")

    def row(self):
        labels = ", ".join(f"`{label}`" for label in self.labels)
        cells = (f"`{self.name}`", self.type, self.unit, labels, self.help, self.look)
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"

    def agent_line(self):
        name = self.name.removesuffix("_total")
        given = name.removeprefix(PREFIX)
        return f"      - {name}: {given.replace('process_', 'process.', 1)}\n"


def text_of(literals):
    """Adjacent C++ string literals as the text that they are."""
    return "".join(re.sub(r"\\(.)", r"\1", found[1:-1]) for found in re.findall(STRING, literals))


def families(tree):
    """Every row of the table, in its order."""
    if not tree.has(TABLE):
        return []
    found = []
    for metric, kind, rest in ROW.findall(tree.text(TABLE)):
        name, unit, labels, words, look = ARGUMENT.findall(rest)
        found.append(Family(metric, kind, text_of(name), text_of(unit),
                            tuple(text_of(label) for label in re.findall(STRING, labels)), text_of(words),
                            text_of(look)))
    return found


def page(tree):
    rows = families(tree)
    of_service = [each for each in rows if not each.of_rooms and not each.deprecated]
    text = HEAD
    for title, chosen in ((SERVICE, of_service), (ROOMS, [each for each in rows if each.of_rooms]),
                          (GONE, [each for each in rows if each.deprecated])):
        text += title + COLUMNS + "".join(each.row() for each in chosen)
    return text


def agent(tree):
    """The check's configuration, with a line for each metric; target_info is an option of its own."""
    return AGENT_HEAD + "".join(each.agent_line() for each in families(tree)
                                if not each.of_rooms and not each.deprecated and each.name != "target_info")


MADE = {PAGE: page, DATADOG: agent}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--root", default=Path(__file__).resolve().parents[2], help="the top of the checkout")
    arguments.add_argument("--write", action="store_true", help=f"write {PAGE} and {DATADOG}")
    chosen = arguments.parse_args()
    tree = Tree(chosen.root)
    for path, make in MADE.items():
        if chosen.write:
            file = Path(chosen.root) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(make(tree), encoding="utf-8")
        else:
            sys.stdout.write(make(tree))


if __name__ == "__main__":
    main()
