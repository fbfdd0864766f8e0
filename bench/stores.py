"""The stores that the benchmarks start, one at a time, each with a data folder of its own: this service, and others as
Debian has them. BENCH_BUILD: the folder of the programs."""

import contextlib
import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("BENCH_BUILD", ROOT / "build/bench"))
TICKS = os.sysconf("SC_CLK_TCK")
PROGRAMS = {"victoria-metrics": "victoria-metrics", "influxdb": "influxd"}


def program(package):
    """The peer's program: installed, or unpacked from Debian's package."""
    name = PROGRAMS[package]
    if found := shutil.which(name):
        return found
    folder = ROOT / "build/peers"
    unpacked = folder / "usr/bin" / name
    if not unpacked.exists():
        folder.mkdir(parents=True, exist_ok=True)
        print(f"taking {package} from Debian", flush=True)
        subprocess.run(["apt-get", "-q", "download", package], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        for archive in folder.glob(f"{package}_*.deb"):
            subprocess.run(["dpkg-deb", "-x", str(archive), str(folder)], check=True)
    return str(unpacked)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def stats_of(folder):
    """Of every file and folder there; a running store may take some away meanwhile."""
    for name in pathlib.Path(folder).rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            yield name.lstat()


def bytes_of_files(folder):
    """As long as the files say they are."""
    return sum(its.st_size for its in stats_of(folder) if stat.S_ISREG(its.st_mode))


def bytes_of_blocks(folder):
    """What the disk gave, as du counts: folders, space that was taken ahead, and the rest of each last block."""
    return sum(its.st_blocks * 512 for its in stats_of(folder))


class Store:
    """A store with a data folder of its own."""

    def __init__(self, folder, command, port, environment=None):
        self.folder, self.port = folder, port
        self.log = open(f"{folder}.log", "w+")
        self.process = subprocess.Popen([str(part) for part in command], stdout=self.log, stderr=self.log,
                                        env={**os.environ, **(environment or {})})
        deadline = time.monotonic() + 60
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self.output())
            time.sleep(0.05)

    def output(self):
        return pathlib.Path(self.log.name).read_text()

    def answers(self):
        if self.port is None:
            found = re.search(r"listening on http://[^:]+:(\d+)", self.output())
            if not found:
                return False
            self.port = int(found.group(1))
        try:
            return self.request("GET", "/ping") in (200, 204)
        except OSError:
            return False

    def request(self, method, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path)
        status = connection.getresponse().status
        connection.close()
        return status

    def write(self, lines):
        """Lines of line protocol; whatever is wrong with one does not keep its neighbours."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("POST", "/write", lines)
        status = connection.getresponse().status
        connection.close()
        return status

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mib(self, kind):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(kind + r":\s+(\d+)", status).group(1)) / 1024

    def peak_mib(self):
        return self.memory_mib("VmHWM")

    def wait_until_idle(self):
        """Less than a hundredth of a core for a second, or half a minute."""
        for _ in range(30):
            before = self.cpu_s()
            time.sleep(1)
            if self.cpu_s() - before <= 0.01:
                return

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.log.close()

    def end(self):
        """Stops it, and removes its data: how many bytes they were."""
        self.stop()
        size = bytes_of_files(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        return size


def ours(folder, threads):
    return Store(folder, [BUILD / "temperature-service", "serve", "--dev", "--listen", "127.0.0.1:0", "--data-dir",
                          folder, "--threads", threads], None)


def victoria_metrics(folder, *flags):
    port = free_port()
    return Store(folder, [program("victoria-metrics"), "-storageDataPath", folder, "-httpListenAddr",
                          f"127.0.0.1:{port}", *flags], port)


def influxdb(folder):
    port = free_port()
    folder.mkdir()
    (folder / "empty.conf").write_text("")
    store = Store(folder, [program("influxdb"), "-config", folder / "empty.conf"], port, {
        "INFLUXDB_REPORTING_DISABLED": "true", "INFLUXDB_BIND_ADDRESS": f"127.0.0.1:{free_port()}",
        "INFLUXDB_META_DIR": f"{folder}/meta", "INFLUXDB_DATA_DIR": f"{folder}/data",
        "INFLUXDB_DATA_WAL_DIR": f"{folder}/wal", "INFLUXDB_HTTP_BIND_ADDRESS": f"127.0.0.1:{port}",
        "INFLUXDB_HTTP_LOG_ENABLED": "false", "INFLUXDB_DATA_QUERY_LOG_ENABLED": "false"})
    store.request("POST", "/query?q=CREATE+DATABASE+readings")
    return store
