"""Nova, Neutron and Cinder never disagree, whatever an operator does in whatever order."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from runbooks.simulator.http.cinder import API as CINDER
from runbooks.simulator.http.neutron import API as NEUTRON
from runbooks.simulator.http.nova import API as NOVA
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network.agents import OVS
from tests.simulator.calls import Client, cloud

STEPS = 60


class Operator:
    """Does arbitrary things; refusals are fine, disagreement is not."""

    def __init__(self, model: Cloud, seed: int) -> None:
        self.model = model
        self.random = Random(seed)
        self.nova, self.neutron, self.cinder = (Client(model, api) for api in (NOVA, NEUTRON, CINDER))
        for project in model.compute.quotas:
            model.compute.quotas[project]["instances"] = -1

    def step(self) -> None:
        self.random.choice(
            [self.build, self.delete, self.power, self.attach, self.detach, self.volume, self.drop, self.plug,
             self.unplug, self.float, self.port, self.wait]
        )()  # fmt: skip

    def server(self) -> str:
        return self.random.choice(list(self.model.compute.servers.newest())).id

    def disk(self) -> str:
        return self.random.choice(list(self.model.storage.volumes.newest())).id

    def network(self) -> str:
        return self.model.tenants[self.random.randrange(6)].network_id

    def build(self) -> None:
        body = {
            "name": "s",
            "flavorRef": self.model.compute.flavors_by_name["m1.tiny"].id,
            "imageRef": self.model.seed.uuid("image", "debian-12"),
            "networks": [{"uuid": self.network()}],
        }
        self.nova.reply("POST", "/v2.1/servers", {"server": body}, OpenStack_API_Version="compute 2.96")

    def delete(self) -> None:
        self.nova.reply("DELETE", f"/v2.1/servers/{self.server()}")

    def power(self) -> None:
        verb = self.random.choice(["os-stop", "os-start", "pause", "shelve"])
        self.nova.reply("POST", f"/v2.1/servers/{self.server()}/action", {verb: None})

    def attach(self) -> None:
        body = {"volumeAttachment": {"volumeId": self.disk()}}
        self.nova.reply("POST", f"/v2.1/servers/{self.server()}/os-volume_attachments", body)

    def detach(self) -> None:
        found = [one for volume in self.model.storage.volumes.newest() for one in volume.attachments]
        if found:
            one = self.random.choice(found)
            self.nova.reply("DELETE", f"/v2.1/servers/{one.server_id}/os-volume_attachments/{one.volume_id}")

    def volume(self) -> None:
        self.cinder.reply("POST", "/v3/volumes", {"volume": {"size": self.random.randrange(1, 9)}})

    def drop(self) -> None:
        self.cinder.reply("DELETE", f"/v3/volumes/{self.disk()}")

    def plug(self) -> None:
        body = {"interfaceAttachment": {"net_id": self.network()}}
        self.nova.reply("POST", f"/v2.1/servers/{self.server()}/os-interface", body)

    def unplug(self) -> None:
        port = self.random.choice(list(self.model.network.ports.ascending()))
        self.neutron.reply("DELETE", f"/v2.0/ports/{port.id}")

    def float(self) -> None:
        port = self.random.choice(list(self.model.network.ports.ascending()))
        body = {"floating_network_id": self.model.network.external_id, "port_id": port.id}
        self.neutron.reply("POST", "/v2.0/floatingips", {"floatingip": body})

    def port(self) -> None:
        body = {"network_id": self.network(), "name": "own"}
        self.neutron.reply("POST", "/v2.0/ports", {"port": body})

    def wait(self) -> None:
        self.model.clock.advance(self.random.choice([1, 5, 30]))
        self.model.catch_up()


def agree(model: Cloud) -> None:
    """What must be true at any moment."""
    servers = {server.id: server for server in model.compute.servers.newest()}
    ports = list(model.network.ports.ascending())
    assert [port.id for port in ports] == sorted({port.id for port in ports})
    assert [port.id for port in model.network.ports.descending()] == [port.id for port in reversed(ports)]
    plugged = {(port.id, port.device_id) for port in ports if port.device_owner.startswith("compute:")}
    assert plugged == {(nic.port_id, server.id) for server in servers.values() for nic in server.nics}
    taken = Counter(fixed for port in ports for fixed in port.fixed_ips)
    assert [fixed for fixed, count in taken.items() if count > 1] == []
    for network in model.network.networks:
        here = sorted(port.id for port in ports if port.network_id == network)
        assert sorted(port.id for port in model.network.ports.on_network(network)) == here
        assert model.network.ports.count_on(network) == len(here)
    known = {port.id: port for port in ports}
    for floating in model.network.floating_ips.ascending():
        if floating.port_id is not None:
            assert floating.fixed_address in [address for _, address in known[floating.port_id].fixed_ips]
            assert model.network.floating_of(floating.port_id)
    for host in model.hosts:
        if model.network.agents.on(OVS, host.name) is not None:
            bound = [port for port in ports if port.host == host.name and port.status == "ACTIVE"]
            assert model.network.ports.devices_on(host.name) == len(bound)
    volumes = list(model.storage.volumes.newest())
    assert [one.id for one in volumes] == [
        one.id for one in sorted(volumes, key=lambda one: (one.created, one.id), reverse=True)
    ]
    attached = {(one.volume_id, one.server_id) for volume in volumes for one in volume.attachments}
    assert attached == {(volume, server.id) for server in servers.values() for volume in server.volumes}
    odd = {one.id for one in model.storage.volumes.unusual()}
    assert {one.id for one in volumes if model.storage.volumes.status(one) != "in-use"} <= odd
    for project in {volume.project_id for volume in volumes}:
        used = model.storage.used(project)
        assert used["volumes"] == sum(volume.project_id == project for volume in volumes)


@pytest.mark.parametrize("seed", range(8))
def test_everybody_agrees_after_every_step(seed: int) -> None:
    model = cloud(computes=3, servers=24)
    operator = Operator(model, seed)
    agree(model)
    for _ in range(STEPS):
        operator.step()
        agree(model)
