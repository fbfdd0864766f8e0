"""Errors and crashes reach Sentry, and nothing else does; a Sentry that is slow, away or full keeps nobody waiting."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess

import pytest

from sentry import KEY, SentryServer, build_id_of, functions_of
from service import BINARY, ROOT, Service, average, now_ms, post_readings, reading, wait_until

pytestmark = pytest.mark.one_at_a_time

NAMES = ("annas-house", "annas-bedroom", "annas-thermometer")


@pytest.fixture
def sentry():
    with SentryServer() as server:
        yield server


class Reporting(Service):
    """A service whose device map can be broken, which is an error in its log."""

    def __init__(self, folder, dsn, flags=(), environment=None, **arguments):
        self.device_map = folder / "annas-devices.csv"
        self.mend()
        variables = {"SENTRY_DSN": dsn} if dsn else {}
        super().__init__(data_dir=folder / "annas-data",
                         flags=["--dev", "--device-map", str(self.device_map), *flags],
                         environment={**variables, **(environment or {})}, **arguments)

    def mend(self):
        self.device_map.write_text("device,room\nannas-device,annas-bedroom\n")

    def fail(self):
        """One more error in the log, with a reason that names names."""
        before = self.output().count("was not read again")
        self.device_map.write_text("device,room\nannas-device,annas-bedroom\nannas-device,annas-kitchen\n")
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.output().count("was not read again") > before, self.output())

    def use(self):
        """Readings are taken, and questions answered."""
        client = self.client(timeout=20)
        post_readings(client, [reading("annas-bedroom", "annas-thermometer", building="annas-house",
                                       timestamp=now_ms() - 1_000)])
        assert average(client, "annas-bedroom", building="annas-house")["count"] >= 1
        client.close()

    def reports(self, outcome):
        text = self.client().get("/metrics").text.decode()
        return int(re.search(r'error_reports_total{outcome="%s"} (\d+)' % outcome, text).group(1))

    def damage_keeping(self):
        """The next start has an error in its log."""
        (self.data_dir / "KEEPING").write_text("of annas-bedroom")


def test_errors_arrive_as_sentry_reads_them_without_personal_data(tmp_path, sentry):
    with Reporting(tmp_path, sentry.dsn, flags=["--environment", "staging"],
                   environment={"SENTRY_RELEASE": "house@7"}) as service:
        service.start().use()
        service.fail()
        sentry.wait_for(1)
        service.fail()
        wait_until(lambda: service.reports("repeated") == 1, "the same error is reported once")
        service.mend()
        assert service.stop() == 0
        service.damage_keeping()
        service.start().use()
        sentry.wait_for(2)
        assert service.stop() == 0
        assert "errors and crashes are reported to Sentry host=127.0.0.1 release=house@7" in service.output()
        assert KEY not in service.output()
    for path, headers, _ in sentry.requests:
        assert path == "/api/42/envelope/"
        assert headers["Content-Type"] == "application/x-sentry-envelope"
        assert f"sentry_key={KEY}" in headers["X-Sentry-Auth"] and "sentry_version=7" in headers["X-Sentry-Auth"]
    first, second = sentry.events()
    assert first["logentry"] == {"message": "the device map was not read again; the old one stays in use"}
    assert first["tags"] == {"code": "malformed_body"}
    assert second["logentry"]["message"].startswith("what the data folder knows of the time and of its retention")
    for event in (first, second):
        assert (event["environment"], event["release"]) == ("staging", "house@7")
        assert (event["level"], event["platform"], event["logger"]) == ("error", "native", "log")
        assert event["sdk"]["name"] == "temperature-service"
        assert event["contexts"]["os"]["name"] == "Linux"
        assert set(event) <= {"event_id", "timestamp", "platform", "level", "logger", "release", "environment",
                              "logentry", "tags", "extra", "contexts", "sdk"}
    came = sentry.bytes().lower()
    for personal in ("anna", socket.gethostname(), str(tmp_path), os.path.expanduser("~"), "127.0.0.1", "bedroom"):
        assert personal.lower().encode() not in came, personal


def test_the_service_reports_without_a_word_of_sentrys_too(tmp_path, sentry):
    """--sentry-dsn-file; the program's own release, and no environment."""
    (tmp_path / "dsn").write_text(sentry.dsn + "\n")
    with Reporting(tmp_path, None, flags=["--sentry-dsn-file", str(tmp_path / "dsn")]) as service:
        service.start().fail()
        sentry.wait_for(1)
        assert service.stop() == 0
    (event,) = sentry.events()
    version = subprocess.run([BINARY, "version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    assert event["release"] == "temperature-service@" + version and "environment" not in event


def test_its_rate_limits_are_kept(tmp_path, sentry):
    sentry.status, sentry.headers = 429, {"X-Sentry-Rate-Limits": "3600:error;default:organization", "Retry-After": "1"}
    with Reporting(tmp_path, sentry.dsn) as service:
        service.start().use()
        service.stop()
        service.damage_keeping()
        service.start()
        wait_until(lambda: service.reports("rate_limited") == 1, "it was told to wait")
        sentry.status = 200
        service.fail()
        wait_until(lambda: service.reports("rate_limited") == 2, "it waits")
        service.use()
        assert service.stop() == 0
    assert len(sentry.requests) == 1


@pytest.mark.parametrize("trouble", ["hangs", "away"])
def test_one_that_hangs_or_is_away_keeps_nobody_waiting(tmp_path, sentry, trouble):
    dsn = sentry.dsn
    if trouble == "hangs":
        sentry.hangs = True
    else:
        sentry.server.server_close()
    with Reporting(tmp_path, dsn) as service:
        service.start().fail()
        if trouble == "hangs":
            sentry.wait_for(1)
        else:
            wait_until(lambda: "error reports are not taken" in service.output(), service.output())
        service.use()
        service.damage_keeping()
        assert service.stop(timeout=60) == 0
        assert "it took too long to stop" not in service.output()


@pytest.mark.parametrize("given, said", [
    ({"SENTRY_DSN": f"https://{KEY}@sentry.example.org"}, "must end in the project's number"),
    ({"SENTRY_DSN": KEY}, "does not begin with https://"),
    ({"SENTRY_DSN": f"https://{KEY}@a/1", "TEMPERATURE_SENTRY_DSN": f"https://{KEY}@b/1"}, "differ"),
    ({"SENTRY_DSN": f"https://{KEY}@a/1", "SENTRY_ENVIRONMENT": "two words"}, "SENTRY_ENVIRONMENT"),
])
def test_a_dsn_that_cannot_be_is_no_start_and_is_not_shown(given, said):
    with Service(environment=given) as service:
        status, output = service.run_to_end()
        assert (status, KEY in output) == (2, False), output
        assert said in output and output.count("\n") == 1, output


def test_a_crash_is_reported_by_the_next_start_until_it_is_taken(tmp_path, sentry):
    """SIGABRT, as a rule of the program's own that does not hold and systemd's watchdog end it."""
    with Reporting(tmp_path, sentry.dsn, flags=["--environment", "staging"]) as service:
        record = service.data_dir / "CRASH"
        service.start().use()
        service.process.send_signal(signal.SIGABRT)
        assert service.process.wait() == -signal.SIGABRT
        assert "SIGABRT ends the process; the next start reports it" in service.output()
        assert record.stat().st_mode & 0o777 == 0o600
        sentry.status = 503
        service.start()
        sentry.wait_for(1)
        assert service.stop() == 0
        assert record.exists(), "nobody took it"
        sentry.status = 200
        sentry.requests.clear()
        service.start().use()
        wait_until(lambda: not record.exists(), "it is taken")
        assert "the service crashed when it was used last signal=SIGABRT" in service.output()
        assert service.stop() == 0
    (event,) = sentry.events()
    assert (event["level"], event["environment"]) == ("fatal", "staging")
    (exception,) = event["exception"]["values"]
    assert exception["type"] == "SIGABRT" and exception["mechanism"]["handled"] is False
    assert exception["mechanism"]["meta"]["signal"]["number"] == signal.SIGABRT
    assert any("Service::run" in name for name in functions_of(event, BINARY)), functions_of(event, BINARY)
    came = sentry.bytes().lower()
    for personal in ("anna", socket.gethostname(), str(tmp_path), str(ROOT)):
        assert personal.lower().encode() not in came, personal


def test_without_a_dsn_a_crash_is_a_line_of_the_log(tmp_path):
    with Reporting(tmp_path, None) as service:
        service.start()
        service.process.send_signal(signal.SIGABRT)
        assert service.process.wait() == -signal.SIGABRT
        (service.data_dir / "CRASH.2").write_text("temperature-service crash 1\nsignal 1")  # cut
        service.start()
        said = service.output()
        assert re.search(r" warning the service crashed when it was used last signal=SIGABRT time=2\S+Z "
                         r"release=temperature-service@\S+ .*build_id=[0-9a-f]{16,} at=\S+\+0x[0-9a-f]+ ", said), said
        assert "the record of a crash cannot be read" in said
        assert not list(service.data_dir.glob("CRASH*"))
        assert {service.reports(outcome) for outcome in ("sent", "repeated", "refused", "unsent")} == {0}


@pytest.mark.crash
@pytest.mark.parametrize("kind", ["null", "stack"])
def test_a_fault_arrives_with_addresses_that_resolve(tmp_path, sentry, kind):
    """A true SIGSEGV below the program's own calls, on a thread of its own, in the build that is tested: a library that
    is loaded before the others writes to address 0, or calls itself until the stack is used up."""
    library = tmp_path / "fault.so"
    subprocess.run(["cc", "-O0", "-w", "-shared", "-fPIC", "-o", library, pathlib.Path(__file__).parent / "fault.c"],
                   check=True)
    when = tmp_path / "now"
    loaded = {"LD_PRELOAD": str(library), "FAULT_WHEN": str(when), "FAULT_KIND": kind,
              "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":handle_segv=0:use_sigaltstack=0"}
    with Reporting(tmp_path, sentry.dsn, environment=loaded) as service:
        service.start().use()
        when.touch()
        assert service.process.wait(60) == -signal.SIGSEGV
        assert "SIGSEGV ends the process; the next start reports it" in service.output()
        when.unlink()
        service.start().use()
        sentry.wait_for(1)
        wait_until(lambda: not (service.data_dir / "CRASH").exists(), "it is taken")
        assert service.stop() == 0
    (event,) = sentry.events()
    assert event["exception"]["values"][0]["type"] == "SIGSEGV"
    images = {image["code_file"]: image for image in event["debug_meta"]["images"]}
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    begin = int(images["fault.so"]["image_addr"], 16)
    assert begin <= int(frames[-1]["instruction_addr"], 16) < begin + images["fault.so"]["image_size"], "the last call"
    assert str(tmp_path) not in json.dumps(event)
    if kind == "stack":
        assert len(frames) > 32 and {frame["package"] for frame in frames} == {"fault.so"}
        return
    assert images[pathlib.Path(BINARY).name]["code_id"] == build_id_of(BINARY)
    names = functions_of(event, BINARY)
    assert any("DiskWatch::look" in name for name in names), names
