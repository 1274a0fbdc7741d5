"""deploy/kubernetes as data: the resources, and what kustomization.yaml generates and renames."""

from collections.abc import Iterator

import yaml

from images import DEPLOY

FOLDER = DEPLOY / "kubernetes"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
RESOURCES = [each for name in KUSTOMIZATION["resources"] for each in yaml.safe_load_all((FOLDER / name).read_text())]


def named(resource: dict) -> str:
    return f"{resource['kind']}/{resource['metadata']['name']}"


def of_kind(kind: str) -> dict[str, dict]:
    return {each["metadata"]["name"]: each for each in RESOURCES if each["kind"] == kind}


def workloads() -> dict[str, dict]:
    return of_kind("Deployment") | of_kind("StatefulSet")


def containers() -> Iterator[tuple[dict, dict]]:
    """Each workload with each of its containers."""
    for workload in workloads().values():
        for container in workload["spec"]["template"]["spec"]["containers"]:
            yield workload, container


def labels(workload: dict) -> dict[str, str]:
    return workload["spec"]["template"]["metadata"]["labels"]


def config_keys() -> dict[str, set[str]]:
    """The keys of each generated ConfigMap."""
    return {
        each["name"]: {literal.partition("=")[0] for literal in each["literals"]}
        for each in KUSTOMIZATION["configMapGenerator"]
    }


def secret_keys() -> set[str]:
    """The keys that secrets.env must have."""
    lines = (FOLDER / "secrets.env.example").read_text().splitlines()
    return {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
