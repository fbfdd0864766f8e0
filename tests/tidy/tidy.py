#!/usr/bin/env python3
"""The house rules that neither clang-format nor clang-tidy can see. Each is a function of the tree; test_tidy.py
shows for each that it can fail. Prints what it found; exit status 1 when that is not nothing."""

import argparse
import re
import sys
from pathlib import Path

import limits_page
import metrics_page
from tree import Finding, Tree, is_test

FILE_LINES_MAX = 400
COLUMNS_MAX = 120
# Halves, so that this file does not find itself.
LEFTOVERS = re.compile(r"\b(" + "|".join(["FIX" + "ME", "TO" + "DO", "XX" + "X", "HA" + "CK"]) + r")\b")
REGISTRIES = re.compile(r"https?://[\w.-]*(" + "|".join(
    ["npm" + "js", "yarn" + "pkg", "py" + "pi", "python" + "hosted", "crates" + r"\.io", "conan" + r"\.io",
     "deb" + r"\.debian", "proxy" + r"\.golang"]) + r")[\w.-]*")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(" + "|".join(["root", "home", "work"]) + r")/\w")
# Where it is defined; a qualified name may be another's.
NAMES_REFUSED = re.compile(r"(?<!::)\b\w*(Manager|Helper|Utils?)\b|\b(manager|helpers?|utils?)\b")
ABBREVIATIONS = {"tmp", "buf", "cnt", "idx", "mgr", "cfg", "ctx", "msg", "pos", "len", "num", "val", "cur", "prev"}
NOT_REENTRANT = re.compile(r"(?<!fmt::)\b(gmtime|localtime|ctime|asctime|strtok|rand|srand|setenv)\s*\(")
# Tables by a hash, and the standard library's own: anybody can make names that have one hash there.
HASH_TABLE = re.compile(r"\b(?:std|boost|absl|ankerl|robin_hood|tsl|phmap|folly)::(?:\w+::)*"
                        r"(?:unordered_\w*(?:map|set)|(?:flat|node)_hash_(?:map|set)|hash_(?:map|set)|F14\w*)\s*<")
HASH_UNKEYED = re.compile(r"\b(?:std::(?:hash|_Hash_bytes)|boost::hash(?:_combine|_range|_value)?)\b")
# Files whose hash tables have keys that no outsider chooses, and what these are.
OWN_KEYS = {"src/base/strong.h": "numbers that the service counts: ids, slots, positions"}
RULES = []


def rule(function):
    RULES.append(function)
    return function


