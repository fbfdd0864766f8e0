"""Manual pages and completion are made from the command line: whatever can be typed is in both."""

import re
import shlex
import subprocess

import pytest

from service import BINARY
from test_command_line import run

pytestmark = pytest.mark.one_at_a_time


@pytest.fixture(scope="module")
def every_flag():
    """Of every command, as the pages of help list them: {("sensor", "add"): {"--url", ...}, ...}."""
    found, left = {}, [()]
    while left:
        path = left.pop()
        page = run("help", *path).stdout
        found[path] = set(re.findall(r"^  (?:-\w,)?(--[a-z][a-z-]*)", page, re.M))
        if re.search(r"^Usage: .* \[?COMMAND\]? \[FLAGS", page, re.M):
            listed = page[page.index("\n", page.index("Usage:")):].split("\nFlags:")[0]
            left += [(*path, name) for name in re.findall(r"^  ([a-z][a-z-]*)\b", listed, re.M)]
    keys = re.findall(r"^([a-z][a-z-]*) = ", run("config", "--print-default").stdout, re.M)
    assert len(keys) > 30 and {f"--{key}" for key in keys} <= found["serve",], "help does not show a flag"
    assert "--public-key" in found["sensor", "add"] and "--shell" not in found["completion",]
    return found


def bash(script, *lines):
    """What bash would offer for each line, whose last word is being typed."""
    asked = "".join(f"COMP_WORDS=({' '.join(map(shlex.quote, line))}) COMP_CWORD={len(line) - 1}; COMPREPLY=()\n"
                    '_temperature_service; echo "${COMPREPLY[*]}"\n' for line in lines)
    ended = subprocess.run(["bash", "--norc", "-euo", "pipefail", "-c", f"{script}\n{asked}"], capture_output=True,
                           text=True, timeout=120, check=False)
    assert ended.returncode == 0 and ended.stderr == "", ended.stderr
    return [line.split() for line in ended.stdout.split("\n")[:-1]]


@pytest.fixture(scope="module")
def offered():
    script = run("completion", "bash").stdout
    return lambda *lines: bash(script, *([BINARY, *line] for line in lines))


def test_every_flag_is_in_its_manual_page(every_flag, tmp_path):
    assert run("man", "--output", tmp_path).returncode == 0
    pages = {path: tmp_path / ("-".join(("temperature-service", *path)) + ".1") for path in every_flag}
    assert sorted(pages.values()) == sorted(tmp_path.iterdir())
    for path, page in pages.items():
        shown = subprocess.run(["groff", "-k", "-man", "-rLL=400n", "-ww", "-b", "-Tutf8", "-P-cbou", page],
                               capture_output=True, text=True, timeout=60, check=True)
        assert shown.stderr == "", shown.stderr
        listed = set(re.findall(r"^ +(?:-\w,)?(--[a-z][a-z-]*)", shown.stdout, re.M))
        assert listed == every_flag[path], path
        name = re.search(r"^NAME\n +(\S+) - \S", shown.stdout, re.M)  # what apropos(1) lists
        assert name and name.group(1) == page.stem, path
    for path in ((), ("serve",), ("sensor", "add")):
        assert run("man", *path).stdout == pages[path].read_text()


def test_a_manual_page_holds_whatever_characters_there_are(tmp_path):
    """A point at the beginning of a line, and the footers' own lines, are text."""
    shown = subprocess.run(["groff", "-k", "-man", "-rLL=400n", "-Tutf8", "-P-cbou"], input=run("man", "import").stdout,
                           capture_output=True, text=True, timeout=60, check=True).stdout
    blank = re.compile(r"\s+")
    parts = run("help", "import").stdout.split("\n\n")
    groups = [number for number, part in enumerate(parts) if re.match(r"[A-Z][\w ]*:\n  (-\w,)?--", part)]
    footer = "\n\n".join(parts[groups[-1] + 1:])
    assert re.search(r"^ .*\\$", footer, re.M), "its examples go over several lines"
    assert blank.sub("", footer) in blank.sub("", shown)


def test_bash_offers_every_flag_and_every_command(every_flag, offered):
    answers = offered(*((*path, "--") for path in every_flag))
    for path, answer in zip(every_flag, answers, strict=True):
        assert set(answer) == every_flag[path], path
    groups = [path for path in every_flag if any(other[:-1] == path for other in every_flag if other)]
    for group, answer in zip(groups, offered(*((*group, "") for group in groups)), strict=True):
        assert set(answer) == {path[-1] for path in every_flag if path and path[:-1] == group}, group


def test_bash_offers_what_a_value_may_be(offered, tmp_path):
    (tmp_path / "sensors.csv").touch()
    (tmp_path / "folder").mkdir()
    cases = {
        ("export", "--format", ""): "csv ndjson",
        ("export", "--format", "="): "csv ndjson",  # bash's own words of --format=
        ("export", "--format", "=", "nd"): "ndjson",
        ("export", "--format=c"): "--format=csv",
        ("key", "add", "grafana", "--role", "r"): "reader",
        ("serve", "--log-format", "j"): "json",
        ("serve", "--log-format", "json", "--log-l"): "--log-level",
        ("export", "--room", ""): "",
        ("export", "-o", f"{tmp_path}/"): f"{tmp_path}/folder {tmp_path}/sensors.csv",
        ("serve", "--data-dir", f"{tmp_path}/"): f"{tmp_path}/folder",
        ("sensor", "import", f"{tmp_path}/s"): f"{tmp_path}/sensors.csv",
        ("help", "sens"): "sensor", ("help", "sensor", "r"): "revoke rotate", ("man", "key", "a"): "add",
        ("sensor", "add", "s1", "--", "--r"): "", ("nothing", "--l"): "",
    }
    for line, want, got in zip(cases, cases.values(), offered(*cases), strict=True):
        assert sorted(got) == want.split(), line


def test_zsh_offers_words_with_what_they_do():
    stubs = ('compdef() { }; _files() { print -r -- files "$@" }; _describe() { print -rl -- "${(@P)2}" }\n')
    asked = "".join(f"words=({shlex.quote(BINARY)} {line}) CURRENT={len(shlex.split(line)) + 1}; _temperature_service\n"
                    for line in ("serve --log-l", "import ''", "verify --data-dir ''"))
    ended = subprocess.run(["zsh", "-f", "-c", stubs + run("completion", "zsh").stdout + asked], capture_output=True,
                           text=True, timeout=60, check=True)
    about = re.search(r"--log-level \S+ +([^\[]*) \[", re.sub(r"\n +", " ", run("help", "serve").stdout)).group(1)
    assert ended.stdout == f"--log-level:{about}\nfiles\nfiles -/\n" and ended.stderr == ""


def test_fish_offers_words_with_what_they_do(tmp_path):
    (tmp_path / "temperature-service").symlink_to(BINARY)
    (tmp_path / "script.fish").write_text(run("completion", "fish").stdout)
    asked = (f'set PATH {tmp_path} $PATH; source {tmp_path}/script.fish; '
             'complete -C "temperature-service export --form"; complete -C "temperature-service export --format "')
    ended = subprocess.run(["fish", "--no-config", "-c", asked], capture_output=True, text=True, timeout=60, check=True,
                           env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert ended.stdout.split("\n") == ["--format\tcsv or ndjson", "csv", "ndjson", ""], ended.stderr
