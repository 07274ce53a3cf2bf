"""Real certificates: what openssl says of the served ones is what we say, healthy and expired."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.real import COMMAND, RealLab, until

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

DASHBOARD = 8443


def certificates(lab: RealLab, config: Path) -> dict[str, dict[str, Any]]:
    environ = lab.environment() | {"NEPHOSCOPE_CONFIG": str(config)}
    command = [COMMAND, "get", "certificates", "-o", "json"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return {row["id"]: row for row in json.loads(done.stdout)}


@pytest.fixture(scope="module")
def config(lab: RealLab) -> Iterator[Path]:
    """The lab's configuration with the dashboards among the addresses, whatever else it names."""
    told = (lab.state / "nephoscope.toml").read_text()
    addresses = [row["address"] for row in lab.get("hosts", "roles=storage")]
    found = lab.state / "nephoscope-certificates.toml"
    line = f"certificates = {{addresses = {json.dumps([f'{address}:{DASHBOARD}' for address in addresses])}}}\n"
    lines = [each for each in told.splitlines(keepends=True) if not each.startswith("certificates")]
    at = lines.index("[site.lab]\n") + 1
    found.write_text("".join([*lines[:at], line, *lines[at:]]))
    yield found
    found.unlink()


def openssl(lab: RealLab, address: str) -> dict[str, str]:
    """Serial and end of the certificate, as openssl on a host prints them; empty where nothing is served."""
    line = f"openssl s_client -connect {address} </dev/null 2>/dev/null | openssl x509 -noout -serial -enddate"
    told = lab.on("mon01", line, check=False)
    return dict(each.partition("=")[::2] for each in told.splitlines())


def test_certificates_are_those_that_openssl_sees(lab: RealLab, config: Path) -> None:
    rows = certificates(lab, config)
    assert rows
    served = 0
    for address, row in rows.items():
        theirs = openssl(lab, address)
        if not theirs:
            assert (row["health"], row["error"] is not None) == ("unknown", True)
            continue
        served += 1
        assert int(row["serial"], 16) == int(theirs["serial"], 16)
        assert row["self_signed"] is True
        assert (row["health"], "signed by itself" in row["reason"] or "is not for" in row["reason"]) != ("ok", False)
    assert served, "no dashboard answers: nothing was compared"


def test_an_expired_one_is_told(lab: RealLab, config: Path) -> None:
    with lab.broken("certificate-expired"):
        rows = until(
            lambda: [row for row in certificates(lab, config).values() if row["not_after"]],
            lambda found: bool(found) and all("expired 40 d ago" in row["reason"] for row in found),
        )
        assert {row["health"] for row in rows} == {"critical"}
    until(
        lambda: [row for row in certificates(lab, config).values() if row["not_after"]],
        lambda found: bool(found) and not any("expired" in row["reason"] for row in found),
    )
