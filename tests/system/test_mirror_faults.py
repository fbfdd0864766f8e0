"""Each reading is in the database once, whatever happens to it, to the service, and to what is between them."""

import concurrent.futures
import http.client
import os
import random
import time
import urllib.parse

import pytest

from mirroring import DAY, assert_same, batch_of, caught_up, delete_some, flags_of, mirror_of, replace_some, wait_for
from postgres_proxy import PostgresProxy
from postgres_server import PASSWORD, PostgresServer
from service import Service, average, now_ms, post_readings, reading

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SEED = int(os.environ.get("CRASH_SEED", str(int(time.time()))))


@pytest.fixture(scope="module")
def own_postgres():
    """One that may be stopped and killed; what it has committed it keeps."""
    with PostgresServer(settings={"fsync": "on"}) as server:
        yield server


@pytest.fixture
def own_database(own_postgres):
    if own_postgres.process.poll() is not None:
        own_postgres.start()
    made = own_postgres.database()
    yield made
    if own_postgres.process.poll() is not None:
        own_postgres.start()
    made.drop()


def test_while_the_database_is_away_nothing_is_refused_and_it_catches_up(own_postgres, own_database):
    chance = random.Random(5)
    at = now_ms()
    with Service(flags=flags_of(own_database)) as service:
        client = service.start().client()
        post_readings(client, batch_of(chance, at - 60_000))
        caught_up(client)
        own_postgres.stop()
        for i in range(10):
            post_readings(client, batch_of(chance, at - 50_000 + i * 1_000))
        wait_for(client, lambda state: state["state"] == "waiting")
        assert client.get("/readyz").status == 200 and client.get("/readyz", **{"for": "writes"}).status == 200
        post_readings(client, [reading(room="exact", sensor=f"s{i}", timestamp=at, value=20 + i) for i in range(5)])
        assert average(client, room="exact", at=at)["value"] == 22
        state = mirror_of(client)
        assert state["lag_readings"] > 0 and state["lag_seconds"] > 0 and state["failures"] > 0
        assert state["error"], state
        said = service.output().count("the database gets no readings")
        own_postgres.start()
        assert_same(client, own_database)
        assert "the database takes readings again" in service.output()
        assert said <= 3, "a line for each attempt"


def test_what_the_journal_may_not_keep_for_the_database_is_owed_and_written_later(own_postgres, own_database):
    chance = random.Random(6)
    at = now_ms()
    with Service(flags=flags_of(own_database, "--mirror-journal-max", "64KiB", "--flush-readings", "1000")) as service:
        client = service.start().client()
        post_readings(client, batch_of(chance, at - 200_000))
        caught_up(client)
        own_postgres.stop()
        for i in range(60):
            post_readings(client, batch_of(chance, at - 60_000 + i * 1_000, size=300))
        state = wait_for(client, lambda state: state["owed_ranges"] > 0)
        assert state["lag_bytes"] < 500_000
        service.kill()  # what is owed is known all the same
        client = service.start().client()
        assert mirror_of(client)["owed_ranges"] > 0 or mirror_of(client)["state"] in ("starting", "connecting")
        post_readings(client, batch_of(chance, at))
        own_postgres.start()
        assert_same(client, own_database)


# What somebody does to the database while the mirror works, the words of the line that says so, its SQLSTATE, and what
# mends it. {owner} is the service's role.
TROUBLES = {
    "no right to write": ("REVOKE INSERT ON temperature_service.readings FROM {owner}", "permission denied", "42501",
                          "GRANT INSERT ON temperature_service.readings TO {owner}"),
    "read-only": ("ALTER ROLE {owner} SET default_transaction_read_only = on", "may only read", "25006",
                  "ALTER ROLE {owner} RESET default_transaction_read_only"),
    "a table was dropped": ("DROP TABLE temperature_service.readings CASCADE", "readings", None,
                            "DROP SCHEMA temperature_service CASCADE"),
    "tables of a newer program": ("INSERT INTO temperature_service.schema_migrations VALUES (999, 'x', now(), 'x')",
                                  "newer", None,
                                  "DELETE FROM temperature_service.schema_migrations WHERE version = 999"),
    "nobody may connect": ("ALTER ROLE {owner} NOLOGIN", "not permitted to log in", "28000",
                           "ALTER ROLE {owner} LOGIN"),
    "another password": ("ALTER ROLE {owner} PASSWORD 'another'", "password authentication failed", "28P01",
                         f"ALTER ROLE {{owner}} PASSWORD '{PASSWORD}'"),
}


