"""What clang-tidy looks at: a few large units instead of a file each.

clang-tidy takes some ten seconds for what nearly every unit includes, whatever else stands in it. So files of many
folders are put together into units of about the same size, and a compile database of these is written. Files of one
folder share a namespace and are built as one unit anyway; files of two folders do not meet, each having its own.

    scripts/lint_units.py DATABASE DIRECTORY    DATABASE: a compile_commands.json of single files
"""

import functools
import json
import re
import shlex
import sys
from pathlib import Path

BYTES_OF_UNIT = 420_000
FOLDERS_OF_ROOT = ("base", "model")  # in the namespace around all others, where all see what they declare
ENTRY_POINTS = ("main", "LLVMFuzzerTestOneInput")  # one in a program, several in a unit: each gets a name of its own
# Functions of this header take many strings by value. For each that clang-tidy would find fault with, if it were ours,
# it reads the whole unit once more: so only files that need this header stand beside it.
APART = "CLI/CLI.hpp"
TAKES_AN_ARGUMENT = ("-I", "-isystem", "-include", "-D", "-U", "-x")


@functools.cache
def includes_what_is_apart(path: Path, source: Path) -> bool:
    """Itself or by a header of ours; `source` is the folder that their names begin in."""
    text = path.read_text()
    if f"#include <{APART}>" in text:
        return True
    headers = [source / name for name in re.findall(r'^#include "(.+)"', text, re.MULTILINE)]
    return any(includes_what_is_apart(header, source) for header in headers if header.exists() and header != path)


def kind_of(path: Path) -> str:
    """Files of one kind may stand in one unit."""
    if "src" not in path.parts:
        return "program_" + path.stem  # in no namespace
    folder = "root_" if path.parent.name in FOLDERS_OF_ROOT else ""
    if path.stem.endswith("_test"):
        return folder + "tests"  # not beside what they test, in whose namespace they are
    if path.stem.endswith(("_fuzz", "_bench")):
        return "programs"
    return folder + "libraries"


def kind_of_entry(path: Path) -> str:
    source = next((parent for parent in path.parents if parent.name == "src"), path.parent)
    return kind_of(path) + ("_of_commands" if includes_what_is_apart(path, source) else "")


def flags_of(entry: dict) -> list[str]:
    """All but the compiler, the file and where its object goes, with what belongs to a flag behind a blank."""
    words = shlex.split(entry["command"])[1:]
    flags = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in ("-c", entry["file"]):
            continue
        if word in ("-o", "-MF", "-MT", "-MQ"):
            at += 1
            continue
        if word in TAKES_AN_ARGUMENT:
            word += "\0" + words[at]
            at += 1
        flags.append(word)
    return flags


class Unit:
    def __init__(self, kind: str):
        self.kind = kind
        self.bytes = 0
        self.files: list[str] = []
        self.flags: dict[str, None] = {}  # in order

    def add(self, entry: dict) -> None:
        self.bytes += Path(entry["file"]).stat().st_size
        self.files.append(entry["file"])
        self.flags |= dict.fromkeys(flags_of(entry))

    def text(self) -> str:
        lines = []
        for number, file in enumerate(self.files):
            if self.kind.startswith("program"):
                lines += [f"#define {name} {name.lower()}_{number}" for name in ENTRY_POINTS]
            lines.append(f'#include "{file}"')
            if self.kind.startswith("program"):
                lines += [f"#undef {name}" for name in ENTRY_POINTS]
        return "\n".join(lines) + "\n"


def units_of(entries: list[dict]) -> list[Unit]:
    of_kind: dict[str, dict[Path, dict]] = {}
    for entry in entries:
        path = Path(entry["file"])
        if path.suffix == ".cc":
            of_kind.setdefault(kind_of_entry(path), {}).setdefault(path, entry)
    units = []
    for kind, files in of_kind.items():
        in_all = sum(path.stat().st_size for path in files)
        count = max(1, round(in_all / BYTES_OF_UNIT))
        of_this = [Unit(kind)]
        for entry in files.values():
            if of_this[-1].bytes > in_all / count:
                of_this.append(Unit(kind))
            of_this[-1].add(entry)
        units += of_this
    return sorted(units, key=lambda unit: -unit.bytes)


def main() -> None:
    database, directory = Path(sys.argv[1]), Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    commands = []
    for number, unit in enumerate(units_of(json.loads(database.read_text()))):
        file = (directory / f"{unit.kind}_{number}.cc").resolve()
        file.write_text(unit.text())
        words = [word for flag in unit.flags for word in flag.split("\0")]
        commands.append({"directory": str(database.parent.resolve()), "file": str(file),
                         "command": shlex.join(["clang++-19", *words, "-c", str(file)])})
    (directory / "compile_commands.json").write_text(json.dumps(commands, indent=1))


if __name__ == "__main__":
    main()
