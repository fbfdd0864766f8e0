"""What the pod's life (scripts/pod-test, by hand) does follows the rendered manifest: changing one there changes the
run."""

import copy

import pytest

from cluster import ENVIRONMENTS, OVERLAYS, one, rendered
from pod import Pod, Probe

pytestmark = pytest.mark.one_at_a_time

FOLDERS = {"data": "/volumes/data", "backups": "/volumes/backups"}
SECRETS = {"temperature-service": {"TEMPERATURE_ADMIN_KEY": "a2V5", "TIMESCALE_DB_URL": "cG9zdGdyZXNxbDovL2gvZA=="}}


def changed(change):
    objects = copy.deepcopy(rendered(OVERLAYS / "production"))
    spec = one(objects, "StatefulSet")["spec"]["template"]["spec"]
    change(spec, spec["containers"][0], one(objects, "ConfigMap")["data"])
    return Pod(objects, SECRETS)


def words_of(pod):
    return " ".join(pod.docker_arguments(FOLDERS, 18000))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environments_pod_is_understood(environment):
    pod = Pod(rendered(OVERLAYS / environment), SECRETS)
    words = words_of(pod)
    for expected in ("--user 10001:10001 --group-add 10001 --publish 127.0.0.1:18000:8000 ", " --read-only ",
                     "--security-opt no-new-privileges", "--cap-drop ALL", "--volume /volumes/data:/data ",
                     "--volume /volumes/backups:/backups ", f"--env TEMPERATURE_ENVIRONMENT={environment} ",
                     "--env TEMPERATURE_ADMIN_KEY=key", "--env TIMESCALE_DB_URL=postgresql://h/d"):
        assert expected in words, expected
    assert "SENTRY_DSN" not in words and "unconfined" not in words and pod.docker_command() == []
    assert (pod.grace_s, pod.pre_stop_s) == (30, 5)
    assert pod.probes["startup"] == Probe("/readyz", 8000, 0, 2, 3, 900)
    assert pod.probes["liveness"].path == "/livez"


CHANGES = {
    "user": (lambda spec, container, data: spec["securityContext"].update(runAsUser=77), "--user 77:10001"),
    "group": (lambda spec, container, data: spec["securityContext"].update(fsGroup=77), "--group-add 77 "),
    "capabilities": (lambda spec, container, data: container["securityContext"]["capabilities"].update(add=["CHOWN"]),
                     "--cap-add CHOWN"),
    "volume": (lambda spec, container, data: container["volumeMounts"][0].update(mountPath="/house"),
               "--volume /volumes/data:/house "),
    "memory": (lambda spec, container, data: container["resources"]["limits"].update(memory="64Mi"),
               "--memory 67108864 "),
    "cpu": (lambda spec, container, data: container["resources"]["limits"].update(cpu="250m"), "--cpus 0.25 "),
    "configuration": (lambda spec, container, data: data.update(TEMPERATURE_RETENTION="400d"),
                      "--env TEMPERATURE_RETENTION=400d"),
    "command": (lambda spec, container, data: container.update(command=["/bin/x", "y"]), "--entrypoint /bin/x"),
    "port": (lambda spec, container, data: container["ports"][0].update(containerPort=9000), ":18000:9000 "),
    "seccomp": (lambda spec, container, data: spec["securityContext"].update(seccompProfile={"type": "Unconfined"}),
                "seccomp=unconfined"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_changed_in_the_manifest_changes_the_container(name):
    change, expected = CHANGES[name]
    assert expected not in words_of(changed(lambda *_: None))
    assert expected in words_of(changed(change))


def test_a_root_that_is_writable_and_rights_that_grow_are_not_taken_away():
    words = words_of(changed(lambda spec, container, data: container["securityContext"].update(
        readOnlyRootFilesystem=False, allowPrivilegeEscalation=True)))
    assert "--read-only" not in words and "no-new-privileges" not in words


def test_times_and_probes_are_those_of_the_manifest():
    def change(spec, container, data):
        spec["terminationGracePeriodSeconds"] = 6
        container["lifecycle"]["preStop"]["sleep"]["seconds"] = 1
        container["readinessProbe"] = {"httpGet": {"path": "/healthz", "port": 9000}}

    pod = changed(change)
    assert (pod.grace_s, pod.pre_stop_s) == (6, 1)
    assert pod.probes["readiness"] == Probe("/healthz", 9000, 0, 10, 1, 3), "Kubernetes' defaults"


@pytest.mark.parametrize("change, said", [
    (lambda spec, container, data: spec.update(hostNetwork=True), "hostNetwork"),
    (lambda spec, container, data: container.update(stdin=True), "stdin"),
    (lambda spec, container, data: container["readinessProbe"].update(tcpSocket={}), "tcpSocket"),
    (lambda spec, container, data: container["volumeMounts"].append({"name": "x", "mountPath": "/x"}), "x"),
    (lambda spec, container, data: spec["securityContext"].update(runAsUser=0), "the user is root"),
    (lambda spec, container, data: container["env"][-1]["valueFrom"]["secretKeyRef"].pop("optional"), "no SENTRY_DSN"),
])
def test_what_is_not_understood_is_not_passed_over(change, said):
    with pytest.raises(ValueError, match=said):
        changed(change)
