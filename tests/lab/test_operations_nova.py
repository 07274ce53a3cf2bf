"""Nova's operations on the real lab: services, a server where it is and elsewhere, a hypervisor drained."""

from __future__ import annotations

import re

import pytest

from runbooks.outcome import Outcome
from tests.lab.openstack_client import Client
from tests.lab.operating import Operating
from tests.lab.real import RealLab, until
from tests.lab.wired import wire

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]


def a_server(client: Client) -> tuple[str, str]:
    """Id and host of a server that runs."""
    found = client.json("server", "list", "--all-projects", "--status", "ACTIVE", "--long")[0]
    return found["ID"], found["Host"]


def status(client: Client, server: str) -> str:
    return str(client.json("server", "show", server)["status"])


def arrived(lab: RealLab, operating: Operating, outcome: Outcome) -> Outcome:
    """It moved. Neutron 29.0.0 leaves its port unwired: the proof tells, and `ports`; what they advise helps."""
    if outcome.result == "done":
        return outcome
    assert outcome.result == "not-verified", outcome.words
    assert "ports of" in outcome.words, outcome.words
    wire(lab, operating)
    return outcome


def test_a_service_is_disabled_and_enabled_again(client: Client, operating: Operating) -> None:
    outcome = operating.do("compute-service.disable", "cmp01", reason="a test of ours")
    services = client.json("compute", "service", "list", "--service", "nova-compute", "--long")
    told = {each["Host"]: (each["Status"], each["Disabled Reason"]) for each in services}
    assert told["cmp01"] == ("disabled", "a test of ours")
    operating.undo(outcome)
    services = client.json("compute", "service", "list", "--service", "nova-compute")
    assert {each["Status"] for each in services if each["Host"] == "cmp01"} == {"enabled"}


def test_a_server_is_stopped_paused_locked_and_rebooted(client: Client, operating: Operating) -> None:
    server, _ = a_server(client)
    for verb, wanted in (("stop", "SHUTOFF"), ("pause", "PAUSED")):
        outcome = operating.do(f"server.{verb}", server)
        assert status(client, server) == wanted
        operating.undo(outcome)
        assert status(client, server) == "ACTIVE"
    operating.undo(operating.do("server.lock", server, reason="a test of ours"))
    operating.do("server.reboot-hard", server)
    assert status(client, server) == "ACTIVE"


@pytest.mark.long
def test_a_server_moves_and_comes_back(lab: RealLab, client: Client, operating: Operating) -> None:
    server, before = a_server(client)
    outcome = arrived(lab, operating, operating.tried("server.live-migrate", server))
    assert client.json("server", "show", server)["OS-EXT-SRV-ATTR:host"] != before
    (back,) = operating.taken_back(outcome)
    assert back.result == "done" or "ports of" in back.words, back.words
    assert client.json("server", "show", server)["OS-EXT-SRV-ATTR:host"] == before


def test_a_hypervisor_is_drained_and_returned(lab: RealLab, client: Client, operating: Operating) -> None:
    _, host = a_server(client)
    there = [each["ID"] for each in client.json("server", "list", "--all-projects", "--host", host)]
    outcome = arrived(lab, operating, operating.tried("hypervisor.drain", host, reason="a test of ours"))
    assert client.json("server", "list", "--all-projects", "--host", host) == []
    operating.undo(outcome)
    services = client.json("compute", "service", "list", "--service", "nova-compute", "--host", host)
    assert [each["Status"] for each in services] == ["enabled"]
    for server in there:  # what comes after finds the cloud as it was
        client(
            "--os-compute-api-version",
            "2.68",
            "server",
            "migrate",
            "--live-migration",
            "--host",
            host,
            "--wait",
            server,
        )
    wire(lab, operating)


@pytest.mark.long
def test_a_record_of_what_never_reports_again_is_deleted(lab: RealLab, client: Client, operating: Operating) -> None:
    """A conductor of a name that no host has: it registers itself, and ends for good."""
    unit, host = "nephoscope-ghost", "ghost01"
    program = lab.on("ctl01", "systemctl", "cat", "nova-conductor")
    command = re.findall(r"^ExecStart=(.+)$", program, re.MULTILINE)[-1]
    settings = [f"--setenv={found}" for found in re.findall(r'^Environment="?([^"\n]+)"?$', program, re.MULTILINE)]
    lab.on("ctl01", "sh", "-c", f"'printf \"[DEFAULT]\\nhost = {host}\\n\" > /run/{unit}.conf'")

    def known() -> list[str]:
        rows = client.json("compute", "service", "list", "--service", "nova-conductor")
        return [row["State"] for row in rows if row["Host"] == host]

    try:
        line = [*command.split(), "--config-file", f"/run/{unit}.conf"]
        lab.on("ctl01", "systemd-run", f"--unit={unit}", *settings, *line)
        until(known, lambda found: found == ["up"], 60)
        (row,) = lab.get("compute-services", f"host={host}")
        assert "it reports: stop it first" in operating.refused("compute-service.delete", row["id"])["sense"]
        lab.on("ctl01", "systemctl", "stop", unit)
        until(known, lambda found: found == ["down"], 90)
        operating.do("compute-service.delete", row["id"])
        assert known() == []
    finally:
        lab.on("ctl01", "systemctl", "stop", unit, check=False)
        lab.on("ctl01", "rm", "-f", f"/run/{unit}.conf")
        for left in client.json("compute", "service", "list", "--service", "nova-conductor"):
            if left["Host"] == host:
                client.tried("compute", "service", "delete", str(left["ID"]))


def test_a_living_host_is_not_evacuated(operating: Operating) -> None:
    plan = operating.plan("hypervisor.evacuate", ["cmp01"], {"fenced": "it is not"})
    assert {guard.name for guard in plan.closed} >= {"sense", "silent"}
