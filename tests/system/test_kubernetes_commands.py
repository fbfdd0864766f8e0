"""`make kub_apply`, `make kub_delete` and deployments, with a kubectl, a minikube and a docker that write down what
they were told. What a cluster makes of it is not tried here: docs/verified.md."""

import os
import re
import shutil
import subprocess

import pytest

from service import ROOT

pytestmark = pytest.mark.one_at_a_time

URL = "cG9zdGdyZXNxbDovL3VzZXI6cHdAaG9zdC9kYg=="  # postgresql://user:pw@host/db
TOOLS = ("make", "sh", "bash", "env", "sed", "grep", "dirname", "cat", "cut", "tr", "head", "od", "base64", "printf",
         "nproc", "getconf", "git")
STAND_INS = {
    # What stands in files named HAS_... says what is in the cluster.
    "kubectl": """
        echo "kubectl $*" >>"$LOG"
        case "$*" in
          "config current-context") cat "$STATE/context" ;;
          version) [ ! -e "$STATE/away" ] ;;
          "get secret "*"jsonpath"*) cat "$STATE/admin_key" 2>/dev/null || true ;;
          "get secret "*) cat "$STATE/secret" 2>/dev/null || true ;;
          "get statefulset "*) cat "$STATE/statefulset" 2>/dev/null || true ;;
          "apply -f kubernetes/config") cat "$STATE/said" ;;
          "kustomize "*) cat "$STATE/rendered" ;;
          *" -f -"|"patch "*) cat >>"$STATE/given" ;;
          "rollout status "*) [ ! -e "$STATE/never_ready" ] ;;
        esac""",
    "minikube": 'echo "minikube $*" >>"$LOG"; [ ! -e "$STATE/stopped" ]',
    "docker": 'echo "docker $*" >>"$LOG"; case "$*" in "image inspect"*) echo sha256:0123456789abcdef0123 ;; esac',
}


class Cluster:
    def __init__(self, folder, context="minikube"):
        self.folder, self.log, self.state = folder / "checkout", folder / "log", folder / "state"
        self.folder.mkdir()
        self.state.mkdir()
        for name in ("Makefile", "CMakeLists.txt"):
            shutil.copy(ROOT / name, self.folder)
        for name in ("scripts", "kubernetes", "deploy/kubernetes"):
            shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("secret.yaml"))
        self.path = folder / "bin"
        self.path.mkdir()
        for tool in TOOLS:
            (self.path / tool).symlink_to(shutil.which(tool))
        for name, text in STAND_INS.items():
            (self.path / name).write_text(f"#!/bin/sh\nset -eu\n{text}\n")
            (self.path / name).chmod(0o755)
        self.has("context", context)
        self.has("said", "configmap/temperature-service unchanged")

    def has(self, name, text="x"):
        (self.state / name).write_text(text + "\n" if text else "")

    def run(self, *words, **environment):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPERATURE_", "MAKE"))}
        for name in ("IMAGE", "PURGE", "TIMEOUT", "DRY_RUN", "MINIKUBE_PROFILE", "DOCKER_BUILD_ARGS"):
            kept.pop(name, None)
        return subprocess.run(words, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False,
                              env=kept | {"PATH": str(self.path), "LOG": str(self.log), "STATE": str(self.state)}
                              | environment)

    def did(self):
        return self.log.read_text().splitlines() if self.log.exists() else []

    def given(self):
        path = self.state / "given"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def cluster(tmp_path):
    return Cluster(tmp_path)


