"""The manifests for Kubernetes: whatever one object names, another is; whatever they say of the program is so."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from flask import Flask

from contest.config import ROOT
from tests.deployment.test_units import COMPOSE, known_settings

FOLDER = ROOT / "deploy" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))
OBJECTS: list[dict[str, Any]] = [
    found
    for name in KUSTOMIZATION["resources"]
    for found in yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8"))
]
RUNNING = {"Deployment", "StatefulSet", "Job"}
VERSIONS = {
    "Namespace": "v1", "ConfigMap": "v1", "Secret": "v1", "Service": "v1", "Deployment": "apps/v1", "StatefulSet": "apps/v1",
    "Job": "batch/v1", "PodDisruptionBudget": "policy/v1", "HorizontalPodAutoscaler": "autoscaling/v2",
    "Ingress": "networking.k8s.io/v1", "NetworkPolicy": "networking.k8s.io/v1",
}  # fmt: skip


def of(kind: str) -> dict[str, dict[str, Any]]:
    return {o["metadata"]["name"]: o for o in OBJECTS if o["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    """Return the templates of pods by the names of what runs them."""
    return {o["metadata"]["name"]: o["spec"]["template"] for o in OBJECTS if o["kind"] in RUNNING}


def containers() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for name, template in pods().items():
        for container in template["spec"]["containers"]:
            yield name, template, container


def ports(app: str) -> dict[str, int]:
    """Return the named ports of the pods of an app."""
    return {
        port["name"]: port["containerPort"]
        for _, template, container in containers()
        if template["metadata"]["labels"]["app"] == app
        for port in container.get("ports", ())
    }


def test_every_file_is_a_resource_and_every_object_of_a_known_shape() -> None:
    assert {p.name for p in FOLDER.glob("*.yaml")} == {*KUSTOMIZATION["resources"], "kustomization.yaml"}
    assert [(o["kind"], o["apiVersion"]) for o in OBJECTS if VERSIONS[o["kind"]] != o["apiVersion"]] == []
    names = [(o["kind"], o["metadata"]["name"]) for o in OBJECTS]
    assert len(names) == len(set(names)) > 20
    assert set(of("Namespace")) == {KUSTOMIZATION["namespace"]}


def test_images_are_ours_or_pinned() -> None:
    ours = {image["name"] for image in KUSTOMIZATION["images"]}
    for name, _, container in containers():
        image = container["image"]
        assert image in ours or re.fullmatch(r"docker\.io/library/\w+:\d+-\w+", image), name
    shared = {service["image"] for service in COMPOSE["services"].values()}
    assert {c["image"] for *_, c in containers()} - ours <= shared  # the same stores as in compose.yaml


def test_selectors_find_their_own_pods() -> None:
    for o in OBJECTS:
        spec, kind = o.get("spec", {}), o["kind"]
        if kind in ("Deployment", "StatefulSet"):
            assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]
        wanted = {"Service": spec.get("selector")}.get(kind)
        if kind == "PodDisruptionBudget":
            wanted = spec["selector"]["matchLabels"]
        if kind == "NetworkPolicy":
            wanted = spec["podSelector"].get("matchLabels")
        if wanted:
            assert wanted in [t["metadata"]["labels"] for t in pods().values()], o["metadata"]["name"]


def test_services_and_the_ingress_lead_to_ports_that_are_there() -> None:
    for name, service in of("Service").items():
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in ports(service["spec"]["selector"]["app"]), name
    (ingress,) = of("Ingress").values()
    for rule in ingress["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            backend = path["backend"]["service"]
            served = of("Service")[backend["name"]]["spec"]["ports"]
            assert backend["port"]["name"] in {port["name"] for port in served}


def test_addresses_in_settings_are_services() -> None:
    secrets = {k: v for o in of("Secret").values() for k, v in o["stringData"].items()}
    urls = [
        of("ConfigMap")["settings"]["data"]["REDIS_URL"],
        secrets["database-url"],
        secrets["migration-database-url"],
        secrets["read-database-url"],
    ]
    for url in urls:
        parts = urlsplit(url)
        served = of("Service")[str(parts.hostname)]["spec"]["ports"]
        assert parts.port in {port["port"] for port in served}, url


def test_volumes_secrets_and_settings_are_there() -> None:
    for name, template, container in containers():
        spec = template["spec"]
        claims = {c["metadata"]["name"] for o in of("StatefulSet").values() for c in o["spec"]["volumeClaimTemplates"]}
        volumes = {v["name"]: v for v in spec.get("volumes", ())}
        assert {m["name"] for m in container.get("volumeMounts", ())} <= set(volumes) | claims, name
        for volume in volumes.values():
            sources = volume.get("projected", {}).get("sources", [volume])
            for source in sources:
                if "secret" in source:
                    secret = source["secret"].get("secretName") or source["secret"]["name"]
                    held = of("Secret")[secret]["stringData"]
                    assert {item["key"] for item in source["secret"].get("items", ())} <= set(held)
                if "configMap" in source:
                    assert source["configMap"]["name"] in of("ConfigMap")
        for source in container.get("envFrom", ()):
            assert source["configMapRef"]["name"] in of("ConfigMap")


def test_settings_are_those_of_the_program_and_their_files_are_mounted() -> None:
    settings = of("ConfigMap")["settings"]["data"]
    assert set(settings) <= known_settings()
    for name, template, container in containers():
        if container["image"] != "hoi-thi":
            continue
        given = {**settings, **{e["name"]: e["value"] for e in container.get("env", ())}}
        assert set(given) <= known_settings()
        (mount,) = [m for m in container["volumeMounts"] if m["name"] == "secrets"]
        (volume,) = [v for v in template["spec"]["volumes"] if v["name"] == "secrets"]
        held = {f"{mount['mountPath']}/{key}" for key in of("Secret")[volume["secret"]["secretName"]]["stringData"]}
        assert {value for key, value in given.items() if key.endswith("_FILE")} == held, name


def test_probes_ask_what_there_is_as_it_has_to_be_asked(app: Flask) -> None:
    host = urlsplit(of("ConfigMap")["settings"]["data"]["BASE_URL"]).netloc
    routes = {str(rule) for rule in app.url_map.iter_rules()}
    (web,) = [container for name, _, container in containers() if name == "web"]
    probes = [web[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")]
    assert {probe["path"] for probe in probes} <= routes
    assert [probe["path"] for probe in probes] == ["/healthz", "/readyz", "/healthz"]
    for probe in probes:
        assert probe["httpHeaders"] == [{"name": "Host", "value": host}]
        assert probe["port"] in ports("web")
    (ingress,) = of("Ingress").values()
    assert {rule["host"] for rule in ingress["spec"]["rules"]} == {host} == set(ingress["spec"]["tls"][0]["hosts"])


def test_node_that_goes_is_left_before_it_ends() -> None:
    (template,) = [t for name, t in pods().items() if name == "web"]
    (web,) = template["spec"]["containers"]
    pause = int(web["lifecycle"]["preStop"]["exec"]["command"][1])
    readiness = web["readinessProbe"]["periodSeconds"] * web["readinessProbe"]["failureThreshold"]
    assert readiness <= pause < template["spec"]["terminationGracePeriodSeconds"] - 40
    deployed = of("Deployment")["web"]["spec"]
    assert deployed["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    scaled = of("HorizontalPodAutoscaler")["web"]["spec"]
    assert (scaled["scaleTargetRef"]["name"], scaled["minReplicas"] >= 2, "replicas" in deployed) == (
        "web",
        True,
        False,
    )


@pytest.mark.parametrize("name", sorted(pods()))
def test_pods_are_confined(name: str) -> None:
    """As the namespace asks (restricted), and besides: nothing is written, and no token of the cluster lies about."""
    spec = pods()[name]["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in spec["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]


def test_everybody_reaches_whom_they_need_and_nobody_else() -> None:
    """What a policy lets out another lets in, by ports that are there."""
    policies = of("NetworkPolicy")
    assert policies["nobody"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    out, into = set(), set()
    for policy in policies.values():
        own = policy["spec"]["podSelector"].get("matchLabels", {}).get("app")
        for way, found, ends in (("egress", out, "to"), ("ingress", into, "from")):
            for rule in policy["spec"].get(way, ()):
                for end in rule.get(ends, ()):
                    other = end.get("podSelector", {}).get("matchLabels", {}).get("app")
                    for port in rule["ports"]:
                        if other and own:
                            found.add((own, other, port["port"]) if way == "egress" else (other, own, port["port"]))
    assert out == into
    assert out == {
        ("web", "pgbouncer", "pgbouncer"), ("web", "redis", "redis"), ("worker", "pgbouncer", "pgbouncer"),
        ("worker", "redis", "redis"), ("pgbouncer", "postgresql", "postgresql"), ("migration", "postgresql", "postgresql"),
        ("web", "postgresql-replica", "postgresql"), ("worker", "postgresql-replica", "postgresql"),
        ("postgresql-replica", "postgresql", "postgresql"),
    }  # fmt: skip
    assert all(port in ports(to) for _, to, port in out)


def test_pgbouncer_is_that_of_every_other_installation() -> None:
    shipped = (ROOT / "deploy" / "pgbouncer.ini").read_text(encoding="utf-8")
    ours = of("ConfigMap")["pgbouncer"]["data"]["pgbouncer.ini"]
    assert ours == shipped.replace("host=127.0.0.1", "host=postgresql").replace(
        "listen_addr = 127.0.0.1", "listen_addr = *"
    )


def test_scripts_of_the_replica_are_those_of_every_other_installation() -> None:
    given = of("ConfigMap")["replication"]["data"]
    assert given == {name: (ROOT / "deploy" / name).read_text(encoding="utf-8") for name in ("replication", "replica")}
    wanted = {
        e["name"]: e.get("value") for e in next(c for n, _, c in containers() if n == "postgresql-replica")["env"]
    }
    assert wanted["PRIMARY_HOST"] in of("Service")


def test_kustomize_takes_it() -> None:
    """Where kubectl is at hand: it is on no machine that only serves."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    done = subprocess.run([kubectl, "kustomize", str(FOLDER)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list(yaml.safe_load_all(done.stdout))) == len(OBJECTS)
