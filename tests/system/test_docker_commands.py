"""`make build`, `make run` and `make test` where the system is not Debian 12, with a docker that only writes down what
it was told; and what the files of the container say. The container itself: scripts/docker-test."""

import os
import re
import shutil
import subprocess

import pytest
import yaml

from service import ROOT

pytestmark = pytest.mark.one_at_a_time

SYSTEMS = {"ubuntu": 'ID=ubuntu\nVERSION_ID="24.04"\n', "debian13": 'ID=debian\nVERSION_ID="13"\n',
           "debian12": 'ID=debian\nVERSION_ID="12"\n', "mac": None}
TOOLS = ("make", "sh", "bash", "env", "sed", "dirname", "uname", "cat", "getconf", "nproc", "id")


class Checkout:
    """The scripts, with stand-ins for those that install, build and test, and for docker: each writes a line."""

    def __init__(self, folder, system, docker=True):
        self.folder, self.log = folder / "checkout", folder / "log"
        self.folder.mkdir()
        for name in ("Makefile", "CMakeLists.txt"):
            shutil.copy(ROOT / name, self.folder)
        shutil.copytree(ROOT / "scripts", self.folder / "scripts")
        (self.folder / "build/release").mkdir(parents=True)
        stand_ins = [f"scripts/{name}" for name in ("setup", "build", "test")] + ["build/release/temperature-service"]
        # A PATH of its own, so that no docker of the machine is found.
        self.path = folder / "bin"
        self.path.mkdir()
        for tool in TOOLS:
            if found := shutil.which(tool):
                (self.path / tool).symlink_to(found)
        for name in stand_ins:
            self.write(self.folder / name, f'echo "{name} $*" >>"{self.log}"')
        if docker:
            self.write(self.path / "docker", f'echo "docker $*" >>"{self.log}"')
        self.os_release = folder / "os-release"
        if SYSTEMS[system]:
            self.os_release.write_text(SYSTEMS[system])

    @staticmethod
    def write(path, line):
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def make(self, *words, **environment):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPERATURE_", "MAKE"))}
        for name in ("SETUP", "IMAGE", "VOLUME", "PORT", "DOCKER_BUILD_ARGS", "PYTEST_ARGS"):
            kept.pop(name, None)
        return subprocess.run(["make", *words], cwd=self.folder, capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL,
                              env=kept | {"PATH": str(self.path), "OS_RELEASE": str(self.os_release)} | environment)

    def did(self):
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.mark.parametrize("system", ["ubuntu", "debian13", "mac"])
def test_elsewhere_the_program_is_built_and_run_in_docker(tmp_path, system):
    checkout = Checkout(tmp_path, system)
    ended = checkout.make("run", "ARGS=--max-ahead 1h")
    assert ended.returncode == 0 and "not Debian 12: it is done in Docker" in ended.stderr, ended.stderr
    did = checkout.did()
    assert all(line.startswith("docker ") for line in did), "nothing is installed or built on the machine"
    ran = did[-1]
    assert ran.startswith("docker run --rm ")
    assert [line for line in did[:-1] if re.match(r"docker build --tag temperature-service .* \.$", line)]
    assert ran.endswith(" temperature-service serve --dev --max-ahead 1h")
    assert " --volume temperature-service-data:/data " in ran


def test_what_needs_no_key_is_published_on_loopback_alone(tmp_path):
    checkout = Checkout(tmp_path, "ubuntu")
    for target, more in (("run", {}), ("docker-run", {"PORT": "9000"})):
        assert checkout.make(target, **more).returncode == 0
        words = checkout.did()[-1].split()
        published = [words[at + 1] for at, word in enumerate(words) if word in ("--publish", "-p", "--network")]
        assert published == ["temperature-service", f"127.0.0.1:{more.get('PORT', 8000)}:8000"]
        assert "TEMPERATURE_DEV_PUBLISHED=1" in words and "-P" not in words and "--publish-all" not in words


def test_elsewhere_build_makes_the_image_and_test_runs_in_one(tmp_path):
    checkout = Checkout(tmp_path, "ubuntu")
    assert checkout.make("build").returncode == 0
    version = re.search(r"^project\(.* VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text(), re.M).group(1)
    assert checkout.did()[0] == "docker version" and f"--build-arg VERSION={version} " in checkout.did()[-1]
    assert len(checkout.did()) == 2

    (tmp_path / "shared/data").mkdir(parents=True)
    ended = checkout.make("test", PYTEST_ARGS="-k restart")
    assert ended.returncode == 0, ended.stderr
    build, run = checkout.did()[-2:]
    assert build.startswith("docker build --file tests/Dockerfile --tag temperature-service-test ")
    assert run.endswith(" temperature-service-test") and "--env PYTEST_ARGS=-k restart " in run
    assert f"--volume {tmp_path}/shared/data:/shared/data:ro " in run


@pytest.mark.parametrize("target", ["build", "run", "test"])
def test_on_debian_12_and_with_setup_skip_it_is_done_here(tmp_path, target):
    checkout = Checkout(tmp_path, "debian12")
    assert checkout.make(target, "ARGS=--threads 1").returncode == 0
    here = {"build": ["scripts/setup run", "scripts/build release"],
            "run": ["scripts/setup run", "scripts/build release",
                    "build/release/temperature-service serve --dev --threads 1"],
            "test": ["scripts/setup test", "scripts/test "]}[target]
    assert checkout.did() == here
    checkout.os_release.write_text(SYSTEMS["ubuntu"])
    assert checkout.make(target, "ARGS=--threads 1", SETUP="skip").returncode == 0
    assert checkout.did() == here * 2


def test_without_docker_it_says_what_to_do(tmp_path):
    checkout = Checkout(tmp_path, "ubuntu", docker=False)
    ended = checkout.make("run")
    assert ended.returncode != 0 and checkout.did() == []
    assert 'this is "ubuntu 24.04"' in ended.stderr and "docs.docker.com/get-docker" in ended.stderr
    assert 'run "make run" again' in ended.stderr and "SETUP=skip make run" in ended.stderr

    checkout.write(checkout.path / "docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    ended = checkout.make("run")
    assert ended.returncode != 0 and "installed and does not answer: start it" in ended.stderr


def test_every_port_of_compose_is_on_loopback_and_every_service_is_locked_down():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services = compose["services"]
    assert set(services) == {"temperature-service", "prometheus", "alertmanager", "grafana", "database"}
    for name, service in services.items():
        assert service["ports"] and all(port.startswith("127.0.0.1:") for port in service["ports"]), name
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "network_mode" not in service and "privileged" not in service, name
        profile = {"temperature-service": [], "database": ["database"]}.get(name, ["monitoring"])
        assert service.get("profiles", []) == profile
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source in compose["volumes"] or source.startswith("./deploy/"), f"{name}: {volume}"


def test_the_image_is_made_for_one_user():
    image = (ROOT / "Dockerfile").read_text()
    user = re.search(r"^user=(\d+)", (ROOT / "scripts/image-root").read_text(), re.M).group(1)
    assert int(user) > 0 and re.findall(r"^USER (.*)", image, re.M) == [f"{user}:{user}"]
    assert f"--chown={user}:{user} " in image
    mark = re.search(r'image_mark = "(.*)"', (ROOT / "src/config/published.h").read_text()).group(1)
    assert f'"$out{mark}"' in (ROOT / "scripts/image-root").read_text()
