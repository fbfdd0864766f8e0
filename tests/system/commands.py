"""The commands of the program that ask a service, with arguments with which each asks."""

import re
import subprocess

from service import BINARY

PEM = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""
CSV = "timestamp,room_id,sensor_id,value\n2024-01-01T00:00:00Z,r,s,1\n2024-01-01T00:00:01Z,r,s,2\n"

# `names` and `restore` read folders, too; `token`, `keygen` and `explain-line` ask nobody. {files} is a folder of
# write_files(), {out} a file that is not there.
COMMANDS = {
    "export": ["export", "-o", "{out}"],
    "import": ["import", "{files}/readings.csv"],
    "replay": ["replay", "{files}/readings.csv"],
    "simulate": ["simulate", "--rooms", "1", "--sensors-per-room", "1", "--duration", "1s"],
    "backup": ["backup", "/backups/x"],
    "names": ["names", "--check"],
    "delete": ["delete", "r", "--from", "2026-01-01", "--to", "2026-01-02", "--yes"],
    "audit": ["audit"],
    "audit verify": ["audit", "verify"],
    "rooms": ["rooms"],
    "average": ["average", "r"],
    "history": ["history", "r", "--step", "1h"],
    "sensor add": ["sensor", "add", "s1", "--public-key", "{files}/key.pem"],
    "sensor import": ["sensor", "import", "{files}/sensors.csv"],
    "sensor list": ["sensor", "list"],
    "sensor rotate": ["sensor", "rotate", "s1"],
    "sensor revoke": ["sensor", "revoke", "s1"],
    "key add": ["key", "add", "me", "--role", "reader"],
    "key list": ["key", "list"],
    "key revoke": ["key", "revoke", "k1"],
    "mirror status": ["mirror", "status"],
    "mirror resync": ["mirror", "resync", "--from", "0", "--to", "1"],
    "mirror replace": ["mirror", "replace", "--yes"],
}


def write_files(folder):
    (folder / "readings.csv").write_text(CSV)
    (folder / "key.pem").write_text(PEM)
    (folder / "sensors.csv").write_text("sensor,public_key_file\ns1,key.pem\n")


def arguments_of(command, files, out):
    return [each.format(files=files, out=out) for each in command]


def help_of(*words):
    return subprocess.run([BINARY, *words, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout


def words_below(*words):
    """The commands that the help of a command lists."""
    page = help_of(*words)
    if not re.search(r"^Usage: .* \[?COMMAND\]? \[FLAGS", page, re.MULTILINE):
        return []
    listed = page[page.index("\n", page.index("Usage:")):].split("\nFlags:")[0]
    return re.findall(r"^  ([a-z][a-z-]*)\b", listed, re.MULTILINE)


def asking_commands():
    """Every command of the program that sends a key to a service, as its own help says: {words: help}."""
    found = {}
    for word in words_below():
        below = words_below(word)
        alone = not below or "[COMMAND]" in help_of(word).partition("Usage:")[2].splitlines()[0]
        for words in [(word, each) for each in below] + [(word,)] * alone:
            text = help_of(*words)
            # `health` needs no key; `mirror verify` and `mirror adopt` ask a database first.
            if "--url" in text and "--key-file" in text and "--timescale-url" not in text:
                found[" ".join(words)] = text
    return found
