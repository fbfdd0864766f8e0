"""Who deleted what is kept, in a chain of hashes that a program in another language can follow."""

import copy
import hashlib
import http.server
import json
import struct
import threading
from datetime import datetime, timezone

import pytest

from credentials import KEY, make_key
from service import Service, now_ms, reading
from upkeep import run, url_of, verify

NONE = "0" * 64


@pytest.fixture
def client(admin):
    return admin


def send(client, room, count, building="north", sensor="s1", at=None):
    at = at or now_ms() - 60_000
    rows = [reading(building=building, room=room, sensor=sensor, timestamp=at + i * 1000, value=20 + i)
            for i in range(count)]
    assert client.post("/v1/readings", rows).json()["accepted"] == count
    return at


def delete(client, room, building="north", **query):
    return client.request("DELETE", "/v1/readings", building=building, room=room, **query)


def audit(client, **query):
    answer = client.get("/v1/audit", **query)
    assert answer.status == 200, answer.text
    return answer.json()


def written(service, rooms, building="north", reason="a test"):
    """One deletion in each room, of two of its three readings; what each was answered."""
    client = service.client(key=KEY)
    answers = []
    for room in rooms:
        at = send(client, room, 3, building=building)
        answer = delete(client, room, building=building, reason=reason, **{"from": at, "to": at + 2000})
        assert answer.status == 200, answer.text
        answers.append(answer.json())
    client.close()
    return answers


# The chain, made anew from docs/formats/audit.md.


def text(value):
    size, head = len(value.encode()), b""
    while size >= 0x80:
        head += bytes([size & 0x7F | 0x80])
        size >>= 7
    return head + bytes([size]) + value.encode()


def ms(moment):
    at = datetime.fromisoformat(moment.replace("Z", "+00:00")) - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (at.days * 86_400 + at.seconds) * 1000 + at.microseconds // 1000


def hash_of(entry):
    names = [entry["scope"][name] for name in ("building", "room", "sensor", "quantity")]
    bits = sum(1 << i for i, name in enumerate(names) if name is not None)
    bits |= 16 * entry["purge"] | 32 * (entry["count"] is not None)
    kind = {"delete": 3, "replace": 4}[entry["action"]]
    made = bytes.fromhex(entry["previous_hash"]) + struct.pack("<BQBBQ", 1, entry["number"], kind, bits,
                                                               entry["position"])
    made += text(entry["journal_id"] or "")
    made += struct.pack("<qqq", ms(entry["time"]), ms(entry["from"]), ms(entry["to"]))
    if entry["count"] is not None:
        made += struct.pack("<Q", entry["count"])
    made += text(entry["who"]) + b"".join(text(name) for name in names if name is not None) + text(entry["reason"])
    return hashlib.sha256(made).hexdigest()


def chain_of(entries, end):
    before = NONE
    for number, entry in enumerate(entries, 1):
        assert (entry["number"], entry["previous_hash"]) == (number, before)
        assert entry["hash"] == hash_of(entry), entry
        before = entry["hash"]
    assert (end["number"], end["hash"]) == (len(entries), before)


def test_an_entry_says_who_deleted_what_and_why(secured, client):
    before = now_ms()
    at = send(client, "the hall", 3)
    key, key_id = make_key(client, "curator", buildings=["north"])
    keeper = secured.client(key=key)
    answer = delete(keeper, "the hall", sensor="s1", quantity="temperature", reason="a löse wire",
                    **{"from": at, "to": at + 2000}).json()
    keeper.close()
    page = audit(client)
    entry = page["entries"][-1]
    assert {name: entry[name] for name in ("position", "journal_id", "who", "action", "scope", "count", "reason",
                                           "purge")} == {
        "position": answer["position"], "journal_id": answer["journal_id"], "who": f"key:{key_id}", "action": "delete",
        "scope": {"building": "north", "room": "the hall", "sensor": "s1", "quantity": "temperature"}, "count": 2,
        "reason": "a löse wire", "purge": False}
    assert (ms(entry["from"]), ms(entry["to"])) == (at, at + 2000)
    assert before <= ms(entry["time"]) <= now_ms()
    assert answer["journal_id"] == client.get("/healthz").json()["journal_id"]
    chain_of(page["entries"], page["end"])


