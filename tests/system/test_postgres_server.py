"""The PostgreSQL that tests start: it is what they take it for."""

import psycopg2
import pytest

from postgres_server import PostgresServer

pytestmark = pytest.mark.one_at_a_time


def test_a_database_is_empty_and_its_owner_is_a_plain_role(postgres, database):
    with psycopg2.connect(database.url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database(), current_setting('server_version_num')::int")
        user, name, version = cursor.fetchone()
        assert (user, name) == (database.owner, database.name) and 150000 <= version < 160000
    assert database.value("SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
                          ) is False
    assert database.value("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
    guest = postgres.role("guest_of_" + database.name)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        database.query("CREATE TABLE mine (number int)", user=guest)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(database.url.replace("%40", "x"))


def test_what_was_committed_outlives_a_kill():
    with PostgresServer() as server:
        made = server.database()
        made.script("CREATE TABLE kept (number int); INSERT INTO kept VALUES (7)")
        server.kill()
        with pytest.raises(psycopg2.OperationalError):
            made.connect()
        server.start()
        assert made.value("SELECT number FROM kept") == 7
