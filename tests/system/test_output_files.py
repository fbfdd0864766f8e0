"""Commands that write: a file gets its name when it is whole, and what is no file stays what it is."""

import gzip
import os
import pathlib
import stat
import subprocess
import threading

import pytest

from service import BINARY, post_readings, reading

pytestmark = pytest.mark.one_at_a_time


@pytest.fixture
def filled(shared_service):
    post_readings(shared_service.client(), [reading("written", "s1", 21.5, timestamp="2024-05-01T12:00:00Z")])
    return shared_service


def export(service, target, *more, **arguments):
    url = f"http://127.0.0.1:{service.port}"
    return subprocess.run([BINARY, "export", "--url", url, "--room", "written", "-o", str(target), *more],
                          capture_output=True, **{"timeout": 60, **arguments})


def whole(text):
    lines = text.decode().splitlines()
    return lines[0].startswith("timestamp") and len(lines) == 2 and lines[1].endswith(",21.5")


def test_files_and_new_names_are_replaced(filled, tmp_path):
    for name in ("new.csv", "old.csv"):
        (tmp_path / "old.csv").write_text("what was there before, and is longer than what comes" * 10)
        os.chmod(tmp_path / "old.csv", 0o600)
        assert export(filled, tmp_path / name).returncode == 0
        assert whole((tmp_path / name).read_bytes())
    assert stat.S_IMODE((tmp_path / "old.csv").stat().st_mode) == 0o600, "who may read it is not for an export to say"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["new.csv", "old.csv"]


def test_a_symbolic_link_stays_and_what_it_leads_to_is_replaced(filled, tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below/file.csv").write_text("before")
    links = {"direct": "below/file.csv", "twice": "direct", "to_new": "below/new.csv", "absolute": tmp_path / "below/n"}
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
        ended = export(filled, tmp_path / name)
        assert ended.returncode == 0, ended.stderr
        assert (tmp_path / name).is_symlink() and os.readlink(tmp_path / name) == str(target)
        assert whole((tmp_path / name).read_bytes())
    assert not list(tmp_path.rglob("*.partial"))


def test_a_fifo_is_written_to(filled, tmp_path):
    for name, unpack in (("fifo", bytes), ("fifo.gz", gzip.decompress)):
        os.mkfifo(tmp_path / name)
        taken = []
        reader = threading.Thread(target=lambda: taken.append((tmp_path / name).read_bytes()))
        reader.start()
        ended = export(filled, tmp_path / name)
        still_there = (tmp_path / name).is_fifo()
        if not still_there:  # the reader waits for ever else
            (tmp_path / name).unlink()
            os.close(os.open(tmp_path / name, os.O_RDWR | os.O_CREAT))
        else:
            reader.join(20)
        assert ended.returncode == 0 and still_there, ended.stderr
        assert whole(unpack(taken[0]))


def test_a_device_is_written_to(filled, tmp_path):
    """As root `-o /dev/null` made a file of it, and the machine unusable. A terminal is a device for everybody."""
    ours, theirs = os.openpty()
    try:
        name = os.ttyname(theirs)
        link = tmp_path / "terminal"
        link.symlink_to(name)
        for target in (name, link):
            ended = export(filled, target)
            assert ended.returncode == 0, ended.stderr
            assert stat.S_ISCHR(os.stat(name).st_mode) and b"written" in os.read(ours, 10_000)
        assert link.is_symlink()
    finally:
        os.close(ours)
        os.close(theirs)
    if os.geteuid() == 0:
        null = tmp_path / "null"
        try:
            os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 3))
            null.open("wb").close()
        except PermissionError:
            return  # no device may be made, or opened, here: the terminal has shown it
        assert export(filled, null).returncode == 0
        assert stat.S_ISCHR(null.stat().st_mode) and null.stat().st_rdev == os.makedev(1, 3)


