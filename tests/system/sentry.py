"""A server that takes envelopes as Sentry does, and what Sentry's own reader and debuggers make of them."""

import base64
import http.server
import json
import pathlib
import subprocess
import threading

import npm
from service import wait_until

KEY = "0123456789abcdef0123456789abcdef"


class SentryServer:
    """Keeps every request. A context manager. What it answers is the test's: a status, and headers."""

    def __init__(self):
        self.requests = []  # (path, headers, body)
        self.status = 200
        self.headers = {}
        self.hangs = False
        self.ended = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append((self.path, dict(self.headers), body))
                if outer.hangs:
                    outer.ended.wait()
                    return
                answer = b'{"id":"1"}'
                self.send_response(outer.status)
                for name, value in {"Content-Length": str(len(answer)), **outer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    @property
    def dsn(self):
        return f"http://{KEY}@127.0.0.1:{self.server.server_address[1]}/42"

    def wait_for(self, count):
        wait_until(lambda: len(self.requests) >= count, f"{count} envelopes; there are {len(self.requests)}")

    def events(self):
        """The events of all envelopes, as @sentry/core reads them; each envelope has one."""
        events = []
        for header, items in parsed([body for _, _, body in self.requests]):
            assert len(items) == 1 and items[0][0]["type"] == "event", items
            assert items[0][1]["event_id"] == header["event_id"]
            events.append(items[0][1])
        return events

    def bytes(self):
        """All that came, but for the address of this server itself."""
        own = ("host",)
        return b"\n".join(
            part for path, headers, body in self.requests
            for part in (path.encode(), body, *(f"{name}: {value}".encode() for name, value in headers.items()
                                                if name.lower() not in own)))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()


def parsed(envelopes):
    lines = b"".join(base64.b64encode(envelope) + b"\n" for envelope in envelopes)
    run = subprocess.run(["node", "parse.mjs"], cwd=npm.installed("sentry"), input=lines, capture_output=True,
                         check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def functions_of(event, binary):
    """Names of the program's functions in an event's frames, the oldest call first, found by the debug information of
    `binary` at the addresses within the image, as a server of symbols does."""
    image = next(image for image in event["debug_meta"]["images"] if image["code_file"] == pathlib.Path(binary).name)
    begin, size = int(image["image_addr"], 16), image["image_size"]
    frames = [int(frame["instruction_addr"], 16) for frame in event["exception"]["values"][0]["stacktrace"]["frames"]]
    places = [hex(frame - begin) for frame in frames if begin <= frame < begin + size]
    run = subprocess.run(["addr2line", "-C", "-f", "-i", "-e", str(binary), *places], capture_output=True, text=True,
                         check=True)
    return run.stdout.splitlines()[::2]


def build_id_of(binary):
    run = subprocess.run(["readelf", "-n", str(binary)], capture_output=True, text=True, check=True)
    return next(line.split()[-1] for line in run.stdout.splitlines() if "Build ID" in line)
