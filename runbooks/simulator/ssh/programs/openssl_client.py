"""`openssl s_client -connect HOST:PORT`: the handshake with what the simulator really serves there.

Standard input is what would be sent; it ends at once, so the connection does, too. Recorded from OpenSSL 3.0.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from runbooks.simulator.ssh import files, tls
from runbooks.simulator.ssh.program import Call, decode
from runbooks.simulator.ssh.programs.ping import resolve
from runbooks.simulator.ssh.web import connected, tls_server

_FLAGS = ("-showcerts", "-verify_return_error", "-tls1_2", "-tls1_3", "-quiet", "-no_ign_eof")
_VALUED = ("-connect", "-CAfile", "-servername", "-host", "-port", "-verify", "-CApath", "-alpn")
_THREAD = "40C7A8A4A77F0000"
_TAIL = (
    "Secure Renegotiation IS NOT supported\nCompression: NONE\nExpansion: NONE\nNo ALPN negotiated\n"
    "Early data was not sent\n"
)


def s_client(call: Call, words: list[str]) -> int:
    """One handshake; 1 when there is none, or when it is refused by `-verify_return_error`."""
    given: dict[str, str] = {}
    while words:
        word, words = words[0], words[1:]
        if word in _FLAGS:
            given[word] = ""
        elif word in _VALUED and words:
            given[word], words = words[0], words[1:]
        elif word in _VALUED:
            return call.fail(f"s_client: Option {word} needs a value\ns_client: Use -help for summary.")
        else:
            return call.fail(f"s_client: Unknown option: {word}\ns_client: Use -help for summary.")
    name, _, port = given.get("-connect", "localhost:4433").rpartition(":")
    name, number = (name, port) if name else (port, "4433")
    target = resolve(call, name)
    if not target:
        return call.fail(f"{_THREAD}:error:10080002:BIO routines:BIO_lookup_ex:system lib:../crypto/bio/bio_addr.c:746:"
                         "Name or service not known\nconnect:errno=0")  # fmt: skip
    met = connected(call, target, int(number) if number.isdigit() else 0)
    if met.how != "answers":
        call.wait(0.0 if met.how == "refuses" else 134.0)
        errno, why = (111, "Connection refused") if met.how == "refuses" else (110, "Connection timed out")
        code = 0x80000000 | errno
        return call.fail(
            f"{_THREAD}:error:{code:08X}:system library:BIO_connect:{why}:../crypto/bio/bio_sock2.c:117:calling "
            f"connect()\n{_THREAD}:error:10000067:BIO routines:BIO_connect:connect error:../crypto/bio/bio_sock2.c:119:"
            f"\nconnect:errno={errno}"
        )
    served = tls_server(call.place.cloud, target, int(number))
    if not served:
        return _no_tls(call)
    trusted = ""
    if path := given.get("-CAfile"):
        content = files.read(call.place, path)
        if isinstance(content, str):
            return call.fail(f"{_THREAD}:error:80000002:system library:file_open:{content}:../providers/"
                             f"implementations/storemgmt/file_store.c:266:calling stat({path})")  # fmt: skip
        trusted = decode(content)
    pem = call.place.cloud.secrets.authority.served(served)
    return _spoken(call, tls.certificates(pem)[0], trusted, given)


def _no_tls(call: Call) -> int:
    """Somebody answers there, but not in TLS."""
    call.fail(f"{_THREAD}:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:"
              "../ssl/record/ssl3_record.c:350:")  # fmt: skip
    call.print(
        "CONNECTED(00000003)\n---\nno peer certificate available\n---\nNo client certificate CA names sent\n---\n"
        "SSL handshake has read 5 bytes and written 297 bytes\nVerification: OK\n---\nNew, (NONE), Cipher is (NONE)\n"
        + _TAIL
        + "Verify return code: 0 (ok)\n---"
    )
    return 1


def _verified(call: Call, found: x509.Certificate, trusted: str, *, strict: bool) -> int:
    """Say what verification finds, one error after the other; the last one's number."""
    subject, first = f"depth=0 {tls.name_text(found.subject)}", tls.code(found, trusted)
    lines, last = ["Can't use SSL_get_servername"], 0
    if first != tls.LOCAL_ISSUER:
        lines += [f"depth=1 {tls.name_text(found.issuer)}", "verify return:1"]
    errors = [tls.LOCAL_ISSUER, 21] if first == tls.LOCAL_ISSUER else []
    moment = ""
    if aged := tls.age(found):
        errors.append(aged)
        moment = f"notAfter={tls.moment(found.not_valid_after_utc)}"
    for number in errors:
        last = number
        lines += [subject, f"verify error:num={number}:{tls.CODES[number]}"]
        lines += [moment] if number == tls.EXPIRED else []
        if strict:
            call.fail("\n".join(lines))
            return last
        lines.append("verify return:1")
    lines += [subject, *([moment] if moment else []), "verify return:1"]
    call.fail("\n".join(lines))
    return last


def _spoken(call: Call, found: x509.Certificate, trusted: str, given: dict[str, str]) -> int:
    strict = "-verify_return_error" in given
    code = _verified(call, found, trusted, strict=strict)
    ended = strict and code != 0
    if ended:
        call.fail(f"{_THREAD}:error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify "
                  "failed:../ssl/statem/statem_clnt.c:1889:")  # fmt: skip
    pem = found.public_bytes(serialization.Encoding.PEM).decode()
    subject, issuer = tls.name_text(found.subject), tls.name_text(found.issuer)
    chain = (
        f"CONNECTED(00000003)\n---\nCertificate chain\n 0 s:{subject}\n   i:{issuer}\n"
        "   a:PKEY: id-ecPublicKey, 256 (bit); sigalg: ecdsa-with-SHA256\n"
        f"   v:NotBefore: {tls.moment(found.not_valid_before_utc)}; NotAfter: {tls.moment(found.not_valid_after_utc)}\n"
    )
    shown = "-showcerts" in given
    own = "no peer certificate available\n---\n" if ended else (
        f"Server certificate\n{'' if shown else pem}subject={subject}\nissuer={issuer}\n---\n"
    )  # fmt: skip
    peer = "" if ended else "Peer signing digest: SHA256\nPeer signature type: ECDSA\n"
    read = 370 + len(found.public_bytes(serialization.Encoding.DER))
    sizes = f"SSL handshake has read {read} bytes and written {304 if ended else 377} bytes"
    verified = f"Verification error: {tls.CODES[code]}" if code else "Verification: OK"
    call.print(
        f"{chain}{pem if shown else ''}---\n{own}No client certificate CA names sent\n{peer}"
        f"Server Temp Key: X25519, 253 bits\n---\n{sizes}\n{verified}\n---\n"
        f"New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384\n{'' if ended else 'Server public key is 256 bit' + chr(10)}"
        f"{_TAIL}Verify return code: {code} ({tls.CODES[code]})\n---"
    )
    if ended:
        return 1
    call.fail("DONE")
    return 0
