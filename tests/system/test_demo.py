"""`make demo`: a port and a folder of its own, and no other server gets anything of it."""

import glob
import os
import pathlib
import shutil
import subprocess

import pytest

from service import BINARY, ROOT, Service

pytestmark = pytest.mark.one_at_a_time

QUICK = {"DEMO_SECONDS": "0", "DEMO_MINUTES": "1", "DEMO_ROOMS": "3"}


@pytest.fixture
def checkout(tmp_path):
    """The script, and the program where it looks for it."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/demo", tmp_path / "scripts")
    (tmp_path / "build/release").mkdir(parents=True)
    (tmp_path / "build/release/temperature-service").symlink_to(pathlib.Path(BINARY).resolve())
    return tmp_path


def demo(checkout, **environment):
    folder = checkout / "temporary"
    folder.mkdir()
    ended = subprocess.run([checkout / "scripts/demo"], capture_output=True, text=True, timeout=120,
                           env=dict(os.environ, TMPDIR=str(folder), **QUICK, **environment))
    assert not list(folder.iterdir()), "it left something behind"
    left = [each for each in glob.glob("/proc/[0-9]*/cmdline")
            if str(folder).encode() in (pathlib.Path(each).read_bytes() if os.access(each, os.R_OK) else b"")]
    assert not left, "it left a process behind"
    return ended


def nothing_in(service):
    return service.client().get("/v1/rooms").json()["rooms"] == []


def test_a_service_that_runs_beside_it_gets_nothing(checkout, service):
    """Once it got 143,740 made-up readings: whoever answered at the demo's port was taken for the demo's own."""
    there = f"127.0.0.1:{service.port}"
    ended = demo(checkout, TEMPERATURE_LISTEN=there, TEMPERATURE_URL="http://" + there,
                 TEMPERATURE_DATA_DIR=str(service.data_dir), TEMPERATURE_KEY="of-another-service")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count('"count":') == 3 and there not in ended.stdout
    assert nothing_in(service)

    (checkout / "temporary").rmdir()
    ended = demo(checkout, DEMO_LISTEN=there)
    assert ended.returncode != 0 and "another program has the port" in ended.stderr
    assert nothing_in(service)


def test_its_usual_port_is_nobody_elses(checkout):
    """Not 8000, where `make run` serves: two demos run side by side, and beside anything."""
    script = (checkout / "scripts/demo").read_text()
    assert "8000" not in script and "DEMO_LISTEN:-127.0.0.1:0" in script


def test_a_server_that_answers_in_its_place_gets_nothing(checkout):
    """A stand-in says in its log that it serves where another one does: that one takes any key."""
    with Service() as other:
        other.start()
        program = checkout / "build/release/temperature-service"
        program.unlink()
        program.write_text(f'#!/bin/sh\n[ "$1" = serve ] || exec {BINARY} "$@"\n'
                           f'echo "serving url=http://127.0.0.1:{other.port}" >&2\nexec sleep 60\n')
        program.chmod(0o755)
        ended = demo(checkout)
        assert ended.returncode == 1 and "another server answers" in ended.stderr, ended.stderr
        assert nothing_in(other)