def test_it_is_told_page_by_page_and_by_time(secured, client):
    written(secured, [f"paged {i}" for i in range(5)])
    whole = audit(client)
    assert whole["next"] is None
    entries, cursor = [], {}
    while cursor is not None:
        page = audit(client, limit=2, **cursor)
        assert len(page["entries"]) <= 2
        entries += page["entries"]
        cursor = page["next"] and {"cursor": page["next"]}
    assert entries == whole["entries"]
    times = [ms(entry["time"]) for entry in entries]
    assert audit(client, **{"from": times[2]})["entries"] == [
        entry for entry in entries if ms(entry["time"]) >= times[2]]
    assert audit(client, to=times[2])["entries"] == [entry for entry in entries if ms(entry["time"]) < times[2]]
    assert audit(client, **{"from": "-1h"})["entries"] == entries
    assert audit(client, **{"from": times[-1] + 1})["entries"] == []


@pytest.mark.parametrize("query,code", [
    ({"from": ""}, "parameter_invalid"), ({"from": "soon"}, "parameter_invalid"),
    ({"from": 2_000, "to": 1_000}, "parameter_invalid"), ({"limit": 0}, "parameter_invalid"),
    ({"limit": 1001}, "parameter_invalid"), ({"cursor": "x"}, "parameter_invalid"),
    ({"cursor": "-1"}, "parameter_invalid"), ({"cursor": "18446744073709551616"}, "parameter_invalid"),
    ({"room": "hall"}, "parameter_unknown"),
])
def test_what_cannot_be_meant_is_refused(client, query, code):
    answer = client.get("/v1/audit", **query)
    assert (answer.status, answer.json()["code"]) == (400, code)


def test_a_curator_sees_the_entries_of_his_buildings(secured, client):
    written(secured, ["shared"], building="north")
    written(secured, ["shared"], building="south")
    of_south = secured.client(key=make_key(client, "curator", buildings=["south"])[0])
    seen = audit(of_south)
    assert {entry["scope"]["building"] for entry in seen["entries"]} == {"south"}
    assert "end" not in seen, "how many there are is not his to know"
    of_south.close()
    of_all = secured.client(key=make_key(client, "curator")[0])
    assert audit(of_all)["entries"] == audit(client)["entries"]
    of_all.close()
    key = make_key(client, "curator", buildings=["south"])[0]
    ended = run("audit", "verify", "--url", url_of(secured), "--key", key)
    assert ended.returncode == 1 and "all buildings" in ended.stderr, ended.stdout


def test_the_command_prints_it(secured, client):
    written(secured, ["of the command"], reason="the printer")
    asks = ["--url", url_of(secured), "--key", KEY]
    ended = run("audit", *asks)
    assert ended.returncode == 0, ended.stderr
    assert [json.loads(line) for line in ended.stdout.splitlines()] == audit(client)["entries"]
    ended = run("audit", "--from", "2020-01-01", "--to", "2020-01-02", "--json", *asks)
    assert (ended.returncode, ended.stdout) == (0, "")
    ended = run("audit", "--from", "soon", *asks)
    assert ended.returncode != 0 and "from" in ended.stderr
    ended = run("audit", "verify", "--json", *asks)
    end = audit(client)["end"]
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert json.loads(ended.stdout) == {"findings": 0, "entries": end["number"], "position": end["position"],
                                        "hash": end["hash"]}
    assert end["hash"] in run("audit", "verify", *asks).stdout


