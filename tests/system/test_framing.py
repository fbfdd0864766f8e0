"""Where a request ends. The same bytes go to nginx and to the service, each alone: as many requests are answered, and
the connection is closed after the same one; else one sender's body could be taken for another sender's request."""

import gzip
import itertools
import json
import socket

import pytest

from nginx import Nginx

pytestmark = pytest.mark.one_at_a_time

TIMEOUT_S = 60

# The last request of each row: its answer says that the connection was kept until there.
LAST = b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
KEPT = 404

BODY = b"# abc"  # a comment: line protocol without readings
CHUNKS = b"5\r\n# abc\r\n0\r\n\r\n"

GOOD, UNKNOWN, MALFORMED, TOO_LARGE = "good", "unknown", "malformed", "too large"

LENGTHS = [
    (b"Content-Length: 5", GOOD),
    (b"CONTENT-LENGTH:005 ", GOOD),
    (b"Content-Length: 5\r\nContent-Length: 5", MALFORMED),
    (b"Content-Length: 5\r\nContent-Length: 6", MALFORMED),
    (b"Content-Length: 5, 5", MALFORMED),
    (b"Content-Length: 5,", MALFORMED),
    (b"Content-Length: 5 5", MALFORMED),
    (b"Content-Length: +5", MALFORMED),
    (b"Content-Length: -5", MALFORMED),
    (b"Content-Length: 0x5", MALFORMED),
    (b"Content-Length: 5.0", MALFORMED),
    (b'Content-Length: "5"', MALFORMED),
    (b"Content-Length:", MALFORMED),
    (b"Content-Length:\r\n 5", MALFORMED),
    (b"Content-Length : 5", MALFORMED),
    (b"Content-Length: 18446744073709551616", MALFORMED),
    (b"Content-Length: 33554433", TOO_LARGE),
]

