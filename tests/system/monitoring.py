"""A Prometheus and an Alertmanager of one's own, and what is read out of the files in deploy/."""

import json
import pathlib
import re
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request

import yaml

from service import ROOT

DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus/rules.yml"
DASHBOARDS = sorted((DEPLOY / "grafana/dashboards").glob("*.json"))
START_TIMEOUT_S = 60
METRIC = re.compile(r"\b(?:temperature_service|process)_\w+|\btarget_info\b")
# What Grafana puts in the place of its variables when nothing is chosen.
VARIABLES = {"$__rate_interval": "1m", "$job": ".*", "$instance": ".*", "$building": ".*", "$room": ".*",
             "$quantity": ".*"}


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_until(seen, what):
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            found = seen()
        except OSError:
            found = None
        if found:
            return found
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


class Server:
    """A program that serves HTTP on a port of this machine; ended by its own process."""

    def __init__(self, command, port, log):
        self.port = port
        self.log = log
        with open(log, "wb") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def get(self, path, **query):
        address = f"http://127.0.0.1:{self.port}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=START_TIMEOUT_S) as answer:
            return json.loads(answer.read() or "null")

    def stop(self):
        self.process.kill()
        self.process.wait()


class Monitoring:
    """Prometheus as deploy/prometheus has it, but for addresses, intervals and the credential; and its Alertmanager.
    A context manager."""

    def __init__(self, folder, service_port, key, certificate):
        self.folder = pathlib.Path(folder)
        self.alertmanager_port, self.port = free_port(), free_port()
        (self.folder / "prometheus.key").write_text(key)
        for file in DEPLOY.glob("prometheus/*.yml"):
            shutil.copy(file, self.folder)
        configuration = yaml.safe_load((self.folder / "prometheus.yml").read_text())
        configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        alertmanager = configuration["alerting"]["alertmanagers"][0]["static_configs"][0]
        assert alertmanager["targets"] == ["alertmanager:9093"]
        alertmanager["targets"] = [f"127.0.0.1:{self.alertmanager_port}"]
        for job in configuration["scrape_configs"]:
            assert job["static_configs"] == [{"targets": ["temperature-service:8000"]}]
            job |= {"static_configs": [{"targets": [f"127.0.0.1:{service_port}"]}], "scrape_interval": "1s",
                    "scheme": "https", "tls_config": {"ca_file": str(certificate)},
                    "authorization": {"credentials_file": "prometheus.key"}}
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))

    def __enter__(self):
        self.alertmanager = Server(
            ["prometheus-alertmanager", f"--config.file={self.folder}/alertmanager.yml",
             f"--storage.path={self.folder}/alerts", f"--web.listen-address=127.0.0.1:{self.alertmanager_port}",
             "--cluster.listen-address="], self.alertmanager_port, self.folder / "alertmanager.log")
        self.prometheus = Server(
            ["prometheus", f"--config.file={self.folder}/prometheus.yml",
             f"--storage.tsdb.path={self.folder}/series", f"--web.listen-address=127.0.0.1:{self.port}",
             # The first alerts may come before the Alertmanager is known.
             "--rules.alert.resend-delay=1s"],
            self.port, self.folder / "prometheus.log")
        return self

    def __exit__(self, *_):
        self.prometheus.stop()
        self.alertmanager.stop()

    def query(self, expression):
        answer = self.prometheus.get("/api/v1/query", query=expression)
        assert answer["status"] == "success", answer
        return answer["data"]["result"]


def substitute(text):
    for name, value in VARIABLES.items():
        text = text.replace(name, value)
    assert "$" not in text, text
    return text


def panel_queries(dashboard):
    """(title, query with its variables filled in) of each query of a dashboard."""
    return [(panel["title"], substitute(target["expr"]))
            for panel in json.loads(dashboard.read_text())["panels"] for target in panel.get("targets", ())]


def variable_queries(dashboard):
    return [variable["query"]["query"] for variable in json.loads(dashboard.read_text())["templating"]["list"]
            if variable["type"] == "query"]


def alerts():
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def metrics_in(query):
    """The families that a query of Prometheus names."""
    return {re.sub(r"_(bucket|sum|count)$", "", name) if "seconds" in name else name for name in METRIC.findall(query)}


def without(name, query):
    """The query as it would be were there no such metric."""
    return re.sub(rf"\b{name}(?=_bucket|_sum|_count|\b)", f"{name}_gone", query)


def documented():
    """{name: (type, labels)} of docs/metrics.md."""
    row = re.compile(r"^\| `(\w+)` \| (\w+) \| [^|]* \| ([^|]*) \|", flags=re.M)
    text = (ROOT / "docs/metrics.md").read_text()
    return {name: (kind, set(re.findall(r"\w+", labels))) for name, kind, labels in row.findall(text)}
