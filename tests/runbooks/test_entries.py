"""Commands of operations: what fills them in, what is refused, and how somebody would type them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import runbooks.operations
from collectors.errors import UsageError
from runbooks.command_words import exact
from runbooks.operations.entries import as_typed, host_call

DRAIN = {"socket": "/run/haproxy/admin.sock", "backend": "glance", "server": "ctl02", "state": "drain"}


def test_what_is_put_in_is_filled_in_like_the_words() -> None:
    call = host_call("ctl01", "haproxy-server-state", **DRAIN)
    assert call.words == ("socat", "-t3", "-", "UNIX-CONNECT:/run/haproxy/admin.sock")
    assert call.input == "set server glance/ctl02 state drain"
    assert exact(call).endswith(" < 'set server glance/ctl02 state drain'")
    assert as_typed(call) == (
        "ssh ctl01 'echo '\"'\"'set server glance/ctl02 state drain'\"'\"' | sudo socat -t3 -"
        " UNIX-CONNECT:/run/haproxy/admin.sock'"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("backend", "glance; shutdown sessions server glance"),
        ("backend", "glance\nset server glance"),
        ("server", "ctl02 state maint"),
        ("state", "stop"),
        ("socket", "relative/admin.sock"),
        ("socket", "/run/a.sock,fork"),
    ],
)
def test_nothing_else_gets_to_the_socket(name: str, value: str) -> None:
    with pytest.raises(UsageError):
        host_call("ctl01", "haproxy-server-state", **(DRAIN | {name: value}))


@pytest.mark.parametrize("weight", ["0", "257", "-1", "50%", "1.5", ""])
def test_a_weight_is_a_whole_number_up_to_256(weight: str) -> None:
    given = {"socket": "/run/haproxy/admin.sock", "backend": "b", "server": "s", "weight": weight}
    with pytest.raises(UsageError):
        host_call("ctl01", "haproxy-server-weight", **given)


@pytest.mark.parametrize("name", ["qdhcp-1", "default", "qrouter-../x", "ovnmeta-11111111-2222-4333-8444-555555555555"])
def test_only_namespaces_of_networks_and_routers_are_deleted(name: str) -> None:
    with pytest.raises(UsageError):
        host_call("net01", "namespace-delete", namespace=name)


@pytest.mark.parametrize("address", ["10.0.0.1", "10.0.0.1:11211,fork", "EXEC:sh:1", "a b:1"])
def test_a_cache_is_an_address_with_a_port(address: str) -> None:
    with pytest.raises(UsageError):
        host_call("ctl01", "memcached-flush", address=address)


def test_addresses_of_both_families() -> None:
    assert host_call("c", "memcached-flush", address="10.0.0.1:11211").words[-1] == "TCP:10.0.0.1:11211"
    assert host_call("c", "memcached-flush", address="[fd00::1]:11211").words[-1] == "TCP:[fd00::1]:11211"


@pytest.mark.parametrize("file", ["commands.yaml", "statements.yaml"])
def test_nothing_is_named_twice(file: str) -> None:
    text = Path(runbooks.operations.__path__[0], file).read_text()
    names = re.findall(r"^([a-z][a-z0-9-]*):", text, re.M)
    assert sorted(names) == sorted(set(names)), "YAML takes the last one and says nothing"
