"""What is served for monitoring, and what is in deploy/ for those who monitor: read by Prometheus' own programs."""

import datetime
import re
import subprocess

import pytest
import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from credentials import make_key
from monitoring import (DASHBOARDS, DEPLOY, Monitoring, alerts, documented, metrics_in, panel_queries,
                        substitute, variable_queries, wait_until, without)
from service import ROOT, now_ms, reading
from test_tls import KEY, make_certificate, start

pytestmark = pytest.mark.one_at_a_time

# Served beside the new ones until 0.3, when there is anything to say.
FORMER = {"temperature_service_build", "temperature_service_disk_days_left"}
OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"


@pytest.fixture(scope="module")
def watched(tmp_path_factory, postgres):
    """A service of which everything can be seen: with TLS, some traffic of every kind, a mirror, and a backup."""
    folder = tmp_path_factory.mktemp("watched")
    make_certificate(folder)
    with start(folder, "--environment", "testing", "--timescale-url", postgres.database().url) as service:
        admin = service.start().client(key=KEY)
        stamp = now_ms()
        for value, outcome in ((21.5, "accepted"), (21.5, "duplicates"), (22.5, "conflicts")):
            answer = admin.post("/v1/readings", reading("hall", value=value, timestamp=stamp))
            assert answer.json()[outcome] == 1, answer.text
        assert admin.post("/v1/readings", [{"room": "hall"}, reading("cellar")]).json()["rejected_count"] == 1
        assert admin.post("/write", "temperature,room=hall,sensor=s2 value=20,note=\"text\"").status == 204
        assert admin.get("/v1/average", room="hall").json()["count"] == 2
        assert admin.get("/v1/rooms").status == 200
        assert admin.post("/v1/admin/backup", {"directory": str(folder / "backup")}).status == 202
        wait_until(lambda: admin.get("/v1/admin/backup").json()["state"] == "done", "the backup")
        service.reader = make_key(admin, "reader")[0]
        yield service
        admin.close()


@pytest.fixture(scope="module")
def monitoring(watched, tmp_path_factory):
    folder = tmp_path_factory.mktemp("monitoring")
    with Monitoring(folder, watched.port, watched.reader, watched.folder / "cert.pem") as running:
        seen = 'min(count_over_time(up[1m]) >= 3 and up == 1) and count(up == 1) == 2'
        wait_until(lambda: running.query(seen), (folder / "prometheus.log").read_text())
        yield running


def scrape(service, path="/metrics", accept=None):
    answer = service.client(key=service.reader).get(path, headers={"Accept": accept} if accept else {})
    assert answer.status == 200, answer.text
    return answer


def families_of(service):
    text = scrape(service).text.decode() + scrape(service, "/metrics/rooms").text.decode()
    return {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}


def promtool(*arguments, text=None):
    command = ["promtool", *map(str, arguments)]
    return subprocess.run(command, input=text, capture_output=True, cwd=DEPLOY / "prometheus")


def test_names_keep_to_prometheus_conventions(watched):
    for path in ("/metrics", "/metrics/rooms"):
        checked = promtool("check", "metrics", text=scrape(watched, path).text)
        assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
    wrong = b"# HELP waited_ms Time\n# TYPE waited_ms counter\nwaited_ms 1\n"
    assert promtool("check", "metrics", text=wrong).returncode != 0, "it can fail"


def test_both_formats_have_the_same_samples(watched):
    plain = scrape(watched)
    assert plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    rich = scrape(watched, accept=OPENMETRICS)
    assert rich.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert rich.text.endswith(b"\n# EOF\n")

    def samples(families):
        return {(each.name, frozenset(each.labels.items())) for family in families for each in family.samples}

    read = list(read_openmetrics(rich.text.decode()))
    assert {family.name for family in read if family.unit == "seconds"} >= {"process_cpu_seconds"}
    missing = samples(read_text(plain.text.decode())) ^ samples(read)
    # The second scrape has seen the first one.
    assert {dict(labels).get("route") for _, labels in missing} <= {"/metrics"}


