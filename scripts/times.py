#!/usr/bin/env python3
"""Where the time went, as the last runs of lint, test and check have written it down under build/: their steps, the
slowest units of compilation and links of each build, and the slowest tests. A table in Markdown."""

import xml.etree.ElementTree as xml
from pathlib import Path

BUILD = Path(__file__).resolve().parents[1] / "build"
ROWS = 10


def steps():
    for script in ("lint", "test", "check"):
        file = BUILD / "times" / f"{script}.tsv"
        for line in file.read_text().splitlines() if file.exists() else ():
            seconds, name = line.split("\t", 1)
            yield float(seconds), f"make {script}: {name}"


def units(log):
    """Ninja's log: begin and end in milliseconds, the file's time, the output, a hash. The last run of each counts."""
    last = {}
    for line in log.read_text().splitlines()[1:]:
        begin, end, _, output, command = line.split("\t")
        last[command] = ((int(end) - int(begin)) / 1000, output)
    return last.values()


def unit_tests(folder):
    """CTest's record: name, how often it ran, its mean time in seconds; the failed ones behind a line ---."""
    file = folder / "Testing" / "Temporary" / "CTestCostData.txt"
    for line in file.read_text().split("---")[0].splitlines() if file.exists() else ():
        name, _, seconds = line.rsplit(" ", 2)
        yield float(seconds), name


def system_tests(file):
    for case in xml.parse(file).iter("testcase"):
        yield float(case.get("time")), f"{case.get('classname').split('.')[-1]}::{case.get('name')}"


def table(title, rows, count=ROWS):
    rows = sorted(rows, reverse=True)
    if not rows:
        return
    print(f"\n| s | {title}: {len(rows)}, {sum(seconds for seconds, _ in rows):,.0f} s in all |\n|---:|---|")
    for seconds, name in rows[:count]:
        print(f"| {seconds:.1f} | {name} |")


def main():
    table("steps", steps(), count=100)
    for log in sorted(BUILD.glob("*/.ninja_log")):
        table(f"units of {log.parent.name} (one core each)", units(log))
    for folder in (BUILD / "dev", BUILD / "tsan"):
        table(f"unit tests of {folder.name}", unit_tests(folder))
    for file in sorted((BUILD / "times").glob("*.xml")):
        table(f"{file.stem} (one worker each)", system_tests(file))


if __name__ == "__main__":
    main()
