"""The pod of rendered manifests, as what starts a container, asks its probes and ends it: for tests that have Docker
and no cluster. What it does not know in a manifest it refuses, so that nothing there is passed over."""

import base64
import dataclasses
import re

UNITS = {"": 1, "k": 1000, "M": 1000**2, "G": 1000**3, "Ki": 1024, "Mi": 1024**2, "Gi": 1024**3}
POD_FIELDS = {"enableServiceLinks", "serviceAccountName", "automountServiceAccountToken",
              "terminationGracePeriodSeconds", "securityContext", "containers"}
CONTAINER_FIELDS = {"name", "image", "imagePullPolicy", "command", "args", "ports", "envFrom", "env", "volumeMounts",
                    "startupProbe", "readinessProbe", "livenessProbe", "lifecycle", "resources", "securityContext"}
PROBE_DEFAULTS = {"initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3}


@dataclasses.dataclass(frozen=True)
class Probe:
    path: str
    port: int
    delay_s: int
    period_s: int
    timeout_s: int
    failures: int


def known(fields, of, where):
    unknown = set(of) - fields
    if unknown:
        raise ValueError(f"{where}: nobody here knows {', '.join(sorted(unknown))}")


def amount(text):
    number, unit = re.fullmatch(r"(\d+)([A-Za-z]*)", str(text)).groups()
    return int(number) * UNITS[unit]


def cores(text):
    return int(text[:-1]) / 1000 if str(text).endswith("m") else float(text)


class Pod:
    def __init__(self, objects, secrets=None):
        (sets,) = [each for each in objects if each["kind"] == "StatefulSet"]
        self.configs = {each["metadata"]["name"]: each["data"] for each in objects if each["kind"] == "ConfigMap"}
        self.secrets = secrets or {}
        self.name = sets["metadata"]["name"]
        spec = sets["spec"]["template"]["spec"]
        known(POD_FIELDS, spec, "the pod")
        (self.container,) = spec["containers"]
        known(CONTAINER_FIELDS, self.container, "the container")
        self.grace_s = spec.get("terminationGracePeriodSeconds", 30)
        self.pre_stop_s = self.read_pre_stop()
        self.ports = {port["name"]: port["containerPort"] for port in self.container["ports"]}
        self.port = self.container["ports"][0]["containerPort"]
        self.security = self.read_security(spec["securityContext"], self.container["securityContext"])
        claims = {claim["metadata"]["name"] for claim in sets["spec"]["volumeClaimTemplates"]}
        self.mounts = {mount["name"]: mount["mountPath"] for mount in self.container["volumeMounts"]}
        known(claims, self.mounts, "the volumes")
        self.environment = self.read_environment()
        self.probes = {kind: self.read_probe(self.container[kind + "Probe"])
                       for kind in ("startup", "readiness", "liveness")}

    def read_pre_stop(self):
        lifecycle = self.container.get("lifecycle", {})
        known({"preStop"}, lifecycle, "the lifecycle")
        hook = lifecycle.get("preStop", {"sleep": {"seconds": 0}})
        known({"sleep"}, hook, "preStop")
        return hook["sleep"]["seconds"]

    @staticmethod
    def read_security(of_pod, of_container):
        known({"runAsNonRoot", "runAsUser", "runAsGroup", "fsGroup", "fsGroupChangePolicy", "seccompProfile"}, of_pod,
              "the pod's securityContext")
        known({"runAsUser", "runAsGroup", "readOnlyRootFilesystem", "allowPrivilegeEscalation", "privileged",
               "capabilities"}, of_container, "the container's securityContext")
        both = {**of_pod, **of_container}
        if both.get("runAsNonRoot") and both["runAsUser"] == 0:
            raise ValueError("runAsNonRoot, and the user is root: kubelet does not start it")
        return both

    def read_environment(self):
        made = {}
        for source in self.container.get("envFrom", []):
            known({"configMapRef"}, source, "envFrom")
            made.update(self.configs[source["configMapRef"]["name"]])
        for each in self.container.get("env", []):
            if "value" in each:
                made[each["name"]] = each["value"]
                continue
            wanted = each["valueFrom"]["secretKeyRef"]
            found = self.secrets.get(wanted["name"], {}).get(wanted["key"])
            if found is not None:
                made[each["name"]] = base64.b64decode(found).decode()
            elif not wanted.get("optional"):
                raise ValueError(f"there is no {wanted['key']} in the Secret {wanted['name']}")
        return made

    def read_probe(self, probe):
        known({"httpGet", *PROBE_DEFAULTS}, probe, "a probe")
        known({"path", "port"}, probe["httpGet"], "httpGet")
        port = probe["httpGet"]["port"]
        values = {**PROBE_DEFAULTS, **probe}
        return Probe(probe["httpGet"]["path"], self.ports.get(port, port), values["initialDelaySeconds"],
                     values["periodSeconds"], values["timeoutSeconds"], values["failureThreshold"])

    def docker_arguments(self, folders, published):
        """Of `docker run`, without the image: folders are the volumes by name, published a port of this machine."""
        security, limits = self.security, self.container["resources"]["limits"]
        words = ["--user", f"{security['runAsUser']}:{security['runAsGroup']}",
                 "--group-add", str(security["fsGroup"]), "--publish", f"127.0.0.1:{published}:{self.port}",
                 "--memory", str(amount(limits["memory"])), "--cpus", str(cores(limits["cpu"])), "--no-healthcheck"]
        if security.get("readOnlyRootFilesystem"):
            words.append("--read-only")
        if security.get("privileged"):
            words.append("--privileged")
        if not security.get("allowPrivilegeEscalation", True):
            words += ["--security-opt", "no-new-privileges"]
        if security.get("seccompProfile", {}).get("type") == "Unconfined":
            words += ["--security-opt", "seccomp=unconfined"]
        for capability in security.get("capabilities", {}).get("drop", []):
            words += ["--cap-drop", capability]
        for capability in security.get("capabilities", {}).get("add", []):
            words += ["--cap-add", capability]
        for name, path in self.mounts.items():
            words += ["--volume", f"{folders[name]}:{path}"]
        for name, value in self.environment.items():
            words += ["--env", f"{name}={value}"]
        if "command" in self.container:
            words += ["--entrypoint", self.container["command"][0]]
        return words

    def docker_command(self):
        """What stands behind the image."""
        return self.container.get("command", [])[1:] + self.container.get("args", [])