def test_what_is_served_is_what_the_page_has(watched):
    page = documented()
    assert families_of(watched) == set(page) - {"temperature_service_disk_days_left"}
    for path in ("/metrics", "/metrics/rooms"):
        for family in read_text(scrape(watched, path).text.decode()):
            name = family.name + "_total" if family.type == "counter" else family.name
            kind, labels = page[name]
            assert family.type == kind
            for sample in family.samples:
                assert set(sample.labels) - {"le"} == labels, name


def test_each_metric_says_where_and_what_it_is_of(watched):
    families = {family.name: family for family in read_text(scrape(watched).text.decode())}
    version = watched.client().get("/healthz").json()["version"]
    (target,) = families["target_info"].samples
    assert target.labels == {"service_name": "temperature-service", "service_version": version,
                             "deployment_environment_name": "testing"}
    for name in ("temperature_service_build_info", "temperature_service_build"):
        assert [(each.labels, each.value) for each in families[name].samples] == [({"version": version}, 1)]
    assert families["temperature_service_build"].documentation == (
        "deprecated, use temperature_service_build_info; goes in 0.3")
    expiry = families["temperature_service_tls_certificate_expiry_timestamp_seconds"].samples[0].value
    said = subprocess.run(["openssl", "x509", "-noout", "-enddate", "-dateopt", "iso_8601", "-in",
                           watched.folder / "cert.pem"], check=True, capture_output=True, text=True).stdout
    stamp = said.removeprefix("notAfter=").strip().replace("Z", "+00:00").replace(" ", "T")
    assert expiry == datetime.datetime.fromisoformat(stamp).timestamp()
    backup = families["temperature_service_backup_last_success_timestamp_seconds"].samples[0].value
    started = families["process_start_time_seconds"].samples[0].value
    assert started - 2 < backup <= now_ms() / 1000
    assert 0 < families["process_resident_memory_bytes"].samples[0].value
    assert families["process_open_fds"].samples[0].value <= families["process_max_fds"].samples[0].value


def test_an_environment_that_is_not_said_is_left_out(client):
    text = client.get("/metrics").text.decode()
    assert re.search(r'^target_info{service_name="temperature-service",service_version="[^"]+"} 1$', text, re.M)
    assert "tls_certificate_expiry" not in text
    assert re.search(r"^temperature_service_backup_last_success_timestamp_seconds 0$", text, re.M)
    assert re.search(r"^temperature_service_disk_time_left_seconds NaN$", text, re.M)
    assert re.search(r'^temperature_service_http_requests_total{route="/v1/keys",method="POST",status="5xx"} 0$',
                     text, re.M), "the first one is an increase"


def test_configurations_are_valid():
    for arguments in (["check", "config", "prometheus.yml"], ["check", "rules", "rules.yml"],
                      ["test", "rules", "rules_test.yml"]):
        checked = promtool(*arguments)
        assert checked.returncode == 0, checked.stdout.decode() + checked.stderr.decode()
    checked = subprocess.run(["amtool", "check-config", DEPLOY / "prometheus/alertmanager.yml"], capture_output=True)
    assert checked.returncode == 0, checked.stdout.decode() + checked.stderr.decode()
    for file in DEPLOY.glob("grafana/provisioning/*/*.yml"):
        assert yaml.safe_load(file.read_text())["apiVersion"] == 1


