"""The blocks of commands of README.md, and a place in which they run as they are written."""

import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
import urllib.request

from service import BINARY, ROOT

COMMANDS = {"sh", "bash", "shell", "console"}
OTHERS = {"toml", "json", "yaml", "ini", "python", "text"}  # no commands
UNTESTED_MAX = 6
PORTS = (8000, 8443)
BLOCK_TIMEOUT_S = 120

ADVICE = """
Mend the block or what it calls. A block that serves has that one command. What cannot be run here is marked on the line
above it: <!-- untested: why --> (six at most). tests/system/readme.py says what is put in the place of what."""


class Block:
    def __init__(self, line, language, text, untested):
        self.line, self.language, self.text, self.untested = line, language, text, untested

    def __str__(self):
        return f"README.md, line {self.line}, the block\n\n{self.text}\n"

    @property
    def serves(self):
        return bool(re.search(r"^make run\b|\btemperature-service serve\b", self.text, re.M))

    def steps(self):
        """What is run, and what it must print; None: anything. Of a console block each line behind "$ ", others all."""
        if self.language != "console":
            return [(self.text, None)]
        steps = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            else:
                steps[-1][1].append(line)
        return [(command, "\n".join(output)) for command, output in steps]


def read_blocks(text):
    blocks, lines, at = [], text.splitlines(), 0
    while at < len(lines):
        opened = re.fullmatch(r"```(\w*)", lines[at])
        if not opened:
            at += 1
            continue
        end = next(i for i in range(at + 1, len(lines)) if lines[i] == "```")
        mark = re.fullmatch(r"<!-- untested:(.*)-->", lines[at - 1].strip()) if at else None
        blocks.append(Block(at + 1, opened.group(1), "\n".join(lines[at + 1:end]), mark and mark.group(1).strip()))
        at = end + 1
    return blocks


def is_free(port):
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


class Checkout:
    """What a reader of README.md has in front of them, but for this:

    - build/release/temperature-service is the program under test, and scripts/build only looks whether it is there:
      that it can be built, the build shows, which comes before every test.
    - nothing is installed (SETUP=skip), and `make install` puts the program below a folder of the test (DESTDIR).
    - /var/lib and /backups are folders of the test, and 0.0.0.0 is 127.0.0.1.
    - ports that are taken on this machine are others, wherever they are written or meant (TEMPERATURE_LISTEN, _URL).
    - curl fails where the answer is an error (CURL_HOME), and no proxy is asked.
    Each block runs in a shell of its own, and the first command that fails fails it.
    """

    def __init__(self, folder):
        self.folder = folder / "checkout"
        self.root = folder / "root"
        for made in (self.folder, self.root / "var/lib", self.root / "home"):
            made.mkdir(parents=True)
        for entry in ROOT.iterdir():
            if entry.name not in {"build", "data", "scripts", ".git"}:
                (self.folder / entry.name).symlink_to(entry)
        shutil.copytree(ROOT / "scripts", self.folder / "scripts")
        (self.folder / "scripts/build").write_text("#!/bin/sh\ntest -x build/release/temperature-service\n")
        (self.folder / "build/release").mkdir(parents=True)
        (self.folder / "build/release/temperature-service").symlink_to(pathlib.Path(BINARY).resolve())
        (self.root / "home/.curlrc").write_text('fail-with-body\nshow-error\nnoproxy = "*"\n')
        self.ports = {port: port if is_free(port) else free_port() for port in PORTS}
        self.servers = {}

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPERATURE_", "MAKE"))}
        path = f"{self.root}/usr/local/bin:{kept.get('PATH', os.defpath)}"
        more = {"SETUP": "skip", "DESTDIR": str(self.root), "CURL_HOME": str(self.root / "home"), "PATH": path,
                "HOME": str(self.root / "home")}
        if self.ports[8000] != 8000:
            address = f"127.0.0.1:{self.ports[8000]}"
            more |= {"TEMPERATURE_LISTEN": address, "TEMPERATURE_URL": "http://" + address}
        return kept | more

    def as_run(self, text):
        text = re.sub(r"(?<![\w./])/(?=(?:var/lib|backups)\b)", f"{self.root}/", text).replace("0.0.0.0", "127.0.0.1")
        for written, port in self.ports.items():
            text = re.sub(rf"(?<!\d){written}(?!\d)", str(port), text)
        return text

    def start(self, text, **arguments):
        return subprocess.Popen(["bash", "-euo", "pipefail", "-c", self.as_run(text)], cwd=self.folder, text=True,
                                env=self.environment(), stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                                start_new_session=True, **arguments)

    def run(self, block):
        for text, output in block.steps():
            process = self.start(text, stdout=subprocess.PIPE)
            try:
                said, _ = process.communicate(timeout=BLOCK_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.end(process)
                said, _ = process.communicate()
                raise AssertionError(f"{block}does not end within {BLOCK_TIMEOUT_S} s:\n\n{said}{ADVICE}") from None
            assert process.returncode == 0, f"{block}ended with {process.returncode}:\n\n{said}{ADVICE}"
            assert output is None or said.rstrip() == output.rstrip(), f"{block}printed\n\n{said}{ADVICE}"

    def serve(self, block):
        """Until another block serves on the same port, or until the end."""
        listens = re.search(r"--listen \S+:(\d+)", block.text)
        port = self.ports[int(listens.group(1)) if listens else 8000]
        if port in self.servers:
            self.end(self.servers.pop(port)[0])
        log = self.root / f"server-{block.line}.log"
        with log.open("w") as handle:
            process = self.start(block.text, stdout=handle)
        self.servers[port] = (process, log)
        url = f"http{'s' if '--tls-cert' in block.text else ''}://127.0.0.1:{port}/readyz"
        deadline = time.monotonic() + BLOCK_TIMEOUT_S
        while not answers(url):
            assert process.poll() is None, f"{block}ended with {process.returncode}:\n\n{log.read_text()}{ADVICE}"
            assert time.monotonic() < deadline, f"{block}does not serve at {url}:\n\n{log.read_text()}{ADVICE}"
            time.sleep(0.05)
        assert process.poll() is None, f"{block}ended, and another server answers at {url}{ADVICE}"

    @staticmethod
    def end(process):
        """Ctrl-C, which the whole group gets."""
        for stop in (signal.SIGINT, signal.SIGKILL):
            try:
                os.killpg(process.pid, stop)
                process.wait(30)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue

    def close(self):
        for process, _ in self.servers.values():
            self.end(process)


def answers(url):
    open_context = ssl.create_default_context()
    open_context.check_hostname, open_context.verify_mode = False, ssl.CERT_NONE
    handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=open_context)
    opener = urllib.request.build_opener(*handlers)
    try:
        return opener.open(url, timeout=5).status == 200
    except OSError:
        return False