@pytest.mark.parametrize("what", TROUBLES)
def test_what_is_wrong_with_the_database_is_said_in_a_line_and_it_goes_on_when_it_is_mended(database, what):
    broken, words, sqlstate, mended = (each and each.format(owner=database.owner) for each in TROUBLES[what])
    administrator = database.server.admin(database.name)
    hang_up = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{database.owner}'"
    with Service(flags=flags_of(database)) as service:
        client = service.start().client()
        post_readings(client, [reading(room="hall", timestamp=now_ms(), value=1)])
        caught_up(client)
        administrator.script(broken)
        administrator.query(hang_up)
        post_readings(client, [reading(room="hall", timestamp=now_ms(), value=2)])
        state = wait_for(client, lambda state: words in state.get("error", ""))
        assert sqlstate in (None, state.get("sqlstate")), state
        assert "\n" not in state["error"] and PASSWORD not in state["error"]
        assert client.get("/readyz").status == 200
        assert words in service.output()
        administrator.script(mended)
        administrator.query(hang_up)
        assert_same(client, database)


def write_through(service, seed, batches, ended):
    """Writes batches one after another, and deletes and replaces now and then; ends early when the service is gone."""
    chance = random.Random(seed)
    client = service.client()
    try:
        for _ in range(batches):
            if client.post("/v1/readings", batch_of(chance, now_ms())).status != 200:
                return
            if chance.random() < 0.1:
                chance.choice([delete_some, replace_some])(chance, client, now_ms())
            if ended():
                return
    except (OSError, http.client.HTTPException):
        return
    finally:
        client.close()


@pytest.mark.crash
def test_killed_services_and_databases_agree_reading_by_reading(own_postgres, own_database):
    print(f"CRASH_SEED={SEED}")
    chance = random.Random(SEED)
    flags = flags_of(own_database, "--mirror-journal-max", "256KiB", "--flush-readings", "2000")
    with Service(flags=flags) as service, concurrent.futures.ThreadPoolExecutor(2) as writers:
        service.start()
        for number in range(ROUNDS):
            over = time.monotonic() + chance.uniform(0.2, 1.2)
            running = [writers.submit(write_through, service, chance.random(), 10_000,
                                      lambda over=over: time.monotonic() > over + 0.3) for _ in range(2)]
            time.sleep(max(0, over - time.monotonic()))
            what = number % 3
            if what != 1:
                service.kill()
            if what != 0:
                own_postgres.kill()
            for each in running:
                each.result()
            if what != 1:
                service.start()
            if what != 0:
                own_postgres.start()
            client = service.client()
            assert_same(client, own_database)
            client.close()


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.crash), 9])
def test_cut_at_any_message_of_a_transaction_the_database_has_each_reading_once(database, every):
    at = now_ms() - DAY
    parts = urllib.parse.urlsplit(database.url)
    with PostgresProxy(parts.port) as proxy:
        url = database.url.replace(f":{parts.port}/", f":{proxy.port}/") + "?sslmode=disable&gssencmode=disable"
        with Service(flags=["--dev", "--timescale-url", url]) as service:
            client = service.start().client()
            post_readings(client, [reading(room="first", timestamp=at, value=1)])
            caught_up(client)

            def write_one(number):
                """A batch of a new series and of old ones: all that a transaction may be made of."""
                post_readings(client, [reading(room=f"room {number}", timestamp=at + number, value=number),
                                       reading(room="first", timestamp=at + number, value=number)])

            proxy.watch()
            write_one(1)
            caught_up(client)
            messages = proxy.unwatch()
            # BEGIN, settings, the fence, series (looked up, made, looked up), the unit, the COPY, COMMIT: of each
            # several messages and their answers.
            assert len(messages) > 40, messages
            cuts = 0
            for number in range(1, len(messages) + 1, every):
                proxy.watch(cut_at=number)
                write_one(number + 1)
                caught_up(client)
                proxy.unwatch()
                cuts += 1
                assert proxy.cuts == cuts, f"message {number} never came"
            assert cuts == len(range(0, len(messages), every))
            assert_same(client, database)
