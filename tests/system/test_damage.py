"""Any damage to any one file of a data folder is refused by name, or harmless."""

import collections
import concurrent.futures
import os
import random
import shutil
import socket
import time

import pytest

from damage import FLAGS, KINDS, Folder, Trial, ask_for_everything, damage
from service import Service, average, post_readings, reading
from upkeep import flip_a_byte, run, url_of, verify

PLACES = int(os.environ.get("DAMAGE_PLACES", "100"))
SEED = int(os.environ.get("DAMAGE_SEED", str(time.time_ns() % 1_000_000)))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    made = tmp_path_factory.mktemp("folders")
    return {"stopped": Folder(made / "stopped", kill=False), "killed": Folder(made / "killed", kill=True)}


@pytest.fixture
def copy(folders, tmp_path):
    """Copies a folder, changes it, and starts on it: (exit status, what was said)."""
    def started(which, change):
        folder = tmp_path / f"{which}{len(list(tmp_path.iterdir()))}"
        shutil.copytree(folders[which].path, folder)
        change(folder)
        with Service(data_dir=folder, flags=FLAGS) as service:
            return service.run_to_end()
    return started


def log_of(folder, store):
    return max((folder / store).glob("*.log"), key=lambda file: (file.stat().st_size > 0, file.name))


def manifest_of(folder, store):
    return folder / store / (folder / store / "CURRENT").read_text().strip()


def test_any_damage_is_refused_by_name_or_harmless(folders, tmp_path):
    print(f"DAMAGE_SEED={SEED} DAMAGE_PLACES={PLACES}")
    chance = random.Random(SEED)
    places = []
    for i in range(PLACES):
        which = "killed" if i % 3 == 2 else "stopped"
        places.append((folders[which], tmp_path / f"trial{i}", chance.choice(folders[which].files()),
                       chance.choice(KINDS), random.Random(chance.random())))
    wrong = []

    def outcome_of(place):
        trial = Trial(*place)
        try:
            return trial.outcome()
        except AssertionError as error:
            wrong.append(str(error))
            return "wrong"

    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        outcomes = collections.Counter(threads.map(outcome_of, places))
    print(dict(outcomes))
    assert not wrong, "\n\n".join(wrong[:20])
    assert outcomes["refused"] > 0