def test_descriptors_of_the_process_are_added_to(filled, tmp_path):
    """/dev/stdout leads to the file that the shell opened: what stands in it stays. A link of the test's own stands for
    it: a program that replaces links would break the machine's."""
    (tmp_path / "stdout").symlink_to("/proc/self/fd/1")
    for name in (tmp_path / "stdout", "/proc/self/fd/1"):
        log = tmp_path / "log"
        log.write_bytes(b"before\n")
        url = f"http://127.0.0.1:{filled.port}"
        with log.open("ab") as out:
            ended = subprocess.run([BINARY, "export", "--url", url, "--room", "written", "-o", name], stdout=out,
                                   stderr=subprocess.PIPE, timeout=60)
        assert ended.returncode == 0, ended.stderr
        before, text = log.read_bytes().split(b"\n", 1)
        assert before == b"before" and whole(text), name
    assert (tmp_path / "stdout").is_symlink()


def test_what_cannot_be_written_is_refused_and_stays(filled, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "astray").symlink_to("nowhere/file")
    (tmp_path / "taken").write_text("before")
    os.mkfifo(tmp_path / "taken.partial")
    before = sorted((each.name, each.lstat().st_mode) for each in tmp_path.iterdir())
    for name in ("folder", "circle", "astray", "taken", "no/such/folder", "folder/"):
        ended = export(filled, tmp_path / name)
        assert ended.returncode == 1 and b"cannot write" in ended.stderr, (name, ended.stderr)
    assert sorted((each.name, each.lstat().st_mode) for each in tmp_path.iterdir()) == before
    assert (tmp_path / "taken").read_text() == "before"


def test_an_export_that_fails_leaves_what_was_there(filled, tmp_path):
    (tmp_path / "kept.csv").write_text("before")
    url = f"http://127.0.0.1:{filled.port}"
    ended = subprocess.run([BINARY, "export", "--url", url, "--room", "nobody's", "-o", tmp_path / "kept.csv"],
                           capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1 and "no room \"nobody's\"" in ended.stderr
    assert (tmp_path / "kept.csv").read_text() == "before" and len(list(tmp_path.iterdir())) == 1


def test_keygen_writes_over_nothing(tmp_path):
    def keygen(out):
        return subprocess.run([BINARY, "keygen", "--out", out], capture_output=True, text=True, cwd=tmp_path)

    (tmp_path / "s1.pub.pem").write_text("the key of a sensor far away")
    (tmp_path / "victim").write_text("before")
    (tmp_path / "s2.pub.pem").symlink_to("victim")
    (tmp_path / "s3.key.pem").symlink_to("victim")
    for out, there in (("s1", "s1.pub.pem"), ("s2", "s2.pub.pem"), ("s3", "s3.key.pem")):
        ended = keygen(out)
        assert ended.returncode == 1 and f"cannot write {there}" in ended.stderr
    assert (tmp_path / "s1.pub.pem").read_text() == "the key of a sensor far away"
    assert (tmp_path / "victim").read_text() == "before"
    assert not (tmp_path / "s1.key.pem").exists() and not (tmp_path / "s2.key.pem").exists()
    assert keygen("s4").returncode == 0
    assert stat.S_IMODE((tmp_path / "s4.key.pem").stat().st_mode) == 0o600


def test_a_backup_into_a_symbolic_link_is_refused_at_once(filled, tmp_path):
    """Its name cannot be given to a folder: that failed when all was copied."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    url = f"http://127.0.0.1:{filled.port}"
    for folder, word in ((tmp_path / "link", "symbolic link"), (tmp_path / "a/b", f"make {tmp_path}/a first")):
        ended = subprocess.run([BINARY, "backup", folder, "--url", url], capture_output=True, text=True, timeout=60)
        assert ended.returncode == 1 and word in ended.stderr, ended.stderr
    assert pathlib.Path(tmp_path / "link").is_symlink() and not list((tmp_path / "real").iterdir())