CODINGS = [
    (b"Transfer-Encoding: chunked", GOOD),
    (b"transfer-encoding:  CHUNKED ", GOOD),
    (b"Transfer-Encoding: gzip", UNKNOWN),
    (b"Transfer-Encoding: xchunked", UNKNOWN),
    (b"Transfer-Encoding: chunkedx", UNKNOWN),
    (b"Transfer-Encoding: gzip, chunked", UNKNOWN),
    (b"Transfer-Encoding: identity", MALFORMED),
    (b"Transfer-Encoding: identity, chunked", MALFORMED),
    (b"Transfer-Encoding: chunked, identity", MALFORMED),
    (b"Transfer-Encoding: chunked, gzip", MALFORMED),
    (b"Transfer-Encoding: chunked, chunked", MALFORMED),
    (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", MALFORMED),
    (b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", MALFORMED),
    (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip", MALFORMED),
    (b"Transfer-Encoding: chunked;q=1", MALFORMED),
    (b"Transfer-Encoding: chunked,", MALFORMED),
    (b"Transfer-Encoding: , chunked", MALFORMED),
    (b'Transfer-Encoding: "chunked"', MALFORMED),
    (b"Transfer-Encoding: chunked chunked", MALFORMED),
    (b"Transfer-Encoding: \x0bchunked", MALFORMED),
    (b"Transfer-Encoding: ch\xc3\xbcnked", MALFORMED),
    (b"Transfer-Encoding:", MALFORMED),
    (b"Transfer-Encoding:\r\n chunked", MALFORMED),
    (b"Transfer-Encoding : chunked", MALFORMED),
]


def request(fields=b"", body=b"", line=b"POST /write HTTP/1.1"):
    head = line + b"\r\nHost: localhost\r\n"
    return head + (fields + b"\r\n" if fields else b"") + b"\r\n" + body


def wanted(version, length, coding):
    """RFC 9112, sections 6.1 to 6.3, with nginx's choices: what may be read in two ways is refused."""
    if MALFORMED in (length, coding):
        return [400]
    if coding:
        if length or version == b"1.0":
            return [400]
        return [204, KEPT] if coding == GOOD else [501]
    return [413] if length == TOO_LARGE else [204, KEPT]


def combinations():
    for version, (length, length_kind), (coding, coding_kind) in itertools.product(
            (b"1.1", b"1.0"), [(b"", None), *LENGTHS], [(b"", None), *CODINGS]):
        if not length and not coding:
            continue  # ROWS has them
        body = CHUNKS if coding else BODY
        orders = [[length, coding], [coding, length]] if length and coding else [[length or coding]]
        for fields in orders:
            fields = b"\r\n".join([*fields, b"Connection: keep-alive"])
            yield request(fields, body, b"POST /write HTTP/" + version), wanted(version, length_kind, coding_kind)


POST = request(b"Content-Length: 5", BODY)
CHUNKED = b"Transfer-Encoding: chunked"
GZIPPED = gzip.compress(BODY)


def gzipped(name):
    return request(b"Content-Encoding:" + name + b"\r\nContent-Length: %d" % len(GZIPPED), GZIPPED)


# What is sent, what is answered, and why nginx answers otherwise, where it does.
ROWS = {
    "one line end behind each body": ((POST + b"\r\n") * 4, [204] * 4 + [KEPT], None),
    "one bare line end behind each body": ((POST + b"\n") * 4, [204] * 4 + [KEPT], None),
    "a line end behind chunks": (request(CHUNKED, CHUNKS) + b"\r\n", [204, KEPT], None),
    "a line end before all": (b"\r\n" + POST, [204, KEPT], None),
    "sixteen line ends": (b"\r\n" * 16 + POST, [204, KEPT], None),
    "seventeen line ends": (b"\r\n" * 17 + POST, [400], "they have a bound here"),
    "a bare CR before a request": (b"\r" + POST, [400], "it ends no line (RFC 9112, 2.2)"),
    "a blank before a request": (b" " + POST, [400], None),

    "no length, HTTP/1.1": (request(), [411], "a write without a body has lost it"),
    "no length, HTTP/1.0": (request(line=b"POST /write HTTP/1.0", fields=b"Connection: keep-alive"), [411],
                            "a write without a body has lost it"),
    "no length, and a body": (request(body=BODY + b"\r\n"), [411], "nginx takes the body for a request"),
    "no length, and a request for a body": (request(body=POST), [411], "nginx takes the body for a request"),
    "no length where no body is needed": (request(line=b"POST /query?q=SHOW%20DATABASES HTTP/1.1"), [200, KEPT], None),
    "a length of nothing": (request(b"Content-Length: 0"), [204, KEPT], None),
    "chunks of nothing": (request(CHUNKED, b"0\r\n\r\n"), [204, KEPT], None),
    "GET with a body": (request(b"Content-Length: 5", BODY, b"GET /livez HTTP/1.1"), [200, KEPT], None),
    "GET with chunks": (request(CHUNKED, CHUNKS, b"GET /livez HTTP/1.1"), [200, KEPT], None),
    "GET with an unknown coding": (request(b"Transfer-Encoding: gzip", b"", b"GET /livez HTTP/1.1"), [501], None),
    "no host": (b"POST /write HTTP/1.1\r\nContent-Length: 5\r\n\r\n" + BODY, [400], None),
    "a tab before the length": (request(b"Content-Length:\t5", BODY), [204, KEPT],
                                "a tab is a blank (RFC 9110, 5.6.3)"),
    "a tab before the coding": (request(b"Transfer-Encoding:\tchunked", CHUNKS), [204, KEPT],
                                "a tab is a blank (RFC 9110, 5.6.3)"),
    "lines that end with LF alone": (POST.replace(b"\r\n", b"\n"), [400], "LF alone ends no line here (RFC 9112, 2.2)"),
    "a folded line": (request(b"X: a\r\n b\r\nContent-Length: 5", BODY), [400], None),

    "GZIP": (gzipped(b" GZIP"), [204, KEPT], None),
    "x-gzip": (gzipped(b"x-gzip"), [204, KEPT], None),
    "gzip with blanks": (gzipped(b" \t gzip \t"), [204, KEPT], None),
    "gzip and identity": (gzipped(b" gzip, identity"), [204, KEPT], None),
    "identity": (request(b"Content-Encoding: Identity\r\nContent-Length: 5", BODY), [204, KEPT], None),
    "an unknown coding of the content": (gzipped(b" br"), [415, KEPT], None),
    "gzip twice": (gzipped(b" gzip, gzip"), [415, KEPT], None),

    "a blank behind a size": (request(CHUNKED, b"5 \r\n# abc\r\n0  \r\n\r\n"), [204, KEPT], None),
    "a tab behind a size": (request(CHUNKED, b"5\t\r\n# abc\r\n0\r\n\r\n"), [204, KEPT], None),
    "an extension": (request(CHUNKED, b'5;a="b";c\r\n# abc\r\n0;d\r\n\r\n'), [204, KEPT], None),
    "a blank before an extension": (request(CHUNKED, b"5 ; a\r\n# abc\r\n0\r\n\r\n"), [204, KEPT], None),
    "a field behind the chunks": (request(CHUNKED, b"5\r\n# abc\r\n0\r\nA: b\r\n\r\n"), [204, KEPT], None),
    "a length behind the chunks": (request(CHUNKED, b"0\r\nContent-Length: 60\r\n\r\n"), [204, KEPT], None),
    "a request behind the chunks": (request(CHUNKED, b"0\r\nGET / HTTP/1.1\r\n\r\n"), [400],
                                    "it is no field (RFC 9112, 7.1.2)"),
    "zeros before a size": (request(CHUNKED, b"0005\r\n# abc\r\n000\r\n\r\n"), [204, KEPT], None),
    "a size with a prefix": (request(CHUNKED, b"0x5\r\n# abc\r\n0\r\n\r\n"), [400], None),
    "a size with a sign": (request(CHUNKED, b"+5\r\n# abc\r\n0\r\n\r\n"), [400], None),
    "a size that is none": (request(CHUNKED, b"xyz\r\n"), [400], None),
    "no size": (request(CHUNKED, b"\r\n# abc\r\n0\r\n\r\n"), [400], None),
    "a size beyond 64 bits": (request(CHUNKED, b"10000000000000005\r\n# abc\r\n0\r\n\r\n"), [413], None),
    "a size over the limit": (request(CHUNKED, b"2000001\r\n"), [413], None),
    "a chunk that is too long": (request(CHUNKED, b"4\r\n# abc\r\n0\r\n\r\n"), [400], None),
    "a size that ends with LF": (request(CHUNKED, b"5\n# abc\r\n0\r\n\r\n"), [400], "LF alone ends no line here"),
    "a chunk that ends with LF": (request(CHUNKED, b"5\r\n# abc\n0\r\n\r\n"), [400], "LF alone ends no line here"),
}


def answers(connection, sent):
    """The statuses of the answers, up to the one that says the connection ends, or to its end."""
    connection.settimeout(TIMEOUT_S)
    statuses = []
    with connection:
        connection.sendall(sent)
        stream = connection.makefile("rb")
        while line := stream.readline():
            statuses.append(int(line.split(b" ")[1]))
            headers = {}
            while (field := stream.readline().rstrip()) != b"":
                name, _, value = field.partition(b":")
                headers[name.lower()] = value.strip().lower()
            assert b"transfer-encoding" not in headers
            stream.read(int(headers.get(b"content-length", 0)))
            if headers.get(b"connection") == b"close":
                return statuses
    return statuses


def outcome(statuses):
    """What two servers have to agree on, who word errors in their own ways."""
    return len(statuses), statuses[-1:] == [KEPT]


@pytest.fixture(scope="module")
def nginx():
    with Nginx() as started:
        yield started


@pytest.fixture
def ours(shared_service):
    return lambda sent: answers(socket.create_connection(("127.0.0.1", shared_service.port), TIMEOUT_S), sent)


@pytest.fixture
def theirs(nginx):
    return lambda sent: answers(nginx.connect(), sent)


def test_every_combination_of_length_and_coding(ours, theirs):
    wrong = []
    rows = list(combinations())
    assert len(rows) > 1_500
    for sent, want in rows:
        got = ours(sent + LAST)
        other = theirs(sent + LAST)
        if got != want or outcome(got) != outcome(other):
            wrong.append(f"{sent!r}: {got}, not {want}; nginx {other}")
    assert not wrong, f"{len(wrong)} of {len(rows)}\n" + "\n".join(wrong)


@pytest.mark.parametrize("name", ROWS)
def test_what_is_sent_is_read_as_nginx_reads_it(ours, theirs, name):
    sent, want, unlike = ROWS[name]
    got = ours(sent + LAST)
    assert got == want
    other = theirs(sent + LAST)
    assert (outcome(got) != outcome(other)) == bool(unlike), other


def test_a_body_without_a_length_is_told_in_the_words_of_the_address(shared_service):
    for path, word in {"/v1/readings": "code", "/temperatures": "code", "/write": "error", "/api/v2/write": "message",
                       "/v1/keys": "code", "/v1/admin/backup": "code"}.items():
        client = shared_service.client()
        client.connection.putrequest("POST", path)
        client.connection.endheaders()
        answer = client.connection.getresponse()
        assert answer.status == 411 and answer.getheader("Connection") == "close", path
        assert word.encode() in answer.read(), path
        client.close()


@pytest.mark.parametrize("field", [
    b"Content-Length: 60", b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip", b"Content-Encoding: gzip",
    b"Content-Type: text/csv", b"Content-Range: bytes 0-1/2", b"Host: evil.example", b"Origin: http://evil.example",
    b"Sec-Fetch-Site: cross-site", b"Authorization: Bearer x", b"Connection: close", b"Expect: 100-continue",
    b"TE: trailers", b"Trailer: Content-Length"])
def test_a_field_behind_the_chunks_says_nothing(ours, shared_service, field):
    """RFC 9110, section 6.5.1: it is passed over, whatever it would say before the body."""
    room = field.decode().split(":")[0] + field.decode().split(" ")[1].replace("/", "_")
    reading = json.dumps({"room": room, "sensor": "s", "value": 20}).encode()
    head = b"POST /v1/readings HTTP/1.1\r\nHost: localhost\r\n" + CHUNKED + b"\r\n"
    sent = head + b"\r\n%x\r\n%s\r\n0\r\n%s\r\n\r\n" % (len(reading), reading, field)
    assert ours(sent + sent + LAST) == [200, 200, KEPT]
    assert shared_service.client().get("/v1/average", room=room).json()["count"] >= 1


def test_an_unknown_coding_is_told_with_those_that_are_taken(client):
    answer = client.post("/v1/readings", b"[]", {"Content-Encoding": "br", "Content-Type": "application/json"})
    assert answer.status == 415 and answer.json()["code"] == "unsupported_encoding"
    assert answer.headers["accept-encoding"] == "gzip, identity"  # RFC 9110, section 15.5.16
