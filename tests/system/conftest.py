import os
import subprocess

import pytest

from credentials import KEY
from postgres_server import PostgresServer
from service import Service
from timescale_server import TimescaleServer


# These files take longest, so they begin first: a file's tests stay with one worker, who would work alone at the end.
LONGEST_FIRST = ("test_hostile_server", "test_line_clients", "test_mirror_faults", "test_deployment",
                 "test_crash_history", "test_crash", "test_damage", "test_page", "test_timescale", "test_matrix",
                 "test_sentry", "test_upkeep", "test_history", "test_command_line", "test_client_flags",
                 "test_process", "test_waiting")


def pytest_collection_modifyitems(items):
    begins = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: begins.get(item.module.__name__, len(begins)))


@pytest.fixture
def service():
    with Service() as started:
        yield started.start()


@pytest.fixture(scope="module")
def shared_service():
    """One service for tests that keep to rooms of their own."""
    with Service() as started:
        yield started.start()


@pytest.fixture
def client(shared_service):
    its = shared_service.client()
    yield its
    its.close()


@pytest.fixture(scope="module")
def secured():
    """A service that asks for credentials."""
    with Service(flags=[], environment={"TEMPERATURE_ADMIN_KEY": KEY}) as started:
        yield started.start()


@pytest.fixture
def admin(secured):
    """Whoever has its operator's key."""
    its = secured.client(key=KEY)
    yield its
    its.close()


@pytest.fixture
def room(request):
    """A room of its own for each test."""
    return request.node.name


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL, for all tests of a worker."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def database(postgres):
    """A new database of that PostgreSQL, owned by a plain role."""
    made = postgres.database()
    yield made
    made.drop()


@pytest.fixture(scope="session")
def timescale_server():
    with TimescaleServer() as server:
        yield server


@pytest.fixture
def timescale(timescale_server):
    """A database with TimescaleDB and nothing of ours in it."""
    timescale_server.clear()
    return timescale_server


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    mount = [*sudo, "mount", "-t", "tmpfs", "-o", "size=48m,mode=777", "tmpfs", str(folder)]
    if subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("needs a small disk, and may not mount one here (root, or sudo without a password)")
    yield folder
    subprocess.run([*sudo, "umount", "-l", str(folder)], check=True)