class Forger(http.server.BaseHTTPRequestHandler):
    page = {}

    def do_GET(self):
        body = json.dumps(self.page).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def forged(page):
    """What `audit verify` says of a service that tells this page."""
    handler = type("Forged", (Forger,), {"page": page})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        ended = run("audit", "verify", "--url", f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        serving.join()
    return ended


def test_a_service_that_tells_another_audit_is_found_out(secured, client):
    written(secured, [f"forged {i}" for i in range(4)])
    page = audit(client)
    assert forged(page).returncode == 0
    count = len(page["entries"])

    def changed(change):
        other = copy.deepcopy(page)
        change(other["entries"])
        ended = forged(other)
        assert ended.returncode == 1, ended.stdout
        return ended.stdout

    def rewrite(entries):
        entries[-2]["who"] = "somebody else"
        entries[-2]["hash"] = hash_of(entries[-2])

    def blame(entries):
        entries[1]["who"] = "somebody else"

    assert f"entry 2 at position {page['entries'][1]['position']} does not have its hash" in changed(blame)
    assert f"entry {count} " in changed(rewrite)
    assert "entries are missing" in changed(lambda entries: entries.pop(1))
    assert f"ends with entry {count - 1}, and {count} were written" in changed(lambda entries: entries.pop())
    assert f"ends with entry 0, and {count} were written" in changed(lambda entries: entries.clear())


def test_a_backup_and_what_is_restored_of_it_have_it(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        service.start()
        first = written(service, ["hall", "attic"])
        before = audit(service.client(key=KEY))
        ended = run("backup", tmp_path / "backup", "--url", url_of(service), "--key", KEY)
        assert ended.returncode == 0, ended.stderr
        written(service, ["later"])
        in_use = run("audit", "verify", "--data-dir", tmp_path / "data")
        assert in_use.returncode == 1 and "a service that runs" in in_use.stderr
    ended = run("restore", tmp_path / "backup", "--data-dir", tmp_path / "new")
    assert ended.returncode == 0, ended.stderr
    for folder, entries in (("data", 3), ("new", 2), ("backup", 2)):
        ended = run("audit", "verify", "--json", "--data-dir", tmp_path / folder)
        assert ended.returncode == 0, (folder, ended.stdout, ended.stderr)
        assert json.loads(ended.stdout)["entries"] == entries
    assert json.loads(run("audit", "verify", "--json", "--data-dir", tmp_path / "backup").stdout)["hash"] == \
        before["end"]["hash"]
    code, findings, sums = verify(tmp_path / "data")
    assert (code, findings, sums["audit_entries"]) == (0, [], 3)
    with Service(data_dir=tmp_path / "new", flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        service.start()
        client = service.client(key=KEY)
        assert audit(client)["entries"] == before["entries"]
        (more,) = written(service, ["after"])
        page = audit(client)
        chain_of(page["entries"], page["end"])
        assert page["entries"][-1]["journal_id"] == more["journal_id"] != first[0]["journal_id"]
        client.close()


def test_a_kill_leaves_each_deletion_in_it_once(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        service.start()
        answers = []
        for start in range(3):
            answers += written(service, [f"room {start}"])
            service.restart(kill=True)
        client = service.client(key=KEY)
        page = audit(client)
        client.close()
    assert [entry["position"] for entry in page["entries"]] == [answer["position"] for answer in answers]
    assert [entry["count"] for entry in page["entries"]] == [2, 2, 2]
    chain_of(page["entries"], page["end"])


def test_a_flipped_byte_of_it_is_found(tmp_path):
    with Service(data_dir=tmp_path / "data", flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as service:
        service.start()
        written(service, ["hall"], reason="a reason that can be found in the file")
        written(service, ["attic"])  # what was torn off at the end of a log would be delivered again
        service.kill()
    flipped = 0
    for file in (tmp_path / "data" / "history").iterdir():
        content = file.read_bytes()
        at = content.find(b"a reason that can be found")
        if at >= 0:
            file.write_bytes(content[:at] + b"A" + content[at + 1:])
            flipped += 1
    assert flipped > 0
    for command in (["audit", "verify"], ["verify"]):
        ended = run(*command, "--data-dir", tmp_path / "data")
        assert ended.returncode == 1, (command, ended.stdout)


def test_reasons_can_be_required(tmp_path):
    required = {"TEMPERATURE_REQUIRE_REASONS": "true"}
    for flags, environment in ((["--dev", "--require-reasons"], {}), (["--dev"], required)):
        with Service(data_dir=tmp_path / f"data {len(flags)}", flags=flags, environment=environment) as service:
            service.start()
            client = service.client()
            at = send(client, "hall", 4)
            asked = {"from": at, "to": at + 1000}
            for reason in ({}, {"reason": " "}):
                refused = delete(client, "hall", **asked, **reason)
                assert (refused.status, refused.json()["code"]) == (400, "parameter_invalid")
                assert "--require-reasons" in refused.json()["detail"]
            assert delete(client, "hall", dry_run="true", **asked).json()["deleted"] == 1
            assert delete(client, "hall", reason="a typo", **asked).json()["deleted"] == 1
            body = {"start": "2020-01-01T00:00:00Z", "stop": "2100-01-01T00:00:00Z",
                    "predicate": 'building="north" AND room="hall"'}
            refused = client.post("/api/v2/delete?org=home&bucket=b", body)
            assert refused.status == 400 and "reason" in refused.json()["message"]
            assert client.post("/api/v2/delete?org=home&bucket=b&reason=moved+out", body).status == 204
            page = audit(client)
            assert [(entry["reason"], entry["count"]) for entry in page["entries"]] == [("a typo", 1), ("moved out", 3)]
            client.close()