@pytest.mark.parametrize("which", ["stopped", "killed"])
def test_a_flipped_bit_revives_no_revoked_key(folders, copy, which):
    size = log_of(folders[which].path, "access/registry").stat().st_size
    assert size > 500
    for part in (2, 5, 8):
        status, said = copy(which, lambda folder: flip_a_byte(log_of(folder, "access/registry"), size * part // 9))
        assert status == 1 and "access/registry" in said and ".log" in said, said


@pytest.mark.parametrize("part", [1, 3, 5, 7, 9])
def test_a_manifest_that_was_cut_is_no_empty_history(copy, part):
    def cut(folder):
        file = manifest_of(folder, "history")
        os.truncate(file, file.stat().st_size * part // 10)
    status, said = copy("stopped", cut)
    assert status == 1 and "history/MANIFEST-" in said, said


def test_the_end_of_the_journal_is_known_after_a_stop(folders, copy, tmp_path):
    for length in (0.5, 0):
        status, said = copy("stopped", lambda folder: os.truncate(
            log_of(folder, "journal"), int(log_of(folder, "journal").stat().st_size * length)))
        assert status == 1 and "was cut" in said and ".log" in said and "journal" in said, said


def test_after_a_kill_the_last_record_is_named(folders, tmp_path):
    assert (folders["killed"].path / "STATE").read_text().splitlines()[1] == "serving"
    last = verify(folders["killed"].path)[2]["journal_last"]
    assert last > 24
    for kept in (True, False):
        folder = tmp_path / f"kept{kept}"
        shutil.copytree(folders["killed"].path, folder)
        if not kept:
            (folder / "STATE").unlink()
        with Service(data_dir=folder, flags=FLAGS) as service:
            ask_for_everything(service.start(), folders["killed"])
            assert "did not end in order" in service.output() and f"last_record={last}" in service.output()
            assert service.stop() == 0
            ask_for_everything(service.start(), folders["killed"])
            assert "did not end in order" not in service.output()


def test_what_is_known_of_a_folder_may_be_removed(folders, tmp_path):
    shutil.copytree(folders["stopped"].path, tmp_path / "data")
    (tmp_path / "data" / "STATE").unlink()
    with Service(data_dir=tmp_path / "data", flags=FLAGS) as service:
        ask_for_everything(service.start(), folders["stopped"])


def twice(file):
    damage(file, "double", random.Random(1))


@pytest.mark.parametrize("which", ["stopped", "killed"])
@pytest.mark.parametrize("store", ["journal", "history", "access/registry"])
def test_what_stands_there_twice_is_refused_in_one_line(folders, copy, which, store):
    files = [manifest_of(folders[which].path, store), log_of(folders[which].path, store)]
    for file in [file.relative_to(folders[which].path) for file in files if file.stat().st_size > 0]:
        status, said = copy(which, lambda folder: twice(folder / file))
        lines = [line for line in said.splitlines() if line.startswith("temperature-service:")]
        assert status == 1 and len(lines) == 1 and store in lines[0], said


def test_a_format_that_became_another_is_refused(copy):
    for which in ("stopped", "killed"):
        status, said = copy(which, lambda folder: (folder / "FORMAT").write_text("temperature-service 2\n"))
        assert status == 1 and "FORMAT is damaged" in said, said


def test_a_start_that_fails_forgets_nothing(folders, tmp_path):
    """The port is taken at the first start; then a log is cut."""
    folder = tmp_path / "data"
    shutil.copytree(folders["stopped"].path, folder)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with Service(data_dir=folder, flags=FLAGS, listen=f"127.0.0.1:{taken.getsockname()[1]}") as service:
            assert service.run_to_end()[0] == 1
    assert (folder / "STATE").read_text().splitlines()[1] == "stopped"
    os.truncate(log_of(folder, "journal"), 10)
    with Service(data_dir=folder, flags=FLAGS) as service:
        status, said = service.run_to_end()
    assert status == 1 and "was cut" in said, said


def test_a_backup_is_known_too(tmp_path):
    with Service() as service:
        post_readings(service.start().client(), reading("kept"))
        assert run("backup", tmp_path / "backup", "--url", url_of(service)).returncode == 0
        post_readings(service.client(), reading("kept", value=7))
    assert run("verify", "--data-dir", tmp_path / "backup").returncode == 0
    for part in ("whole", "cut"):
        assert run("restore", tmp_path / "backup", "--data-dir", tmp_path / part).returncode == 0
    with Service(data_dir=tmp_path / "whole") as service:
        assert average(service.start().client(), "kept", window="1h")["count"] == 1
        assert "did not end in order" not in service.output()
    os.truncate(log_of(tmp_path / "cut", "journal"), 0)
    ended = run("verify", "--data-dir", tmp_path / "cut")
    assert ended.returncode == 1 and "was cut" in ended.stdout, ended.stdout
    with Service(data_dir=tmp_path / "cut") as service:
        status, said = service.run_to_end()
    assert status == 1 and "was cut" in said, said


def test_a_folder_stays_one_program_s_when_its_lock_is_removed(service):
    (service.data_dir / "LOCK").unlink()
    with Service(data_dir=service.data_dir) as second:
        status, said = second.run_to_end()
    assert status == 1 and "another process has it" in said, said
    ended = run("verify", "--data-dir", service.data_dir)
    assert ended.returncode == 1 and "a service that runs" in ended.stderr


@pytest.mark.parametrize("text", ["temperature-service 2x\n", "temperature-service 2 x\nmore\n",
                                  "temperature-service 02\n", "temperature-service 2"[:-1] + "\n"])
def test_a_format_s_number_is_exact(tmp_path, text):
    (tmp_path / "FORMAT").write_text(text)
    with Service(data_dir=tmp_path) as service:
        status, said = service.run_to_end()
    assert status == 1 and "FORMAT" in said, said
