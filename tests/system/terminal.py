"""The program with a terminal for its standard output, as people see it."""

import os
import pty
import subprocess
import threading

from service import BINARY


def on_terminal(*arguments, environment=None, timeout=60):
    """Exit code, what it said on the terminal, and on standard error (a pipe)."""
    ours, its = pty.openpty()
    said = []

    def read():
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:
                return  # the other side is closed
            if not piece:
                return
            said.append(piece)
    process = subprocess.Popen([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=its,
                               stderr=subprocess.PIPE, env={**os.environ, **(environment or {})})
    os.close(its)
    reader = threading.Thread(target=read)
    reader.start()
    try:
        _, error = process.communicate(timeout=timeout)
        reader.join(timeout)
    finally:
        process.kill()
        os.close(ours)
    # A terminal line ends in CR and LF.
    return process.returncode, b"".join(said).decode().replace("\r\n", "\n"), error.decode()
