"""Which service a command asks, and who asks: a flag goes before the environment, whatever the command."""

import concurrent.futures
import http.server
import os
import re
import subprocess
import threading

import pytest

from commands import COMMANDS, arguments_of, asking_commands, write_files
from service import BINARY

pytestmark = pytest.mark.one_at_a_time

# The flags that docs/operating.md says have a variable.
VARIABLES = {"--url": "TEMPERATURE_URL", "--key": "TEMPERATURE_KEY", "--key-file": "TEMPERATURE_KEY_FILE",
             "--ca-file": "TEMPERATURE_CA_FILE"}
# What each is in the flag and in the environment; the folder's files are named by it.
WAYS = {"flag": ("flag", None), "environment": (None, "environment"), "both": ("flag", "environment")}


class Recorder(http.server.ThreadingHTTPServer):
    """Refuses whatever is asked, and keeps who asked: the Authorization of each request, by its path's first name."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = {}
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self.thread.start()

    def url(self, run):
        return f"http://127.0.0.1:{self.server_address[1]}/{run}"

    def close(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.setdefault(self.path.split("/")[1], self.headers.get("Authorization"))
        self.send_response(403)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def servers():
    both = {"flag": Recorder(), "environment": Recorder()}
    yield both
    for server in both.values():
        server.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flags")
    write_files(folder)
    for name in ("flag", "environment"):
        (folder / f"{name}.key").write_text(f"file-of-{name}\n")
    return folder


def run(command, files, flags, environment):
    clean = {name: text for name, text in os.environ.items() if not name.startswith("TEMPERATURE_")}
    words = [BINARY, *arguments_of(COMMANDS[command], files, files / "out"), "--retry-for", "0", "--timeout", "20"]
    for flag, text in flags.items():
        words += [flag, text]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False,
                          env={**clean, **{VARIABLES[flag]: text for flag, text in environment.items()}})


def all_at_once(check, cases):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(lambda case: check(*case), cases):
            pass


def test_the_table_has_every_command_and_flag():
    asking = asking_commands()
    assert set(asking) == set(COMMANDS)
    for command, text in asking.items():
        named = {flag: re.search(rf"{flag} [A-Z]+\b(.*?)(?=\n +-|\Z)", text, re.DOTALL) for flag in VARIABLES}
        assert {flag: VARIABLES[flag] in found.group(1) for flag, found in named.items() if found} == \
            dict.fromkeys(VARIABLES, True), (command, text)


def said(way, **texts):
    """Flags and environment for one way: each flag's text has the way's word in it."""
    by_flag, by_environment = WAYS[way]
    return [{"--" + flag.replace("_", "-"): text(word) for flag, text in texts.items()} if word else {}
            for word in (by_flag, by_environment)]


@pytest.mark.parametrize("way", WAYS)
def test_the_service_and_the_key(servers, files, way):
    def check(command, number):
        wins = "environment" if way == "environment" else "flag"
        other = "flag" if wins == "environment" else "environment"
        for key, expected in ((dict(key=lambda word: f"key-of-{word}"), f"key-of-{wins}"),
                              (dict(key_file=lambda word: str(files / f"{word}.key")), f"file-of-{wins}")):
            name = f"{way}-{number}-{expected}"
            flags, environment = said(way, url=lambda word: servers[word].url(name), **key)
            if way == "both":  # a flag for one kind of key goes before the variable of the other, too
                environment.update({"--key": "key-of-environment", "--key-file": str(files / "environment.key")})
            done = run(command, files, flags, environment)
            assert servers[wins].asked.get(name) == "Bearer " + expected, (command, done.stderr)
            assert name not in servers[other].asked, command
            assert done.returncode == 1, (command, done)
    all_at_once(check, [(command, number) for number, command in enumerate(COMMANDS)])


@pytest.mark.parametrize("way", WAYS)
def test_the_certificates(servers, files, way):
    def check(command):
        flags, environment = said(way, ca_file=lambda word: f"/no-{word}/ca.pem")
        done = run(command, files, {"--url": servers["flag"].url("ca"), **flags}, environment)
        wins = "environment" if way == "environment" else "flag"
        assert done.returncode == 1 and f"/no-{wins}/ca.pem" in done.stderr, (command, done)
    all_at_once(check, [(command,) for command in COMMANDS])


def test_both_kinds_of_key_in_one_place_are_an_error(files):
    both = {"--key": "k", "--key-file": str(files / "flag.key")}
    for flags, environment in ((both, {}), ({}, both)):
        done = run("key list", files, {"--url": "http://127.0.0.1:9", **flags}, environment)
        assert done.returncode == 2 and "not both" in done.stderr


# A variable of one command means nothing to another.
def test_variables_of_serve_do_not_stop_other_commands(servers, files):
    environment = {"TEMPERATURE_THREADS": "many", "TEMPERATURE_DATA_DIR": "/no", "TEMPERATURE_MAX_AHEAD": "soon"}
    done = subprocess.run([BINARY, "key", "list", "--url", servers["flag"].url("serve"), "--retry-for", "0"],
                          capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment})
    assert done.returncode == 1 and "serve" in servers["flag"].asked, done.stderr


def test_an_empty_flag_goes_before_the_environment_too(servers, files):
    done = run("key list", files, {"--url": servers["flag"].url("empty"), "--key": ""}, {"--key": "k"})
    assert servers["flag"].asked["empty"] is None, done.stderr
