"""What browsers and other clients ask for besides the answer itself: compressed, and for pages of other origins."""

import gzip
import http.client
import http.server
import json
import subprocess
import threading
import zlib

import pytest

from browser import Browser
from service import Service, now_ms, post_readings

KEY = "a-key-of-the-operator-0123456789"
PAGE = "https://boards.example"
HOUR = 3_600_000
LONG = 60_000  # readings of the room "long": more than are sent in one piece

pytestmark = pytest.mark.one_at_a_time


@pytest.fixture(scope="module")
def filled():
    with Service() as service:
        client = service.start().client()
        first = now_ms() - HOUR
        for room in range(40):
            post_readings(client, [{"room": f"room {room}", "sensor": "s", "timestamp": first + i * 500,
                                    "value": 20 + i % 7 / 8} for i in range(1_000)])
        for begin in range(0, LONG, 10_000):
            post_readings(client, [{"room": "long", "sensor": "s", "timestamp": first + i * 50, "value": i % 7 / 8}
                                   for i in range(begin, begin + 10_000)])
        yield client


def plain_and_compressed(client, path, **query):
    plain = client.get(path, **query)
    compressed = client.get(path, headers={"Accept-Encoding": "gzip"}, **query)
    assert plain.status == compressed.status == 200
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"  # for caches: the answer depends on that
    assert compressed.headers["content-encoding"] == "gzip"
    return plain, compressed


@pytest.mark.parametrize("path, query", [
    ("/v1/readings", {"room": "room 3"}), ("/openapi.json", {}),
    ("/v1/readings", {"room": "room 3", "format": "ndjson"}), ("/v1/readings", {"room": "room 3", "format": "csv"})])
def test_an_answer_is_the_same_compressed(filled, path, query):
    plain, compressed = plain_and_compressed(filled, path, **query)
    assert gzip.decompress(compressed.text) == plain.text
    assert len(compressed.text) < len(plain.text) / 3


def test_a_list_is_the_same_compressed(filled):
    plain, compressed = plain_and_compressed(filled, "/v1/rooms", limit=40)
    listed = [[room["room"] for room in json.loads(text)["rooms"]]
              for text in (plain.text, gzip.decompress(compressed.text))]
    assert listed[0] == listed[1] and len(listed[0]) == 40


def test_metrics_are_compressed_as_prometheus_asks(filled):
    _, compressed = plain_and_compressed(filled, "/metrics")
    assert b"temperature_service_http_connections " in gzip.decompress(compressed.text)


