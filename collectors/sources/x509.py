"""What a certificate says: for whom, by whom, from when until when. From its DER bytes, or from PEM text."""

from __future__ import annotations

from typing import Any

from collectors.whole import whole


def described(der: bytes) -> dict[str, Any]:
    """Names and dates of a certificate. Raises ValueError."""
    whole("cryptography.x509")
    from cryptography import x509

    return _told(x509.load_der_x509_certificate(der))


def described_pem(pem: bytes) -> dict[str, Any]:
    """The same of the first certificate in a PEM text; whether it is an authority's, too. Raises ValueError."""
    whole("cryptography.x509")
    from cryptography import x509

    certificate = x509.load_pem_x509_certificate(pem)
    try:
        authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        authority = False
    return _told(certificate) | {"authority": authority}


def _told(certificate: Any) -> dict[str, Any]:
    from cryptography import x509

    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = [*alternative.get_values_for_type(x509.DNSName)]
        names += [str(address) for address in alternative.get_values_for_type(x509.IPAddress)]
    except x509.ExtensionNotFound:
        names = []
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "names": names,
        "not_before": certificate.not_valid_before_utc.timestamp(),
        "not_after": certificate.not_valid_after_utc.timestamp(),
        "serial": f"{certificate.serial_number:x}",
        "self_signed": certificate.subject == certificate.issuer,
    }