def test_each_alert_is_tested_and_has_a_runbook():
    tests = yaml.safe_load((DEPLOY / "prometheus/rules_test.yml").read_text())["tests"]
    fires, quiet = set(), set()
    for case in (each for test in tests for each in test["alert_rule_test"]):
        (fires if case["exp_alerts"] else quiet).add(case["alertname"])
    names = {rule["alert"] for rule in alerts()}
    assert fires == names and quiet == names - {"Watchdog"}
    page = (ROOT / "docs/alerts.md").read_text()
    sections = {name.lower(): text for name, text in re.findall(r"^## (\w+)\n\n(.*?)(?=\n## |\Z)", page, re.M | re.S)}
    assert set(sections) == {name.lower() for name in names}
    for rule in alerts():
        assert rule["annotations"]["runbook"] == f"docs/alerts.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in {"critical", "warning", "none"}
        text = sections[rule["alert"].lower()]
        assert "**Means**" in text and "**Do**" in text, rule["alert"]


def test_each_metric_that_is_asked_for_is_served(watched):
    """No alert and no panel is about a metric that does not exist."""
    served = families_of(watched)
    queries = [rule["expr"] for rule in alerts()]
    for dashboard in DASHBOARDS:
        queries += [query for _, query in panel_queries(dashboard)] + variable_queries(dashboard)
    assert len(queries) > 80
    for query in queries:
        names = metrics_in(query)
        assert names or re.search(r"\bup\b|vector\(1\)", query), query
        assert names <= served - FORMER, query


def test_datadog_takes_every_metric(watched):
    """Its check names counters without _total, and takes what is listed alone."""
    (instance,) = yaml.safe_load((DEPLOY / "datadog/openmetrics.d/conf.yaml").read_text())["instances"]
    assert instance["openmetrics_endpoint"].endswith("/metrics") and instance["target_info"] is True
    listed = {name: given for each in instance["metrics"] for name, given in each.items()}
    assert len(set(listed.values())) == len(listed) == len(instance["metrics"])
    parsed = {family.name for family in read_text(scrape(watched).text.decode())}
    assert set(listed) == parsed - FORMER - {"target_info"}
    assert not any(given.endswith("_total") or given.startswith("temperature_service") for given in listed.values())
    parsed |= {family.name for family in read_text(scrape(watched, "/metrics/rooms").text.decode())}
    page = (ROOT / "docs/datadog.md").read_text()
    named = re.findall(r'^ *-? *{?"?((?:temperature_service|process)_\w+)"?: ', page, re.M)
    assert len(named) > 8 and set(named) <= parsed


def test_prometheus_scrapes_and_judges(monitoring):
    targets = monitoring.prometheus.get("/api/v1/targets")["data"]["activeTargets"]
    assert {each["labels"]["job"]: each["health"] for each in targets} == {
        "temperature-service": "up", "temperature-service-rooms": "up"}, targets

    def judged():
        groups = monitoring.prometheus.get("/api/v1/rules")["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        return rules if all(rule["health"] == "ok" for rule in rules) else None

    assert len(wait_until(judged, "every rule is looked at")) == len(alerts())
    (environment,) = monitoring.query("temperature_service_serving * on (job, instance) "
                                      "group_left (deployment_environment_name) target_info")
    assert environment["metric"]["deployment_environment_name"] == "testing"


def test_an_alert_that_fires_reaches_the_alertmanager(monitoring):
    def told():
        return monitoring.alertmanager.get("/api/v2/alerts", filter='alertname="Watchdog"')

    (watchdog,) = wait_until(told, "the watchdog")
    assert watchdog["annotations"]["runbook"] == "docs/alerts.md#watchdog"
    assert [each["name"] for each in watchdog["receivers"]] == ["watchdog"]


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda path: path.stem)
def test_each_panel_shows_something_and_would_not_without_its_metric(monitoring, dashboard):
    queries = panel_queries(dashboard)
    assert len(queries) > 5
    for title, query in queries:
        assert monitoring.query(query), f"{title}: {query}"
        for name in metrics_in(query):
            assert not monitoring.query(without(name, query)), f"{title} shows something without {name}"
    for query in variable_queries(dashboard):
        series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", query).groups()
        assert all(label in each["metric"] for each in monitoring.query(substitute(series)))
        assert monitoring.query(substitute(series)), query
