"""Floating IPs: led to a port, and away from it. The address itself stays its project's."""

from __future__ import annotations

from typing import Any

from collectors.call import RestCall, path
from collectors.snapshot import OddRow
from runbooks.expect import Expect
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Parameter,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    is_unknown,
    work,
)

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def _put(asked: Asked, port: str | None, fixed: str = "") -> RestCall:
    body: dict[str, Any] = {"port_id": port} | ({"fixed_ip_address": fixed} if fixed else {})
    return RestCall("network", "PUT", path("/floatingips/{}", asked.identity), {"floatingip": body})


def _back(asked: Asked) -> Inverse:
    """To where it leads now."""
    if not asked.row.port_id:
        return Inverse("floating-ip.disassociate", asked.identity)
    values = {"port": asked.row.port_id, "fixed": asked.row.fixed_ip_address or ""}
    return Inverse("floating-ip.associate", asked.identity, values, "leads it back; connections through it were cut")


def _associate(asked: Asked) -> Work:
    port, fixed = asked.values["port"], asked.values["fixed"]
    option = f" --fixed-ip-address {fixed}" if fixed else ""
    where = f"port_id={port}" + (f" fixed_ip_address={fixed}" if fixed else "")
    stops = f"connections to {asked.row.fixed_ip_address} through it are cut" if asked.row.port_id else "nothing"
    return work(
        Step(
            f"lead {asked.name} to {fixed or port}",
            _put(asked, port, fixed),
            f"openstack floating ip set --port {port}{option} {asked.identity}",
            Expect("floating-ips", asked.identity, where),
        ),
        stops=stops,
        inverse=_back(asked),
    )


def _disassociate(asked: Asked) -> Work:
    return work(
        Step(
            f"let {asked.name} lead nowhere",
            _put(asked, None),
            f"openstack floating ip unset --port {asked.identity}",
            Expect("floating-ips", asked.identity, "port_id="),
        ),
        stops=f"{asked.row.fixed_ip_address} is not reached through {asked.name} any more, and its connections are cut",
        inverse=_back(asked),
    )


def _port(asked: Asked) -> Verdict:
    """The port is there, has that address, and no other floating IP leads to it."""
    port, fixed = asked.values["port"], asked.values["fixed"]
    found = asked.cloud.fresh_row("ports", port)
    if not found.rows:
        return is_closed("there is no such port")
    row: Any = found.rows[0]
    if isinstance(row, OddRow):
        return is_unknown(row.reason)
    addresses = [each.strip() for each in (row.fixed_ips or "").split(",")]
    four = [address for address in addresses if "." in address]
    if fixed and fixed not in addresses:
        return is_closed(f"the port has no {fixed}: it has {', '.join(addresses)}")
    if not fixed and len(four) != 1:
        return is_closed(f"the port has {len(four)} IPv4 addresses: say which, fixed=…")
    others = [
        other.floating_ip_address
        for other in asked.cloud.rows("floating-ips", query=(("port_id", port),))
        if other.id != asked.identity and other.port_id == port and other.fixed_ip_address == (fixed or four[0])
    ]
    if others:
        return is_closed(f"{others[0]} leads to it already: disassociate that first")
    return is_open(f"the port is there, with {fixed or four[0]}")


OPERATIONS = (
    Operation(
        name="floating-ip.associate",
        kind="floating-ips",
        title="lead {floating_ip_address} to a port",
        about="lead it to a port's address, from wherever it leads now",
        risk="R2",
        parameters=(
            Parameter("port", "id of the port", pattern=UUID),
            Parameter("fixed", "which of the port's addresses, where it has several", "", pattern=r"[0-9.]{0,15}"),
        ),
        guards=(Guard("port", _port, "the port is there, and no other floating IP leads to its address"),),
        work=_associate,
    ),
    Operation(
        name="floating-ip.disassociate",
        kind="floating-ips",
        title="let {floating_ip_address} lead nowhere",
        about="lead it away from its port; the project keeps the address",
        risk="R2",
        closed=lambda row: "" if row.port_id else "leads nowhere already",
        work=_disassociate,
    ),
)
