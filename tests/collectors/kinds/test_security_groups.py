"""Security groups: what is open to everybody."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import joined, row, rows, verdict


def test_the_recorded_groups() -> None:
    found: list[Any] = rows("security-groups", joins=joined("projects"))
    default = next(group for group in found if group.project == "admin")
    assert (default.name, default.rules, default.stateful) == ("default", 6, True)
    assert default.open_to_all == "tcp, icmp"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], None),
        ([{"direction": "egress", "protocol": None}], None),
        ([{"direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}], "tcp/22"),
        ([{"direction": "ingress", "protocol": "udp", "port_range_min": 1, "port_range_max": 9}], "udp/1-9"),
        ([{"direction": "ingress", "protocol": "tcp", "port_range_min": 80}], "tcp/80"),
        ([{"direction": "ingress", "protocol": None}], "everything"),
        ([{"direction": "ingress", "protocol": "icmp", "port_range_min": 8, "port_range_max": 0}], "icmp"),
        ([{"direction": "ingress", "protocol": "tcp", "remote_group_id": "g"}], None),
        ([{"direction": "ingress", "protocol": "tcp", "remote_address_group_id": "g"}], None),
        ([{"direction": "ingress", "protocol": "tcp", "remote_ip_prefix": "10.0.0.0/8"}], None),
        ([{"direction": "ingress", "protocol": "tcp", "remote_ip_prefix": prefix} for prefix in ("0.0.0.0/0", "::/0")],
         "tcp"),
    ],
)  # fmt: skip
def test_what_is_open_to_everybody(rules: list[dict[str, Any]], expected: str | None) -> None:
    made = row("security-groups", id="g", security_group_rules=rules)
    assert (made.open_to_all, made.rules) == (expected, len(rules))


def test_the_recorded_rules() -> None:
    found: list[Any] = rows("security-group-rules", joins=joined("security-groups"))
    ssh = next(one for one in found if one.opens.startswith("tcp"))
    assert (ssh.direction, ssh.ethertype, ssh.remote, ssh.members, ssh.group) == (
        "ingress", "IPv4", "0.0.0.0/0", None, "the-parent",
    )  # fmt: skip
    own = next(one for one in found if one.remote_group_id)
    assert (own.remote_group, own.remote, own.opens) == ("default", None, "everything")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("ok", "")),
        ({"remote_group_id": "g", "members": [{"id": "p"}]}, ("ok", "")),
        (
            {"remote_group_id": "g", "members": []},
            ("warning", "lets in the members of g, and no port is in it"),
        ),
        (
            {"remote_group_id": "g", "members": [], "direction": "egress"},
            ("warning", "lets out to the members of g, and no port is in it"),
        ),
        (
            {"remote_group_id": "the-parent", "members": []},
            ("ok", "for its own members, and nobody is in the group"),
        ),
        (
            {"remote_group_id": "g", "members_refused": "500"},
            ("unknown", "who is in g cannot be read: 500"),
        ),
    ],
)
def test_a_rule_for_the_members_of_a_group(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert verdict(row("security-group-rules", id="r", **fields), "security-group-rules") == expected
