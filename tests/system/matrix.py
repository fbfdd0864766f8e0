"""What a cell of the matrix is made of, and how its cases are sent and judged.

In everything that is sent `<room>` is a room of the case's own, and `<s>`, `<ms>` and `<ns>` are the moment MOMENT in
that unit. Nothing else may be found in that room, or under its name in another building, than what a case says is kept.
"""

import collections
import dataclasses
import datetime
import gzip
import itertools
import json
import socket

from service import now_ms
from upkeep import run, url_of

MOMENT = 1_769_860_800_000  # 2026-01-31T12:00:00Z
BOM = "\ufeff"
BUILDINGS = ("default", "east", "K\u00fcche")
CODE_KINDS = "refused,conflict,passed_over"
NO_REFUSALS = ("conflict", "string", "no_number", "boolean", "attribute")
ROOMS = itertools.count()
LAST = b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
STAYS_OPEN = 404  # the answer to LAST

# A door: where it is, what it is told that it gets, what it answers when all is well and when nothing is taken.
Door = collections.namedtuple("Door", "path media well refused")
HTTP_DOORS = {
    "JSON": Door("/v1/readings", "application/json", 200, 422),
    "NDJSON": Door("/v1/readings", "application/x-ndjson", 200, 422),
    "CSV": Door("/v1/readings", "text/csv", 200, 422),
    "/write": Door("/write?precision=ms", "text/plain", 204, 400),
    "/api/v2/write": Door("/api/v2/write?precision=ms", "text/plain", 204, 422),
    "/api/v3/write_lp": Door("/api/v3/write_lp?precision=ms", "text/plain", 204, 400),
    "/temperatures": Door("/temperatures", "application/json", 201, 422),
}
LINE_DOORS = ("/write", "/api/v2/write", "/api/v3/write_lp")


@dataclasses.dataclass(frozen=True)
class Kept:
    """A reading that must be found. The unit is the one that a question answers with."""
    value: float
    sensor: str = "s"
    at: int = MOMENT
    quantity: str = "temperature"
    unit: str = "°C"
    room: str = "<room>"
    building: str = "default"


@dataclasses.dataclass(frozen=True)
class Case:
    """What is sent, and what must come of it."""
    sent: object                 # a text: a body, a file, an address; None: no start is wanted
    source: str                  # who needs it: a standard's section, a client, a report in a public repository
    kept: tuple = ()
    codes: tuple = ()            # why readings were refused, in conflict or passed over, as /v1/rejects counts them
    says: tuple = ()             # what stands in the answer, or what the program prints
    status: object = None        # None: what the door answers to readings of which some, or none, were taken
    path: str = None             # another than the door's
    headers: tuple = ()
    raw: tuple = None            # (what stands before, head's lines, body's form, version, what stands behind)
    flags: tuple = ()            # of import, or of the service
    environment: tuple = ()
    file: object = None          # the device map, or the configuration
    before: tuple = ()           # readings that a question is about
    answers: tuple = ()          # (path in the answer, what stands there)
    encoding: str = "utf-8"
    method: str = "GET"


