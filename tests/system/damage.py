"""A data folder with some of everything, damage to one file of it, and what a start makes of that."""

import random
import shutil

from credentials import SensorKey, make_key, register
from service import Service, now_ms, post_readings, reading
from upkeep import run

FLAGS = ["--flush-readings", "200"]  # small readings go to the history while it runs
KINDS = ["flip", "cut", "double", "remove", "empty"]


class Folder:
    """Made by two runs of the program, the second of which is stopped or killed. Knows what has to be there."""

    def __init__(self, path, kill):
        self.path = path
        self.killed = kill
        self.readings = {}  # room -> {(sensor, timestamp): value}
        self.keys = {}  # id -> text
        self.revoked = []  # texts
        self.sensors = set()
        self.chance = random.Random(1)
        for last in (False, True):
            with Service(data_dir=path, flags=FLAGS) as service:
                client = service.start().client(key=self.admin_key())
                self.fill(client)
                client.close()
                if last and kill:
                    service.kill()
                else:
                    assert service.stop() == 0, service.output()

    def admin_key(self):
        return (self.path / "admin.key").read_text().strip()

    def fill(self, admin):
        first = now_ms() - 7_200_000 + 1_000_000 * len(self.keys)
        writer, writer_id = make_key(admin, "writer")
        reader, reader_id = make_key(admin, "reader")
        self.keys |= {writer_id: writer, reader_id: reader}
        for role in ("admin", "reader"):
            text, revoked = make_key(admin, role)
            assert admin.request("DELETE", "/v1/keys/" + revoked).status == 204
            self.revoked.append(text)
        for name in ("kept", "gone"):
            sensor = f"{name}{len(self.keys)}"
            register(admin, sensor, SensorKey(), room="kitchen")
            if name == "kept":
                self.sensors.add(sensor)
            else:
                assert admin.request("DELETE", "/v1/sensors/" + sensor).status == 204
        for i in range(12):
            room = f"room {i % 3}"
            batch = [reading(room, f"s{i % 2}", round(self.chance.uniform(0, 40), 2), timestamp=first + i * 40_000 + j)
                     for j in range(40)]
            assert post_readings(admin, batch)["accepted"] == len(batch)
            self.readings.setdefault(room, {}).update(
                {(row["sensor"], row["timestamp"]): row["value"] for row in batch})

    def files(self):
        return sorted(str(file.relative_to(self.path)) for file in self.path.rglob("*") if file.is_file())


def damage(file, kind, chance):
    """Returns what was done, in words."""
    content = file.read_bytes()
    if kind == "remove":
        file.unlink()
        return "removed"
    if kind == "empty":
        file.write_bytes(b"")
        return "emptied"
    if kind == "double":
        file.write_bytes(content + content)
        return "doubled"
    if not content:
        return "left empty"
    at = chance.randrange(len(content))
    if kind == "cut":
        file.write_bytes(content[:at])
        return f"cut to {at} of {len(content)} bytes"
    bit = chance.randrange(8)
    file.write_bytes(content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1:])
    return f"bit {bit} of byte {at} of {len(content)} flipped"


class Missing(Exception):
    """Something that was acknowledged is not there, or something revoked is."""


class Refused(Exception):
    """An answer that says what cannot be read."""


def ask(client, path, **query):
    answer = client.get(path, **query)
    if answer.status == 503 and answer.json()["code"] in ("history_failed", "registry_failed"):
        raise Refused(answer.text.decode())
    return answer


def expect(found, wanted, what):
    if found != wanted:
        raise Missing(f"{what}: {len(found)} found, {len(wanted)} wanted")


def ask_for_everything(service, folder):
    """Raises Missing or Refused."""
    admin = service.client(key=folder.admin_key())
    answer = ask(admin, "/v1/keys")
    expect([answer.status], [200], "the admin key opens")
    expect({key["id"] for key in answer.json()["keys"]}, set(folder.keys), "keys")
    expect({sensor["sensor"] for sensor in ask(admin, "/v1/sensors", registered="true").json()["sensors"]},
           folder.sensors, "sensors")
    for text in folder.keys.values():
        key = service.client(key=text)
        expect([ask(key, "/v1/rooms").status in (200, 403)], [True], "a key opens")
        key.close()
    for text in folder.revoked:
        key = service.client(key=text)
        expect([ask(key, "/v1/rooms").status], [401], "a revoked key opens nothing")
        key.close()
    for room, readings in folder.readings.items():
        found = {}
        for line in ask(admin, "/v1/readings", room=room, format="csv").text.decode().splitlines()[1:]:
            found[line] = True
        expect([len(found)], [len(readings)], "readings of " + room)
        body = ask(admin, "/v1/average", room=room, window="30d").json()
        expect([body["count"]], [len(readings)], "the average of " + room)
        expect([round(body["value"], 6)], [round(sum(readings.values()) / len(readings), 6)], "the average of " + room)
    admin.close()


class Trial:
    """One damage: what the program said of it."""

    def __init__(self, folder, scratch, name, kind, chance):
        self.folder, self.name, self.kind = folder, name, kind
        shutil.copytree(folder.path, scratch)
        self.what = f"{name} {damage(scratch / name, kind, chance)}"
        self.verified = run("verify", "--data-dir", scratch)
        self.missing = self.refusal = None
        with Service(data_dir=scratch, flags=FLAGS) as service:
            try:
                service.start()
                ask_for_everything(service, folder)
            except RuntimeError:  # it ended
                self.refusal = service.output()
            except Refused as answer:
                self.refusal = f"503: {answer}"
            except Missing as missing:
                self.missing = str(missing)
            self.status = service.process.poll()
            self.output = service.output()
        shutil.rmtree(scratch, ignore_errors=True)

    def outcome(self):
        """refused, whole, or less; raises AssertionError where it is none that may be."""
        said = f"{self.what}\nverify ({self.verified.returncode}): {self.verified.stdout}{self.verified.stderr}" \
               f"\nstart ({self.status}): {self.output}\n{self.missing}"
        assert self.verified.returncode in (0, 1), said
        if self.refusal is None and self.missing is None:
            return "whole"
        if self.missing is not None:
            # What nobody can know after a kill: whether more stood behind a whole record.
            assert self.folder.killed and self.kind in ("cut", "empty"), said
            assert self.name.endswith(".log") or "MANIFEST" in self.name, said
            assert "last_record=" in self.output, said
            return "less"
        if not self.refusal.startswith("503"):
            lines = [line for line in self.refusal.splitlines() if line.startswith("temperature-service:")]
            assert self.status == 1 and len(lines) == 1, said
            parts = self.name.split("/")
            assert parts[-1] in lines[0] or (len(parts) > 1 and parts[-2] in lines[0]), said
        assert self.verified.returncode == 1, said
        return "refused"
