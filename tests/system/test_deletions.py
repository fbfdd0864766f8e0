"""Readings that are deleted are gone from every answer, for good; their places are free again."""

import datetime
import http.server
import threading

import pytest

from credentials import KEY, make_key
from service import Service, average, now_ms, reading
from upkeep import run, url_of

pytestmark = pytest.mark.one_at_a_time

T = 1_760_000_000_000


@pytest.fixture
def client(admin):
    return admin


def sent(client, room, *values, sensor="s1", building="north", at=None):
    """One reading a second from `at` on, back from now."""
    at = at or now_ms() - 60_000
    rows = [reading(building=building, room=room, sensor=sensor, timestamp=at + i * 1000, value=value)
            for i, value in enumerate(values)]
    answer = client.post("/v1/readings", rows).json()
    assert answer["accepted"] == len(values), answer
    return at


def parse_ms(text):
    """Milliseconds since 1970 of "2026-11-01T12:00:00.250Z"."""
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def delete(client, room, /, **query):
    query = {"building": "north", "room": room, **query}
    return client.request("DELETE", "/v1/readings", **query)


def values(client, room, building="north"):
    answer = client.get("/v1/readings", building=building, room=room, limit=500)
    if answer.status == 404:  # its name has left with the last one
        return []
    return [row["value"] for row in answer.json()["readings"]]


def test_one_outlier_is_counted_deleted_and_sent_again(client):
    at = sent(client, "outlier", 20, -127, 22)
    asked = {"sensor": "s1", "quantity": "temperature", "from": at + 1000, "to": at + 1001, "reason": "a loose wire"}
    counted = delete(client, "outlier", dry_run="true", **asked)
    assert counted.status == 200, counted.text
    told = counted.json()
    assert (told["deleted"], told["dry_run"]) == (1, True)
    assert [parse_ms(told[name]) for name in ("from", "to")] == [at + 1000, at + 1001]
    assert values(client, "outlier") == [20, -127, 22]
    answer = delete(client, "outlier", **asked)
    assert answer.status == 200, answer.text
    assert answer.json()["deleted"] == 1 and answer.json()["position"] > 0
    assert values(client, "outlier") == [20, 22]
    assert average(client, "outlier", building="north")["value"] == 21
    assert delete(client, "outlier", **asked).json()["deleted"] == 0
    right = reading(building="north", room="outlier", sensor="s1", timestamp=at + 1000, value=24)
    assert client.post("/v1/readings", [right]).json()["accepted"] == 1
    assert average(client, "outlier", building="north")["value"] == 22


@pytest.mark.parametrize("query,status,code", [
    ({"from": T, "to": T + 1, "room": ""}, 400, "parameter_invalid"),
    ({"from": T, "to": T + 1, "sensor": ""}, 400, "parameter_invalid"),
    ({"from": T}, 400, "parameter_missing"),
    ({"to": T}, 400, "parameter_missing"),
    ({"from": T + 1, "to": T + 1}, 400, "parameter_invalid"),
    ({"from": T, "to": T + 1, "dry_run": "yes"}, 400, "parameter_invalid"),
    ({"from": T, "to": T + 1, "reason": "x" * 1025}, 400, "parameter_invalid"),
    ({"from": T, "to": T + 1, "rooms": "x"}, 400, "parameter_unknown"),
    ({"from": T, "to": T + 1, "room": "nowhere"}, 404, "room_unknown"),
])
def test_what_cannot_be_meant_deletes_nothing(client, query, status, code):
    sent(client, f"kept {code} {sorted(query)}", 20)
    answer = delete(client, "outlier", **query)
    assert (answer.status, answer.json()["code"]) == (status, code), answer.text


def test_a_curator_deletes_within_his_buildings_alone(secured, client):
    for building in ("north", "south"):
        sent(client, "shared", 20, building=building, at=1_760_000_000_000)
    key, _ = make_key(client, "curator", buildings=["south"])
    asked = {"from": 1_760_000_000_000, "to": 1_760_000_000_001}
    curator = secured.client(key=key)
    refused = delete(curator, "shared", **asked)
    assert (refused.status, refused.json()["code"]) == (403, "forbidden_building")
    assert delete(curator, "shared", building="south", **asked).json()["deleted"] == 1
    assert values(curator, "shared", building="south") == []
    assert values(client, "shared") == [20]
    for role in ("reader", "writer"):
        other = secured.client(key=make_key(client, role)[0])
        assert delete(other, "shared", **asked).status == 403
    assert values(client, "shared") == [20]