def filled(sent, room, encoding="utf-8"):
    for name, meant in (("<room>", room), ("<ms>", MOMENT), ("<s>", MOMENT // 1_000), ("<ns>", MOMENT * 1_000_000)):
        sent = sent.replace(name, str(meant))
    return sent.encode(encoding)


def rejects(client):
    answer = client.get("/v1/rejects", group_by="code", kind=CODE_KINDS)
    return collections.Counter({group["code"]: group["count"] for group in answer.json()["groups"]})


def text_of(at):
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=at)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def found_in(client, building, room):
    """{(quantity, sensor, timestamp): value} of a room."""
    found = {}
    answer = client.get("/v1/sensors", building=building, room=room, limit=500)
    sensors = answer.json()["sensors"] if answer.status == 200 else []
    for quantity in sorted({each["quantity"] for sensor in sensors for each in sensor["quantities"]}):
        answer = client.get("/v1/readings", building=building, room=room, quantity=quantity, format="ndjson")
        for row in map(json.loads, answer.text.decode().splitlines()):
            found[quantity, row["sensor"], row["timestamp"]] = row["value"]
    return found


def check_kept(client, kept, room):
    """All that a case says is kept is found, and nothing else in the same rooms."""
    want = collections.defaultdict(dict)
    for building in BUILDINGS:
        want[building, room] = {}
    for each in kept:
        place = (each.building, each.room.replace("<room>", room))
        want[place][each.quantity, each.sensor, text_of(each.at)] = each.value
        asked = {"building": each.building, "room": place[1], "quantity": each.quantity, "sensor": each.sensor}
        answer = client.get("/v1/average", at=each.at, window="1s", **asked)
        assert answer.status == 200, (asked, answer.text)
        assert answer.json()["unit"] == each.unit, answer.text
    for (building, name), readings in want.items():
        found = found_in(client, building, name)
        assert found == readings, (building, name, found)


def check_codes(before, after, want):
    found = dict(after - before)
    assert found == dict(collections.Counter(want)), found


def check_says(case, text):
    for part in case.says:
        assert part in text, text


def value_at(body, path):
    for step in path.split("."):
        body = body[int(step)] if isinstance(body, list) else body[step]
    return body


def packed(body, form):
    """The body's bytes on the wire, and the line of the head that says where they end."""
    if form == "chunks":
        half = len(body) // 2
        parts = b"".join(b"%x \r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)
        return parts + b"0\r\n\r\n", b"Transfer-Encoding: chunked\r\n"
    if form == "GZIP":
        body = gzip.compress(body)
        return body, b"Content-Encoding: GZIP\r\nContent-Length: %d\r\n" % len(body)
    if form == "length":
        return body, b"Content-Length: %d\r\n" % len(body)
    assert form == "bare"
    return body, b""


def send_raw(service, door, case, body):
    """The statuses of all answers on one connection, with a last request that is not counted in the case."""
    before, head, form, version, behind = case.raw
    body, length = packed(body, form)
    request = b"POST %s HTTP/%s\r\nHost: localhost\r\nContent-Type: %s\r\n%s%s\r\n%s" % (
        door.path.encode(), version, door.media.encode(), length, head, body)
    statuses = []
    with socket.create_connection(("127.0.0.1", service.port), 60) as connection:
        connection.sendall(before + request + behind + LAST)
        stream = connection.makefile("rb")
        while line := stream.readline():
            statuses.append(int(line.split(b" ")[1]))
            length = 0
            while (field := stream.readline().rstrip()) != b"":
                name, _, value = field.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            stream.read(length)
    return statuses


def send_http(service, client, name, case, room):
    door = HTTP_DOORS[name]
    body = filled(case.sent, room, case.encoding)
    if case.raw is not None:
        assert send_raw(service, door, case, body) == list(case.status)
        return
    answer = client.post(case.path or door.path, body, {"Content-Type": door.media, **dict(case.headers)})
    refused = [code for code in case.codes if code not in NO_REFUSALS]
    status = case.status or (door.well if not refused else door.refused)
    if case.status is None and refused and case.kept and door.well == 200:
        status = 200
    assert answer.status == status, answer.text
    check_says(case, answer.text.decode())
    if door.path == "/v1/readings" and answer.status in (200, 422):
        assert sorted(each["code"] for each in answer.json()["rejected"]) == sorted(refused)


def send_import(service, case, room, folder):
    file = folder / f"{room}.{'ndjson' if '--ndjson' in case.flags else 'csv'}"
    file.write_bytes(filled(case.sent, room, case.encoding))
    flags = [flag.replace("<room>", room) for flag in case.flags if flag != "--ndjson"]
    url = [] if "--url" in flags else ["--url", url_of(service)]
    ended = run("import", file, *url, *(flag.replace("<url>", url_of(service)) for flag in flags))
    said = ended.stdout + ended.stderr
    assert ended.returncode == (case.status or 0), said
    check_says(case, said)


def ask(client, case, room):
    for each in case.before:
        answer = client.post("/v1/readings", filled(each, room), {"Content-Type": "application/json"})
        assert answer.status == 200 and answer.json()["rejected_count"] == 0, answer.text
    address = filled(case.sent, room).decode()
    answer = client.request(case.method, address.replace("<now>", str(now_ms())))
    assert answer.status == (case.status or 200), answer.text
    check_says(case, answer.text.decode())
    for path, want in case.answers:
        want = want.replace("<room>", room) if isinstance(want, str) else want
        assert value_at(answer.json(), path) == want, answer.text


def next_room():
    return f"m{next(ROOMS):05}"
