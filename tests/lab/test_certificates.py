"""Real certificates: what openssl says of the served ones is what we say, healthy and expired."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lab.real import RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]


def certificates(lab: RealLab) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in lab.get("certificates")}


def openssl(lab: RealLab, address: str) -> dict[str, str]:
    """Serial and end of the certificate, as openssl on a host prints them; empty where nothing is served."""
    line = f"openssl s_client -connect {address} </dev/null 2>/dev/null | openssl x509 -noout -serial -enddate"
    told = lab.on("mon01", line, check=False)
    return dict(each.partition("=")[::2] for each in told.splitlines())


def test_certificates_are_those_that_openssl_sees(lab: RealLab) -> None:
    rows = certificates(lab)
    assert rows
    served = 0
    for address, row in rows.items():
        theirs = openssl(lab, address)
        if not theirs:
            assert (row["health"], row["error"] is not None) == ("unknown", True)
            continue
        served += 1
        assert int(row["serial"], 16) == int(theirs["serial"], 16)
        assert row["used_by"] == "Ceph dashboard"
        # By itself, but the site was given it.
        assert (row["self_signed"], row["trusted"], row["health"]) == (True, True, "ok")
    assert served, "no dashboard answers: nothing was compared"


def test_an_expired_one_is_told(lab: RealLab) -> None:
    with lab.broken("certificate-expired"):
        rows = until(
            lambda: [row for row in certificates(lab).values() if row["not_after"]],
            lambda found: bool(found) and all("expired 40 d ago" in row["reason"] for row in found),
        )
        assert {row["health"] for row in rows} == {"critical"}
    until(
        lambda: [row for row in certificates(lab).values() if row["not_after"]],
        lambda found: bool(found) and not any("expired" in row["reason"] for row in found),
    )