def test_without_an_image_it_is_built_and_loaded_into_minikube(cluster):
    ended = cluster.run("make", "kub_apply")
    assert ended.returncode == 0, ended.stderr
    did = cluster.did()
    assert [line for line in did if line.startswith("docker build --tag temperature-service:build ")]
    image = "temperature-service:0123456789ab"
    assert f"minikube image load {image}" in did and f"docker tag temperature-service:build {image}" in did
    applied = [line for line in did if line.startswith("kubectl apply")]
    assert applied == ["kubectl apply -f kubernetes/config"] + ["kubectl apply -f -"] * 3
    images = re.findall(r"image: (\S+)", cluster.given())
    assert sorted(set(images)) == ["busybox:1.37.0", image] and images.count(image) == 2
    assert "kubectl rollout status statefulset/temperature-service --timeout=300s" == did[-1]
    assert "minikube service temperature-service" in ended.stdout
    assert "kubectl get secret temperature-service --output 'jsonpath={.data.TEMPERATURE_ADMIN_KEY}' | base64" in (
        ended.stdout)


def test_an_image_that_is_named_is_taken_and_nothing_is_built(cluster):
    (cluster.path / "docker").unlink()
    (cluster.path / "minikube").unlink()
    cluster.has("context", "staging")
    ended = cluster.run("make", "kub_apply", "IMAGE=registry.example.org/temperature-service:0.2.0")
    assert ended.returncode == 0, ended.stderr
    assert cluster.given().count("image: registry.example.org/temperature-service:0.2.0\n") == 2
    assert 'the cluster is "staging"' in ended.stderr


@pytest.mark.parametrize("image, said", [("temperature-service:latest", '"latest" says nothing'),
                                         ("registry.example.org:5000/temperature-service", "neither a tag nor a"),
                                         ("x:1 #evil", "is no name of an image")])
def test_an_image_without_a_version_is_refused_before_anything_is_done(cluster, image, said):
    ended = cluster.run("make", "kub_apply", f"IMAGE={image}")
    assert ended.returncode != 0 and said in ended.stderr
    assert not [line for line in cluster.did() if "apply" in line]


def test_it_says_what_is_missing(cluster):
    for spoil, said in ((lambda: cluster.has("stopped"), "minikube is not started"),
                        (lambda: cluster.has("context", "production"), 'cluster is "production", not minikube'),
                        (lambda: (cluster.path / "minikube").unlink(), "minikube is not here"),
                        (lambda: cluster.has("away"), "does not answer"),
                        (lambda: (cluster.state / "context").unlink(), "kubectl has no cluster"),
                        (lambda: (cluster.path / "kubectl").unlink(), "needs kubectl")):
        spoil()
        if "not minikube" in said:
            (cluster.state / "stopped").unlink()
        ended = cluster.run("make", "kub_apply")
        assert ended.returncode != 0 and said in ended.stderr, said
    assert not [line for line in cluster.did() if "apply" in line]


def test_a_secret_is_looked_at_before_it_is_applied(cluster):
    example = (cluster.folder / "kubernetes/config/secret.yaml.example").read_text()
    secret = cluster.folder / "kubernetes/config/secret.yaml"
    wrong = {example: "still has words in capitals",
             example.replace("TIMESCALE_DB_URL_IN_BASE64", "postgresql://host/db"): "is not the base64 of a URL",
             example.replace("TIMESCALE_DB_URL_IN_BASE64", "bXlzcWw6Ly9ob3N0L2Ri"): "is not the base64 of a URL"}
    for text, said in wrong.items():
        secret.write_text(re.sub(r"(?m)^ *#.*\n", "", text))
        ended = cluster.run("make", "kub_apply", "IMAGE=x/temperature-service:1")
        assert ended.returncode != 0 and said in ended.stderr
    assert not [line for line in cluster.did() if "apply" in line]
    secret.write_text(re.sub(r"(?m)^ *#.*\n", "", example.replace("TIMESCALE_DB_URL_IN_BASE64", URL)))
    ended = cluster.run("make", "kub_apply", "IMAGE=x/temperature-service:1")
    assert ended.returncode == 0 and "no database is mirrored" not in ended.stderr


