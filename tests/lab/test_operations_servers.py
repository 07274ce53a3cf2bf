"""What is done to servers on a real Nova: one of our own goes through all of it, told by `openstack`, and is deleted.

And a host that is really dead: its servers are built again elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.openstack_client import Client
from tests.lab.operating import Operating
from tests.lab.real import RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]
NAME = "nephoscope-servers"


@pytest.fixture(scope="module")
def server(client: Client) -> Iterator[str]:
    """A server of our own on the network `private`; its id."""
    flavor = min(client.json("flavor", "list"), key=lambda each: int(each["RAM"]))["Name"]
    image = client.json("image", "list")[0]["Name"]
    words = ("--flavor", flavor, "--image", image, "--network", "private", NAME)
    made = str(client.json("server", "create", *words)["id"])
    try:
        until(lambda: shown(client, made)["status"], lambda status: status == "ACTIVE", 90)
        yield made
    finally:
        client.tried("server", "delete", made)


def shown(client: Client, server: str) -> dict[str, Any]:
    found: dict[str, Any] = client.json("server", "show", server)
    return found


def state(lab: RealLab, host: str) -> list[str]:
    """What heartbeats say of its nova-compute."""
    return [row["state"] for row in lab.get("compute-services", f"host={host}", "binary=nova-compute")]


@pytest.mark.parametrize(
    ("verb", "status"),
    [
        ("stop", "SHUTOFF"),
        ("pause", "PAUSED"),
        ("suspend", "SUSPENDED"),
        ("shelve", "SHELVED_OFFLOADED"),
        ("rescue", "RESCUE"),
    ],
)
def test_there_and_back(client: Client, operating: Operating, server: str, verb: str, status: str) -> None:
    done = operating.do(f"server.{verb}", server)
    assert shown(client, server)["status"] == status
    operating.undo(done)
    assert shown(client, server)["status"] == "ACTIVE"


def test_a_locked_one_says_why(client: Client, operating: Operating, server: str) -> None:
    done = operating.do("server.lock", server, reason="a test of ours")
    found = client.json("--os-compute-api-version", "2.73", "server", "show", server)
    assert (found["locked"], found["locked_reason"]) == (True, "a test of ours")
    operating.undo(done)
    assert client.json("--os-compute-api-version", "2.73", "server", "show", server)["locked"] is False


@pytest.mark.parametrize("verb", ["reboot-soft", "reboot-hard", "rebuild"])
def test_it_runs_anew(lab: RealLab, client: Client, operating: Operating, server: str, verb: str) -> None:
    actions = len(client.json("server", "event", "list", server))
    operating.do(f"server.{verb}", server)
    assert shown(client, server)["status"] == "ACTIVE"
    latest = client.json("server", "event", "list", server)
    assert len(latest) == actions + 1
    assert latest[0]["Action"] == verb.partition("-")[0]


def test_its_console(operating: Operating, server: str) -> None:
    """It only reads; what it read is the answer."""
    outcome = operating.do("server.console-log", server, lines="20")
    assert outcome.parts[0].shown


def test_a_state_that_is_wrong_is_set_right(client: Client, operating: Operating, server: str) -> None:
    client("server", "set", "--auto-approve", "--state", "error", server)
    operating.do("server.reset-state", server, state="active")
    assert shown(client, server)["status"] == "ACTIVE"


@pytest.mark.parametrize("end", ["confirm", "revert"])
def test_another_size_is_kept_or_given_back(client: Client, operating: Operating, server: str, end: str) -> None:
    before = shown(client, server)["flavor"]
    sizes = sorted(client.json("flavor", "list"), key=lambda each: int(each["RAM"]))
    larger = next(each["Name"] for each in sizes[::-1] if each["RAM"] > sizes[0]["RAM"])
    other = sizes[0]["Name"] if larger in str(before) else larger
    operating.do("server.resize", server, flavor=other)
    assert shown(client, server)["status"] == "VERIFY_RESIZE"
    operating.do(f"server.{end}", server)
    found = shown(client, server)
    assert found["status"] == "ACTIVE"
    assert (found["flavor"] == before) is (end == "revert")


def test_its_screen_has_an_address(client: Client, operating: Operating, server: str) -> None:
    """Nova hands out a token; the one that its own client gets is another one for the same proxy."""
    (shown_there,) = [part.shown for part in operating.do("server.console-url", server).parts]
    theirs = client.json("console", "url", "show", "--novnc", server)["url"]
    assert shown_there.partition("token")[0] == theirs.partition("token")[0] != ""
    assert shown_there != theirs


def test_it_moves_cold(client: Client, operating: Operating, server: str) -> None:
    before = shown(client, server)["OS-EXT-SRV-ATTR:host"]
    operating.do("server.migrate", server)
    operating.do("server.confirm", server)
    assert shown(client, server)["OS-EXT-SRV-ATTR:host"] != before


def test_a_floating_ip_leads_to_it_and_no_more(client: Client, operating: Operating, server: str) -> None:
    port = client.json("port", "list", "--server", server)[0]["ID"]
    made = client.json("floating", "ip", "create", "public")
    try:
        done = operating.do("floating-ip.associate", made["id"], port=port)
        assert client.json("floating", "ip", "show", made["id"])["port_id"] == port
        operating.undo(done)
        assert client.json("floating", "ip", "show", made["id"])["port_id"] is None
        operating.do("floating-ip.associate", made["id"], port=port)
        operating.do("floating-ip.disassociate", made["id"])
        assert client.json("floating", "ip", "show", made["id"])["status"] == "DOWN"
    finally:
        client.tried("floating", "ip", "delete", made["id"])


def test_its_port_is_let_down_and_up(client: Client, operating: Operating, server: str) -> None:
    port = client.json("port", "list", "--server", server)[0]["ID"]
    done = operating.do("port.disable", port)
    assert client.json("port", "show", port)["admin_state_up"] is False
    operating.undo(done)
    found = until(lambda: client.json("port", "show", port), lambda row: row["status"] == "ACTIVE")
    assert found["admin_state_up"] is True


@pytest.mark.long
def test_a_dead_host_is_evacuated(lab: RealLab, client: Client, operating: Operating, server: str) -> None:
    """Powered off for real, told by heartbeats, and cleaned when it is back."""
    host = shown(client, server)["OS-EXT-SRV-ATTR:host"]
    with lab.broken("host-down", host=host):
        until(lambda: state(lab, host), lambda told: told == ["down"], 150)
        plan = operating.plan("hypervisor.evacuate", [host], {"fenced": "powered off by this test"})
        assert not plan.closed, [f"{guard.name}: {guard.words}" for guard in plan.closed]
        forced = operating.do("compute-service.force-down", host, fenced="powered off by this test")
        services = client.json("compute", "service", "list", "--service", "nova-compute")
        assert {each["State"] for each in services if each["Host"] == host} == {"down"}
        operating.do("server.evacuate", server)
        found = shown(client, server)
        assert found["OS-EXT-SRV-ATTR:host"] != host
        assert found["status"] == "ACTIVE"
        back = operating.plan("compute-service.unforce-down", [host])
        assert "restarted" in {guard.name for guard in back.closed}, "Nova would refuse it"

    def cleaned() -> list[str]:
        wanted = (f"source_compute={host}", "migration_type=evacuation", "status=done")
        return [row["id"] for row in lab.get("migrations", *wanted)]

    until(cleaned, lambda found: found == [], 150)
    operating.undo(forced)
    until(lambda: state(lab, host), lambda told: told == ["up"], 150)


def test_it_is_deleted(client: Client, operating: Operating, server: str) -> None:
    operating.do("server.delete", server)
    assert server not in client("server", "list", "--all-projects")