def test_the_command_says_how_many_and_asks(secured, client):
    at = sent(client, "of the command", 20, 21, 22)
    words = ["delete", "of the command", "--building", "north", "--from", str(at), "--to", str(at + 2000), "--url",
             url_of(secured), "--key", KEY]
    ended = run(*words, "--dry-run")
    assert ended.returncode == 0 and '"deleted":2' in ended.stdout, ended.stderr
    ended = run(*words)
    assert ended.returncode == 2 and "2 readings would go" in ended.stderr and "--yes" in ended.stderr, ended.stderr
    assert values(client, "of the command") == [20, 21, 22]
    ended = run(*words, "--yes", "--reason", "a test")
    assert ended.returncode == 0 and '"deleted":2' in ended.stdout, ended.stderr
    assert values(client, "of the command") == [22]


def test_a_reason_is_one_line_and_no_word_is_said_twice(client):
    at = sent(client, "one line", 20)
    for reason in ("a\0b", "a\nb", "\t"):
        refused = delete(client, "one line", reason=reason, **{"from": at, "to": at + 1})
        assert (refused.status, refused.json()["code"]) == (400, "parameter_invalid"), refused.text
    body = ('{"start":"2020-01-01T00:00:00Z","stop":"2100-01-01T00:00:00Z","predicate":"room=\\"other\\"",'
            '"predicate":"building=\\"north\\" AND room=\\"one line\\""}')
    refused = client.request("POST", "/api/v2/delete", body.encode(), {"Content-Type": "application/json"})
    assert refused.status == 400 and "twice" in refused.text.decode(), refused.text
    assert values(client, "one line") == [20]


class LosesTheAnswer(http.server.BaseHTTPRequestHandler):
    """A service that counts, and is gone when it has deleted."""

    deletions = 0

    def do_DELETE(self):
        if "dry_run=true" in self.path:
            body = b'{"deleted":2,"dry_run":true,"from":"2026-01-01T00:00:00.000Z","to":"2026-01-02T00:00:00.000Z"}'
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        LosesTheAnswer.deletions += 1
        self.close_connection = True

    def log_message(self, *_):
        pass


def test_the_command_deletes_once_when_no_answer_comes():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), LosesTheAnswer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ended = run("delete", "hall", "--from", "-1d", "--to", "now", "--yes", "--url",
                    f"http://127.0.0.1:{server.server_address[1]}", "--key", KEY)
        server.shutdown()
    assert LosesTheAnswer.deletions == 1
    assert ended.returncode != 0 and "audit" in ended.stderr, ended.stderr


def test_the_format_rises_with_the_first_deletion_and_restarts_keep_it(tmp_path):
    folder = tmp_path / "data"
    with Service(data_dir=folder) as service:
        client = service.start().client()
        at = sent(client, "hall", 20, -127, 22)
        assert (folder / "FORMAT").read_text().splitlines()[0] == "temperature-service 3"
        assert delete(client, "hall", dry_run="true", **{"from": at, "to": at + 1}).json()["deleted"] == 1
        assert (folder / "FORMAT").read_text().splitlines()[0] == "temperature-service 3", "nothing was deleted"
        assert delete(client, "hall", **{"from": at + 1000, "to": at + 1001}).json()["deleted"] == 1
        assert (folder / "FORMAT").read_text().splitlines()[0] == "temperature-service 5"
        for kill in (True, False):
            client.close()
            service.restart(kill=kill)
            client = service.client()
            assert values(client, "hall") == [20, 22]
        client.close()
        service.stop()
    verified = run("verify", "--data-dir", str(folder))
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_influxdbs_clients_delete_with_a_predicate(client):
    at = sent(client, "influx", 20, 21, 22)
    sent(client, "influx", 30, sensor="s2", at=at)
    body = {"start": "2020-01-01T00:00:00Z", "stop": "2100-01-01T00:00:00Z",
            "predicate": 'building="north" AND room="influx" AND sensor="s1" AND _measurement="temperature"'}
    answer = client.post("/api/v2/delete?org=home&bucket=readings", body)
    assert answer.status == 204, answer.text
    assert values(client, "influx") == [30]
    for predicate in (None, "", 'sensor="s2"', 'room="influx" OR room="outlier"', 'room="influx" AND host="y"'):
        refused = client.post("/api/v2/delete", dict(body, predicate=predicate))
        assert refused.status == 400 and refused.json()["message"], refused.text
    assert values(client, "influx") == [30]
