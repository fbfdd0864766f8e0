"""The snippets of docs/clients.md that say they are tested, run as they stand against a real service."""

import re
import subprocess
import sys

import pytest

from line_clients import node_clients
from service import ROOT, average

pytestmark = pytest.mark.one_at_a_time

PAGE = (ROOT / "docs/clients.md").read_text()
SNIPPETS = re.findall(r"<!-- tested: (\w+) -->\n```\w+\n(.*?)```", PAGE, re.S)


def run(kind, snippet):
    if kind == "curl":
        return subprocess.run(["bash", "-eu", "-c", snippet], capture_output=True, text=True, timeout=60)
    if kind == "python":
        return subprocess.run([sys.executable, "-c", snippet], capture_output=True, text=True, timeout=60)
    script = node_clients() / "snippet.mjs"
    script.write_text(snippet)
    return subprocess.run(["node", str(script)], capture_output=True, text=True, timeout=60)


def test_every_marked_snippet_was_found():
    assert len(SNIPPETS) == PAGE.count("<!-- tested:") == 5
    assert {kind for kind, _ in SNIPPETS} == {"curl", "python", "node"}


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_a_snippet_writes(service, number):
    kind, snippet = SNIPPETS[number]
    here = snippet.replace("localhost:8000", f"127.0.0.1:{service.port}")
    here = here.replace('"localhost", 8000', f'"127.0.0.1", {service.port}')
    assert here != snippet
    ended = run(kind, here)
    assert ended.returncode == 0, ended.stderr
    assert average(service.client(), "kitchen")["value"] == pytest.approx(21.6 if "air," in snippet else 21.5, abs=1e-9)
