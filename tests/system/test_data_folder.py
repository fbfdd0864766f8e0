"""Where a data folder may lie, and what happens when it is taken away under a running service."""

import os
import shutil
import time

import pytest

from service import Service, average, post_readings, reading
from upkeep import run, url_of


def names_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture(scope="module")
def backup(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backup")
    with Service() as service:
        client = service.start().client()
        post_readings(client, reading())
        made = run("backup", folder / "b", "--url", url_of(service))
        assert made.returncode == 0, made.stderr
        assert service.stop() == 0
        shutil.copytree(service.data_dir, folder / "data")
    return folder


@pytest.mark.parametrize("into", ["b", "b/sub", "b/journal/sub", "b/../b/sub", "link/sub", "link", "data/sub", "data",
                                  "data/history/a/b", "none/../b/sub"])
def test_restore_goes_into_no_backup_and_no_data_folder(into, backup):
    link = backup / "link"
    if not link.is_symlink():
        link.symlink_to(backup / "b")
    before = names_below(backup)
    for source in ("b", "link"):
        ended = run("restore", backup / source, "--data-dir", f"{backup}/{into}")
        assert ended.returncode == 1 and "cannot restore into" in ended.stderr, ended.stderr
        assert names_below(backup) == before


def test_a_backup_goes_into_no_backup_and_no_data_folder(backup, tmp_path):
    with Service(data_dir=tmp_path / "served") as service:
        client = service.start().client()
        (tmp_path / "link").symlink_to(tmp_path / "served")
        for into in (backup / "b" / "x", backup / "data" / "x", tmp_path / "served" / "x", tmp_path / "link" / "x",
                     tmp_path / "served" / "history" / ".." / "x"):
            answer = client.post("/v1/admin/backup", {"directory": str(into)})
            assert answer.status == 422 and answer.json()["code"] == "directory_invalid", answer.text
            assert "lies in" in answer.json()["detail"]


@pytest.mark.parametrize("folder", ["b/new", "data/new", "data/journal/new"])
def test_a_new_data_folder_is_made_in_no_other(folder, backup):
    before = names_below(backup)
    status, said = Service(data_dir=backup / folder).run_to_end()
    assert status == 1 and "lies in" in said
    assert names_below(backup) == before


def refused_soon(client):
    """Waits until a write is refused because the folder is lost; returns the answer, and how many were taken before.
    Until that is noticed, within a second, a store may already miss its files: that is refused, too."""
    deadline = time.monotonic() + 20
    taken = 0
    while time.monotonic() < deadline:
        answer = client.post("/v1/readings", reading(value=1, timestamp=1_700_000_000_000 + taken))
        if answer.status != 200:
            assert answer.status == 503, answer.text
            if answer.json()["code"] == "data_folder_lost":
                return answer, taken
        taken += answer.status == 200
        time.sleep(0.05)  # between two questions
    raise AssertionError("nobody notices that the folder is lost")


@pytest.mark.parametrize("replaced", [False, True], ids=["moved", "another"])
def test_a_data_folder_that_is_taken_away_is_noticed(replaced, tmp_path):
    with Service(data_dir=tmp_path / "data") as service:
        client = service.start().client()
        post_readings(client, reading(room="before"))
        while not (tmp_path / "data" / "STATE").exists():  # written when it serves, wherever the path leads
            time.sleep(0.01)
        os.rename(tmp_path / "data", tmp_path / "elsewhere")
        if replaced:
            (tmp_path / "data").mkdir()
        answer, _ = refused_soon(client)
        assert answer.status == 503 and answer.json()["code"] == "data_folder_lost" and answer.headers["retry-after"]
        for path in ("/readyz", "/readyz?for=writes", "/readyz?for=reads"):
            ready = client.get(path)
            assert ready.status == 503 and b"data_folder_lost" in ready.text
        assert client.post("/write", "temperature,room=r,sensor=s value=1").status == 503
        assert average(client, "before")["count"] == 1, "memory still answers"
        # It stays so when the folder is there again: what was written meanwhile may lie elsewhere.
        if replaced:
            (tmp_path / "data").rmdir()
        os.rename(tmp_path / "elsewhere", tmp_path / "data")
        time.sleep(1.5)  # the folder is looked at once a second: it had its turn
        assert client.post("/v1/readings", reading()).status == 503
        assert service.output().count("warning writes are refused: the data folder was removed") == 1
        assert service.stop() == 0
        service.start()
        assert service.client().get("/readyz").status == 200
        assert post_readings(service.client(), reading())["accepted"] == 1


def test_a_data_folder_that_is_a_link_is_where_the_link_says(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with Service(data_dir=tmp_path / "link") as service:
        client = service.start().client()
        time.sleep(1.5)  # the folder is looked at once a second: it had its turn
        post_readings(client, reading())
        assert run("verify", "--data-dir", tmp_path / "real").returncode == 1, "in use by another name"
