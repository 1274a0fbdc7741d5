"""deploy/kubernetes without a cluster: every resource fits Kubernetes' own schema, and every name leads somewhere."""

import kubernetes_validate
import pytest

import images
from manifests import (
    FOLDER, KUSTOMIZATION, RESOURCES, config_keys, containers, labels, named, of_kind, secret_keys, workloads,
)

SUPPORTED = "1.29"
"""The oldest release of Kubernetes that the manifests are for."""


@pytest.mark.parametrize("resource", RESOURCES, ids=named)
@pytest.mark.parametrize("version", [SUPPORTED, kubernetes_validate.latest_version()])
def test_the_schema_accepts(resource: dict, version: str) -> None:
    kubernetes_validate.validate(resource, version, strict=True)


def test_every_manifest_is_listed() -> None:
    assert {path.name for path in FOLDER.glob("*.yaml")} == {*KUSTOMIZATION["resources"], "kustomization.yaml"}
    assert len({named(each) for each in RESOURCES}) == len(RESOURCES)


def test_environment_and_secrets_exist() -> None:
    for workload, container in containers():
        for source in container.get("envFrom", []):
            assert source["configMapRef"]["name"] in config_keys(), named(workload)
        for variable in container.get("env", []):
            wanted = variable.get("valueFrom", {}).get("secretKeyRef")
            if wanted:
                assert wanted["name"] == "asterism" and wanted["key"] in secret_keys(), (named(workload), wanted)


def test_services_and_budgets_select_pods_and_ports_exist() -> None:
    ports = {
        named(workload): {port["name"] for port in container["ports"]} for workload, container in containers()
    }
    for service in of_kind("Service").values():
        wanted = service["spec"]["selector"].items()
        [chosen] = [each for each in workloads().values() if labels(each).items() >= wanted]
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in ports[named(chosen)], named(service)
    for budget in of_kind("PodDisruptionBudget").values():
        wanted = budget["spec"]["selector"]["matchLabels"].items()
        assert [each for each in workloads().values() if labels(each).items() >= wanted], named(budget)
    for workload, container in containers():
        assert labels(workload).items() >= workload["spec"]["selector"]["matchLabels"].items()
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            for how in ("httpGet", "tcpSocket"):
                port = container.get(probe, {}).get(how, {}).get("port")
                assert port is None or port in ports[named(workload)], (named(workload), probe)


def test_the_autoscaler_and_stateful_sets_name_what_exists() -> None:
    [autoscaler] = of_kind("HorizontalPodAutoscaler").values()
    assert autoscaler["spec"]["scaleTargetRef"]["name"] in of_kind("StatefulSet")
    assert autoscaler["spec"]["metrics"][0]["object"]["describedObject"]["name"] in of_kind("Service")
    for each in of_kind("StatefulSet").values():
        assert each["spec"]["serviceName"] in of_kind("Service")


def test_a_node_drains_before_it_stops() -> None:
    spec = of_kind("StatefulSet")["ast"]["spec"]["template"]["spec"]
    command = spec["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
    waits = int(command[-1].rpartition(" ")[2])
    assert "asterism drain" in command[-1] and waits < spec["terminationGracePeriodSeconds"]


def test_images_are_pinned_and_are_those_of_the_compose_file() -> None:
    pinned = {each["name"]: each["newTag"] for each in KUSTOMIZATION["images"]}
    assert {container["image"] for _, container in containers()} == set(pinned)
    composed = dict(service["image"].split(":") for service in images.services().values())
    assert composed == pinned
