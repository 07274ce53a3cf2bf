"""The plain part of Nova's driver of the lab: names, commands, and what a host remembers of a server."""

from __future__ import annotations

import pytest

from runbooks.lab.nova_driver import guest

CARD = guest.Card("0670fa49-dc70-47ab-a497-9cefd931779b", "fa:16:3e:01:02:03", 1450, "br-int")
LISTING = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: ens3@if9: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP mode DEFAULT group default qlen 1000\\    link/ether fa:16:3e:01:02:03 brd ff:ff:ff:ff:ff:ff link-netnsid 0
"""  # noqa: E501


def test_a_tap_is_called_as_neutron_expects() -> None:
    assert CARD.tap == "tap0670fa49-dc"


def test_cards_are_found_by_their_address() -> None:
    assert guest.cards_in(LISTING) == {"fa:16:3e:01:02:03": "ens3"}


def test_the_next_card_takes_the_first_free_name() -> None:
    assert guest.next_device([]) == "ens3"
    assert guest.next_device(["ens3", "ens5"]) == "ens4"


def test_a_plugged_card_says_whose_it_is() -> None:
    *_, last = guest.plug("instance-00000001", "a-uuid", CARD, "ens3")
    assert last[:6] == ("ovs-vsctl", "--timeout=30", "--may-exist", "add-port", "br-int", "tap0670fa49-dc")
    assert "external_ids:iface-id=0670fa49-dc70-47ab-a497-9cefd931779b" in last
    assert 'external_ids:attached-mac="fa:16:3e:01:02:03"' in last
    assert "external_ids:vm-uuid=a-uuid" in last


def test_a_card_has_its_address_and_size_before_the_switch_sees_it() -> None:
    commands = list(guest.plug("instance-00000001", "a-uuid", CARD, "ens3"))
    assert commands[0][:4] == ("ip", "link", "add", "tap0670fa49-dc")
    assert ("address", "fa:16:3e:01:02:03") in list(zip(commands[0], commands[0][1:], strict=False))
    assert commands[-1][0] == "ovs-vsctl"


def test_a_server_is_remembered() -> None:
    known = guest.Guest("a-uuid", "instance-00000001", "web-1", True)
    assert guest.remembered(known.text()) == known


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"uuid": "a"}'])
def test_a_damaged_memory_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        guest.remembered(text)
