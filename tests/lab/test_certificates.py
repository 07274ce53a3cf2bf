"""Real certificates: what openssl says of the served ones is what we say, healthy and expired."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lab.real import RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]


def certificates(lab: RealLab) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in lab.get("certificates", "where=served")}


def files(lab: RealLab) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in lab.get("certificates", "where=file")}


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


def test_files_are_those_that_openssl_reads(lab: RealLab) -> None:
    found = files(lab)
    assert found, "no host has a certificate file: nothing was compared"
    for row in found.values():
        told = lab.on(row["host"], f"openssl x509 -in {row['path']} -noout -serial")
        assert int(row["serial"], 16) == int(told.partition("=")[2], 16)
        count = lab.on(row["host"], f"grep -c 'BEGIN CERTIFICATE' {row['path']}")
        assert row["chain"] == int(count)


def test_a_file_that_was_renewed_and_not_loaded(lab: RealLab) -> None:
    path = "/etc/ceph/dashboard.crt"
    row = next(row for row in files(lab).values() if row["path"] == path)
    host, served = row["host"], row["served_at"]
    assert (row["loaded"], row["health"]) == (True, "ok")
    names = "subjectAltName=DNS:ceph01,DNS:ceph02"
    lab.on(host, f"cp -p {path} {path}.before")
    try:
        lab.on(host, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null "
                     f"-days 700 -subj /CN=ceph-dashboard -addext {names} -out {path} 2>&1")  # fmt: skip
        row = files(lab)[f"{host}:{path}"]
        assert (row["loaded"], row["older_at"], row["health"]) == (False, served, "warning")
        assert f"not loaded: {served} still serves an older one" in row["reason"]
        assert f"{host}:{path}" in certificates(lab)[served]["renewed_in"]
    finally:
        lab.on(host, f"mv {path}.before {path}")
    assert files(lab)[f"{host}:{path}"]["loaded"] is True
