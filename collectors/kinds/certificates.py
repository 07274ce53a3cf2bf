"""The certificates that are served: for whom, by whom, until when, and what a client that verifies says of them.

The served one is looked at, not a file: after a renewal it is the service that must have been restarted. One address is
one row, however many endpoints share it.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Reading, Row, Scope, Wire
from collectors.kinds._shared import DAY, listed, word
from collectors.request import Certificates
from collectors.rollup import Worst
from collectors.values import age

SOON, VERY_SOON = 21 * DAY, 2 * DAY
"""Seconds before the end from which it is a warning, and critical. Renewing by hand takes days where people sign."""


class CertificateWire(Wire):
    """What one address serves."""

    address: str
    port: int
    used_by: tuple[str, ...] = ()
    error: str | None = None
    subject: str | None = None
    issuer: str | None = None
    names: tuple[str, ...] = ()
    not_before: float | None = None
    not_after: float | None = None
    serial: str | None = None
    self_signed: bool | None = None
    chain: int | None = None
    tls: str | None = None
    complaint: str | None = None
    mismatch: bool = False
    name_fits: bool | None = None


class Certificate(Row, frozen=True):
    """One address."""

    id: str
    address: str
    port: int
    not_after: float | None
    days_left: int | None
    subject: str | None
    issuer: str | None
    names: str | None
    self_signed: bool | None
    trusted: bool | None
    complaint: str | None
    name_fits: bool | None
    chain: int | None
    tls: str | None
    not_before: float | None
    serial: str | None
    used_by: str | None
    error: str | None


def row(wire: CertificateWire, reading: Reading) -> Certificate:
    """Whole days are counted down, as people do."""
    left = None if wire.not_after is None else int((wire.not_after - reading.now) // DAY)
    return Certificate(
        id=f"{wire.address}:{wire.port}",
        address=wire.address,
        port=wire.port,
        not_after=wire.not_after,
        days_left=left,
        subject=word(wire.subject),
        issuer=word(wire.issuer),
        names=listed(wire.names),
        self_signed=wire.self_signed,
        trusted=None if wire.error else wire.complaint is None,
        complaint=wire.complaint,
        name_fits=wire.name_fits,
        chain=wire.chain,
        tls=wire.tls,
        not_before=wire.not_before,
        serial=wire.serial,
        used_by=listed(wire.used_by),
        error=wire.error,
    )


def health(certificate: Certificate, now: float) -> Health:
    """The worst of its end, its names and its chain; an address without an answer is unknown."""
    if certificate.error is not None:
        return unknown(certificate.error)
    found = sorted(_complaints(certificate, now), key=lambda each: each.rank)
    return found[0] if found else OK


def _complaints(certificate: Certificate, now: float) -> Iterator[Health]:
    end, begin = certificate.not_after, certificate.not_before
    if end is None:
        yield unknown("it does not say until when it holds")
    elif end <= now:
        yield critical(f"expired {age(now - end)} ago")
    elif end - now < SOON:
        left = f"{int((end - now) // DAY)} days" if end - now >= 2 * DAY else age(end - now)
        text = f"expires in {left}"
        yield critical(text) if end - now < VERY_SOON else warning(text)
    if begin is not None and begin > now:
        yield critical(f"holds only in {age(begin - now)}: is a clock wrong?")
    if certificate.name_fits is False:
        yield critical(f"is not for {certificate.address}, but for {certificate.names or certificate.subject}")
    elif certificate.self_signed and certificate.complaint:
        yield warning("signed by itself: only clients that were given it trust it")
    elif certificate.complaint and not (end is not None and end <= now):
        alone = (
            ", and the server sends no chain"
            if certificate.chain == 1 and "local issuer" in certificate.complaint
            else ""
        )
        yield warning(f"clients that verify refuse it: {certificate.complaint}{alone}")


KIND = Kind(
    name="certificates",
    title="Certificates",
    aliases=("certificate", "certs", "tls"),
    about="one row per TLS address: whose certificate is served there, by whom, until when, and what is wrong",
    system="certificates",
    scope=Scope("region"),
    read=Certificates(),
    wire=CertificateWire,
    row=row,
    fields=Certificate,
    name_field="id",
    columns=(
        Column("id", "ADDRESS", "name", 1),
        Column("days_left", "DAYS LEFT", "number", 1),
        Column("subject", "SUBJECT", "text", 2),
        Column("issuer", "ISSUER", "text", 3),
        Column("trusted", "TRUSTED", "flag", 3, help="a client that verifies, with the CAs that we have, is content"),
        Column("used_by", "USED BY", "text", 4),
        Column("names", "NAMES", "text", 5, wide=True, help="that it holds for"),
        Column("not_after", "UNTIL", "time", 6, wide=True),
        Column("not_before", "FROM", "time", 6, wide=True),
        Column("self_signed", "SELF-SIGNED", "flag", 6, wide=True),
        Column("complaint", "COMPLAINT", "text", 6, wide=True, help="of a client that verifies, in OpenSSL's words"),
        Column("name_fits", "NAME FITS", "flag", 6, wide=True),
        Column("chain", "CHAIN", "number", 7, wide=True, help="certificates that the server sends"),
        Column("tls", "PROTOCOL", "text", 7, wide=True),
        Column("serial", "SERIAL", "id", 8, wide=True),
        Column("address", "HOST", "text", 8, wide=True),
        Column("port", "PORT", "number", 8, wide=True),
        Column("error", "ERROR", "text", 8, wide=True),
    ),
    sort=("days_left", "id"),
    health=health,
    rollup=Worst("certificates", "good", none="ok"),
    period=300.0,
    deadline=30.0,
    show_command="openssl s_client -connect {id} -servername {address}",
)
