"""The command line as people type it: unknown words, help, exit codes."""

import os
import re
import subprocess

import pytest

from service import BINARY, post_readings, reading

pytestmark = pytest.mark.one_at_a_time

COLUMNS = 100


def run(*words, environment=None, timeout=60, **arguments):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TEMPERATURE_")}
    return subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=timeout,
                          env=clean | (environment or {}), **arguments)


def url_of(service):
    return f"http://127.0.0.1:{service.port}"


def commands():
    """Every command, as help lists them: (), ("serve",), ("sensor", "add") ..."""
    found, left = [], [()]
    while left:
        path = left.pop()
        found.append(path)
        page = run("help", *path).stdout
        if re.search(r"^Usage: .* \[?COMMAND\]? \[FLAGS", page, re.M):
            listed = page[page.index("\n", page.index("Usage:")):].split("\nFlags:")[0]
            left += [(*path, name) for name in re.findall(r"^  ([a-z][a-z-]*)\b", listed, re.M)]
    return found


@pytest.mark.parametrize("words,meant", [
    ("serv", "serve"), ("sevre --dev", "serve"), ("start", "serve"), ("exprot -o x", "export"),
    ("serv --help", "serve"),
    ("sensor ls", "list"), ("sensor delete s1", "revoke"), ("key crate grafana --role reader", "create"),
    ("help serv", "serve"), ("help sensor lst", "list"),
    ("serve --lisen x", "--listen"), ("serve --data_dir x", "--data-dir"), ("export --fromat csv", "--format"),
    ("sensor add s1 --public-kye x", "--public-key"),
    ("export --format cvs", "csv"), ("simulate --speed maxx", "max"), ("keygen --algorithm ed2519", "ed25519"),
    ("key create g --role raeder", "reader"), ("import x --ambiguous earler", "earlier"),
    ("serve --dev --log-format jsn", "json"), ("serve --dev --unknown-fields refse", "refuse"),
    ("serve --dev --open metrcs", "metrics"), ("serve --dev --line-preset home-asistant", "home-assistant"),
])
def test_an_unknown_word_is_named_with_the_nearest(words, meant):
    ended = run(*words.split())
    assert ended.returncode == 2 and ended.stdout == "", ended.stderr
    said = ended.stderr.splitlines()[0]  # of serve's own settings its log says it
    assert re.match(r"temperature-service: |[0-9T:.-]+Z error ", said), ended.stderr
    assert f'did you mean "{meant}"?' in said, ended.stderr


@pytest.mark.parametrize("words,said", [
    ("frobnicate", 'temperature-service has no command "frobnicate"'),
    ("serve now", 'temperature-service serve has no use for the word "now"'),
    ("serve --frobnicate=1", "temperature-service serve has no flag --frobnicate"),
    ("serve -x", "temperature-service serve has no flag -x"),
    ("--url http://localhost:1 names --check", '--url stands before the command that it is of; write it behind'),
    ("sensor add s1", "temperature-service sensor add needs --public-key"),
    ("sensor add --public-key x", "temperature-service sensor add needs ID"),
    ("backup", "temperature-service backup needs DIR"),
    ("backup x --url", "--url needs a value"),
    ("backup x --url a --url b", "--url is given more than once"),
    ("backup x --timeout soon", '--timeout must be a whole number from 1 to 86400, not "soon"'),
    ("backup x --timeout 0", '--timeout must be a whole number from 1 to 86400, not "0"'),
    ("import x --batch -1", "--batch"),
    ("serve --threads many", '--threads must be a whole number, not "many"'),
    ("serve --dev=maybe", "--dev must be true or false"),
    ("replay x --speed slow", "--speed slow is neither max nor a number"),
    ("simulate --interval 1", "--interval 1 is no duration"),
    ("token --key x --sensor s --lifetime 2y", "--lifetime"),
    ("backup x --key a --key-file b", "not both"),
    ("backup x --url localhost:8000", "give the service's address as http://HOST:PORT"),
    ("serve --dev --retention soon", "--retention must be a duration"),
    ("explain-line", "a LINE or --compare FILE is needed"),
    ("config", "temperature-service config needs --print-default"),
])
def test_a_usage_error_is_a_line_and_ends_with_2(words, said):
    ended = run(*words.split())
    assert ended.returncode == 2, ended.stderr
    lines = ended.stderr.splitlines()
    assert said in lines[0] and ended.stdout == "", ended.stderr
    assert len(lines) == 1 or lines[1:] == [f"Try: {hint_of(words)}"], ended.stderr


