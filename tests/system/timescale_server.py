"""TimescaleDB with what it has under its community licence, without a container: npm's PGlite with the extension, by
PostgreSQL's protocol. No background jobs: CALL run_job does one; no COPY FROM STDIN: it fails."""

import contextlib
import subprocess
import sys

import psycopg2

import npm


class TimescaleServer:
    """A context manager. One database, one superuser; connections take turns by the transaction. It is asked as a
    Database of postgres_server.py is."""

    owner = "postgres"
    name = "template1"

    def __init__(self, extension=True):
        self.extension = extension  # whether it is in the database at the start

    def __enter__(self):
        self.process = subprocess.Popen(["node", str(npm.installed("timescale") / "serve.mjs")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        if self.extension:
            self.script("CREATE EXTENSION timescaledb")
        return self

    @property
    def url(self):
        return f"postgresql://{self.owner}@127.0.0.1:{self.port}/{self.name}?sslmode=disable"

    def connect(self):
        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        return connection

    def query(self, sql, *parameters):
        """The rows of one statement, each a tuple; [] when it has none."""
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, sql, *parameters):
        """The only column of the only row."""
        ((value,),) = self.query(sql, *parameters)
        return value

    def script(self, sql):
        self.query(sql)

    def clear(self):
        """As it was at the start."""
        self.script("DROP SCHEMA IF EXISTS temperature_service CASCADE")

    def run_jobs(self, procedure):
        """Does now what the scheduler would do some time: the jobs of a policy, the oldest first."""
        jobs = self.query("SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = %s ORDER BY job_id",
                          procedure)
        for (job,) in jobs:
            self.query("CALL run_job(%s)", job)
        return len(jobs)

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def serve():
    """For tests in C++: prints the database's URL and goes on until its input ends."""
    with TimescaleServer() as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve()
