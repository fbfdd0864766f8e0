"""What the pages tell people to type: each block of commands is run by a test, or docs/verified.md says why it is not,
and every command, flag, target and file that a page names is there."""

import datetime
import functools
import re
import shlex

import pytest

from commands import PEM, help_of, words_below
from readme import COMMANDS, Checkout, free_port, read_blocks
from service import BINARY, ROOT
from test_import_loggers import elitech, govee, hobo

pytestmark = pytest.mark.one_at_a_time

PAGES = [ROOT / "README.md", ROOT / "HACKING.md", *sorted((ROOT / "docs").rglob("*.md"))]
VERIFIED = ROOT / "docs/verified.md"
# Readers make them out of the examples beside them; git passes them over.
MADE_BY_READERS = {"kubernetes/config/secret.yaml", "terraform/staging/backend.tf",
                   "terraform/staging/terraform.tfvars"}
RUN_HERE = [ROOT / "docs/operating.md"]
UTC = datetime.timezone.utc


def name_of(block):
    first = block.text.splitlines()[0]
    return first[2:] if block.language == "console" else first


def blocks_of(page):
    return [block for block in read_blocks(page.read_text()) if block.language in COMMANDS]


def rows():
    """(page, block, run by)"""
    row = r"^\| \[[^\]]+\]\(([^)]+)\) \| (.+?) \| ((?:[^|]|\\\|)+) \|$"
    found = re.findall(row, VERIFIED.read_text(), re.MULTILINE)
    return [((VERIFIED.parent / page).resolve(), block.replace("\\|", "|").strip("`"), by) for page, block, by in found]


def test_each_block_is_listed_once():
    listed = sorted((page.name, block) for page, block, _ in rows() if block != "each")
    there = sorted((page.name, name_of(block)) for page in PAGES if page.name != "README.md"
                   for block in blocks_of(page))
    assert listed == there
    assert [page.name for page, block, _ in rows() if block == "each"] == ["README.md"]


@pytest.mark.parametrize("page, block, by", rows())
def test_what_is_named_as_its_test_reads_the_page(page, block, by):
    if by.startswith("untested: "):
        assert len(by) > 30, "that says not why"
        return
    tests = re.findall(r"\]\(([^)]+)\)", by)
    assert len(tests) == 1
    assert page.name in ((VERIFIED.parent / tests[0]).read_text())


# The commands of this page are run here.


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    made = Checkout(tmp_path_factory.mktemp("pages"))
    made.ports = {port: free_port() for port in made.ports}  # test_readme may have those of the pages
    program = made.root / "usr/local/bin/temperature-service"
    program.parent.mkdir(parents=True)
    program.symlink_to(BINARY)
    logged = datetime.datetime(2024, 4, 10, tzinfo=UTC)
    head, _, table = elitech(";", ",", logged, 5, "Europe/Berlin")[0].partition("No.;")
    rest = head.splitlines()
    files = {"hobo.csv": hobo(1, "°C", logged, 5)[0],
             "elitech.txt": "\n".join(rest + [""] * (25 - len(rest))) + "\nNo.;" + table,
             "govee.csv": govee("Fahrenheit", logged, 5, "America/Chicago")[0],
             "sensors.csv": "sensor,public_key_file\ns1,key.pem\n", "key.pem": PEM, "admin.key": "k" * 32 + "\n"}
    for name, text in files.items():
        (made.folder / name).write_text(text)
    (served,) = read_blocks("```sh\ntemperature-service serve --dev\n```")
    (filled,) = read_blocks("```sh\ncurl localhost:8000/v1/readings -d "
                            """'{"building":"museum","room":"hall","sensor":"s","value":20}'\n```""")
    made.serve(served)
    made.run(filled)
    yield made
    made.close()


@pytest.mark.parametrize("block", [block for page in RUN_HERE for block in blocks_of(page)], ids=name_of)
def test_a_block_runs_as_it_is_written(checkout, block):
    checkout.run(block)


# Whatever else a page names.


def commands_in(text):
    """Of blocks and of `code` between the words, the commands of our program: ["sensor", "add", ...], all behind it."""
    code = [block.text.replace("\\\n", " ") for block in read_blocks(text)]
    code += re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for piece in code:
        for line in piece.splitlines():
            for found in re.findall(r"(?:^|[\s/(])temperature-service ((?:[a-z]|--)[^#|&;\n]*)", line):
                try:
                    yield shlex.split(found)
                except ValueError:
                    yield found.split()


@functools.cache
def flags_of(*words):
    return set(re.findall(r"(?<![\w-])(--[a-z][a-z0-9-]*)", help_of(*words))) | {"--help", "--version"}


@functools.cache
def below(*words):
    return set(words_below(*words))


def unknown_in(arguments):
    words = []
    for word in arguments:
        if not re.fullmatch(r"[a-z][a-z-]*", word) or word not in below(*words):
            break
        words.append(word)
    if not words:
        return None if arguments[0].startswith("--") else f"no command {arguments[0]}"
    if words == ["help"]:
        return None
    for word in arguments:
        flag = word.split("=")[0]
        if re.fullmatch(r"--[a-z][a-z0-9-]*", flag) and flag not in flags_of(*words):
            return f"{' '.join(words)} has no {flag}"
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_flags_that_are_named_exist(page):
    unknown = {unknown_in(arguments) for arguments in commands_in(page.read_text())} - {None}
    # "temperature-service X" also stands where nothing is a command: versions, formats, names of units.
    assert {each for each in unknown if not each.startswith("no command")} == set()


def test_an_unknown_flag_is_noticed():
    text = ("`temperature-service average kitchen --windw 5m` and\n"
            "```sh\nbuild/release/temperature-service sensor add s1 --kye x\n```")
    assert [unknown_in(arguments) for arguments in commands_in(text)] == ["sensor add has no --kye",
                                                                          "average has no --windw"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_targets_and_files_that_are_named_exist(page):
    targets = set(re.findall(r"^([a-z_-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = page.read_text()
    code = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    code += [line for block in read_blocks(text) for line in block.text.splitlines()]
    named = {found for piece in code for found in re.findall(r"^(?:\S*[=$] ?)*make ([a-z][a-z_-]*)", piece)}
    assert named <= targets
    path = r"(?:^|\s)((?:scripts|bench|tests|deploy|kubernetes|terraform)/[\w./-]+)"
    files = {found for piece in code for found in re.findall(path, piece)} - MADE_BY_READERS
    assert {file for file in files if not (ROOT / file.rstrip("./")).exists() and "<" not in file} == set()
