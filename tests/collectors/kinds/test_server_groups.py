"""Server groups: whether their policy holds, from where the members are."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from collectors import registry
from tests.collectors.kinds.recordings import decoded, joined, rows, verdict


class Placed(NamedTuple):
    """Of a server, what the kind looks at."""

    host: str | None


def group(policy: str, *hosts: str | None, most: int | None = None) -> Any:
    """A group whose members are on these hosts."""
    servers = {f"s{number}": Placed(host) for number, host in enumerate(hosts)}
    found = {"id": "g", "policy": policy, "members": list(servers), "rules": {"max_server_per_host": most}}
    (made,) = decoded(registry.kind("server-groups"), [found], joins={"servers": servers})
    return made


def test_the_recorded_group_without_its_servers_is_not_known_to_hold() -> None:
    (found,) = rows("server-groups")
    made: Any = found
    assert (made.name, made.policy, made.members, made.hosts) == ("apart", "soft-anti-affinity", 3, None)
    assert verdict(made, "server-groups") == ("unknown", "where its members are is not known")


def test_members_that_are_gone_are_nowhere() -> None:
    (found,) = rows("server-groups", joins=joined("servers"))
    made: Any = found
    assert made.hosts is None
    assert verdict(made, "server-groups")[0] == "unknown"


@pytest.mark.parametrize(
    ("made", "hosts", "expected"),
    [
        (group("anti-affinity", "cmp01", "cmp02"), "cmp01, cmp02", ("ok", "")),
        (group("anti-affinity", "cmp01", "cmp01", "cmp02"), "cmp01 (2), cmp02",
         ("critical", "anti-affinity does not hold: 2 on cmp01")),
        (group("anti-affinity", "cmp01", "cmp01", most=2), "cmp01 (2)", ("ok", "")),
        (group("anti-affinity", "cmp01", "cmp01", "cmp01", most=2), "cmp01 (3)",
         ("critical", "anti-affinity does not hold: 3 on cmp01")),
        (group("soft-anti-affinity", "cmp01", "cmp01"), "cmp01 (2)",
         ("warning", "soft-anti-affinity does not hold: 2 on cmp01")),
        (group("affinity", "cmp01", "cmp01"), "cmp01 (2)", ("ok", "")),
        (group("affinity", "cmp02", "cmp01"), "cmp01, cmp02",
         ("critical", "affinity does not hold: on 2 hosts: cmp01, cmp02")),
        (group("soft-affinity", "cmp02", "cmp01"), "cmp01, cmp02",
         ("warning", "soft-affinity does not hold: on 2 hosts: cmp01, cmp02")),
        (group("anti-affinity", "cmp01", None), "cmp01", ("ok", "")),
    ],
)  # fmt: skip
def test_whether_it_holds(made: Any, hosts: str, expected: tuple[str, str]) -> None:
    assert made.hosts == hosts
    assert verdict(made, "server-groups") == expected


def test_policies_were_a_list_before() -> None:
    (made,) = decoded(registry.kind("server-groups"), [{"id": "g", "policies": ["affinity"], "members": []}])
    assert (made.policy, verdict(made, "server-groups")) == ("affinity", ("ok", ""))  # type: ignore[union-attr]
