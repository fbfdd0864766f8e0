"""What is installed beside the program, what a release needs, and what the program is made of. scripts/deb-test does
the rest."""

import base64
import datetime
import json
import os
import re
import shutil
import subprocess

import pytest

from service import BINARY, ROOT, Service, post_readings, reading

pytestmark = pytest.mark.one_at_a_time


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    root = tmp_path_factory.mktemp("installed")
    subprocess.run([ROOT / "scripts/install", BINARY], check=True, timeout=60,
                   env=os.environ | {"DESTDIR": str(root), "PREFIX": "/usr"})
    return root


def test_everything_has_its_place(installed):
    files = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    pages = {path for path in files if path.startswith("usr/share/man/man1/")}
    assert "usr/share/man/man1/temperature-service-key-add.1.gz" in pages
    assert files - pages == {
        "usr/bin/temperature-service", "etc/temperature-service/temperature-service.toml",
        "usr/lib/systemd/system/temperature-service.service", "usr/lib/sysusers.d/temperature-service.conf",
        "usr/share/bash-completion/completions/temperature-service",
        "usr/share/zsh/vendor-completions/_temperature-service",
        "usr/share/fish/vendor_completions.d/temperature-service.fish"}


def test_an_installation_keeps_the_configuration_that_is_there(tmp_path):
    config = tmp_path / "usr/local/etc/temperature-service/temperature-service.toml"
    config.parent.mkdir(parents=True)
    config.write_text("mine")
    subprocess.run([ROOT / "scripts/install", BINARY], check=True, timeout=60,
                   env=os.environ | {"DESTDIR": str(tmp_path), "PREFIX": "/usr/local"})
    assert config.read_text() == "mine"
    unit = (tmp_path / "usr/local/lib/systemd/system/temperature-service.service").read_text()
    assert "ExecStart=/usr/local/bin/temperature-service serve --config /usr/local/etc/" in unit


def test_the_unit_is_hardened(installed):
    unit = installed / "usr/lib/systemd/system/temperature-service.service"
    ended = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=30", unit],
                           capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout[-500:] + ended.stderr
    assert float(re.search(r"Overall exposure level for \S+: ([\d.]+)", ended.stdout).group(1)) <= 3.0


def test_the_unit_waits_longer_than_the_service(installed):
    unit = (installed / "usr/lib/systemd/system/temperature-service.service").read_text()
    page = re.sub(r"\s+", " ", subprocess.run([BINARY, "help", "serve"], capture_output=True, text=True, timeout=60,
                                              check=True).stdout)
    own = int(re.search(r"--stop-timeout [^\[]*\[default (\d+)s;", page).group(1))
    assert int(re.search(r"^TimeoutStopSec=(\d+)s$", unit, re.M).group(1)) >= 2 * own


def test_the_configuration_is_one_and_serves_from_the_packages_folder(installed):
    config = installed / "etc/temperature-service/temperature-service.toml"
    assert 'data-dir = "/var/lib/temperature-service"' in config.read_text().splitlines()
    with Service(flags=["--config", str(config)]) as service:
        service.start()
        client = service.client(key=(service.data_dir / "admin.key").read_text().strip())
        post_readings(client, [reading()])


