"""Continuous deployment (.circleci/config.yml), read by CircleCI's own parser, and what Terraform makes on AWS, by
Terraform with a stand-in for AWS."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

import npm
from service import ROOT

pytestmark = pytest.mark.one_at_a_time

CONFIG = (ROOT / ".circleci/config.yml").read_text()
TESTED = {"lint", "test", "check", "scan"}
MIRROR = pathlib.Path(os.environ.get("TERRAFORM_PROVIDERS", "/opt/tf-plugins"))  # providers that need no network
VERSION = r"/^v\d+\.\d+\.\d+$/"


@pytest.fixture(scope="module")
def config():
    ended = npm.node("circleci", "parse.mjs", CONFIG)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def every_step(jobs_and_commands):
    for name, each in jobs_and_commands.items():
        for step in each["steps"]:
            yield name, step


def scripts():
    """Every shell command, with what CircleCI puts in the place of a parameter."""
    read = yaml.safe_load(CONFIG)
    for name, step in every_step({**read["jobs"], **read["commands"]}):
        if isinstance(step, dict) and "run" in step:
            yield name, re.sub(r"<<[^>]*>>", "staging", step["run"]["command"])


def test_circlecis_parser_knows_every_job_and_refuses_a_wrong_one(config):
    assert config["jobs"] == list(yaml.safe_load(CONFIG)["jobs"])
    for right, wrong in (("executor: debian", "executor: windows"), ("requires: [image]\n", "requires: 7\n"),
                         ("- deploy_staging:", "- deploy_nowhere:")):
        assert right in CONFIG, right
        assert npm.node("circleci", "parse.mjs", CONFIG.replace(right, wrong)).returncode != 0, wrong


def test_every_step_is_one_that_circleci_has():
    read = yaml.safe_load(CONFIG)
    known = {"run", "checkout", "attach_workspace", "persist_to_workspace", "store_test_results", *read["commands"]}
    used = {step if isinstance(step, str) else next(iter(step))
            for _, step in every_step({**read["jobs"], **read["commands"]})}
    assert used == known
    assert {each["executor"] for each in read["jobs"].values()} <= set(read["executors"])
    assert "orbs" not in read


def required(workflow, name):
    """All that has to succeed before a job."""
    needs = set(workflow[name].get("requires", []))
    return needs.union(*(required(workflow, each) for each in needs))


def test_only_what_passed_everything_is_deployed(config):
    workflow = dict(config["workflow"])
    assert required(workflow, "scan") == {"image"}
    assert required(workflow, "deploy_staging") == TESTED | {"image"}
    assert required(workflow, "deploy_production") == TESTED | {"image", "approve_production"}
    assert workflow["approve_production"]["type"] == "approval"
    for name, each in workflow.items():
        if "deploy" in name:
            assert each["context"] == [name.replace("deploy_", "temperature-service-")]
        else:
            assert "context" not in each, "credentials for who does not deploy"


def test_staging_follows_main_and_production_a_tag_of_a_version(config):
    workflow = dict(config["workflow"])
    filters = {name: each.get("filters", {}) for name, each in workflow.items()}
    assert filters["deploy_staging"] == {"branches": {"only": "main"}}
    for name in ("approve_production", "deploy_production"):
        assert filters[name] == {"tags": {"only": VERSION}, "branches": {"ignore": "/.*/"}}
    for name in TESTED | {"image"}:
        assert filters[name] == {"tags": {"only": VERSION}}, "else no tag gets as far as production"
    version = re.compile(VERSION.strip("/"))
    assert version.search("v1.20.3") and not version.search("v1.20.3-rc1") and not version.search("main")


def test_what_is_deployed_is_what_was_scanned():
    all_of = {}
    for name, command in scripts():
        all_of[name] = all_of.get(name, "") + command
    assert all(f"make {name}" in all_of[name] for name in ("lint", "test", "check"))
    assert "--output temperature-service.tar temperature-service:tested" in all_of["image"]
    assert "--input /scanned/temperature-service.tar" in all_of["scan"] and "--exit-code 1" in all_of["scan"]
    assert "docker load --input image/temperature-service.tar" in all_of["deploy"]
    assert "docker build" not in all_of["deploy"] and "scripts/kubernetes deploy" in all_of["deploy"]
    images = re.findall(r"^ +(?:- )?image: ([^*&\s]\S*)", CONFIG, re.M)
    images += re.findall(r"docker run .* (\S+) image --input", CONFIG)
    assert len(images) == 3 and all(re.search(r":.*\d", name) and "latest" not in name for name in images), images
    assert "AKIA" not in CONFIG and "--web-identity-token" in all_of["deploy"], "no key of AWS is kept at CircleCI"


def test_its_shell_is_linted(tmp_path):
    for number, (name, command) in enumerate(scripts()):
        (tmp_path / f"{number}-{name}.sh").write_text("#!/bin/bash\nset -eo pipefail\n" + command)
    ended = subprocess.run(["shellcheck", *sorted(tmp_path.iterdir())], capture_output=True, text=True, timeout=60,
                           check=False)
    assert ended.returncode == 0, ended.stdout


# Terraform


@pytest.fixture(scope="module")
def terraform(tmp_path_factory):
    """Runs terraform in a copy, with the providers of the machine where it has them, and without credentials."""
    program = shutil.which("terraform")
    if not program:
        pytest.skip("needs terraform, which Debian does not have: https://developer.hashicorp.com/terraform/install")
    folder = tmp_path_factory.mktemp("terraform")
    shutil.copytree(ROOT / "terraform", folder / "terraform",
                    ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars", "backend.tf"))
    settings = "disable_checkpoint = true\n"
    if MIRROR.is_dir():
        settings += f'provider_installation {{\n  filesystem_mirror {{\n    path = "{MIRROR}"\n  }}\n}}\n'
    (folder / "terraformrc").write_text(settings)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
    environment = kept | {"TF_CLI_CONFIG_FILE": str(folder / "terraformrc"), "HOME": str(folder),
                          "TF_IN_AUTOMATION": "1", "GOGC": "400", "AWS_EC2_METADATA_DISABLED": "true"}

    def run(where, *words):
        return subprocess.run([program, f"-chdir={folder / 'terraform' / where}", *words], capture_output=True,
                              text=True, timeout=1800, env=environment, stdin=subprocess.DEVNULL, check=False)

    run.folder = folder / "terraform"
    run.began = run("tests", "init", "-backend=false", "-input=false", "-no-color")
    return run


def test_terraform_is_laid_out(terraform):
    ended = terraform(".", "fmt", "-check", "-recursive", "-diff")
    assert ended.returncode == 0, ended.stdout
    (terraform.folder / "crooked.tf").write_text('locals {\na="b"\n}\n')
    assert terraform(".", "fmt", "-check", "-recursive").returncode != 0
    (terraform.folder / "crooked.tf").unlink()


def test_both_environments_begin_and_are_valid(terraform):
    """terraform/tests has both as modules, so that the provider, 700 MB that `init` reads all of, is read once."""
    ended = terraform.began
    assert ended.returncode == 0, ended.stderr
    assert "hashicorp/aws v5.100.0" in ended.stdout, "the provider is pinned"
    locked = (terraform.folder / "tests/.terraform.lock.hcl").read_text()
    assert re.findall(r'^provider "(.*)"', locked, re.M) == ["registry.terraform.io/hashicorp/aws"]
    for name in ("staging", "production"):
        assert f'source         = "../{name}"' in (ROOT / "terraform/tests/main.tf").read_text()
        assert re.search(r'version = "5\.100\.0"', (ROOT / f"terraform/{name}/main.tf").read_text())
    ended = terraform("tests", "validate", "-no-color")
    assert ended.returncode == 0 and "Success!" in ended.stdout, ended.stderr


def test_what_terraform_makes_is_what_was_asked_for(terraform):
    ended = terraform("tests", "test", "-no-color")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"Success! [1-9]\d* passed, 0 failed", ended.stdout)


def test_the_remote_state_is_encrypted_and_locked_and_no_secret_is_in_git():
    keys = set()
    for name in ("staging", "production"):
        text = (ROOT / f"terraform/{name}/backend.tf.example").read_text()
        assert re.search(r"^ +encrypt += true$", text, re.M) and re.search(r"^ +use_lockfile += true$", text, re.M)
        keys.update(re.findall(r'^ +key += "(.*)"$', text, re.M))
    assert len(keys) == 2, "each has a state of its own"
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {"*.tfvars", "*.tfstate", "*.tfstate.*", "backend.tf"} <= set(ignored)


def test_terraform_and_the_manifests_mean_the_same():
    module = "".join(path.read_text() for path in sorted((ROOT / "terraform/modules/environment").glob("*.tf")))
    namespace = yaml.safe_load((ROOT / "deploy/kubernetes/aws/namespace.yaml").read_text())["metadata"]["name"]
    assert f'namespaces = ["{namespace}"]' in module
    version = re.search(r'variable "kubernetes_version".*?default += "1\.(\d+)"', module, re.S).group(1)
    assert int(version) >= 30, "preStop's sleep"
    for name in ("staging", "production"):
        overlay = yaml.safe_load((ROOT / f"deploy/kubernetes/{name}/kustomization.yaml").read_text())
        assert overlay["namespace"] == namespace
        assert overlay["images"][0]["newName"].endswith(f"/temperature-service-{name}")
    assert 'name  = "temperature-service-${var.environment}"' in module, "what CircleCI asks for"
    proxies = re.search(r"10\.20\.0\.0/16", (ROOT / "kubernetes/examples/ingress.yaml").read_text())
    assert proxies and '"10.20.0.0/16"' in (ROOT / "terraform/production/main.tf").read_text()