def test_a_body_in_pieces_is_one_gzip(filled):
    answer = filled.get("/v1/readings", room="long", format="ndjson", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["transfer-encoding"] == "chunked"
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    rows = reader.decompress(answer.text).splitlines()
    assert reader.eof and not reader.unused_data  # whole, and nothing after it
    assert len(rows) == LONG and json.loads(rows[-1])["value"] == (LONG - 1) % 7 / 8


@pytest.mark.parametrize("asked", ["identity", "br", "gzip;q=0", "gzip;q=0.2, identity;q=0.9", ""])
def test_who_does_not_ask_gets_it_plain(filled, asked):
    answer = filled.get("/v1/rooms", limit=40, headers={"Accept-Encoding": asked})
    assert "content-encoding" not in answer.headers and answer.json()["rooms"]


def test_short_answers_and_errors_are_plain(filled):
    for path, query in (("/v1/average", {"room": "room 1"}), ("/v1/average", {"room": "nowhere"}), ("/livez", {})):
        answer = filled.get(path, headers={"Accept-Encoding": "gzip"}, **query)
        assert "content-encoding" not in answer.headers and answer.text


def test_head_says_what_get_would(filled):
    get = filled.get("/v1/rooms", limit=40, headers={"Accept-Encoding": "gzip"})
    head = filled.request("HEAD", "/v1/rooms?limit=40", headers={"Accept-Encoding": "gzip"})
    assert head.text == b"" and head.headers["content-encoding"] == "gzip"
    assert abs(int(head.headers["content-length"]) - len(get.text)) < 200  # ages differ


def test_http_1_0_gets_pieces_compressed_too(filled):
    connection = http.client.HTTPConnection("127.0.0.1", filled.connection.port)
    connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"
    connection.request("GET", "/v1/readings?room=long&format=csv", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    assert answer.getheader("Content-Encoding") == "gzip"
    assert len(gzip.decompress(answer.read()).splitlines()) == LONG + 1
    connection.close()


def test_curl_reads_it(filled):
    url = f"http://127.0.0.1:{filled.connection.port}/v1/rooms?limit=40"
    said = subprocess.run(["curl", "-sS", "--compressed", url], capture_output=True, check=True, timeout=30).stdout
    assert len(json.loads(said)["rooms"]) == 40


# Pages of other origins


def start(*flags):
    return Service(flags=flags, environment={"TEMPERATURE_ADMIN_KEY": KEY})


def allowed(answer):
    return answer.headers.get("access-control-allow-origin")


def test_a_listed_page_may_read_answers_and_errors():
    with start("--cors-origin", PAGE + ",http://localhost:3000") as service:
        client = service.start().client()
        for origin in (PAGE, "http://localhost:3000"):
            answer = client.get("/v1/rooms", headers={"Origin": origin, "Authorization": "Bearer " + KEY})
            assert answer.status == 200 and allowed(answer) == origin and "Origin" in answer.headers["vary"]
            answer = client.get("/v1/rooms", headers={"Origin": origin})
            assert answer.status == 401 and allowed(answer) == origin
            assert "access-control-allow-credentials" not in answer.headers
        for origin in ("https://evil.example", "null", PAGE + ".evil.example", PAGE + ":8443"):
            answer = client.get("/v1/rooms", headers={"Origin": origin, "Authorization": "Bearer " + KEY})
            assert answer.status == 200 and allowed(answer) is None
        assert allowed(client.get("/v1/rooms")) is None


def test_browsers_that_ask_first_are_told():
    with start("--cors-origin", PAGE) as service:
        client = service.start().client()
        asked = {"Origin": PAGE, "Access-Control-Request-Method": "POST",
                 "Access-Control-Request-Headers": "authorization,content-type"}
        answer = client.request("OPTIONS", "/v1/readings", headers=asked)
        assert answer.status == 204 and allowed(answer) == PAGE
        assert "POST" in answer.headers["access-control-allow-methods"].split(", ")
        listed = answer.headers["access-control-allow-headers"].lower().split(", ")
        assert {"authorization", "content-type"} <= set(listed)
        assert answer.headers["access-control-max-age"] == "600"
        foreign = client.request("OPTIONS", "/v1/readings", headers={**asked, "Origin": "https://evil.example"})
        assert allowed(foreign) is None and "access-control-allow-methods" not in foreign.headers


def test_any_page_may_with_a_key_of_its_own():
    with start("--cors-origin", "*") as service:
        client = service.start().client()
        page = {"Origin": "https://anything.example"}
        answer = client.get("/v1/rooms", headers={**page, "Authorization": "Bearer " + KEY})
        assert answer.status == 200 and allowed(answer) == "*"
        assert client.get("/v1/rooms", headers={**page, "Authorization": "Basic eDp5"}).status == 403


@pytest.mark.parametrize("flags, word", [
    (["--dev", "--cors-origin", "*"], "--dev"), (["--cors-origin", "boards.example"], "SCHEME://HOST"),
    (["--cors-origin", "https://boards.example/path"], "SCHEME://HOST"), (["--cors-origin", "null"], "SCHEME://HOST")])
def test_origins_that_are_none_refuse_the_start(flags, word):
    with Service(flags=flags) as service:
        status, said = service.run_to_end()
        assert status == 2 and word in said


def test_under_dev_the_listed_page_alone_gets_in():
    with Service(flags=["--dev", "--cors-origin", PAGE]) as service:
        client = service.start().client()
        cross = {"Sec-Fetch-Site": "cross-site"}
        answer = client.get("/v1/rooms", headers={"Origin": PAGE, **cross})
        assert answer.status == 200 and allowed(answer) == PAGE
        answer = client.get("/v1/rooms", headers={"Origin": "https://evil.example", **cross})
        assert answer.status == 403 and allowed(answer) is None


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A page of another origin."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>boards</title>")

    def log_message(self, *_):
        pass


ASK = """(async () => {
  try {
    const answer = await fetch('%s/v1/readings', {
        method: 'POST', body: JSON.stringify({room: 'r', sensor: 's', value: 1}),
        headers: {'Authorization': 'Bearer %s', 'Content-Type': 'application/json'}});
    return answer.status + ' ' + JSON.stringify(await answer.json());
  } catch (error) { return String(error); }
})()"""


def test_a_real_browser_lets_the_listed_page_and_no_other():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as listed, \
            http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as other:
        for server in (listed, other):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        pages = [f"http://127.0.0.1:{server.server_address[1]}" for server in (listed, other)]
        with start("--cors-origin", pages[0]) as service, Browser() as browser:
            service.start()
            script = ASK % (f"http://127.0.0.1:{service.port}", KEY)
            with browser.page() as page:
                assert page.open(pages[0] + "/").evaluate(script).startswith('200 {"accepted":1')
                assert "Failed to fetch" in page.open(pages[1] + "/").evaluate(script)
            told = service.client(key=KEY).get("/v1/readings", room="r").json()
            assert len(told["readings"]) == 1  # the other page's was not sent: the browser had asked first
        for server in (listed, other):
            server.shutdown()
