"""A proxy before a PostgreSQL that knows its protocol's messages and cuts the connection at one of them."""

import contextlib
import socket
import struct
import threading


def read_exactly(source, size):
    data = b""
    while len(data) < size:
        piece = source.recv(size - len(data))
        if not piece:
            raise ConnectionError("closed")
        data += piece
    return data


class PostgresProxy:
    """Counts messages in both directions from `watch` on, and cuts the connection instead of handing on the one with
    the number `cut_at` (from 1; None: none). A context manager."""

    def __init__(self, port):
        self.target = port
        self.lock = threading.Lock()
        self.watching = False
        self.cut_at = None
        self.count = 0
        self.kinds = []
        self.cuts = 0
        self.pairs = []
        self.closed = False

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def accept(self):
        while not self.closed:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            pair = (client, server)
            for each in pair:  # messages go on one by one
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.pairs.append(pair)
            threading.Thread(target=self.relay, args=(client, server, pair, True), daemon=True).start()
            threading.Thread(target=self.relay, args=(server, client, pair, False), daemon=True).start()

    def relay(self, source, sink, pair, from_client):
        first = from_client  # a startup message has no kind
        try:
            while True:
                kind = b"" if first else read_exactly(source, 1)
                size = read_exactly(source, 4)
                body = read_exactly(source, struct.unpack(">I", size)[0] - 4)
                if not first and self.is_cut(kind, from_client):
                    break
                first = False
                sink.sendall(kind + size + body)
        except OSError:
            pass
        self.close(pair)

    def is_cut(self, kind, from_client):
        with self.lock:
            if not self.watching:
                return False
            self.count += 1
            self.kinds.append(("client " if from_client else "server ") + kind.decode())
            if self.count != self.cut_at:
                return False
            self.cuts += 1
            self.watching = False
            return True

    @staticmethod
    def close(pair):
        for each in pair:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def watch(self, cut_at=None):
        with self.lock:
            self.watching, self.cut_at, self.count, self.kinds = True, cut_at, 0, []

    def unwatch(self):
        with self.lock:
            self.watching = False
            return list(self.kinds)

    def __exit__(self, *_):
        self.closed = True
        self.listener.close()
        for pair in self.pairs:
            self.close(pair)
