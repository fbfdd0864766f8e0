"""The pod's life without a cluster: pod_life.py MANIFESTS FIRST SECOND FOLDER PORT. Starts the image FIRST in Docker as
the rendered MANIFESTS say, asks its probes as kubelet does, and plays what happens to a pod: a restart, a node that is
lost, an upgrade to the image SECOND and back, a backup, a full disk; all the while somebody sends. Ends with 1 where
something that was acknowledged is lost, or a probe says what it should not. scripts/pod-test calls it."""

import base64
import datetime
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

import yaml

from cluster import one
from pod import Pod

KEY = "the-administrators-key-0123456789abcdef"
NOWHERE = "postgresql://nobody:nothing@127.0.0.1:1/none"  # a database that is away
NETWORK = SERVICE = "temperature-service"
BULK_BATCHES, BULK_BATCH = 100, 5000
START_S = 120
say_lock = threading.Lock()


def say(text):
    with say_lock:
        print(text, flush=True)


def require(condition, what):
    if not condition:
        raise SystemExit(f"pod_life: {what}")


def docker(*words, check=True):
    ended = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    require(not check or ended.returncode == 0, f"docker {' '.join(words[:3])} ...: {ended.stderr.strip()}")
    return ended.stdout.strip()


def asked(port, path, timeout=3, body=None):
    """The status and the text of an answer; the status is 0 where nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST" if body else "GET", path, body,
                           {"Authorization": "Bearer " + KEY, "Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


class Sender:
    """Sends twenty readings at a time until they are acknowledged, as a gateway does. A thread of its own."""

    def __init__(self, port):
        self.port = port
        self.first_ms = int(time.time() * 1000) - 3_600_000
        self.acknowledged = 0  # batches; what is beyond them was sent at most once more
        self.refused = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def batch(self, number):
        return [{"room": "pod", "sensor": "s", "timestamp": self.first_ms + number * 20 + each,
                 "value": (number * 20 + each) % 1000 / 8} for each in range(20)]

    def run(self):
        while not self.stopping.is_set():
            status, _ = asked(self.port, "/v1/readings", 10, json.dumps(self.batch(self.acknowledged)))
            if status == 200:
                self.acknowledged += 1
            else:
                self.refused += 1
                time.sleep(0.05)  # as a sender waits who was refused
            time.sleep(0.005)  # its rhythm

    def check(self):
        """Every acknowledged reading is there, once, with its value; and nothing that was not sent."""
        promised = self.acknowledged * 20
        status, text = asked(self.port, f"/v1/readings?room=pod&from={self.first_ms}&format=ndjson", 60)
        require(status == 200, f"readings: {status}")
        found = [json.loads(line) for line in text.splitlines()]
        values = {}
        for each in found:
            stamp = each["timestamp"]
            if isinstance(stamp, str):
                stamp = round(datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp() * 1000)
            require(stamp not in values, f"the reading of {stamp} is there twice")
            values[stamp - self.first_ms] = each["value"]
        for number in range(promised):
            require(values.get(number) == number % 1000 / 8, f"the acknowledged reading {number} is lost or another")
        # Those of a batch whose acknowledgement got lost, or that comes in meanwhile.
        now = (self.acknowledged + 1) * 20
        require(set(values) <= set(range(now)), "there are readings that nobody sent")
        return promised


class Kubelet:
    """One container of the pod, and its probes. What it saw is in `events`."""

    def __init__(self, pod, image, folders, port):
        self.pod, self.port, self.since = pod, port, time.monotonic()
        self.events, self.started, self.ready, self.ended = [], False, False, threading.Event()
        self.liveness_failed = 0
        docker("run", "--detach", "--name", pod.name, "--network", NETWORK,
               *pod.docker_arguments(folders, port), image, *pod.docker_command())
        self.since = time.monotonic()
        self.thread = threading.Thread(target=self.probe, daemon=True)
        self.thread.start()

    def note(self, what):
        self.events.append((time.monotonic() - self.since, what))

    def passes(self, kind):
        probe = self.pod.probes[kind]
        require(probe.port == self.pod.port, f"the {kind} probe asks port {probe.port}, where nobody listens")
        return 200 <= asked(self.port, probe.path, probe.timeout_s)[0] < 400

    def probe(self):
        """As kubelet does: first the startup probe alone, then readiness and liveness, each in its own rhythm."""
        startup, due, failures = self.pod.probes["startup"], {}, {"readiness": 0, "liveness": 0}
        time.sleep(startup.delay_s)  # initialDelaySeconds
        for _ in range(startup.failures):
            if self.passes("startup"):
                self.started = True
                break
            if self.ended.wait(startup.period_s):
                return
        if not self.started:
            self.note("would be killed: it has not started")
            return
        self.note("started")
        due = {kind: time.monotonic() + self.pod.probes[kind].delay_s for kind in failures}
        while not self.ended.wait(0.05):
            for kind, at in due.items():
                if time.monotonic() < at:
                    continue
                due[kind] = at + self.pod.probes[kind].period_s
                passed = self.passes(kind)
                failures[kind] = 0 if passed else failures[kind] + 1
                lasting = failures[kind] >= self.pod.probes[kind].failures
                if kind == "readiness" and self.ready != passed and (passed or lasting):
                    self.ready = passed
                    self.note("ready" if passed else "not ready")
                if kind == "liveness" and lasting and not self.ended.is_set():
                    self.liveness_failed += 1
                    self.note("would be killed: it does not live")

    def watch_start(self):
        """How it looks from outside from the first moment on, until it is ready: each change of (livez, readyz)."""
        seen = []
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            readyz = asked(self.port, "/readyz")[0]  # first: what is ready lives
            now = asked(self.port, "/livez")[0], readyz
            if not seen or seen[-1][1] != now:
                seen.append((round(time.monotonic() - self.since, 3), now))
            if now[1] == 200:
                break
            require(docker("inspect", "--format", "{{.State.Running}}", self.pod.name) == "true",
                    "it ended: " + docker("logs", "--tail", "5", self.pod.name))
            time.sleep(0.005)  # often enough to see it alive and not ready
        states = [state for _, state in seen]
        require(states[-1] == (200, 200), f"it is not ready after {START_S} s: {seen}")
        alive = [livez for livez, _ in states]
        require(alive == sorted(alive), f"livez was taken back: {seen}")
        require(all(readyz in (0, 503) for _, readyz in states[:-1]), f"readyz: {seen}")
        while not self.ready:
            require(time.monotonic() < deadline, "the readiness probe does not pass")
            time.sleep(0.02)  # the probe has a thread of its own
        return "; ".join(f"{at} s livez {livez or '-'} readyz {readyz or '-'}" for at, (livez, readyz) in seen)

    def delete(self, sender):
        """What happens to a pod that is deleted: preStop, SIGTERM, and SIGKILL when the grace is over."""
        began = time.monotonic()
        before = sender.acknowledged
        while time.monotonic() < began + self.pod.pre_stop_s:
            require(asked(self.port, "/readyz")[0] == 200, "it does not answer before SIGTERM")
            time.sleep(0.1)  # meanwhile the sender sends
        meanwhile = sender.acknowledged - before
        require(meanwhile > 0 or self.pod.pre_stop_s == 0, "it takes nothing while others still send to it")
        docker("kill", "--signal", "TERM", self.pod.name)
        termed = time.monotonic()
        answers = []
        while docker("inspect", "--format", "{{.State.Running}}", self.pod.name) == "true":
            answers.append(asked(self.port, "/readyz", 1)[0])
            if time.monotonic() > began + self.pod.grace_s:
                docker("kill", self.pod.name, check=False)
                require(False, f"it has not ended in {self.pod.grace_s} s and was killed")
            time.sleep(0.02)  # between two looks at the container
        took = time.monotonic() - termed
        code = docker("inspect", "--format", "{{.State.ExitCode}}", self.pod.name)
        require(code == "0", f"it ended with {code}")
        require(200 not in answers[3:], f"it says that it is ready after SIGTERM: {answers}")
        self.remove()
        return f"{meanwhile * 20} readings taken in preStop's {self.pod.pre_stop_s} s, ended {took:.1f} s after SIGTERM"

    def kill(self):
        docker("kill", self.pod.name)
        self.remove()

    def remove(self):
        self.ended.set()
        self.thread.join()
        docker("rm", self.pod.name)


def logs(pod):
    ended = subprocess.run(["docker", "logs", pod.name], capture_output=True, text=True, check=True)
    return [line for line in ended.stderr.splitlines() if line.startswith("{")]


def volumes(folder, pod):
    """As kubelet hands them out: root's, of the group, setgid; with what a new ext4 has in it."""
    made = {}
    for name in pod.mounts:
        made[name] = folder / name
        shutil.rmtree(made[name], ignore_errors=True)
        (made[name] / "lost+found").mkdir(parents=True)
        (made[name] / "lost+found").chmod(0o700)
        os.chown(made[name], 0, pod.security["fsGroup"])
        made[name].chmod(0o2775)
    return made


