"""A server that answers every request with what a test says, byte for byte, on loopback."""

import gzip
import itertools
import socket
import threading
import time


def http(body, content_type="application/json", status="200 OK", headers=""):
    body = body if isinstance(body, bytes) else body.encode()
    head = (f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
            f"Connection: close\r\n{headers}\r\n")
    return head.encode() + body


def endless(head, piece, after=b""):
    """Bytes until the other side closes."""
    yield head
    for count in itertools.count():
        yield piece % count if b"%d" in piece else piece
        if after:
            yield after


class Hostile:
    """`answer(request line)` is bytes, or pieces of them that are sent one after the other; `pause_s` between two."""

    def __init__(self, answer, pause_s=0):
        self.answer = answer
        self.pause_s = pause_s
        self.requests = []
        self.stopping = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(0.05)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def accept(self):
        while not self.stopping:
            try:
                connection, _ = self.listener.accept()
            except TimeoutError:
                continue
            self.threads.append(threading.Thread(target=self.serve, args=(connection,)))
            self.threads[-1].start()

    def serve(self, connection):
        with connection:
            connection.settimeout(5)
            try:
                got = b""
                while b"\r\n\r\n" not in got:
                    piece = connection.recv(65_536)
                    if not piece:
                        return
                    got += piece
                line = got.split(b"\r\n")[0].decode()
                self.requests.append(line)
                answer = self.answer(line)
                for piece in [answer] if isinstance(answer, bytes) else answer:
                    if self.stopping:
                        return
                    connection.sendall(piece)
                    time.sleep(self.pause_s)  # how slow it is, for tests of time limits
                # What is left of the request is taken, so that closing does not reset the connection.
                connection.shutdown(socket.SHUT_WR)
                while not self.stopping and connection.recv(65_536):
                    pass
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.threads[0].join()
        for thread in self.threads[1:]:
            thread.join()
        self.listener.close()


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/%s\r\nTransfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(b"x" * 10_000_000)

# What no temperature-service answers, whatever is asked.
ANSWERS = {
    "nothing": b"",
    "no_http": b"SSH-2.0-OpenSSH_9.2\r\n",
    "empty_body": http(""),
    "empty_object": http("{}"),
    "empty_array": http("[]"),
    "null": http("null"),
    "number": http("1"),
    "text": http('"text"'),
    "deep": http("[" * 100_000),
    "html": http("<html><body>Welcome</body></html>", "text/html"),
    "html_as_json": http("<html><body>Welcome</body></html>"),
    "problem_with_200": http('{"type":"about:blank","title":"no","status":503}', "application/problem+json"),
    "redirect": http("", "text/html", "302 Found", "Location: http://127.0.0.1:9/\r\n"),
    "not_found": http("<html>", "text/html", "404 Not Found"),
    "no_content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "truncated": http('{"rooms":[]}' + " " * 100)[:-90],
    "truncated_chunks": CHUNKED % b"json" + b"5\r\n[1,2",
    "gzip_bomb": http(BOMB, headers="Content-Encoding: gzip\r\n"),
    "latin1": http(b'{"rooms":[{"building":"\xff","room":"\xfe","quantities":[]}],"sensors":[{"sensor":"\xff"}]}'),
}

# The same, without an end.
ENDLESS = {
    "endless_body": lambda: endless(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[", b" " * 65_536),
    "endless_headers": lambda: endless(b"HTTP/1.1 200 OK\r\n", b"X-%d: " + b"y" * 1_000 + b"\r\n"),
    "endless_interim": lambda: endless(b"", b"HTTP/1.1 100 Continue\r\nX-%d: " + b"y" * 1_000 + b"\r\n\r\n"),
    "endless_chunks": lambda: endless(CHUNKED % b"x-ndjson", b"10000\r\n" + b"x" * 65_536 + b"\r\n"),
}

ESCAPES = "\\u001b]0;owned\\u0007\\u001b[2J\\u009b31m\\r\\n\\u202e"
