"""An nginx of one's own: what another reader of HTTP makes of the same bytes; and a proxy in front of the service."""

import os
import pathlib
import socket
import subprocess
import tempfile
import time

NGINX = os.environ.get("NGINX", "/usr/sbin/nginx")
START_TIMEOUT_S = 30

# Behind the server that is asked is another one, so that bodies are read as a proxy reads them: to their end.
CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log info;
events {{}}
http {{
  access_log off;
  client_max_body_size 32m;
  client_body_temp_path {folder}/bodies;
  proxy_temp_path {folder}/proxied;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen unix:{folder}/front;
    location / {{ proxy_pass http://unix:{folder}/back; }}
  }}
  server {{
    listen unix:{folder}/back;
    location / {{ return 200 "answer"; }}
    location = /write {{ return 204; }}
    location = /nothing {{ return 404; }}
  }}
}}
"""

# In front of a service, under a prefix; on a port, for browsers.
PROXY = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log info;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/bodies;
  proxy_temp_path {folder}/proxied;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location /sensors/ {{
      proxy_pass http://127.0.0.1:{behind}/;
      proxy_set_header Host $http_host;
    }}
  }}
}}
"""


class Nginx:
    """A context manager: one process, in a folder of its own, on a socket there; no port, no service of the system."""

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="nginx-")
        self.folder = pathlib.Path(self.temporary.name)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(self.configuration())
        self.process = subprocess.Popen(
            [NGINX, "-p", str(self.folder), "-c", str(configuration), "-e", str(self.folder / "error.log")],
            stdin=subprocess.DEVNULL)
        try:
            self.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def configuration(self):
        return CONFIGURATION.format(folder=self.folder)

    def wait(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                self.connect().close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.02)
        raise RuntimeError("nginx does not serve: " + self.log())

    def log(self):
        log = self.folder / "error.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(self.folder / "front"))
        except OSError:
            connection.close()
            raise
        return connection

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.temporary.cleanup()


class PrefixProxy(Nginx):
    """In front of the service at a port of this machine: what is at / there is at /sensors/ of `port`."""

    def __init__(self, behind):
        self.behind = behind
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def configuration(self):
        return PROXY.format(folder=self.folder, port=self.port, behind=self.behind)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=START_TIMEOUT_S)
