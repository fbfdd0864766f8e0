"""Programs and libraries of npm that tests use, of the versions in the lock files under tests/clients."""

import fcntl
import shutil
import subprocess

from service import ROOT


def installed(name):
    """The folder with what tests/clients/NAME names, installed when it, or what it is, has changed."""
    source, folder = ROOT / "tests/clients" / name, ROOT / "build/clients" / name
    folder.mkdir(parents=True, exist_ok=True)
    lock, mark = source / "package-lock.json", folder / "node_modules/installed-lock.json"
    with open(folder / "installing", "w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        for file in (*source.iterdir(), ROOT / "tests/clients/.npmrc"):
            copy = folder / file.name
            if not copy.exists() or copy.read_bytes() != file.read_bytes():  # others may just be starting it
                shutil.copy(file, copy)
        if not mark.exists() or mark.read_bytes() != lock.read_bytes():
            subprocess.run(["npm", "ci", "--legacy-peer-deps", "--no-audit", "--no-fund", "--loglevel=error"],
                           cwd=folder, check=True, stdout=subprocess.DEVNULL)  # ours may be somebody's answer
            shutil.copy(lock, mark)
    return folder


def node(name, script, text):
    """What `node SCRIPT` of that folder prints for the text on its standard input."""
    return subprocess.run(["node", script], cwd=installed(name), input=text, capture_output=True, text=True,
                          timeout=600)