def bulk(port):
    """Half a million readings, so that there is something to recover."""
    first_ms = int(time.time() * 1000) - 3_600_000
    for number in range(BULK_BATCHES):
        batch = [{"room": "bulk", "sensor": "s", "timestamp": first_ms + number * BULK_BATCH + each,
                  "value": each % 100} for each in range(BULK_BATCH)]
        status, text = asked(port, "/v1/readings", 60, json.dumps(batch))
        require(status == 200, f"bulk: {status} {text[:200]}")
    return first_ms


def check_bulk(port, first_ms):
    count = BULK_BATCHES * BULK_BATCH
    status, text = asked(port, f"/v1/average?room=bulk&window=1d&at={first_ms + count}", 60)
    require(status == 200, f"bulk's average: {status}")
    answer = json.loads(text)
    require((answer["count"], answer["value"]) == (count, 49.5), f"bulk: {answer}")
    return count


def backup(objects, folders, image):
    """The CronJob's first container, as it stands there."""
    spec = one(objects, "CronJob", "temperature-service-backup")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = spec["initContainers"]
    name = "temperature-service-backup-29432760-abcde"
    given = {each["name"]: each.get("value") for each in container["env"]}
    given.update(POD_NAME=name, TEMPERATURE_KEY=KEY)
    words = [word.replace("$(POD_NAME)", name) for word in container["args"]]
    user = f"{spec['securityContext']['runAsUser']}:{spec['securityContext']['runAsGroup']}"
    # Where iptables are left alone Docker's own DNS does not answer: the cluster's is played by a line in /etc/hosts.
    place = f'{{{{(index .NetworkSettings.Networks "{NETWORK}").IPAddress}}}}'
    address = docker("inspect", "--format", place, SERVICE)
    docker("run", "--rm", "--network", NETWORK, "--add-host", f"{SERVICE}:{address}", "--user", user,
           "--read-only", "--cap-drop", "ALL",
           *(word for key, value in given.items() for word in ("--env", f"{key}={value}")), image, *words)
    said = docker("run", "--rm", "--network", "none", "--user", user, "--read-only", "--volume",
                  f"{folders['backups']}:/backups:ro", image, "verify", "--data-dir", f"/backups/{name}")
    return said.splitlines()[-1]


