"""Security groups: what is open to everybody."""

from __future__ import annotations

from typing import Any

import pytest

from tests.collectors.kinds.recordings import joined, row, rows


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