def without_comments(text):
    """C++ code with comments and literals blanked, line by line."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'R"(\w*)\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


@rule
def files_are_short(tree):
    for path in tree.layout():
        count = tree.text(path).count("\n")
        if count > FILE_LINES_MAX:
            yield Finding(path, count, f"{count} lines; {FILE_LINES_MAX} at most, 300 is the aim: give a part a file")


@rule
def lines_are_narrow(tree):
    for path in tree.layout():
        for number, line in tree.lines(path):
            if len(line) > COLUMNS_MAX:
                yield Finding(path, number, f"{len(line)} columns; {COLUMNS_MAX} at most")


@rule
def whitespace_is_plain(tree):
    for path in tree.texts():
        text = tree.text(path)
        if text and not text.endswith("\n"):
            yield Finding(path, text.count("\n") + 1, "the last line has no end")
        if text.endswith("\n\n"):
            yield Finding(path, text.count("\n"), "empty lines at the end")
        for number, line in enumerate(text.split("\n"), start=1):
            if "\t" in line and Path(path).name != "Makefile":
                yield Finding(path, number, "a tab")
            if line.endswith("\r"):
                yield Finding(path, number, "a carriage return")
            elif line != line.rstrip():
                yield Finding(path, number, "spaces at the end")


@rule
def headers_are_included_once(tree):
    for path in tree.code():
        if path.endswith(".h") and not re.match(r"#pragma once\n", tree.text(path)):
            yield Finding(path, 1, "a header begins with #pragma once")


@rule
def sources_are_built(tree):
    """A file that no CMakeLists.txt names is never compiled, and a test in it never runs."""
    for path in tree.sources():
        _, name, file = path.split("/")
        if not file.endswith(".cc"):
            continue
        folder = tree.folders.get(name)
        if folder is None:
            yield Finding(path, 1, f"src/{name} has no CMakeLists.txt")
        elif file not in folder.words:
            yield Finding(path, 1, f"src/{name}/CMakeLists.txt does not name it")


@rule
def tests_are_named_as_such(tree):
    for name, folder in tree.folders.items():
        for file in (word for word in folder.words if word.endswith(".cc") and folder.arguments):
            for ending, groups in (("_test.cc", ("TESTS", "PLAIN_TESTS")), ("_fuzz.cc", ("FUZZ",)),
                                   ("_bench.cc", ("BENCH",))):
                if file.endswith(ending) and not any(file in folder.arguments.get(group, ()) for group in groups):
                    yield Finding(f"src/{name}/CMakeLists.txt", 1, f"{file} belongs to {' or '.join(groups)}")


@rule
def fuzz_targets_have_a_corpus(tree):
    for name, folder in tree.folders.items():
        for file in folder.arguments.get("FUZZ", ()):
            corpus = f"tests/fuzz/corpus/{name}_{Path(file).stem}/"
            if not any(path.startswith(corpus) for path in tree.paths):
                yield Finding(f"src/{name}/CMakeLists.txt", 1, f"{file} has no inputs in {corpus}")


@rule
def folders_are_built(tree):
    built = set(re.findall(r"\w+", tree.text("src/CMakeLists.txt")))
    for name in tree.folders:
        if name not in built:
            yield Finding("src/CMakeLists.txt", 1, f"the folder {name} is not named")


@rule
def folders_know_no_circles(tree):
    for name, folder in tree.folders.items():
        if name in tree.reach(folder.knows()):
            yield Finding(f"src/{name}/CMakeLists.txt", 1, f"{name} knows itself, by way of what it KNOWS")


def test_side(tree):
    """Tests, and the headers and sources that only tests use."""
    used_by = {}
    for path in tree.sources():
        for _, included, quoted in tree.includes(path):
            if quoted and f"src/{included}" != path:
                used_by.setdefault(f"src/{included}", set()).add(path)
    tests = {path for path in tree.sources() if is_test(path)}
    grown = True
    while grown:
        grown = False
        for path in tree.sources():
            users = {user for user in used_by.get(path, ()) if Path(user).with_suffix("") != Path(path).with_suffix("")}
            header_of = f"{path.removesuffix('.cc')}.h"
            if path not in tests and ((users and users <= tests) or (path.endswith(".cc") and header_of in tests)):
                tests.add(path)
                grown = True
    return tests


@rule
def includes_are_allowed(tree):
    """A folder includes only what its CMakeLists.txt says it KNOWS, what those know, and what it generates."""
    tests = test_side(tree)
    for path in tree.sources():
        name = path.split("/")[1]
        folder = tree.folders.get(name)
        if folder is None:
            continue
        allowed = tree.reach({name} | folder.knows())
        if path in tests:
            allowed |= tree.reach(folder.arguments.get("TEST_KNOWS", ()))
        for number, included, quoted in tree.includes(path):
            other = included.split("/")[0]
            if quoted and not tree.has(f"src/{included}") and not tree.generates(name, included):
                yield Finding(path, number, f'"{included}" is not under src/; system headers go in <>')
            elif quoted and other not in allowed:
                yield Finding(path, number, f"{name} does not know {other} (KNOWS in src/{name}/CMakeLists.txt)")


@rule
def own_header_comes_first(tree):
    for path in tree.sources():
        own = re.sub(r"(_test)?\.cc$", ".h", path).removeprefix("src/")
        first = next(tree.includes(path), None)
        if path.endswith(".cc") and tree.has(f"src/{own}") and (first is None or first[1] != own):
            yield Finding(path, first[0] if first else 1, f'the first include is "{own}"')


@rule
def nothing_is_left_over(tree):
    for path in tree.texts():
        for number, line in tree.lines(path):
            found = LEFTOVERS.search(line)
            if found:
                yield Finding(path, number, f"{found.group(1)}: do it, or open an issue")


@rule
def addresses_are_public(tree):
    """No package registry's address and no machine's own folder: npm's lock file is kept without them."""
    for path in tree.texts() + [path for path in tree.paths if path.endswith(".json")]:
        for number, line in tree.lines(path):
            for found in filter(None, (REGISTRIES.search(line), MACHINE_PATHS.search(line))):
                yield Finding(path, number, f"the address of a registry or of a machine: {found.group(0)}")


@rule
def names_say_something(tree):
    for path in tree.code():
        for number, line in enumerate(without_comments(tree.text(path)).splitlines(), start=1):
            if line.lstrip().startswith("#"):
                continue
            words = [found.group(0) for found in NAMES_REFUSED.finditer(line)]
            words += [word for word in re.findall(r"(?<![.>:\w])\w+", line) if word.rstrip("_") in ABBREVIATIONS]
            for word in words:
                yield Finding(path, number, f'the name "{word}" says nothing, or is cut short')


@rule
def calls_are_thread_safe(tree):
    for path in tree.code():
        for number, line in enumerate(without_comments(tree.text(path)).splitlines(), start=1):
            found = NOT_REENTRANT.search(line)
            if found and path.startswith("src/") and not is_test(path):
                yield Finding(path, number, f"{found.group(1)}() is not safe between threads")


def arguments_of(text, begin):
    """The template's arguments in C++ code, from behind its `<` on."""
    arguments, depth = [""], 0
    for character in text[begin:]:
        depth += {"<": 1, "(": 1, "{": 1, ">": -1, ")": -1, "}": -1}.get(character, 0)
        if depth < 0:
            break
        if character == "," and depth == 0:
            arguments.append("")
        else:
            arguments[-1] += character
    return [argument.strip() for argument in arguments]


