"""Certificates, served and in files: for whom, by whom, until when, and what a client that verifies says of them.

The served one is what counts; a file is one more row, and is told when its service still serves an older one: after a
renewal somebody must have reloaded it. One address is one row, however many endpoints share it.
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
    """What one address serves, or one file of a host holds."""

    address: str
    port: int | None = None
    host: str | None = None
    path: str | None = None
    written: float | None = None
    authority: bool | None = None
    served_at: tuple[str, ...] = ()
    older_at: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    renewed_in: tuple[str, ...] = ()
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
    """One address, or one file."""

    id: str
    where: str
    address: str
    port: int | None
    host: str | None
    path: str | None
    written: float | None
    authority: bool | None
    loaded: bool | None
    served_at: str | None
    older_at: str | None
    files: str | None
    renewed_in: str | None
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
    lies = wire.path is not None
    return Certificate(
        id=f"{wire.host}:{wire.path}" if lies else f"{wire.address}:{wire.port}",
        where="file" if lies else "served",
        address=wire.address,
        port=wire.port,
        host=word(wire.host),
        path=word(wire.path),
        written=wire.written,
        authority=wire.authority,
        loaded=False if wire.older_at else True if wire.served_at else None,
        served_at=listed(wire.served_at) or None,
        older_at=listed(wire.older_at) or None,
        files=listed(wire.files) or None,
        renewed_in=listed(wire.renewed_in) or None,
        not_after=wire.not_after,
        days_left=left,
        subject=word(wire.subject),
        issuer=word(wire.issuer),
        names=listed(wire.names),
        self_signed=wire.self_signed,
        trusted=None if wire.error or lies else wire.complaint is None,
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
        newer = f"; a newer one lies in {certificate.renewed_in}: reload its service" if certificate.renewed_in else ""
        expired = f"expired {age(now - end)} ago{newer}"
        unused = certificate.where == "file" and not certificate.used_by and not certificate.served_at
        yield warning(f"{expired}; no configuration names it") if unused else critical(expired)
    elif end - now < SOON:
        left = f"{int((end - now) // DAY)} days" if end - now >= 2 * DAY else age(end - now)
        newer = f"; a newer one lies in {certificate.renewed_in}: reload its service" if certificate.renewed_in else ""
        text = f"expires in {left}{newer}"
        yield critical(text) if end - now < VERY_SOON else warning(text)
    if begin is not None and begin > now:
        yield critical(f"holds only in {age(begin - now)}: is a clock wrong?")
    if certificate.older_at:
        yield warning(f"not loaded: {certificate.older_at} still serves an older one; reload its service")
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
    about="one row per TLS address and certificate file: whose, until when, what is wrong, whether loaded",
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
        Column("where", "WHERE", "text", 4, help="served: as clients get it; file: on a host"),
        Column("loaded", "LOADED", "flag", 4, help="of a file: it is the one that is served; no: an older one is"),
        Column("names", "NAMES", "text", 5, wide=True, help="that it holds for"),
        Column("not_after", "UNTIL", "time", 6, wide=True),
        Column("not_before", "FROM", "time", 6, wide=True),
        Column("self_signed", "SELF-SIGNED", "flag", 6, wide=True),
        Column("complaint", "COMPLAINT", "text", 6, wide=True, help="of a client that verifies, in OpenSSL's words"),
        Column("name_fits", "NAME FITS", "flag", 6, wide=True),
        Column(
            "chain", "CHAIN", "number", 7, wide=True, help="certificates that the server sends, or that the file holds"
        ),
        Column("tls", "PROTOCOL", "text", 7, wide=True),
        Column("served_at", "SERVED AT", "text", 6, wide=True, help="of a file: addresses that serve it"),
        Column("older_at", "OLDER AT", "text", 6, wide=True, help="of a file: addresses that serve an older one"),
        Column("files", "FILES", "text", 6, wide=True, help="of a served one: the files that hold it"),
        Column("renewed_in", "RENEWED IN", "text", 6, wide=True, help="of a served one: files with a newer one"),
        Column("authority", "AUTHORITY", "flag", 7, wide=True, help="of a file: it signs others"),
        Column("written", "WRITTEN", "time", 7, wide=True, help="of a file"),
        Column("path", "PATH", "text", 8, wide=True),
        Column("host", "ON HOST", "ref", 8, wide=True, help="of a file"),
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
    show_command="openssl s_client -connect {address}:{port} -servername {address}",
)
