"""Starts the real program, talks to it over HTTP, and ends it in every way there is."""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The program would name a variable that means nothing to it. Under another name the tests' other processes find it.
BINARY = os.environ.setdefault("SYSTEM_TESTS_BINARY", os.environ.pop(
    "TEMPERATURE_BINARY", str(ROOT / "build/dev/temperature-service")))
# Whoever runs the tests may report errors of programs of his own: these here are none.
for name in [name for name in os.environ if name.startswith("SENTRY_")]:
    del os.environ[name]
START_TIMEOUT_S = 60
LOG_TAKES_S = 0.05


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.text = response.read()

    def json(self):
        return json.loads(self.text)


class Client:
    """One keep-alive connection."""

    def __init__(self, port, key=None, timeout=60):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.key = key

    def request(self, method, path, body=None, headers=None, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        headers = dict(headers or {})
        if self.key:
            headers.setdefault("Authorization", "Bearer " + self.key)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        self.connection.request(method, path, body, headers)
        return Answer(self.connection.getresponse())

    def get(self, path, headers=None, **query):
        return self.request("GET", path, headers=headers, **query)

    def post(self, path, body, headers=None):
        return self.request("POST", path, body, headers)

    def close(self):
        self.connection.close()


class Service:
    """The program with a data folder. A context manager: what is still running is killed at the end."""

    scheme = "http"

    def __init__(self, data_dir=None, flags=("--dev",), environment=None, binary=BINARY, listen="127.0.0.1:0"):
        self.temporary = None if data_dir else tempfile.TemporaryDirectory(prefix="temperature-")
        self.data_dir = pathlib.Path(data_dir) if data_dir else pathlib.Path(self.temporary.name) / "data"
        self.flags = list(flags)
        self.listen = listen
        # A sanitizer's build may take longer to write what is in memory; the real default has a test of its own.
        self.environment = {"TEMPERATURE_STOP_TIMEOUT": "60s", **os.environ, **(environment or {})}
        self.binary = binary
        self.process = None
        self.log = []
        self.log_path = None

    def launch(self):
        """Starts the process; does not wait until it serves."""
        handle, path = tempfile.mkstemp(prefix="temperature-log-")
        self.log_path = pathlib.Path(path)
        command = [self.binary, "serve", "--listen", self.listen, "--data-dir", str(self.data_dir), *self.flags]
        self.process = subprocess.Popen(command, stderr=handle, stdout=subprocess.DEVNULL, env=self.environment,
                                        stdin=subprocess.DEVNULL)
        os.close(handle)
        return self

    def output(self):
        """What the service has said, a moment later: a thread of its own writes the log."""
        if self.process.poll() is None:
            time.sleep(LOG_TAKES_S)
        return self.log_path.read_text(errors="replace")

    def start(self):
        self.launch()
        deadline = time.monotonic() + START_TIMEOUT_S
        self.port = None
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"ended with {self.process.returncode}: {self.output()}")
            found = re.search(self.scheme + r"://127\.0\.0\.1:(\d+)", self.output())
            if found:
                self.port = int(found.group(1))
                if self.ready():
                    return self
            time.sleep(0.02)
        raise RuntimeError("did not get ready: " + self.output())

    def ready(self):
        client = self.client()
        try:
            return client.get("/readyz").status == 200
        except OSError:
            return False
        finally:
            client.close()

    def client(self, **arguments):
        return Client(self.port, **arguments)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, timeout=20):
        """SIGTERM; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def restart(self, kill=False):
        if kill:
            self.kill()
        else:
            assert self.stop() == 0, self.output()
        return self.start()

    def run_to_end(self, timeout=START_TIMEOUT_S):
        """For starts that must fail: the exit status and what was said."""
        self.launch()
        status = self.process.wait(timeout)
        return status, self.output()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process and self.process.poll() is None:
            self.kill()
        if kind and self.log_path:
            print(self.output()[-8000:])
        if self.log_path:
            self.log_path.unlink(missing_ok=True)
        if self.temporary:
            self.temporary.cleanup()


def now_ms():
    return time.time_ns() // 1_000_000


def wait_until(condition, what="it does not come true", within=60):
    """Asks again and again: nobody says when it is so."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def reading(room="kitchen", sensor="s1", value=21.5, **more):
    return {"room": room, "sensor": sensor, "value": value, **more}


def post_readings(client, readings):
    answer = client.post("/v1/readings", readings)
    assert answer.status == 200, answer.text
    return answer.json()


def average(client, room, **query):
    answer = client.get("/v1/average", room=room, **query)
    assert answer.status == 200, answer.text
    return answer.json()
