"""Certificates as real handshakes show them: the simulator's front, and servers with something wrong."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from collectors.connections import Connections
from collectors.deadline import Deadline
from collectors.errors import SourceError
from collectors.request import Certificates
from collectors.site import CephDashboard, CephSite, CertificatesSite, Mon, Secret, Site
from collectors.sources.base import Where
from collectors.sources.certificate_probe import looked_at
from collectors.sources.tls import TlsSource
from runbooks.simulator.certificates import Authority
from tests.ground import Ground
from tests.ground import ground as ground
from tests.lab.told import rows_of

SECONDS = 3.0


NAMES = ["horizon.example", "192.0.2.10"]
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def signer() -> Authority:
    return Authority("example CA")


@contextmanager
def served(folder: Path, signer: Authority, *, chain: int = 2) -> Iterator[tuple[int, Path]]:
    """A TLS server with a certificate on 127.0.0.1 that ends in 30 days: its port, and the CA's file."""
    now = datetime.now(UTC)
    own, authority = signer.signed(NAMES[0], NAMES, now - DAY, now + 30 * DAY), signer.pem.encode()
    (folder / "server.pem").write_bytes(own + (authority if chain == 2 else b""))
    (folder / "ca.pem").write_bytes(authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with socket.create_server(("127.0.0.1", 0)) as sock:

        def serve() -> None:
            while True:
                try:
                    client, _ = sock.accept()
                except OSError:
                    return
                try:
                    context.wrap_socket(client, server_side=True).close()
                except OSError:
                    client.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield sock.getsockname()[1], folder / "ca.pem"
        sock.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def look(port: int, name: str, ca: Path | None = None) -> dict[str, object]:
    return looked_at("127.0.0.1", port, name, ca, SECONDS, Deadline(10))


def test_a_good_one_with_its_ca(tmp_path: Path, signer: Authority) -> None:
    with served(tmp_path, signer) as (port, ca):
        found = look(port, "horizon.example", ca)
        assert (found["complaint"], found["name_fits"], found["chain"]) == (None, True, 2)
        assert found["names"] == NAMES
        assert (found["subject"], found["issuer"]) == ("CN=horizon.example", "CN=example CA")
        end = found["not_after"]
        assert isinstance(end, float)
        assert abs(end - (datetime.now(UTC) + 30 * DAY).timestamp()) < 60
        assert found["self_signed"] is False


def test_what_a_strict_client_says(tmp_path: Path, signer: Authority) -> None:
    with served(tmp_path, signer) as (port, ca):
        wrong = look(port, "other.example", ca)
        assert (wrong["mismatch"], wrong["name_fits"]) == (True, False)
        strange = look(port, "horizon.example")
        assert "self-signed certificate in certificate chain" in str(strange["complaint"])
        assert strange["name_fits"] is None
        assert "our CA file" in str(look(port, "horizon.example", tmp_path / "none.pem")["complaint"])


def test_a_server_that_sends_no_chain(tmp_path: Path, signer: Authority) -> None:
    with served(tmp_path, signer, chain=1) as (port, _):
        found = look(port, "horizon.example")
        assert (found["chain"], found["complaint"]) == (1, "unable to get local issuer certificate")


def test_addresses_without_a_handshake() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        found = looked_at("127.0.0.1", port, "x", None, 0.5, Deadline(10))
        assert found == {"error": "no TLS handshake within 0.5 s"}
    assert "refused" in str(look(port, "x")["error"]).lower()


def test_the_simulators_certificates_healthy_and_expired(ground: Ground) -> None:
    front, *dashboards = sorted(
        rows_of(ground, "certificates", "where=served"), key=lambda row: str(row["used_by"]), reverse=True
    )
    assert (front["id"], front["used_by"]) == (f"{ground.vip}:8443", "the site's own list")
    assert [row["used_by"] for row in dashboards] == ["Ceph dashboard"] * 2
    for row in (front, *dashboards):
        assert row["days_left"] in (729, 730)
        assert (row["health"], row["trusted"], row["chain"]) == ("ok", True, 1)
    fault = ground.inject("certificate-expired")
    try:
        found = {row["id"]: (row["health"], row["reason"]) for row in rows_of(ground, "certificates")}
        assert found[front["id"]] == ("ok", "")
        assert {found[row["id"]] for row in dashboards} == {("critical", "expired 40 d ago")}
    finally:
        ground.ask("undo", id=fault)
    assert {row["health"] for row in rows_of(ground, "certificates")} == {"ok"}


def test_an_address_that_is_named_twice_is_one_row_with_the_ca_that_we_have(
    tmp_path: Path, signer: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "none.yaml"))
    with served(tmp_path, signer) as (port, ca):
        urls = (f"https://127.0.0.1:{port}", "http://127.0.0.1:1")
        dashboard = CephDashboard(urls, "viewer", Secret(lambda: "", "nowhere"), ca=ca)
        further = CertificatesSite((f"127.0.0.1:{port}",))
        site = Site("prod", ceph=CephSite((Mon("a", "a"),), dashboard=dashboard), certificates=further)
        pages = TlsSource(site, Connections(site)).read(Certificates(SECONDS), "certificates", Deadline(10), Where())
        found = [row for page in islice(pages, 2) for row in page.items]
        with pytest.raises(SourceError):
            next(pages)  # the catalogue of no cloud cannot be read
    assert [(row["port"], row["used_by"]) for row in found] == [(port, ["Ceph dashboard", "the site's own list"])]
    assert "match" in str(found[0]["complaint"])  # trusted, but for another name


def test_a_renewed_file_that_nobody_has_loaded(ground: Ground) -> None:
    """On the simulator: HAProxy's file on each controller, and the front on the virtual address."""

    def rows() -> dict[str, dict[str, object]]:
        return {str(row["id"]): row for row in rows_of(ground, "certificates")}

    path = "ctl01:/etc/kolla/haproxy/haproxy.pem"
    before = rows()
    front = next(row for row in before.values() if str(row["subject"]).startswith("CN=horizon"))
    assert (before[path]["loaded"], before[path]["used_by"], before[path]["health"]) == (True, "haproxy", "ok")
    assert before["ctl01:/etc/kolla/haproxy/ca-certificates/root.crt"]["authority"] is True
    fault = ground.inject("certificate-not-loaded")
    try:
        found = rows()
        assert (found[path]["loaded"], found[path]["health"]) == (False, "warning")
        assert str(found[path]["reason"]).startswith(f"not loaded: {front['id']} still serves an older one")
        assert path in str(found[str(front["id"])]["renewed_in"])
    finally:
        ground.ask("undo", id=fault)
    after = rows()[path]
    assert (after["loaded"], after["health"]) == (True, "ok")
    assert after["serial"] != before[path]["serial"]
