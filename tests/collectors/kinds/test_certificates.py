"""Certificates: ends, names, chains, and what is told first when several things are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.decode import rows_of
from collectors.kind import Reading
from collectors.kinds.certificates import KIND, Certificate, health
from collectors.sources.base import Page
from tests.collectors.kinds.host_recordings import NOW

DAY = 86400.0


def certificate(**fields: Any) -> Certificate:
    """One that is well, unless told otherwise."""
    values = {
        "address": "api.example.org", "port": 5000, "subject": "CN=api.example.org", "issuer": "CN=Example CA",
        "names": ["api.example.org"], "not_before": NOW - 10 * DAY, "not_after": NOW + 80.5 * DAY, "serial": "a1",
        "self_signed": False, "chain": 2, "tls": "TLSv1.3", "complaint": None, "mismatch": False, "name_fits": True,
        "used_by": ["keystone public", "keystone internal"],
    }  # fmt: skip
    (row,) = rows_of(Page(items=[values | fields]), KIND, Reading("certificates", NOW))
    assert isinstance(row, Certificate), row
    return row


def test_a_row() -> None:
    row = certificate()
    assert (row.id, row.days_left, row.trusted, row.used_by) == (
        "api.example.org:5000", 80, True, "keystone public, keystone internal",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "level", "reason"),
    [
        ({}, "ok", ""),
        ({"not_after": NOW + 22 * DAY}, "ok", ""),
        ({"not_after": NOW + 6.2 * DAY}, "warning", "expires in 6 days"),
        ({"not_after": NOW + 1.9 * DAY}, "critical", "expires in 45 h"),
        ({"not_after": NOW + 300}, "critical", "expires in 5 min"),
        ({"not_after": NOW - 40 * DAY, "complaint": "certificate has expired"}, "critical", "expired 40 d ago"),
        ({"not_before": NOW + 3600.0}, "critical", "holds only in 60 min: is a clock wrong?"),
        (
            {"complaint": "Hostname mismatch", "mismatch": True, "name_fits": False, "names": ["other.example"]},
            "critical",
            "is not for api.example.org, but for other.example",
        ),
        ({"self_signed": True}, "ok", ""),  # we were given it
        (
            {"self_signed": True, "complaint": "self-signed certificate"},
            "warning",
            "signed by itself: only clients that were given it trust it",
        ),
        (
            {"complaint": "unable to get local issuer certificate", "chain": 1},
            "warning",
            "clients that verify refuse it: unable to get local issuer certificate, and the server sends no chain",
        ),
        ({"complaint": "self-signed certificate in certificate chain"}, "warning",
         "clients that verify refuse it: self-signed certificate in certificate chain"),
        ({"error": "connection refused"}, "unknown", "connection refused"),
        ({"not_after": None}, "unknown", "it does not say until when it holds"),
    ],
)  # fmt: skip
def test_health(fields: dict[str, Any], level: str, reason: str) -> None:
    found = health(certificate(**fields), NOW)
    assert (found.level, found.reason) == (level, reason)


def lying(**fields: Any) -> Certificate:
    """A file that is well, unless told otherwise."""
    return certificate(
        **{"address": "ctl01", "host": "ctl01", "path": "/etc/haproxy/haproxy.pem", "port": None, "tls": None,
           "name_fits": None, "used_by": ["haproxy"]} | fields
    )  # fmt: skip


def test_a_file() -> None:
    row = lying(served_at=["10.0.0.10:443"])
    assert (row.id, row.where, row.loaded, row.trusted) == ("ctl01:/etc/haproxy/haproxy.pem", "file", True, None)
    assert lying().loaded is None
    assert certificate().where == "served"


@pytest.mark.parametrize(
    ("fields", "level", "reason"),
    [
        ({}, "ok", ""),
        ({"older_at": ["10.0.0.10:443"]}, "warning",
         "not loaded: 10.0.0.10:443 still serves an older one; reload its service"),
        ({"not_after": NOW + 6.2 * DAY}, "warning", "expires in 6 days"),
        ({"not_after": NOW - 40 * DAY}, "critical", "expired 40 d ago"),
        ({"not_after": NOW - 40 * DAY, "used_by": []}, "warning", "expired 40 d ago; no configuration names it"),
        ({"self_signed": True, "authority": True}, "ok", ""),
    ],
)  # fmt: skip
def test_health_of_a_file(fields: dict[str, Any], level: str, reason: str) -> None:
    found = health(lying(**fields), NOW)
    assert (found.level, found.reason) == (level, reason)


def test_a_served_one_that_ends_says_where_a_newer_one_lies() -> None:
    found = health(certificate(not_after=NOW + 6.2 * DAY, renewed_in=["ctl01:/a.pem"]), NOW)
    assert found.reason == "expires in 6 days; a newer one lies in ctl01:/a.pem: reload its service"
    found = health(certificate(not_after=NOW - DAY, renewed_in=["ctl01:/a.pem"]), NOW)
    assert (found.level, found.reason) == (
        "critical", "expired 24 h ago; a newer one lies in ctl01:/a.pem: reload its service",
    )  # fmt: skip