@rule
def hashes_are_keyed(tree):
    """What outsiders choose is hashed with a secret (base/keyed_hash.h), or they fill one chain of a table."""
    for path in tree.code():
        if not path.startswith("src/") or is_test(path) or path in OWN_KEYS:
            continue
        code = without_comments(tree.text(path))
        for found in HASH_UNKEYED.finditer(code):
            yield Finding(path, code.count("\n", 0, found.start()) + 1, f"{found.group(0)} has no secret: KeyedHash")
        for found in HASH_TABLE.finditer(code):
            arguments = arguments_of(code, found.end())
            hash_at = 2 if found.group(0).rstrip("< \n").endswith("map") else 1
            if len(arguments) <= hash_at or not arguments[hash_at].endswith("Hash"):
                yield Finding(path, code.count("\n", 0, found.start()) + 1,
                              "a hash table without a keyed hash: KeyedHash (base/keyed_hash.h)")


@rule
def folders_are_described(tree):
    if not tree.has("src/README.md"):
        yield Finding("src/README.md", 1, "is missing: a table of the folders, in the order in which data flows")
        return
    text = tree.text("src/README.md")
    for name in sorted({path.split("/")[1] for path in tree.sources()}):
        if not re.search(rf"(?<!\w){name}/", text):
            yield Finding("src/README.md", 1, f"the folder {name}/ is not described")


@rule
def error_codes_have_rows(tree):
    enum = re.search(r"enum class ErrorCode[^{]*{(.*?)};", tree.text("src/base/error.h"), flags=re.S)
    codes = re.findall(r"\b([a-z]\w*)\b", without_comments(enum.group(1))) if enum else []
    if not codes:
        yield Finding("src/base/error.h", 1, "no ErrorCode was found")
    for code in codes:
        if not re.search(rf'Row{{ErrorCode::{code},\s*{{"{code}",', tree.text("src/base/error.cc")):
            yield Finding("src/base/error.cc", 1, f'ErrorCode::{code} has no row, or its code is not "{code}"')


@rule
def bounds_are_listed(tree):
    """docs/limits.md has every bound as the code has it, and no other."""
    page, remedy = limits_page.PAGE, "tests/tidy/limits_page.py --write"
    text = tree.text(page) if tree.has(page) else ""
    listed = {(name, path): (number, value) for number, name, value, path in limits_page.rows(text)}
    known = {(bound.name, bound.path): bound for bound in limits_page.bounds(tree)}
    for key, bound in known.items():
        if not bound.meaning:
            yield Finding(bound.path, bound.line, f"{bound.name} has no sentence above it that says what it bounds")
        if key not in listed:
            yield Finding(bound.path, bound.line, f"{bound.name} is not in {page}: {remedy}")
        elif listed[key][1] != bound.expression:
            yield Finding(page, listed[key][0], f"{bound.name} is {bound.expression} in {bound.path}: {remedy}")
    for (name, path), (number, _) in listed.items():
        if (name, path) not in known:
            yield Finding(page, number, f"{path} has no bound {name}: {remedy}")
    for path in tree.sources():
        for number, words in limits_page.unread(tree, path):
            yield Finding(path, number, f"{words} is no bound that {remedy} can read")
    stale = known.keys() != listed.keys() or any(listed[key][1] != known[key].expression for key in known)
    if text and not stale and text != limits_page.page(tree):
        yield Finding(page, 1, f"is not what {remedy} writes")


@rule
def metrics_are_listed(tree):
    """docs/metrics.md and Datadog's list have every metric as the code declares it."""
    if not tree.has(metrics_page.TABLE):
        return
    declared = len(re.findall(r"\bdeclare\(", without_comments(tree.text(metrics_page.TABLE))))
    read = len(metrics_page.families(tree))
    if read + 1 != declared:  # one is the function itself
        yield Finding(metrics_page.TABLE, 1, f"{declared - 1} metrics are declared, and {read} of them can be read")
    for path, make in metrics_page.MADE.items():
        if not tree.has(path) or tree.text(path) != make(tree):
            yield Finding(path, 1, "is not what tests/tidy/metrics_page.py --write writes")


@rule
def pages_that_are_named_exist(tree):
    named = re.compile(r"(?<![\w/.-])((?:docs|src|tests|cmake|bench)/[\w/.{},-]*\.(?:md|h|cc|py|json|supp|cmake))\b")
    link = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
    for path in tree.texts():
        if path.startswith(("tests/tidy/", "web/")):
            continue
        for number, line in tree.lines(path):
            pages = [page for found in named.findall(line) for page in expand(found)]
            if path.endswith(".md"):
                pages += [(Path(path).parent / target).as_posix() for target in link.findall(line)]
            for page in pages:
                if not tree.has(page):
                    yield Finding(path, number, f"{page} does not exist")


def expand(path):
    """docs/formats/{journal,history}.md names two pages."""
    braces = re.match(r"(.*){([^}]*)}(.*)", path)
    return [braces.group(1) + each + braces.group(3) for each in braces.group(2).split(",")] if braces else [path]


def findings(tree):
    return sorted({finding for check in RULES for finding in check(tree)})


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--root", default=Path(__file__).resolve().parents[2], help="the top of the checkout")
    found = findings(Tree(arguments.parse_args().root))
    for finding in found:
        print(finding)
    print(f"tidy: {len(RULES)} rules, {len(found)} findings", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
