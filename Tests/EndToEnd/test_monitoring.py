"""What a fleet shows to those who watch it."""

import os

import pytest
import requests

from exposition import Metric, parse
from fleet import Fleet
from phone import Phone
from wait import until

CLUSTER = os.environ.get("ASTERISM_E2E_CLUSTER") == "1"

DAEMONS = {
    "node ast1": 8601, "node ast2": 8602, "gateway 1": 8651, "gateway 2": 8652, "edge": 8660, "front": 8661,
    "app tts": 8662, "app conference": 8663,
}
"""The status port of every daemon of a cluster, before the offset."""


def address(fleet: Fleet, daemon: str) -> str:
    """Where a daemon says how it is; in one process all do on the gateway's port."""
    return f"http://127.0.0.1:{(DAEMONS[daemon] if CLUSTER else 8088) + fleet.port_offset}"


def scrape(fleet: Fleet, daemon: str) -> dict[str, Metric]:
    answer = requests.get(address(fleet, daemon) + "/metrics", timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return parse(answer.text)


def entered(fleet: Fleet) -> float:
    """How many channels have entered an application, as a gateway counts."""
    return scrape(fleet, "gateway 1").get("asterism_events_total", Metric("counter")).value(type="StasisStart")


@pytest.mark.parametrize("daemon", DAEMONS if CLUSTER else ["gateway 1"])
def test_a_running_daemon_is_ready_alive_and_measured(fleet: Fleet, daemon: str) -> None:
    def status(path: str = "/status") -> requests.Response:
        return requests.get(address(fleet, daemon) + path, timeout=5)

    until(lambda: status().status_code == 200, 10, lambda: f"{daemon} to be ready: {status().text}")
    said = status().json()
    assert (said["role"], said["ready"], said["healthy"], said["reasons"]) == (daemon.split()[0], True, True, [])
    assert status("/status/live").status_code == 200
    assert scrape(fleet, daemon)["process_start_time_seconds"].value() > 0


def test_a_call_is_counted(fleet: Fleet, phone: Phone) -> None:
    before = entered(fleet)
    call = phone.call("8001")
    node = fleet.node_of(call)
    until(lambda: scrape(fleet, "gateway 1")["asterism_calls"].value(node=node) == 1, 5, "the call to be counted")
    during = scrape(fleet, "gateway 1")
    assert during["asterism_calls"].value() == 1
    assert during["asterism_channels"].value() >= 1
    assert during["asterism_nodes"].value(state="up") == 2
    assert during["asterism_nodes"].value() == 2
    assert during["asterism_upstream_queue"].value() == 0
    call.hang_up()
    until(lambda: scrape(fleet, "gateway 1")["asterism_calls"].value() == 0, 10, "the call to be gone")
    assert entered(fleet) > before

    gateways = ["gateway 1", "gateway 2"] if CLUSTER else ["gateway 1"]
    assert sum(scrape(fleet, each)["asterism_event_sockets"].value() for each in gateways) >= 2
    requested = [scrape(fleet, each).get("asterism_request_seconds", Metric("histogram")) for each in gateways]
    assert sum(each.value("_count", status="2xx") for each in requested) > 0
    assert 0 < sum(each.value("_sum") for each in requested) < 600

    node_metrics = scrape(fleet, f"node {node}")
    assert node_metrics["asterism_node_events_total"].value(node=node, type="StasisStart") >= 1
    assert node_metrics["asterism_node_links"].value(node=node) >= 1
    assert node_metrics["asterism_node_restarts_total"].value(node=node) == 0
    edge = scrape(fleet, "edge")
    assert edge["asterism_edge_active_nodes"].value() == 2
    assert edge["asterism_edge_reconciles_total"].value(outcome="ok") > 0
    until(lambda: scrape(fleet, "edge")["asterism_edge_registrations"].value() >= 1, 10, "the phone to be counted")


def test_a_request_keeps_its_id(fleet: Fleet) -> None:
    answer = fleet.ari("GET", "asterisk/info", headers={"X-Request-ID": "e2e-request.1"})
    assert answer.headers["X-Request-ID"] == "e2e-request.1"
    made = {fleet.ari("GET", "channels").headers["X-Request-ID"] for _ in range(2)}
    assert len(made) == 2
    assert fleet.ari("GET", "channels", headers={"X-Request-ID": "not sane"}).headers["X-Request-ID"] != "not sane"
