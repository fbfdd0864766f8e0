"""The manifests in kubernetes/ and deploy/kubernetes: against Kubernetes' own types, through kubectl, against what they
promise, and against the program that they start."""

import copy
import ipaddress
import json
import re
import shutil
import subprocess

import pytest

import npm
from cluster import BASE, ENVIRONMENTS, FOLDERS, OVERLAYS, ApiServer, kubectl, one, rendered, written
from commands import help_of
from service import ROOT, Service, post_readings, reading

pytestmark = pytest.mark.one_at_a_time

FILES = written(*sorted(path for folder in FOLDERS for path in folder.glob("*.yaml") if path.name != "secret.yaml"))
EXAMPLES = written(*sorted((BASE / "examples").glob("*.yaml")), *sorted((OVERLAYS / "aws").glob("*.yaml")))
SECRET = (BASE / "config/secret.yaml.example").read_text()
OF_OTHERS = {"TIMESCALE_DB_URL", "SENTRY_DSN"}  # named as the original and Sentry name them
NOT_OURS = {"busybox"}


def everything():
    return FILES + EXAMPLES + [each for name in ENVIRONMENTS for each in rendered(OVERLAYS / name)]


def pods(objects):
    """(kind, template of pods) of whatever makes pods."""
    for each in objects:
        if each["kind"] == "CronJob":
            yield each["kind"], each["spec"]["jobTemplate"]["spec"]["template"]
        elif "template" in each.get("spec", {}):
            yield each["kind"], each["spec"]["template"]


def containers(template):
    return template["spec"].get("initContainers", []) + template["spec"]["containers"]


def spoilt(*changes):
    """StatefulSets, each with one change."""
    for change in changes:
        made = copy.deepcopy(one(FILES, "StatefulSet"))
        change(made["spec"])
        yield made


def container_of(spec):
    return spec["template"]["spec"]["containers"][0]


# Kubernetes' types


def test_every_object_is_of_kubernetes_types_and_has_no_other_fields():
    ours = [each for each in everything() if not each["apiVersion"].startswith("snapshot.storage.k8s.io/")]
    ours += written(BASE / "config/secret.yaml.example")
    wrong = list(spoilt(
        lambda spec: container_of(spec).update(readinessProb={}),
        lambda spec: container_of(spec)["securityContext"].update(runAsRoot=False),
        lambda spec: spec.update(replicas="1"),
        lambda spec: container_of(spec).update(env={"A": "b"}),
        lambda spec: spec.pop("selector"),
        lambda spec: container_of(spec)["ports"][0].pop("containerPort"),
        lambda spec: container_of(spec)["readinessProbe"]["httpGet"].update(port=True)))
    ended = npm.node("kubernetes", "check.mjs", json.dumps([*ours, *wrong]))
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert [(each["kind"], problems) for each, problems in zip(ours, found) if problems] == []
    assert len(found) == len(ours) + len(wrong)
    noticed = ["readinessProb is unknown to V1Container", "runAsRoot is unknown to V1SecurityContext",
               "spec.replicas is no number", "env is no Array<V1EnvVar>", "'selector'' is missing",
               "'containerPort'' is missing", "httpGet.port is no IntOrString"]
    for expected, problems in zip(noticed, found[len(ours):], strict=True):
        assert any(expected in problem for problem in problems), (expected, problems)


# kubectl


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_overlay_has_what_the_folders_have(environment):
    names = sorted((each["kind"], each["metadata"]["name"]) for each in FILES)
    made = rendered(OVERLAYS / environment)
    assert sorted((each["kind"], each["metadata"]["name"]) for each in made) == names
    assert one(made, "ConfigMap")["data"]["TEMPERATURE_ENVIRONMENT"] == environment
    template = one(made, "StatefulSet")["spec"]["template"]["metadata"]
    assert template["labels"]["tags.datadoghq.com/env"] == environment
    namespaces = {each["metadata"].get("namespace") for each in made}
    assert namespaces == ({None} if environment == "development" else {"temperature-service"})


