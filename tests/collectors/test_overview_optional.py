"""Services that many clouds lack: the overview is silent about them until this cloud is known to have one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from collectors.errors import BadConfiguration, NotOffered, Refused, SourceError, TooLate, Unreachable
from collectors.overview import overview
from collectors.request import Ovn, Rest
from collectors.rollup import Share
from collectors.snapshot import Snapshot
from tests.rows import NOW
from tests.systems import COMPUTE, kind, rows, seen

DNS = replace(kind("dns-services", "dns", Share("DNS services", "up")), optional=True, read=Rest("dns", "/s", "s"))
SAID = {COMPUTE.name: seen(COMPUTE, rows("cmp01"))}
MISSING = NotOffered("dns", "the catalogue has no dns in region RegionOne")
LOGIN = Unreachable("identity at http://vip:5000", "connection refused")


OVN = replace(kind("ovn-chassis", "ovn", Share("chassis", "alive")), optional=True, read=Ovn("chassis"))


def systems(*, dns: Snapshot | None = None) -> list[str]:
    found = overview([COMPUTE, DNS], SAID | ({DNS.name: dns} if dns else {}), NOW)
    return [each.system for each in found.systems]


def test_not_read_yet_is_nothing_to_tell() -> None:
    assert systems() == ["compute"]


@pytest.mark.parametrize(
    "error",
    [MISSING, LOGIN, TooLate("dns", "did not finish within 20 s")],
    ids=["not in the catalogue", "Keystone does not answer", "Keystone hangs before the address is known"],
)
def test_what_this_cloud_may_not_have_is_nothing_to_tell(error: SourceError) -> None:
    assert systems(dns=seen(DNS, at=0.0, error=error)) == ["compute"]


@pytest.mark.parametrize(
    "error",
    [Unreachable("dns at http://vip:9001", "connection refused"), Refused("dns at http://vip:9001", "403 no")],
)
def test_a_service_that_fails_in_its_own_name_is_there(error: SourceError) -> None:
    assert systems(dns=seen(DNS, at=0.0, error=error)) == ["dns", "compute"]


def test_a_service_that_answered_is_told_also_when_keystone_fails_later() -> None:
    assert systems(dns=seen(DNS, rows("ctl01"))) == ["compute", "dns"]
    assert "dns" in systems(dns=seen(DNS, rows("ctl01"), error=LOGIN))


def test_an_empty_answer_is_an_answer() -> None:
    assert "dns" in systems(dns=seen(DNS, at=NOW))


def test_what_every_cloud_has_is_told_before_it_is_read() -> None:
    assert [each.system for each in overview([COMPUTE], {}, NOW).systems] == ["compute"]


def test_what_the_site_names_is_there_although_it_never_answered() -> None:
    def told(error: SourceError) -> list[str]:
        said = SAID | {OVN.name: seen(OVN, at=0.0, error=error)}
        return [each.system for each in overview([COMPUTE, OVN], said, NOW).systems]

    assert told(Unreachable("OVN_Southbound", "none of 3 members takes part in its cluster")) == ["ovn", "compute"]
    assert told(BadConfiguration("ovn", "the site says nothing about it")) == ["compute"]
