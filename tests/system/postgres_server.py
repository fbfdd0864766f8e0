"""A PostgreSQL of one's own: in a temporary folder, on a free port of loopback and on a socket, stopped by its pid."""

import contextlib
import itertools
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

import psycopg2

BINARIES = pathlib.Path(os.environ.get("POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))
ADMINISTRATOR = "admin"  # the superuser
PASSWORD = "p@ss/w:rd"  # everybody's; it needs percent-encoding in a URL
START_TIMEOUT_S = 60
# The session's time zone is one in which nobody gets a right answer by chance; messages are English.
# Nothing is synced: that would matter to the machine's power alone, not to kill -9 of the server.
SETTINGS = {"listen_addresses": "127.0.0.1", "timezone": "Asia/Kathmandu", "lc_messages": "C", "max_connections": "50",
            "shared_buffers": "64MB", "max_wal_size": "1GB", "autovacuum_naptime": "5min", "fsync": "off"}


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Database:
    """A database with its owner, a plain role: no superuser, and nothing but CONNECT elsewhere."""

    def __init__(self, server, name, owner):
        self.server = server
        self.name = name
        self.owner = owner

    @property
    def url(self):
        """As the service takes it, by TCP and with the password."""
        return self.server.url(self.name, self.owner)

    def connect(self, user=None):
        """A connection of psycopg2, each statement by itself (autocommit); the owner's, or another user's."""
        return self.server.connect(self.name, user or self.owner)

    def query(self, sql, *parameters, user=None):
        """The rows of one statement, each a tuple; [] when it has none."""
        with contextlib.closing(self.connect(user)) as connection, connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, sql, *parameters, user=None):
        """The only column of the only row."""
        ((value,),) = self.query(sql, *parameters, user=user)
        return value

    def script(self, sql, user=None):
        """Several statements, without parameters."""
        self.query(sql, user=user)

    def drop(self):
        self.server.admin().script(f'DROP DATABASE "{self.name}" WITH (FORCE)')


class PostgresServer:
    """A context manager, which starts it; `kill`, `stop` and `start` are for tests of what happens then."""

    numbers = itertools.count(1)

    def __init__(self, settings=None, port=None):
        self.settings = {**SETTINGS, **(settings or {})}
        self.port = port or free_port()
        self.process = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postgres-"))
        # The server refuses to run as root.
        self.as_user = {"user": "postgres"} if os.geteuid() == 0 else {}
        if self.as_user:
            entry = pwd.getpwnam("postgres")
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        try:
            self.make()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def make(self):
        password = self.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        self.run("initdb", "--pgdata", str(self.data), "--username", ADMINISTRATOR, "--pwfile", str(password),
                 "--no-sync", "--encoding", "UTF8", "--locale", "C", "--auth-local", "trust", "--auth-host",
                 "scram-sha-256")
        lines = [f"{name} = '{value}'\n" for name, value in self.settings.items()]
        lines += [f"port = {self.port}\n", f"unix_socket_directories = '{self.folder}'\n"]
        with open(self.data / "postgresql.conf", "a") as file:
            file.writelines(lines)

    def run(self, program, *arguments):
        done = subprocess.run([BINARIES / program, *arguments], cwd=self.folder, capture_output=True, text=True,
                              **self.as_user)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([BINARIES / "postgres", "-D", str(self.data)], cwd=self.folder, stderr=log,
                                            stdout=log, stdin=subprocess.DEVNULL, **self.as_user)
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                self.connect("postgres", ADMINISTRATOR).close()
                return self
            except psycopg2.OperationalError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.02)  # it does not say when it serves
        raise RuntimeError("PostgreSQL does not serve: " + self.log())

    def stop(self, how=signal.SIGINT):
        """SIGINT: sessions are ended, nothing is lost; SIGTERM: waits for them; SIGQUIT: at once."""
        self.process.send_signal(how)
        self.process.wait()

    def kill(self):
        """kill -9 of the server and of all that it started."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        self.process.kill()
        self.process.wait()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)

    @property
    def data(self):
        return self.folder / "data"

    def log(self):
        log = self.folder / "log"
        return log.read_text(errors="replace") if log.exists() else ""

    def url(self, database, user, **parameters):
        quoted = f"{urllib.parse.quote(user, safe='')}:{urllib.parse.quote(PASSWORD, safe='')}"
        asked = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        return f"postgresql://{quoted}@127.0.0.1:{self.port}/{database}{asked}"

    def connect(self, database, user):
        connection = psycopg2.connect(host=str(self.folder), port=self.port, dbname=database, user=user)
        connection.autocommit = True
        return connection

    def admin(self, database="postgres"):
        """A database as the superuser sees it."""
        return Database(self, database, ADMINISTRATOR)

    def database(self):
        """A new, empty database whose owner is a role of its own. Its `drop` removes it."""
        name = f"readings_{next(self.numbers)}"
        owner = f"{name}_owner"
        administrator = self.admin()
        administrator.script(f"CREATE ROLE {owner} LOGIN PASSWORD '{PASSWORD}'")
        administrator.script(f"CREATE DATABASE {name} OWNER {owner}")
        return Database(self, name, owner)

    def role(self, name):
        """A plain role that may log in, and no more."""
        self.admin().script(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        return name

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


def serve():
    """For tests in C++: prints a database's URL and goes on until its input ends."""
    with PostgresServer() as server:
        print(server.database().url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve()
