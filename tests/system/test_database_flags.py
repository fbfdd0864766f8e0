"""Where the mirror's database is named, and that no password of it is shown."""

import pathlib
import subprocess

import pytest

from service import BINARY, Service

pytestmark = pytest.mark.one_at_a_time

SECRET = "hunter-two"
URL = f"postgresql://ada:{SECRET}@127.0.0.1:9/heat"


@pytest.mark.parametrize("flags, environment, says", [
    (["--timescale-url", URL], {"TIMESCALE_DB_URL": URL + "er"}, "--timescale-url and TIMESCALE_DB_URL differ"),
    ([], {"TEMPERATURE_TIMESCALE_URL": URL, "TIMESCALE_DB_URL": URL + "er"}, "differ: give one"),
    ([], {"TIMESCALE_DB_URL": f"mysql://ada:{SECRET}@db/heat"}, "TIMESCALE_DB_URL: the database's URL is not usable"),
    (["--timescale-url", f"postgresql://ada:{SECRET}%@db/heat"], {}, "--timescale-url: the database's URL"),
    ([], {"TIMESCALE_DB_URL_FILE": "/nonexistent/url"}, "TIMESCALE_DB_URL_FILE: "),
    (["--timescale-schema", "Heat"], {}, "--timescale-schema must be"),
    (["--mirror-journal-max", "1"], {}, "--mirror-journal-max must be"),
])
def test_a_start_that_cannot_be_meant_ends_with_the_reason(tmp_path, flags, environment, says):
    with Service(tmp_path / "data", flags=["--dev", *flags], environment=environment) as service:
        status, output = service.run_to_end()
    assert status in (1, 2) and says in output, output
    assert SECRET not in output
    assert not (tmp_path / "data").exists()


def command_line(process):
    return pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")


def test_the_list_of_processes_shows_no_password():
    with Service(flags=["--dev", "--timescale-url", URL]) as service:
        service.start()
        words = b" ".join(command_line(service.process))
        assert b"ada:**********@" in words and SECRET.encode() not in words


def test_a_word_that_cannot_be_used_is_not_repeated_with_its_password():
    said = subprocess.run([BINARY, "verify", URL], capture_output=True, text=True)
    assert said.returncode == 2 and "postgresql://ada:**********@127.0.0.1:9/heat" in said.stderr, said.stderr
    assert SECRET not in said.stderr + said.stdout