def test_kubectl_applies_both_folders(tmp_path):
    with ApiServer(tmp_path) as server:
        for folder in FOLDERS:
            ended = server.run("apply", "--dry-run=client", "-f", str(folder))
            assert ended.returncode == 0 and ended.stderr == "", ended.stderr
            done = ended.stdout.splitlines()
            assert done and all(line.endswith(" created (dry run)") for line in done)
            assert len(done) == len(written(*folder.glob("*.yaml")))
        assert all(method == "GET" for method, _ in server.asked)
        for wrong, said in (("kustomization.yaml", "kustomization.yaml"), ("cut.yaml", "cut.yaml")):
            copied = tmp_path / wrong.split(".")[0]
            shutil.copytree(BASE / "app", copied)
            (copied / wrong).write_text((BASE / "kustomization.yaml").read_text() if said != "cut.yaml" else "kind: [")
            ended = server.run("apply", "--dry-run=client", "-f", str(copied))
            assert ended.returncode != 0 and said in ended.stderr
        ended = server.run("apply", "--dry-run=client", "-f", str(BASE / "examples"), "-f", str(OVERLAYS / "aws"))
        assert ended.returncode == 0 and ended.stderr == "", ended.stderr


def test_a_secret_that_is_filled_in_is_one(tmp_path):
    filled = SECRET.replace("TIMESCALE_DB_URL_IN_BASE64", "cG9zdGdyZXNxbDovL2hvc3QvZGI=").replace(
        "# TEMPERATURE_ADMIN_KEY: ADMIN_KEY_IN_BASE64", "TEMPERATURE_ADMIN_KEY: a2V5")
    (tmp_path / "secret.yaml").write_text(filled)
    (secret,) = written(tmp_path / "secret.yaml")
    assert secret["data"] == {"TIMESCALE_DB_URL": "cG9zdGdyZXNxbDovL2hvc3QvZGI=", "TEMPERATURE_ADMIN_KEY": "a2V5"}
    ignored = subprocess.run(["git", "check-ignore", "--no-index", "-q", "kubernetes/config/secret.yaml"], cwd=ROOT,
                             check=False)
    assert ignored.returncode == 0 or not (ROOT / ".git").exists(), "git would take the secret"
    assert "kubernetes/config/secret.yaml" in (ROOT / ".dockerignore").read_text().splitlines()


# What they promise