def hint_of(words):
    named = [each for each in words.split() if re.fullmatch("[a-z]+", each)]
    known = {" ".join(path) for path in (("serve",), ("sensor", "add"), ("backup",), ("import",), ("config",))}
    for count in (2, 1):
        if " ".join(named[:count]) in known:
            return "temperature-service help " + " ".join(named[:count])
    return "temperature-service help"


def test_a_value_of_the_environment_is_named_by_its_variable():
    ended = run("serve", environment={"TEMPERATURE_DEV": "maybe"})
    assert ended.returncode == 2 and "(TEMPERATURE_DEV of the environment says so)" in ended.stderr


def test_help_and_version_come_as_people_ask_for_them():
    version = run("--version")
    assert version.returncode == 0 and version.stdout == run("version").stdout
    page = run("help")
    assert page.returncode == 0 and "Usage: temperature-service COMMAND" in page.stdout and page.stderr == ""
    assert page.stdout == run("--help").stdout == run("-h").stdout
    for path in (("serve",), ("sensor",), ("sensor", "add"), ("export",)):
        page = run("help", *path)
        assert page.returncode == 0 and page.stdout == run(*path, "--help").stdout, page.stderr
        assert f"Usage: temperature-service {' '.join(path)}" in page.stdout
    # Without a command the same page goes to who made the mistake, and a script is told that nothing was done.
    for words in ((), ("sensor",), ("key",)):
        ended = run(*words)
        assert ended.returncode == 2 and ended.stdout == "" and ended.stderr == run("help", *words).stdout


def test_every_page_of_help_is_readable():
    paths = commands()
    assert {("serve",), ("export",), ("sensor", "add"), ("key", "revoke"), ("help",), ("version",)} <= set(paths)
    for path in paths:
        page = run("help", *path).stdout
        wide = [line for line in page.splitlines() if len(line) > COLUMNS]
        assert not wide, f"help {' '.join(path)}: {wide}"
        # CLI11's own names for types, where ->type_name("FILE") tells more.
        assert not re.search(r"\b(TEXT|UINT|INT|FLOAT|BOOLEAN)\b|:\{", page), f"{path}: give it a type\n{page}"


def test_the_help_of_serve_is_grouped():
    page = run("help", "serve").stdout
    groups = re.findall(r"^(\w[\w ]*):$", page, re.M)
    assert groups == ["Listening", "Data", "Security", "Readings", "Limits", "Line protocol", "Log",
                      "Observability", "Database", "Configuration", "More"]
    more = page.split("\nMore:\n")[1]
    assert re.findall(r"^  (\S+)", more, re.M) == ["-h,--help"], "src/config/serve_flags.cc: kShown lacks a flag"
    text = re.sub(r"\s+", " ", page)
    for flag, kind, default, variable in (("listen", "ADDRESS:PORT", "127.0.0.1:8000", "LISTEN"),
                                          ("max-ahead", "DURATION", "10m", "MAX_AHEAD"),
                                          ("min-free-disk", "BYTES", "1GiB", "MIN_FREE_DISK"),
                                          ("limit-sensor", "RATE:BURST", "10:600", "LIMIT_SENSOR")):
        note = re.escape(f"[default {default}; TEMPERATURE_{variable}]")
        assert re.search(rf"--{flag} {re.escape(kind)} [^\[]*{note}", text), flag
    assert re.search(r"--tls-cert FILE [^\[]*\[TEMPERATURE_TLS_CERT\]", text)


def test_rows_that_are_refused_and_unknown_rooms_end_with_1(shared_service, tmp_path):
    post_readings(shared_service.client(), [reading("there", "s1", 20)])
    (tmp_path / "rows.csv").write_text("timestamp,room_id,sensor_id,quantity,value\n"
                                       "2024-05-01T12:00:00Z,there,s2,temperature,21\n"
                                       "2024-05-01T12:00:00Z,there,s2,temperature,-400\n")
    for command in ("import", "replay"):
        ended = run(command, tmp_path / "rows.csv", "--url", url_of(shared_service))
        assert ended.returncode == 1 and "readings refused: 1" in ended.stderr, (command, ended.stderr)
    for more, said in ((["--room", "nowhere"], 'no room "nowhere"'), (["--building", "nowhere"], 'building "nowhere"'),
                       (["--room", "there", "--quantity", "co2"], "with co2")):
        ended = run("export", "--url", url_of(shared_service), *more)
        assert ended.returncode == 1 and said in ended.stderr, ended.stderr
        assert len(ended.stdout.splitlines()) == 1, "the header alone"
        ended = run("export", "--url", url_of(shared_service), *more, "-o", tmp_path / "none.csv")
        assert ended.returncode == 1 and not (tmp_path / "none.csv").exists()
    assert run("export", "--url", url_of(shared_service), "--room", "there").returncode == 0