@pytest.fixture
def checkout(tmp_path):
    """A checkout of which a release can be made."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/release", tmp_path / "scripts")
    (tmp_path / "CMakeLists.txt").write_text("project(temperature-service VERSION 1.2.3 LANGUAGES CXX)\n")
    (tmp_path / "CHANGELOG.md").write_text("## [1.2.3] - 2026-01-31\n")

    def git(*words):
        named = ["-c", "user.name=n", "-c", "user.email=n@localhost", "-c", "commit.gpgsign=false",
                 "-c", "tag.gpgsign=false"]
        subprocess.run(["git", "-C", tmp_path, *named, *words], check=True, capture_output=True, timeout=60)

    git("init")
    git("add", ".")
    git("commit", "-m", "all")
    git("tag", "-a", "-m", "1.2.3", "v1.2.3")
    yield tmp_path, git


def check_release(folder):
    ended = subprocess.run([folder / "scripts/release", "--check"], capture_output=True, text=True, timeout=60,
                           check=False)
    return ended.returncode, ended.stderr


def test_a_release_needs_the_tag_of_its_version_and_nothing_besides(checkout):
    folder, git = checkout
    assert check_release(folder) == (0, "")
    (folder / "more").touch()
    status, said = check_release(folder)
    assert status == 1 and "not committed" in said and "?? more" in said
    git("add", ".")
    git("commit", "-m", "more")
    status, said = check_release(folder)
    assert status == 1 and "the tag v1.2.3 is another commit" in said
    git("tag", "-d", "v1.2.3")
    git("tag", "-a", "-m", "1.2.4", "v1.2.4")
    status, said = check_release(folder)
    assert status == 1 and "there is no tag v1.2.3" in said


def test_a_release_needs_a_day_in_the_changelog(checkout):
    folder, git = checkout
    (folder / "CHANGELOG.md").write_text("## [1.2.3] - unreleased\n")
    git("commit", "-a", "-m", "not yet")
    git("tag", "-f", "-a", "-m", "1.2.3", "v1.2.3")
    status, said = check_release(folder)
    assert status == 1 and "CHANGELOG.md has no day for 1.2.3" in said


def test_the_bill_of_materials_names_what_is_linked_compiled_and_embedded():
    """The fields that CycloneDX 1.5's schema requires, and what this program is known to be made of."""
    text = subprocess.run([ROOT / "scripts/sbom.py", BINARY], capture_output=True, text=True, timeout=60, check=True,
                          env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"}).stdout
    made = json.loads(text)
    assert made["bomFormat"] == "CycloneDX" and made["specVersion"] == "1.5" and made["version"] == 1
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["serialNumber"])
    assert datetime.datetime.fromisoformat(made["metadata"]["timestamp"]).timestamp() == 1_700_000_000
    root = made["metadata"]["component"]
    components = {component["name"]: component for component in made["components"]}
    assert len(components) == len(made["components"])
    for component in [root, *made["components"]]:
        assert component["type"] in {"application", "library"} and component["name"] and component["version"]
        assert re.fullmatch(r"pkg:(deb/debian|npm|generic)/[\w.+%-]+@[\w.~%-]+(\?arch=\w+&distro=debian-12)?",
                            component["purl"])
        assert component["licenses"] and all(len(each["license"]) == 1 and set(each["license"]) <= {"id", "name"}
                                             for each in component["licenses"])
    references = [root["bom-ref"], *(component["bom-ref"] for component in made["components"])]
    assert len(set(references)) == len(references)
    assert [each["ref"] for each in made["dependencies"]] == [root["bom-ref"]]
    assert set(made["dependencies"][0]["dependsOn"]) <= set(references)

    def linkage(name):
        return next(each["value"] for each in components[name]["properties"] if each["name"] == "linkage")

    for name, how in {"librocksdb7.8": "shared", "libpq5": "shared", "libsnappy1v5": "shared, by another library",
                      "libboost1.81-dev": "headers", "libxxhash-dev": "headers", "uplot": "embedded"}.items():
        assert linkage(name) == how, name
    assert "librocksdb-dev" not in components and "@scarf/scarf" not in components
    locked = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]["node_modules/uplot"]
    assert components["uplot"]["version"] == locked["version"]
    assert base64.b64encode(bytes.fromhex(components["uplot"]["hashes"][0]["content"])).decode() in locked["integrity"]
    assert {"license": {"id": "MIT"}} in components["uplot"]["licenses"]
    assert {"license": {"id": "BSL-1.0"}} in components["libboost1.81-dev"]["licenses"]
