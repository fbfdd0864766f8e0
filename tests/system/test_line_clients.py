"""Real clients write real readings, and the reference answers hold: an address is all that they need to change."""

import json
import re
import subprocess
import threading

import influxdb
import pytest

from line_clients import DATA, lines, points, run_node
from service import Service, now_ms
from test_real_data import CONFLICTS, ROWS, check_reference

pytestmark = [pytest.mark.one_at_a_time,
              pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data/b4b2022, which is not here")]


def counted(client, outcome):
    metrics = client.get("/metrics").text.decode()
    return int(float(re.search(r'readings_total\{outcome="%s"\} (\S+)' % outcome, metrics).group(1)))


def check_written(service):
    client = service.client()
    assert counted(client, "accepted") == ROWS - CONFLICTS
    assert counted(client, "conflict") == CONFLICTS
    assert counted(client, "rejected") == 0
    check_reference(client)
    service.restart(kill=True)
    check_reference(service.client())


def test_the_file_itself_as_csv(service):
    """As it was published here: curl --data-binary @b4b2022.bytime.csv.gz"""
    answer = service.client(timeout=300).post(
        "/v1/readings", (DATA / "b4b2022.bytime.csv.gz").read_bytes(),
        {"Content-Type": "text/csv", "Content-Encoding": "gzip"})
    assert answer.status == 200, answer.text
    check_written(service)


def test_python_influxdb(service):
    client = influxdb.InfluxDBClient("127.0.0.1", service.port, database="readings", gzip=True)
    assert client.ping()
    client.create_database("readings")
    assert {"name": "readings"} in client.get_list_database()
    batch = []

    def send():
        assert client.write_points(batch, time_precision="ms")
        batch.clear()

    for point in points():
        batch.append({**point, "time": point.pop("timestamp")})
        if len(batch) == 5000:
            send()
    send()
    check_written(service)


def test_python_influxdb_is_told_what_was_refused(service):
    client = influxdb.InfluxDBClient("127.0.0.1", service.port, database="readings")
    good = {"measurement": "temperature", "tags": {"room": "r", "sensor": "s"}, "fields": {"value": 20.0}}
    homeless = {"measurement": "temperature", "tags": {"sensor": "s"}, "fields": {"value": 20.0}}
    with pytest.raises(influxdb.exceptions.InfluxDBClientError) as raised:
        client.write_points([good, homeless])
    assert raised.value.code == 400 and "partial write" in str(raised.value) and "dropped=1" in str(raised.value)
    assert counted(service.client(), "accepted") == 1


def test_influx_import(service, tmp_path):
    file = tmp_path / "readings.txt"
    with open(file, "w") as out:
        out.write("# DDL\nCREATE DATABASE readings\n# DML\n# CONTEXT-DATABASE: readings\n")
        out.writelines(lines())
    ended = subprocess.run(["influx", "-host", "127.0.0.1", "-port", str(service.port), "-import", f"-path={file}",
                            "-precision=ms"], capture_output=True, text=True, timeout=300)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, said
    assert f"Processed {ROWS} inserts" in said and "Failed 0 inserts" in said, said
    check_written(service)


def test_influx_shell(service):
    def influx(statement):
        return subprocess.run(["influx", "-host", "127.0.0.1", "-port", str(service.port), "-execute", statement],
                              capture_output=True, text=True, timeout=60)

    assert influx("CREATE DATABASE home").returncode == 0
    assert "home" in influx("SHOW DATABASES").stdout
    refused = influx("SELECT mean(value) FROM temperature")
    assert refused.returncode != 0 and "/v1/average" in refused.stdout + refused.stderr


def test_node_influx(service):
    ended = run_node("write_v1.mjs", "127.0.0.1", str(service.port),
                     lines=(json.dumps(point) + "\n" for point in points()))
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    assert said["written"] == ROWS and "readings" in said["databases"] and said["online"]
    check_written(service)


def test_node_influxdb_client(service):
    ended = run_node("write_v2.mjs", f"http://127.0.0.1:{service.port}", "2000", lines=lines())
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {"lines": ROWS, "failures": []}
    check_written(service)


def test_node_influxdb_client_is_told_what_was_refused(service):
    stamp = now_ms()
    written = [f"temperature,room=r,sensor=s value={20 + i} {stamp - i}\n" for i in range(10)]
    written.insert(4, "temperature,room=r,sensor=s value=warm\n")
    ended = run_node("write_v2.mjs", f"http://127.0.0.1:{service.port}", "100", lines=written)
    assert ended.returncode == 0, ended.stderr
    (failure,) = json.loads(ended.stdout)["failures"]
    assert failure["status"] == 400 and failure["code"] == "invalid"
    assert json.loads(failure["message"])["line"] == 5
    assert counted(service.client(), "accepted") == 10


def test_node_influxdb_client_tries_again_until_the_service_is_there():
    """The service is not there at first: the client keeps what it has."""
    with Service() as probe:
        port = probe.start().port
        probe.kill()
        with Service(listen=f"127.0.0.1:{port}") as service:
            timer = threading.Timer(1, service.start)
            timer.start()
            ended = run_node("write_v2.mjs", f"http://127.0.0.1:{port}", "100",
                             lines=[f"temperature,room=r,sensor=s value=20 {now_ms()}\n"])
            timer.join()  # whatever became of it: the service is ended only once it was started
            assert ended.returncode == 0 and json.loads(ended.stdout)["failures"] == [], ended.stderr
            assert counted(service.client(), "accepted") == 1
