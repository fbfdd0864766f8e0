"""docs/database.md as a new user would type it."""

import os
import re
import time

import pytest

from readme import COMMANDS, Checkout, free_port, read_blocks
from service import BINARY, ROOT, wait_until

pytestmark = pytest.mark.one_at_a_time

PAGE = ROOT / "docs/database.md"


class Machine(Checkout):
    """A checkout, and a PostgreSQL that seems to be this machine's: `sudo -u postgres psql` is its administrator's."""

    def __init__(self, folder, server):
        super().__init__(folder)
        self.ports = {port: free_port() for port in self.ports}
        self.server = server
        programs = self.root / "usr/local/bin"
        programs.mkdir(parents=True)
        (programs / "temperature-service").symlink_to(BINARY)
        sudo = programs / "sudo"
        sudo.write_text(f'#!/bin/sh\n[ "$*" = "-u postgres psql" ] && '
                        f'exec psql -X -v ON_ERROR_STOP=1 -h {server.folder} -U admin postgres\n')
        sudo.chmod(0o755)

    def environment(self):
        return super().environment() | {"PGPORT": str(self.server.port)}


@pytest.fixture
def machine(tmp_path, postgres):
    made = Machine(tmp_path, postgres)
    yield made
    made.close()
    postgres.admin().script("DROP DATABASE IF EXISTS readings WITH (FORCE)")
    for role in ("grafana", "temperature"):
        postgres.admin().script(f"DROP ROLE IF EXISTS {role}")


def test_the_page_from_the_first_block_to_the_last(machine, postgres):
    text = PAGE.read_text()
    blocks = [block for block in read_blocks(text) if block.language in COMMANDS]
    make_role, keep_url, serve, first_reading, verify, restore, original = blocks
    began = time.monotonic()
    machine.run(make_role)
    machine.run(keep_url)
    assert os.stat(machine.folder / "database-url").st_mode & 0o077 == 0
    machine.serve(serve)
    machine.run(first_reading)
    assert time.monotonic() - began < 300, "a first row within five minutes"
    database = postgres.admin("readings")
    rows = "SELECT room, sensor, value FROM temperature_service.room_readings"
    wait_until(lambda: database.query(rows))
    assert database.query(rows) == [("kitchen", "s1", 21.5)]

    postgres.role("grafana")
    (grant,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    database.script(grant, user="temperature")
    assert database.value("SELECT count(*) FROM temperature_service.room_readings", user="grafana") == 1
    with pytest.raises(Exception, match="permission denied"):
        database.query("SELECT * FROM temperature_service.api_keys", user="grafana")

    machine.run(verify)
    machine.run(restore)
    database.script("CREATE TABLE temperature_readings (building_id int, room_id int, sensor_id int, "
                    "temperature float8, reading_time timestamp)", user="temperature")
    database.script("INSERT INTO temperature_readings VALUES (1, 2, 3, 19.5, '2022-10-05 12:00')", user="temperature")
    (machine.folder / "original-url").write_text((machine.folder / "database-url").read_text())
    machine.run(original)
    machine.run(verify)
    (folder,) = machine.root.glob("var/lib/new/FORMAT")
    assert folder.read_text().startswith("temperature-service ")
