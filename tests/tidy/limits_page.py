#!/usr/bin/env python3
"""Makes docs/limits.md, the page of all bounds, out of the code: each constant in a `namespace temperature::limits`,
with its value and the sentence above it. --write writes the page; without it the page is printed. tidy.py holds the
page against the code."""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from tree import Tree

PAGE = "docs/limits.md"
# The programs that send readings have theirs in one file, without a namespace of their own.
CLIENT = "src/client/bounds.h"
BLOCK = r"^namespace temperature::{} {{\n(.*?)^}}  // namespace"
BOUND = re.compile(r"((?:^ *// [^\n]*\n)*)^ *(?:inline )?constexpr ([\w:<>]+) (\w+)\s*(= [^;]*|{[^;]*});", flags=re.M)
UNITS = {"nanoseconds": "ns", "microseconds": "µs", "milliseconds": "ms", "seconds": "s", "minutes": "min",
         "hours": "h", "Duration": "ms"}
HEAD = """# Bounds

Every bound of the service, and of the programs that send it readings: what it holds back, and what happens at it. A
bound stands in the code beside what it bounds; `tests/tidy/limits_page.py --write` makes this page out of the code, and
`make lint` checks that it is up to date. Bounds that an operator sets are flags: [operating.md](operating.md) has them.
"""
TABLE = "| bound | value | in the code | what it bounds | where |\n|---|---|---|---|---|\n"


@dataclass(frozen=True)
class Bound:
    path: str
    line: int
    name: str
    type: str
    expression: str
    meaning: str

    @property
    def folder(self):
        return self.path.split("/")[1]

    def row(self):
        cells = (f"`{self.name}`", plain(self.type, self.expression), f"`{self.expression}`", self.meaning,
                 f"[{self.path.split('/')[2]}](../{self.path})")
        return f"| {' | '.join(cells)} |"


def plain(kind, expression):
    """The value for people: "64 KiB", "15 min", "16,384"."""
    text = re.sub(r"(?<=\d)'(?=\d)", "", expression)
    unit = kind.split("::")[-1]
    made = re.fullmatch(r"(?:std::chrono::)?(\w+)\((.*)\)", text)
    if made:
        unit, text = made.groups()
    if unit == "timestamp_from_ms":
        return f"{int(text):,} ms since 1970"
    size = re.fullmatch(r"(\d+) \* (?:limits::)?k([KM]iB)", text)
    if size:
        return f"{int(size.group(1)):,} {size.group(2)}"
    if re.fullmatch(r"\d+( \* \d+)*", text):
        product = 1
        for factor in text.split(" * "):
            product *= int(factor)
        return f"{product:,} {UNITS.get(unit, '')}".rstrip()
    return text


def blocks(tree, path):
    """(line before it, text) of each stretch of the file that holds bounds and nothing else."""
    text = tree.text(path)
    for block in re.finditer(BLOCK.format("client" if path == CLIENT else "limits"), text, flags=re.M | re.S):
        yield text.count("\n", 0, block.start(1)), block.group(1)


def unread(tree, path):
    """(line, text) of what stands among the bounds of the file and is neither a bound nor a comment."""
    if "namespace limits" in tree.text(path):
        yield 1, "a namespace limits that is not written as namespace temperature::limits"
    for before, text in blocks(tree, path):
        blank = lambda found: re.sub(r"[^\n]", " ", found.group(0))
        rest = re.sub(r"//[^\n]*", "", BOUND.sub(blank, text))
        for number, line in enumerate(rest.splitlines(), start=before + 1):
            if line.strip():
                yield number, line.strip()


def bounds(tree):
    """Every bound under src/, in the order of the files and of their lines."""
    for path in tree.sources():
        for before, text in blocks(tree, path):
            for found in BOUND.finditer(text):
                comment, kind, name, value = found.groups()
                line = before + text.count("\n", 0, found.start(3)) + 1
                expression = " ".join(value.removeprefix("=").strip("{} \n").split())
                meaning = " ".join(re.sub(r"^ *//", "", comment, flags=re.M).split())
                yield Bound(path, line, name, kind, expression, meaning)


def page(tree):
    text, folder = HEAD, None
    for bound in sorted(bounds(tree), key=lambda each: (each.folder, each.path, each.line)):
        if bound.folder != folder:
            folder = bound.folder
            text += f"\n## {folder}\n\n" + TABLE
        text += bound.row() + "\n"
    return text


def rows(text):
    """(line, name, expression, path) of each row of the page."""
    row = re.compile(r"\| `(\w+)` \| [^|]* \| `([^`]*)` \| .* \| \[[^]]*\]\(\.\./([^)]*)\) \|")
    for number, line in enumerate(text.splitlines(), start=1):
        found = row.fullmatch(line)
        if found:
            yield number, *found.groups()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--root", default=Path(__file__).resolve().parents[2], help="the top of the checkout")
    arguments.add_argument("--write", action="store_true", help=f"write {PAGE}")
    chosen = arguments.parse_args()
    text = page(Tree(chosen.root))
    if chosen.write:
        (Path(chosen.root) / PAGE).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
