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


def asked_on_terminal(*arguments, answer, before=None, timeout=60):
    """Exit code, and all that it said on a terminal, on which the question is answered so after `before` was done."""
    ours, its = pty.openpty()
    process = subprocess.Popen([BINARY, *map(str, arguments)], stdin=its, stdout=its, stderr=its)
    os.close(its)
    stopped = threading.Timer(timeout, process.kill)  # so that reading ends
    stopped.start()
    said = b""
    try:
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:
                break  # the other side is closed
            said += piece
            if answer is not None and said.endswith(b"? [y/N] "):
                if before:
                    before()
                os.write(ours, answer.encode() + b"\n")
                answer = None
        process.wait(timeout)
    finally:
        stopped.cancel()
        process.kill()
        os.close(ours)
    return process.returncode, said.decode().replace("\r\n", "\n")