def test_no_pod_has_rights():
    assert {kind for kind, _ in pods(FILES)} == {"StatefulSet", "CronJob"}
    for kind, template in pods(everything()):
        spec, of_all = template["spec"], template["spec"]["securityContext"]
        assert of_all["runAsNonRoot"] is True and of_all["runAsUser"] == of_all["runAsGroup"] == 10001, kind
        assert of_all["fsGroup"] == 10001 and of_all["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["enableServiceLinks"] is False and spec["automountServiceAccountToken"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        assert not [volume for volume in spec.get("volumes", []) if "hostPath" in volume]
        for container in containers(template):
            own = container["securityContext"]
            assert own["readOnlyRootFilesystem"] is True and own["allowPrivilegeEscalation"] is False, container["name"]
            assert own["capabilities"] == {"drop": ["ALL"]} and own["privileged"] is False
            assert not {"runAsUser", "runAsNonRoot", "seccompProfile"} & set(own), "it overrides the pod's"
            for amounts in ("requests", "limits"):
                assert set(container["resources"][amounts]) == {"cpu", "memory"}, container["name"]
    user = re.search(r"^user=(\d+)", (ROOT / "scripts/image-root").read_text(), re.M).group(1)
    assert int(user) == 10001, "the image's user"


def test_every_image_says_its_version():
    version = re.search(r"^project\(.* VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text(), re.M).group(1)
    for kind, template in pods(everything()):
        for container in containers(template):
            name, _, tag = container["image"].rpartition(":")
            assert name and tag != "latest" and re.search(r"\d", tag), container["image"]
            if name not in NOT_OURS:
                assert tag == version and re.fullmatch(r"temperature-service(-staging|-production)?",
                                                       name.rsplit("/", 1)[-1]), kind


def test_probes_allow_recovery_and_ask_what_the_database_has_no_part_in():
    for each in (one(FILES, "StatefulSet"), *(one(rendered(OVERLAYS / name), "StatefulSet") for name in ENVIRONMENTS)):
        container = container_of(each["spec"])
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        probes = {kind: container[kind + "Probe"] for kind in ("startup", "readiness", "liveness")}
        asked = {kind: (probe["httpGet"]["path"], ports[probe["httpGet"]["port"]]) for kind, probe in probes.items()}
        assert asked == {"startup": ("/readyz", 8000), "readiness": ("/readyz", 8000), "liveness": ("/livez", 8000)}
        assert probes["startup"]["periodSeconds"] * probes["startup"]["failureThreshold"] >= 1800
        assert probes["startup"]["periodSeconds"] <= 5, "a start of a second would count as many"
        assert probes["liveness"]["periodSeconds"] * probes["liveness"]["failureThreshold"] >= 30


def seconds(text):
    amount, unit = re.fullmatch(r"(\d+)(ms|s|m)", text).groups()
    return int(amount) * {"ms": 0.001, "s": 1, "m": 60}[unit]


def test_the_pod_has_time_to_stop():
    for name in ENVIRONMENTS:
        objects = rendered(OVERLAYS / name)
        spec = one(objects, "StatefulSet")["spec"]["template"]["spec"]
        assert spec["containers"][0]["lifecycle"]["preStop"] == {"sleep": {"seconds": 5}}
        assert spec["terminationGracePeriodSeconds"] == 30
        assert 5 + seconds(one(objects, "ConfigMap")["data"]["TEMPERATURE_STOP_TIMEOUT"]) + 3 <= 30


def test_there_is_one_node_whose_volumes_outlive_it_and_which_can_be_drained():
    for each in (FILES, *(rendered(OVERLAYS / name) for name in ENVIRONMENTS)):
        spec = one(each, "StatefulSet")["spec"]
        assert spec["replicas"] == 1 and spec["podManagementPolicy"] == "Parallel"
        assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
        claims = {claim["metadata"]["name"]: claim["spec"] for claim in spec["volumeClaimTemplates"]}
        assert set(claims) == {"data", "backups"}
        for claim in claims.values():
            assert claim["storageClassName"] == "standard" and claim["accessModes"] == ["ReadWriteOnce"]
            assert re.fullmatch(r"\d+Gi", claim["resources"]["requests"]["storage"])
        mounts = {mount["name"]: mount["mountPath"] for mount in container_of(spec)["volumeMounts"]}
        assert mounts == {"data": "/data", "backups": "/backups"}
        assert not [one for one in each if one["kind"] == "PodDisruptionBudget"]
        named = {each["metadata"]["name"] for each in each if each["kind"] == "Service"
                 and each["spec"].get("clusterIP") == "None"}
        assert spec["serviceName"] in named
    (volume,) = [each for each in EXAMPLES if each["kind"] == "StorageClass"]
    assert volume["metadata"]["name"] == "standard" and volume["parameters"]["encrypted"] == "true"
    assert volume["reclaimPolicy"] == "Retain" and volume["volumeBindingMode"] == "WaitForFirstConsumer"


def test_what_is_named_is_there():
    service, pod = one(FILES, "Service"), one(FILES, "StatefulSet")["spec"]["template"]
    assert service["spec"]["type"] == "NodePort"
    ports = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
    for each in [each for each in FILES if each["kind"] == "Service"]:
        assert each["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
        assert {port["targetPort"] for port in each["spec"]["ports"]} <= ports
    assert one(FILES, "StatefulSet")["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    keys = set(re.findall(r"^  (?:# )?([A-Z_]+): [A-Z_0-9]+$", SECRET, re.M))
    for _, template in pods(FILES):
        assert one(FILES, "ServiceAccount")["metadata"]["name"] == template["spec"]["serviceAccountName"]
        for container in containers(template):
            asked = [each["valueFrom"]["secretKeyRef"] for each in container.get("env", [])
                     if "secretKeyRef" in each.get("valueFrom", {})]
            assert {each["key"] for each in asked} <= keys
            assert {each["name"] for each in asked} <= {"temperature-service"}
    assert all(each["valueFrom"]["secretKeyRef"]["optional"] for each in pod["spec"]["containers"][0]["env"]
               if "valueFrom" in each), "without a Secret it serves, too"
    ingress = one(EXAMPLES, "Ingress")["spec"]
    backend = ingress["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert (backend["name"], backend["port"]["name"]) == ("temperature-service", service["spec"]["ports"][0]["name"])
    assert ingress["tls"][0]["hosts"] == [ingress["rules"][0]["host"]]


# NetworkPolicies


def allowed(policy, port, protocol="TCP", address=None, pod=None, namespace="elsewhere"):
    """Whether a policy lets something out to an address, or to a pod with these labels."""
    def reaches(peer):
        if address:
            block = peer.get("ipBlock")
            inside = lambda network: ipaddress.ip_address(address) in ipaddress.ip_network(network)
            return bool(block) and inside(block["cidr"]) and not any(map(inside, block.get("except", [])))
        spaces, labels = peer.get("namespaceSelector"), peer.get("podSelector", {})
        if spaces is None and "podSelector" not in peer:
            return False
        in_space = namespace == "own" if spaces is None else (
            spaces.get("matchLabels", {}).items() <= {"kubernetes.io/metadata.name": namespace}.items())
        return in_space and labels.get("matchLabels", {}).items() <= pod.items()

    return any(any(each["protocol"] == protocol and each["port"] <= port <= each.get("endPort", each["port"])
                   for each in rule["ports"]) and any(map(reaches, rule["to"])) for rule in policy["spec"]["egress"])


def test_the_service_reaches_dns_the_database_sentry_and_alertmanager_and_nothing_else():
    policy = one(FILES, "NetworkPolicy")
    labels = one(FILES, "StatefulSet")["spec"]["template"]["metadata"]["labels"]
    assert policy["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    assert set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    assert policy["spec"]["ingress"] == [{"ports": [{"port": 8000, "protocol": "TCP"}]}]
    dns = {"pod": {"k8s-app": "kube-dns"}, "namespace": "kube-system"}
    assert allowed(policy, 53, "UDP", **dns) and allowed(policy, 53, **dns)
    for port in (5432, 6432, 31234, 443):
        assert allowed(policy, port, address="203.0.113.7") and allowed(policy, port, address="10.20.32.5")
        assert allowed(policy, port, address="2001:db8::1")
        assert not allowed(policy, port, address="169.254.169.254"), "the node's credentials"
    alertmanager = {"app.kubernetes.io/name": "alertmanager", "alertmanager": "main"}
    assert allowed(policy, 9093, pod=alertmanager, namespace="monitoring")
    assert not allowed(policy, 9093, pod={"app": "other"}) and not allowed(policy, 53, "UDP", pod={"app": "other"})
    for port in (22, 80, 6443, 8000, 9093):
        assert not allowed(policy, port, address="203.0.113.7")


def test_a_backup_reaches_dns_and_the_service_alone():
    policy = one(FILES, "NetworkPolicy", "temperature-service-backup")
    labels = dict(pods(FILES))["CronJob"]["metadata"]["labels"]
    assert policy["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    service = one(FILES, "StatefulSet")["spec"]["template"]["metadata"]["labels"]
    assert allowed(policy, 8000, pod=service, namespace="own") and not allowed(policy, 8000, pod={}, namespace="own")
    assert allowed(policy, 53, "UDP", pod={}, namespace="kube-system")
    assert not allowed(policy, 443, address="203.0.113.7") and "ingress" not in policy["spec"]
    own = one(FILES, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"]
    assert not own.items() <= labels.items(), "the service's own policy would open more"


# Backups


def test_every_night_a_backup_is_written_and_three_are_kept(tmp_path):
    job, sets = one(FILES, "CronJob", "temperature-service-backup")["spec"], one(FILES, "StatefulSet")
    spec = job["jobTemplate"]["spec"]["template"]["spec"]
    (backup,), (keep,) = spec["initContainers"], spec["containers"]
    assert job["concurrencyPolicy"] == "Forbid" and not job.get("suspend")
    assert backup["image"] == container_of(sets["spec"])["image"]
    assert backup["args"] == ["backup", "/backups/$(POD_NAME)"]
    given = {each["name"]: each for each in backup["env"]}
    assert given["POD_NAME"]["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}
    service = one(FILES, "Service")
    assert given["TEMPERATURE_URL"]["value"] == (
        f"http://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}")
    text = help_of("backup")
    assert all(name in text for name in given if name.startswith("TEMPERATURE_"))
    (volume,) = spec["volumes"]
    assert volume["persistentVolumeClaim"]["claimName"] == f"backups-{sets['metadata']['name']}-0"
    near = spec["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][0]
    assert near["topologyKey"] == "kubernetes.io/hostname" and near["labelSelector"]["matchLabels"].items() <= (
        sets["spec"]["template"]["metadata"]["labels"].items())

    kept = [f"temperature-service-backup-2943276{n}-abcde" for n in range(5)]
    for name in ["by-hand", "lost+found", "temperature-service-backup-29432769-x.partial", *kept]:
        (tmp_path / name / "history").mkdir(parents=True)
    assert keep["command"] == ["sh", "-euc"]
    for expected in (kept[2:], kept[2:]):
        subprocess.run([*keep["command"], *keep["args"]], cwd=tmp_path, check=True, timeout=60)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["by-hand", "lost+found", *expected]


def test_a_snapshot_is_of_the_services_volume_and_restores_to_it():
    (snapshot,) = [each for each in EXAMPLES if each["kind"] == "VolumeSnapshot"]
    (claim,) = [each for each in EXAMPLES if each["kind"] == "PersistentVolumeClaim"]
    (kind,) = [each for each in EXAMPLES if each["kind"] == "VolumeSnapshotClass"]
    sets = one(FILES, "StatefulSet")
    template = sets["spec"]["volumeClaimTemplates"][0]
    name = f"{template['metadata']['name']}-{sets['metadata']['name']}-0"
    assert snapshot["apiVersion"] == kind["apiVersion"] == "snapshot.storage.k8s.io/v1"
    assert snapshot["spec"] == {"volumeSnapshotClassName": kind["metadata"]["name"],
                                "source": {"persistentVolumeClaimName": name}}
    assert claim["metadata"]["name"] == name and claim["spec"]["storageClassName"] == "standard"
    assert claim["spec"]["dataSource"] == {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot",
                                           "name": snapshot["metadata"]["name"]}


# The program that they start


def configured(objects):
    """The variables that a container of the StatefulSet has, without those of the Secret."""
    container = container_of(one(objects, "StatefulSet")["spec"])
    assert container["envFrom"] == [{"configMapRef": {"name": "temperature-service"}}]
    assert "command" not in container and "args" not in container, "the image's own: serve"
    own = {each["name"]: each["value"] for each in container["env"] if "value" in each}
    return {**one(objects, "ConfigMap")["data"], **own}, {each["name"] for each in container["env"]} - set(own)


def test_every_variable_is_a_flag_of_the_program():
    known = set(re.findall(r"\bTEMPERATURE_[A-Z_]+\b", help_of("serve")))
    proxies = re.search(r"^#   (TEMPERATURE_\w+): (\S+)", (BASE / "examples/ingress.yaml").read_text(), re.M)
    for objects in (FILES, *(rendered(OVERLAYS / name) for name in ENVIRONMENTS)):
        values, of_secret = configured(objects)
        assert set(values) | of_secret - OF_OTHERS | {proxies.group(1)} <= known
        assert OF_OTHERS <= of_secret


def test_the_program_serves_with_production_s_configuration():
    values, _ = configured(rendered(OVERLAYS / "production"))
    assert values.pop("TEMPERATURE_DATA_DIR").startswith("/data/")
    proxies = re.search(r"^#   (TEMPERATURE_\w+): (\S+)", (BASE / "examples/ingress.yaml").read_text(), re.M).groups()
    key = "k" * 32
    with Service(flags=[], environment={**values, proxies[0]: proxies[1], "TEMPERATURE_ADMIN_KEY": key,
                                        "TIMESCALE_DB_URL": "postgresql://nobody@127.0.0.1:1/none"}) as service:
        service.start()
        said = service.output()
        assert "which means nothing here" not in said and '"deployment.environment.name":"production"' in said
        open_to_all, admin = service.client(), service.client(key=key)
        assert open_to_all.get("/metrics").status == 200 and open_to_all.get("/v1/rooms").status == 401
        post_readings(admin, [reading()])
        assert open_to_all.get("/readyz").status == open_to_all.get("/livez").status == 200


def test_metrics_are_announced_to_prometheus_and_datadog():
    template = one(FILES, "StatefulSet")["spec"]["template"]
    notes, container = template["metadata"]["annotations"], template["spec"]["containers"][0]
    assert (notes["prometheus.io/scrape"], notes["prometheus.io/path"]) == ("true", "/metrics")
    assert int(notes["prometheus.io/port"]) == container["ports"][0]["containerPort"]
    (instance,) = json.loads(notes[f"ad.datadoghq.com/{container['name']}.checks"])["openmetrics"]["instances"]
    assert instance["openmetrics_endpoint"] == "http://%%host%%:8000/metrics"
    listed = (ROOT / "deploy/datadog/openmetrics.d/conf.yaml").read_text()
    assert instance["metrics"] and all(f"{name}: {short}" in listed for each in instance["metrics"]
                                       for name, short in each.items())
    assert json.loads(notes[f"ad.datadoghq.com/{container['name']}.logs"])[0]["service"] == "temperature-service"


def test_the_image_of_a_release_takes_the_place_of_ours():
    image = "registry.example.org:5000/house/temperature-service-production@sha256:" + "0" * 64
    ended = subprocess.run([ROOT / "scripts/kubernetes", "deploy", "production", image], capture_output=True, text=True,
                           timeout=60, check=True, env={"PATH": f"{kubectl().rpartition('/')[0]}:/usr/bin:/bin",
                                                        "DRY_RUN": "1", "HOME": "/nonexistent"})
    images = re.findall(r"image: (\S+)", ended.stdout)
    assert sorted(images) == ["busybox:1.37.0", image, image]
