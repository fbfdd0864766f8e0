#!/usr/bin/env python3
"""dependents.py FOLDER...: the folders under src/ that have unit tests and are, or depend on, those named."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "tidy"))
from tree import Tree  # noqa: E402


def main():
    tree = Tree(ROOT)
    wanted = set(sys.argv[1:])
    unknown = sorted(wanted - set(tree.folders))
    if unknown:
        sys.exit(f"there is no folder src/{unknown[0]}; there are: {' '.join(tree.folders)}")
    for name, folder in tree.folders.items():
        arguments = folder.arguments
        uses = tree.reach({name, *arguments.get("KNOWS", ()), *arguments.get("TEST_KNOWS", ())})
        if uses & wanted and (arguments.get("TESTS") or arguments.get("PLAIN_TESTS")):
            print(name)


if __name__ == "__main__":
    main()