def test_an_admin_key_is_made_once_and_stands_on_no_command_line(cluster):
    assert cluster.run("make", "kub_apply", "IMAGE=x/temperature-service:1").returncode == 0
    (key,) = re.findall(r'"TEMPERATURE_ADMIN_KEY":"([0-9a-f]{64})"', cluster.given())
    did = cluster.did()
    assert "kubectl create secret generic temperature-service" in did and key not in "\n".join(did)
    assert key not in cluster.run("make", "kub_apply", "IMAGE=x/temperature-service:1").stdout
    cluster.has("admin_key", "a2V5")
    (cluster.state / "given").unlink()
    cluster.log.unlink()
    assert cluster.run("make", "kub_apply", "IMAGE=x/temperature-service:1").returncode == 0
    assert "ADMIN_KEY\":" not in cluster.given() and not [line for line in cluster.did() if "create secret" in line]


def test_a_secret_that_has_no_admin_key_keeps_what_it_has(cluster):
    cluster.has("secret", "secret/temperature-service")
    assert cluster.run("make", "kub_apply", "IMAGE=x/temperature-service:1").returncode == 0
    did = cluster.did()
    assert "kubectl patch secret temperature-service --type merge --patch-file /dev/stdin" in did
    assert not [line for line in did if "create secret" in line]


def test_a_pod_that_runs_is_restarted_for_a_changed_configuration_alone(cluster):
    restart = "kubectl rollout restart statefulset/temperature-service"
    cluster.has("admin_key", "a2V5")
    for said, ran, restarted in (("configmap/temperature-service configured", "", False),
                                 ("configmap/temperature-service unchanged", "statefulset.apps/x", False),
                                 ("networkpolicy.networking.k8s.io/x configured", "statefulset.apps/x", False),
                                 ("secret/temperature-service created", "statefulset.apps/x", True),
                                 ("configmap/temperature-service configured", "statefulset.apps/x", True)):
        cluster.has("said", said)
        cluster.has("statefulset", ran)
        assert cluster.run("make", "kub_apply", "IMAGE=x/temperature-service:1").returncode == 0
        assert (restart in cluster.did()) == restarted, said
        cluster.log.unlink()


def test_delete_keeps_readings_backups_and_keys_unless_it_is_told_to_purge(cluster):
    (cluster.folder / "kubernetes/config/secret.yaml").write_text("kind: Secret\n")
    ended = cluster.run("make", "kub_delete")
    assert ended.returncode == 0 and "PURGE=1 make kub_delete" in ended.stdout
    deleted = [line for line in cluster.did() if line.startswith("kubectl delete")]
    assert "kubectl delete --ignore-not-found -f kubernetes/app" in deleted
    assert not [line for line in deleted if "persistentvolumeclaim" in line or "secret" in line]
    cluster.log.unlink()
    assert cluster.run("make", "kub_delete", PURGE="1").returncode == 0
    deleted = [line for line in cluster.did() if line.startswith("kubectl delete")]
    assert deleted[-2:] == [
        "kubectl delete --ignore-not-found secret temperature-service",
        "kubectl delete persistentvolumeclaim --selector app.kubernetes.io/name=temperature-service"]


def test_a_deployment_applies_an_overlay_and_waits_in_its_namespace(cluster):
    cluster.has("rendered", "metadata:\n  namespace: house\nimage: 1.dkr/temperature-service-staging:0.1.0")
    ended = cluster.run("scripts/kubernetes", "deploy", "staging", "r/temperature-service:abc", TIMEOUT="900s")
    assert ended.returncode == 0, ended.stderr
    assert "image: r/temperature-service:abc\n" in cluster.given()
    assert cluster.did()[-1] == ("kubectl rollout status statefulset/temperature-service --timeout=900s "
                                 "--namespace house")
    cluster.has("never_ready")
    ended = cluster.run("scripts/kubernetes", "deploy", "staging", "r/temperature-service:abc")
    assert ended.returncode != 0 and "kubectl rollout undo statefulset/temperature-service" in ended.stderr
    ended = cluster.run("scripts/kubernetes", "deploy", "testing", "r/temperature-service:abc")
    assert ended.returncode != 0 and 'no overlay "testing"' in ended.stderr
