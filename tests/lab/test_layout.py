"""Names and addresses of a lab: unique, inside its own networks, short enough for the kernel."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest

from runbooks.lab import network
from runbooks.lab.layout import NUMBERS, PROFILES, Layout
from runbooks.lab.shell import LabError


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("number", [NUMBERS[0], NUMBERS[-1]])
def test_every_host_has_its_own_address_in_the_labs_networks(profile: str, number: int) -> None:
    layout = Layout(number, profile)
    addresses = [layout.vip, layout.gateway, *(place.address for place in layout.machines)]
    tunnels = [place.tunnel for place in layout.machines if place.tunnel]
    assert len(set(addresses)) == len(addresses)
    assert len(set(tunnels)) == len(tunnels)
    assert all(IPv4Address(each) in IPv4Network(layout.net(0)) for each in addresses)
    assert all(IPv4Address(each) in IPv4Network(layout.net(1)) for each in tunnels)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_kernel_takes_every_name(profile: str) -> None:
    layout = Layout(NUMBERS[-1], profile)
    links = [layout.link(place.name, index) for place in layout.machines for index in range(3)]
    names = [*links, *(layout.bridge(index) for index in range(3))]
    assert all(len(name) <= 15 for name in names)
    assert len(set(names)) == len(names)


def test_profiles_have_the_hosts_that_their_names_promise() -> None:
    def names(profile: str) -> set[str]:
        return {place.name for place in Layout(78, profile).machines}

    assert names("core") == {"ctl01", "ctl02", "ctl03", "cmp01", "cmp02", "cmp03"}
    assert names("network") - names("core") == {"net01", "net02"}
    assert names("storage") - names("core") == {"ceph01", "ceph02", "ceph03"}
    assert names("full") == names("network") | names("storage") | {"mon01"}


def test_addresses_are_those_that_people_know() -> None:
    places = {place.name: place for place in Layout(80, "full").machines}
    assert places["ctl02"].address == "10.80.0.12"
    assert (places["net01"].address, places["net01"].tunnel) == ("10.80.0.21", "10.80.1.21")
    assert places["cmp03"].tunnel == "10.80.1.33"
    assert places["ceph01"].address == "10.80.0.41"
    assert places["mon01"].address == "10.80.0.51"
    assert [name for name, place in places.items() if place.external] == ["net01", "net02"]
    assert Layout(80, "full").api_hosts == ("ctl01", "ctl02")
    assert Layout(80, "network").api_hosts == ("ctl01",)


def test_the_first_number_that_nothing_touches_is_taken() -> None:
    used = [IPv4Network("10.78.0.0/24"), IPv4Network("10.79.64.0/18"), IPv4Network("192.168.0.0/16")]
    assert network.free_number(used) == 80
    assert network.free_number([]) == 78


def test_a_route_to_everything_private_leaves_no_number() -> None:
    with pytest.raises(LabError, match="no network is free"):
        network.free_number([IPv4Network("10.0.0.0/8")])