def main():
    manifests, first, second, folder, port = sys.argv[1:]
    port = int(port)
    objects = [each for each in yaml.safe_load_all(pathlib.Path(manifests).read_text()) if each]
    encoded = {name: base64.b64encode(text.encode()).decode()
               for name, text in (("TEMPERATURE_ADMIN_KEY", KEY), ("TIMESCALE_DB_URL", NOWHERE))}
    pod = Pod(objects, {"temperature-service": encoded})
    folders = volumes(pathlib.Path(folder), pod)
    say("as the manifests say: " + " ".join(pod.docker_arguments(folders, port)).replace(KEY, "KEY"))

    sender = Sender(port)
    running = Kubelet(pod, first, folders, port)
    say(f"first start, nothing there: {running.watch_start()}")
    say("user and root: " + docker("top", pod.name, "-o", "pid,uid,gid,args").splitlines()[-1])
    asked(port, "/v1/admin/backup", 10, json.dumps({"directory": "/x"}))
    time.sleep(1)  # the log has a thread of its own
    said = [json.loads(line).get("reason", "") for line in logs(pod)]
    require("no backup can be made in /x: Read-only file system" in said, "it writes into its root")
    say("its root is read-only, and it says so")
    sender.thread.start()
    try:
        time.sleep(2)  # some readings before the others
        first_ms = bulk(port)
        play(pod, objects, folders, port, first, second, sender, running, first_ms)
    finally:
        sender.stopping.set()
        sender.thread.join()
    say(f"sent again because nobody had acknowledged it: {sender.refused} times")


def play(pod, objects, folders, port, first, second, sender, running, first_ms):
    def checked():
        return f"all {sender.check() + check_bulk(port, first_ms):,} acknowledged readings are there"

    def start(image):
        nonlocal running
        running = Kubelet(pod, image, folders, port)
        return running.watch_start()

    say(f"node lost (SIGKILL) with {BULK_BATCHES * BULK_BATCH:,} readings just taken")
    running.kill()
    say(f"recovers: {start(first)}")
    say(checked())
    say(f"pod deleted: {running.delete(sender)}")
    say(f"restarted: {start(first)}")
    say(checked())
    say(f"backup of the running service, verified: {backup(objects, folders, first)}")
    for image, what in ((second, "upgraded"), (first, "rolled back")):
        say(f"pod deleted: {running.delete(sender)}")
        say(f"{what}: {start(image)}")
        say("revision " + docker("inspect", "--format",
                                 '{{index .Config.Labels "org.opencontainers.image.revision"}}', pod.name))
        time.sleep(2)  # some readings into the new one
        say(checked())
    say(f"pod deleted: {running.delete(sender)}")

    pod.environment["TEMPERATURE_MIN_FREE_DISK"] = "1000TiB"
    say(f"with a disk that is full: {start(first)}")
    before = sender.acknowledged
    # Long enough for a probe to fail and be seen.
    time.sleep(3 * pod.probes["readiness"].period_s)
    status, _ = asked(port, "/readyz?for=writes")
    require(running.ready and running.liveness_failed == 0, "a full disk takes it out")
    require(status == 503 and sender.acknowledged == before, f"for=writes {status}, and writes are taken")
    say(f"stays ready, reads are answered, readyz?for=writes {status}; {checked()}")
    running.ended.set()
    running.kill()
    require([what for _, what in running.events] == ["started", "ready"], f"the probes saw {running.events}")


if __name__ == "__main__":
    main()
