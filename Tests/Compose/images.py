"""The images that compose.yaml names, made here: no registry is asked.

`debian:*-slim`, `hashicorp/consul` and `rabbitmq` are stand-ins from Debian's packages under the official names; the
fleet's own come from deploy/Dockerfile as it is, with the executable that is already built.
"""

import os
import shutil
import subprocess
from pathlib import Path

import yaml

from podman import CACHE, HERE, Podman, run

PROJECT = HERE.parents[1]
DEPLOY = PROJECT / "deploy"
BINARY = Path(os.environ.get("ASTERISM_BIN", PROJECT / ".build/release/asterism"))
SLOW = 600
"""Seconds that one image may take where nothing is cached."""

STAND_INS = {"hashicorp/consul": ("bullseye", "consul"), "rabbitmq": ("bookworm", "rabbitmq")}
"""Official images: the suite that has the program, and the folder of `stand-ins/` that makes it."""


def services() -> dict[str, dict]:
    """The services of compose.yaml."""
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]


def prepare(podman: Podman) -> None:
    """Builds what is missing or has changed."""
    for suite in ("bookworm", "forky", "bullseye"):
        _base(podman, suite)
    made = set()
    _executable(podman)
    for service in services().values():
        image = service["image"]
        if image in made:
            continue
        made.add(image)
        name = image.partition(":")[0]
        if "build" in service:
            build = service["build"]
            context, target = (DEPLOY / build["context"]).resolve(), build["target"]
            _build(podman, image, context, context / build["dockerfile"], f"--target={target}",
                   "--build-arg=BINARY=localhost/asterism-executable")
        else:
            suite, folder = STAND_INS[name]
            _build(podman, image, HERE / "stand-ins", HERE / f"stand-ins/{folder}.Dockerfile")
    podman("image", "prune", "--force")


def _base(podman: Podman, suite: str) -> None:
    image = f"docker.io/library/debian:{suite}-slim"
    if image in podman("images", "--format={{.Repository}}:{{.Tag}}").split():
        return
    archive = podman.folder / f"{suite}.tar"
    # The lists of a suite may be past their date in a snapshot; their signatures are checked all the same.
    run("mmdebstrap", "--quiet", "--variant=apt", "--aptopt=Acquire::Check-Valid-Until \"false\"", suite, archive,
        timeout=SLOW)
    podman("import", "--quiet", archive, image, timeout=SLOW)
    archive.unlink()


def _executable(podman: Podman) -> None:
    """An image of the executable alone, with those parts of the Swift runtime beside it that it does not contain."""
    folder = podman.folder / "executable"
    folder.mkdir()
    run("strip", "--strip-debug", "-o", folder / "asterism", BINARY)
    for line in run("ldd", BINARY).splitlines():
        library = Path(line.split()[2]) if "=>" in line else None
        if library and "swift" in library.parts:
            shutil.copy(library, folder)
    newest = max(file.stat().st_mtime for file in folder.iterdir())
    for file in folder.iterdir():
        os.utime(file, (newest, newest))
    (podman.folder / "executable.Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    _build(podman, "localhost/asterism-executable", folder, podman.folder / "executable.Dockerfile")
    shutil.rmtree(folder)


def _build(podman: Podman, image: str, context: Path, file: Path, *more: str) -> None:
    full = image if image.startswith("localhost/") else f"docker.io/{image if '/' in image else f'library/{image}'}"
    podman("build", "--quiet", "--layers", "--network=host", f"--tag={full}", f"--file={file}", *more, context,
           timeout=SLOW)
