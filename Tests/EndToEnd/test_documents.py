"""The HTTP APIs and their descriptions in config/openapi: served as they are, and kept to."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import schemathesis
import yaml

from fleet import ROOT, Fleet

DOCUMENTS = ROOT / "config/openapi"

APIS = ("gateway", "fleet", "applicationd", "auth")

SECONDS = 10
"""Seconds for which one API is tried; all of them in a minute."""

LEFT_ALONE = {
    # Starts nodes, up to 64.
    "fleet": ["set_size", "fleet_events"],
    # These change the Asterisks under the fleet's feet.
    "gateway": [
        "asterisk_loadModule", "asterisk_unloadModule", "asterisk_reloadModule", "asterisk_updateObject",
        "asterisk_deleteObject", "asterisk_addLog", "asterisk_deleteLog", "asterisk_rotateLog", "asterisk_setGlobalVar",
        "events_eventWebsocket",
        # An empty format ends Asterisk 22.10 itself.
        "bridges_record",
    ],
    "auth": [],
    "applicationd": [],
}
"""Operations that are not tried with made-up values, by API."""

CHECKS = (
    "status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance"
)

OWN_CHECKS = CHECKS + ",not_a_server_error"
"""For servers of ours. Asterisk answers some nonsense with 500, which the gateway passes on."""


def base(fleet: Fleet, api: str) -> str:
    """Where an API is served."""
    return {"applicationd": fleet.applicationd_url, "auth": fleet.auth_url}.get(api, fleet.gateway_url)


def document(api: str) -> dict:
    return json.loads((DOCUMENTS / f"{api}.json").read_text())


@pytest.mark.parametrize("script", ["gateway-document", "generate-ari"])
def test_what_is_made_from_asterisks_description_is_what_it_says(script: str) -> None:
    made = subprocess.run([ROOT / "scripts" / script, "--check"], capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stderr


def test_every_operation_of_ari_is_a_method_in_swift() -> None:
    commented = r"/// `([A-Z]+) (/\S*)`[^\n]*\n(?:\s*///[^\n]*\n|\s*@\w+\n)*\s*public func"
    methods = {
        (method.lower(), f"/ari{path}")
        for file in (ROOT / "Sources/ARI/Generated/Operations").glob("*.swift")
        for method, path in re.findall(commented, file.read_text())
    }
    described = {(method, path) for path, methods in document("gateway")["paths"].items() for method in methods}
    # The gateway serves applications for readers of the bus and pages beside ARI.
    assert methods == {(method, path) for method, path in described if re.match("/ari/(?!amqp/)", path)}


@pytest.mark.parametrize("api", APIS)
def test_a_description_is_served_as_it_is_in_the_tree(fleet: Fleet, api: str) -> None:
    path = "/fleet/openapi.json" if api == "fleet" else "/openapi.json"
    answer = requests.get(base(fleet, api) + path, timeout=10)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.json() == document(api)
    assert answer.json()["openapi"].startswith("3.1")


def test_auth_describes_itself_in_swagger_2_too(fleet: Fleet) -> None:
    answer = requests.get(
        f"{fleet.auth_url}/0.1/api/api.yml", headers={"X-Script-Name": "/api/auth", "X-Forwarded-For": "192.0.2.1"},
        timeout=10,
    )
    assert answer.headers["Content-Type"] == "application/x-yaml"
    swagger = yaml.safe_load(answer.text)
    assert (swagger["swagger"], swagger["basePath"]) == ("2.0", "/api/auth/0.1")
    assert {f"/0.1{path}" for path in swagger["paths"]} == {
        path for path in document("auth")["paths"] if path.startswith("/0.1/")
    }
    named = re.findall(r'"\$ref": ?"(.*?)"', json.dumps(swagger))
    for kind, name in (reference.removeprefix("#/").split("/") for reference in named):
        assert name in swagger[kind], f"{kind} {name}"
    operations = list(schemathesis.openapi.from_dict(swagger).get_all_operations())
    assert len(operations) > 80
    assert all(operation.ok().label for operation in operations)


@pytest.mark.parametrize("api", APIS)
def test_docs_are_swagger_ui_from_this_server_alone(fleet: Fleet, api: str) -> None:
    folder = base(fleet, api) + ("/fleet/" if api == "fleet" else "/")
    page = requests.get(folder + "docs", timeout=10)
    assert page.status_code == 200, "run `asterism doctor --install`"
    assert "://" not in page.text, "nothing comes from elsewhere"
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    for name, kind in (("swagger-ui.css", "text/css"), ("swagger-ui-bundle.js", "text/javascript")):
        assert f"docs/{name}" in page.text
        file = requests.get(f"{folder}docs/{name}", timeout=10)
        assert file.headers["Content-Type"].startswith(kind)
        assert len(file.content) > 100_000


@pytest.mark.parametrize("api", APIS)
def test_a_server_keeps_to_its_description(tried_fleet: Fleet, api: str, tmp_path: Path) -> None:
    fleet = tried_fleet
    command = [
        str(Path(sys.executable).with_name("st")), "run", str(DOCUMENTS / f"{api}.json"), "--url", base(fleet, api),
        "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--max-time", str(SECONDS), "--seed", "1",
        "--checks", CHECKS if api == "gateway" else OWN_CHECKS, "--request-timeout", "10", "--no-color",
        "--generation-database", "none",
        "--suppress-health-check", "all", "--warnings", "off",
    ]
    if api in ("gateway", "fleet"):
        command += ["--auth", "wazo:wazo" if api == "gateway" else ":".join(fleet.operator())]
    else:
        command += ["--header", f"X-Auth-Token: {fleet.token()}"]
    for operation in LEFT_ALONE[api]:
        command += ["--exclude-operation-id", operation]
    done = subprocess.run(command, capture_output=True, text=True, timeout=8 * SECONDS, cwd=tmp_path)
    for node in fleet.nodes():  # it may have found out their names, and drained them
        fleet.run("undrain", node)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
