"""A real HAProxy in front of a service: it passes on connections, and says first for whom (PROXY protocol)."""

import os
import pathlib
import socket
import subprocess
import tempfile
import time

HAPROXY = os.environ.get("HAPROXY", "/usr/sbin/haproxy")
START_TIMEOUT_S = 30

CONFIGURATION = """
global
  log stderr format raw daemon
defaults
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
listen front
  bind 127.0.0.1:{port}
  server service 127.0.0.1:{behind} {how}
"""


class HaProxy:
    """A context manager. `how`: "send-proxy" (version 1) or "send-proxy-v2"."""

    def __init__(self, behind, how):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.configuration = CONFIGURATION.format(port=self.port, behind=behind, how=how)

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="haproxy-")
        path = pathlib.Path(self.temporary.name) / "haproxy.cfg"
        path.write_text(self.configuration)
        self.process = subprocess.Popen([HAPROXY, "-db", "-f", str(path)], stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                self.connect().close()
                return self
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.02)
        self.__exit__()
        raise RuntimeError("haproxy does not serve")

    def connect(self, source="127.0.0.1"):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=(source, 0))

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.temporary.cleanup()
