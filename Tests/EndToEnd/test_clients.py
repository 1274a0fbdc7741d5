"""The client libraries that clients/generate makes: generated, imported, and used on a running fleet."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo_program import APPLICATION, NODE, NUMBER
from fleet import ROOT, Fleet
from wait import until


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The folder of each library."""
    folder = tmp_path_factory.mktemp("clients")
    for api in ("appgateway", "applicationd", "auth"):
        command = [ROOT / "clients/generate", "python", api, "--output", folder / api]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
    yield {api: folder / api for api in ("appgateway", "applicationd", "auth")}


def run(library: Path, program: str, **values: str):
    """Runs a program with a library in an interpreter of its own, and returns the JSON that it prints."""
    environment = os.environ | {"PYTHONPATH": str(library)} | values
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, env=environment
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_appgateway_makes_and_ends_a_bridge(fleet: Fleet, generated) -> None:
    said = run(
        generated["appgateway"],
        """
import json, os
import wazo_appgateway_client as library

configuration = library.Configuration(host=os.environ["HOST"], username="wazo", password="wazo")
with library.ApiClient(configuration) as client:
    bridges = library.BridgesApi(client)
    made = bridges.bridges_create(type="mixing", bridge_id="generated", name="made by a generated client")
    listed = [bridge.id for bridge in bridges.bridges_list()]
    bridges.bridges_destroy("generated")
    info = library.AsteriskApi(client).asterisk_get_info()
    channels = library.ChannelsApi(client).channels_list()
    try:
        bridges.bridges_get("generated")
    except library.exceptions.NotFoundException as error:
        missing = error.status
print(json.dumps([made.name, listed, info.system.version is not None, channels, missing]))
""",
        HOST=fleet.gateway_url,
    )
    assert said == ["made by a generated client", ["generated"], True, [], 404]


def test_auth_gives_a_token_and_tells_about_it(fleet: Fleet, generated) -> None:
    said = run(
        generated["auth"],
        """
import json, os
import asterism_auth_client as library

configuration = library.Configuration(host=os.environ["HOST"], username="admin", password="secret")
with library.ApiClient(configuration) as client:
    tokens = library.TokenApi(client)
    made = tokens.create_token(library.TokenRequest(expiration=60)).data
    checked = tokens.check_scopes(made.token, library.ScopesRequest(scopes=["websocketd"]))
    told = tokens.get_token(made.token).data
    tokens.revoke_token(made.token)
    try:
        tokens.get_token(made.token)
    except library.exceptions.NotFoundException as error:
        missing = error.status
print(json.dumps([told.auth_id == made.auth_id, checked.scopes, missing]))
""",
        HOST=fleet.auth_url,
    )
    assert said == [True, {"websocketd": True}, 404]


def test_applicationd_answers_a_call_with_the_methods_of_the_original_client(fleet: Fleet, phone, generated) -> None:
    """The names of the methods are those of wazo-applicationd-client."""
    values = {"HOST": fleet.applicationd_url, "TOKEN": fleet.token(), "APPLICATION": APPLICATION}
    begin = """
import json, os
import wazo_applicationd_client as library

configuration = library.Configuration(host=os.environ["HOST"])
client = library.ApiClient(configuration, header_name="X-Auth-Token", header_value=os.environ["TOKEN"])
applications = library.ApplicationApi(client)
uuid = os.environ["APPLICATION"]
"""
    registered = run(
        generated["applicationd"],
        begin + """
state = library.StatusApi(client).status_status_get().state
print(json.dumps([state, applications.register_application10_applications_application_name_post("test").uuid]))
""",
        **values,
    )
    assert registered == ["ok", APPLICATION]

    call = phone.dial(NUMBER)
    channel = until(
        lambda: next((each["id"] for each in fleet.calls() if each["application"] == APPLICATION), None), 10,
        "the call in the application",
    )
    said = run(
        generated["applicationd"],
        begin + """
call = os.environ["CALL"]
applications.call_answer10_applications_application_uuid_calls_call_id_answer_put(uuid, call)
node = applications.create_node_with_calls10_applications_application_uuid_nodes_node_name_post(uuid, "bigone", [call])
applications.call_mute_start10_applications_application_uuid_calls_call_id_mute_start_post(uuid, call)
applications.call_mute_stop10_applications_application_uuid_calls_call_id_mute_stop_post(uuid, call)
print(json.dumps(node.uuid))
""",
        CALL=channel, **values,
    )
    assert said == NODE
    call.answered()
    until(lambda: [each["bridge"] for each in fleet.calls()] == [NODE], 5, "the call in the node")
    run(
        generated["applicationd"],
        begin + """
applications.call_hangup10_applications_application_uuid_calls_call_id_delete(uuid, os.environ["CALL"])
print("null")
""",
        CALL=channel, **values,
    )
    call.ended()
