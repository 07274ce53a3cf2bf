"""Reading what callers send: the converters and validators of Neutron's attribute map.

A converter turns the wire's value into the model's and raises the 400 `InvalidInput` that neutron-lib's converters
raise; a validator raises `UnfitError` with the reason, which the body reader wraps into "Invalid input for NAME".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

from runbooks.simulator.http.call import ApiError
from runbooks.simulator.http.neutron.errors import invalid_input

Reader = Callable[[Any], Any]
"""From the wire's value to the model's."""

_TRUE = {"1", "t", "true", "on", "y", "yes"}
_FALSE = {"0", "f", "false", "off", "n", "no"}
_UUID = re.compile(r"^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$", re.IGNORECASE)
_MAC = re.compile(r"^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$", re.IGNORECASE)


class UnfitError(Exception):
    """A value that its validator refuses; the text is the reason."""


def anything(value: Any) -> Any:
    """No check at all."""
    return value


def boolean(value: Any) -> bool:
    """True and false in oslo's many spellings."""
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise invalid_input(f"'{value}' cannot be converted to boolean")


def boolean_or_none(value: Any) -> bool | None:
    """True, false, or null."""
    return None if value is None else boolean(value)


def integer(value: Any) -> int:
    """A number, also as text. Raises ApiError 400."""
    try:
        return int(value)
    except (ValueError, TypeError):
        raise invalid_input(f"'{value}' is not an integer") from None


def non_negative(value: Any) -> int:
    """A number from 0 up."""
    number = integer(value)
    if number < 0:
        raise UnfitError(f"'{number}' should be non-negative")
    return number


def text(value: Any, longest: int = 255) -> str:
    """Text of at most `longest` characters."""
    if not isinstance(value, str):
        raise UnfitError(f"'{value}' is not a valid string")
    if len(value) > longest:
        raise UnfitError(f"'{value}' exceeds maximum length of {longest}")
    return value


def text_or_none(value: Any) -> str | None:
    """Text of at most 255 characters, or null."""
    return None if value is None else text(value)


def description(value: Any) -> str:
    """A description, or a null that means none."""
    return text("" if value is None else value, 1024)


def uuid(value: Any) -> str:
    """A UUID, with or without dashes."""
    if not isinstance(value, str) or not _UUID.match(value):
        raise UnfitError(f"'{value}' is not a valid UUID")
    return value


def uuid_or_none(value: Any) -> str | None:
    """A UUID or null."""
    return None if value is None else uuid(value)


def address(value: Any) -> str:
    """An IPv4 or IPv6 address, in its usual form."""
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise UnfitError(f"'{value}' is not a valid IP address") from None


def address_or_none(value: Any) -> str | None:
    """An address or null."""
    return None if value is None else address(value)


def cidr(value: Any) -> str:
    """A network; host bits are cut off, as Neutron does."""
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except (ValueError, TypeError):
        raise invalid_input(f"{value} is not in a CIDR format") from None


def cidr_or_none(value: Any) -> str | None:
    """A network or null."""
    return None if value is None else cidr(value)


def mac(value: Any) -> str:
    """A MAC address, in lower case with colons."""
    if not isinstance(value, str) or not _MAC.match(value):
        raise UnfitError(f"'{value}' is not a valid MAC address")
    return value.lower().replace("-", ":")


def one_of(*choices: Any) -> Reader:
    """One of these words (or numbers)."""

    def read(value: Any) -> Any:
        if value not in choices:
            raise UnfitError(f"{value} is not in valid_values")
        return value

    return read


def ip_version(value: Any) -> int:
    """4 or 6."""
    number = integer(value)
    if number not in (4, 6):
        raise UnfitError(f"{number} is not in valid_values")
    return number


def list_of(read: Reader) -> Reader:
    """A list whose items `read` reads; null is an empty list."""

    def read_all(value: Any) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise UnfitError(f"'{value}' is not a list")
        return [read(item) for item in value]

    return read_all


def mapping(value: Any) -> dict[str, Any]:
    """An object; null is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UnfitError(f"'{value}' is not a dictionary")
    return value


def shape(required: Mapping[str, Reader], optional: Mapping[str, Reader]) -> Reader:
    """A dictionary with these keys, each read by its reader."""

    def read(value: Any) -> dict[str, Any]:
        found = mapping(value)
        missing = [key for key in required if key not in found]
        if missing:
            raise UnfitError(
                f"Validation of dictionary's keys failed. Expected keys: {set(required)} Provided keys: {found.keys()}"
            )
        odd = [key for key in found if key not in required and key not in optional]
        if odd:
            raise UnfitError(f"Unexpected keys supplied: {', '.join(sorted(odd))}")
        readers = {**required, **optional}
        return {key: readers[key](item) for key, item in found.items()}

    return read


fixed_ips = list_of(shape({}, {"subnet_id": uuid, "ip_address": address}))
pools = list_of(shape({"start": address, "end": address}, {}))
host_routes = list_of(shape({"destination": cidr, "nexthop": address}, {}))
address_pairs = list_of(shape({"ip_address": anything}, {"mac_address": mac}))


def gateway(value: Any) -> dict[str, Any] | None:
    """A router's `external_gateway_info`; null and {} both mean none."""
    if value is None or value == {}:
        return None
    read = shape(
        {"network_id": uuid}, {"external_fixed_ips": fixed_ips, "enable_snat": boolean, "qos_policy_id": uuid_or_none}
    )
    found: dict[str, Any] = read(value)
    return found


def ether_type(value: Any) -> str:
    """`IPv4` or `IPv6`, in any case."""
    for known in ("IPv4", "IPv6"):
        if str(value).lower() == known.lower():
            return known
    raise UnfitError(f"{value} is not in valid_values")


def protocol(value: Any) -> str | None:
    """A security group rule's protocol: a name in lower case, a number, or null for any."""
    if value is None or str(value).lower() == "any":
        return None
    word = str(value).lower()
    if word.lstrip("-").isdigit():
        if not 0 <= int(word) <= 255:
            raise _bad_protocol(value)
        return word
    if word not in PROTOCOLS:
        raise _bad_protocol(value)
    return word


PROTOCOLS = (
    *(
        "ah",
        "dccp",
        "egp",
        "esp",
        "gre",
        "hopopt",
        "icmp",
        "igmp",
        "ip",
        "ipip",
        "ipv6-encap",
        "ipv6-frag",
        "ipv6-icmp",
    ),
    *(
        "icmpv6",
        "ipv6-nonxt",
        "ipv6-opts",
        "ipv6-route",
        "ospf",
        "pgm",
        "rsvp",
        "sctp",
        "tcp",
        "udp",
        "udplite",
        "vrrp",
    ),
)


def _bad_protocol(value: Any) -> ApiError:
    names = [None, *PROTOCOLS]
    return ApiError(
        400,
        f"Security group rule protocol {value} not supported. Only protocol values {names} and integer "
        "representations [0 to 255] are supported.",
        kind="SecurityGroupRuleInvalidProtocol",
    )


def port_number(value: Any) -> int | None:
    """A port, ICMP type or ICMP code; null for all. Raises ApiError 400."""
    if value is None:
        return None
    try:
        number = int(value)
    except (ValueError, TypeError):
        number = -1
    if not 0 <= number <= 65535:
        raise ApiError(400, f"Invalid value for port {value}", kind="SecurityGroupInvalidPortValue")
    return number
