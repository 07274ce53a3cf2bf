"""Certificates as real handshakes show them: the simulator's front, and servers with something wrong."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collectors.deadline import Deadline
from collectors.sources.certificate_probe import looked_at
from runbooks.simulator.clock import Clock
from runbooks.simulator.http.horizon import certificate
from runbooks.simulator.ids import Seed
from runbooks.simulator.layout import Layout
from runbooks.simulator.model.cloud import Cloud, build
from tests.ground import Ground
from tests.ground import ground as ground
from tests.lab.told import rows_of

SECONDS = 3.0


@pytest.fixture(scope="module")
def cloud() -> Cloud:
    return build(Layout(net=212, computes=1), Seed(), Clock(), servers=1)


@contextmanager
def served(folder: Path, cloud: Cloud, *, chain: int = 2) -> Iterator[tuple[int, Path]]:
    """A TLS server with the model's certificate on 127.0.0.1: its port, and the CA's file."""
    pem, key = certificate(cloud)
    mark = b"-----BEGIN CERTIFICATE-----"
    leaf, authority = (mark + part for part in pem.split(mark)[1:])
    (folder / "server.pem").write_bytes(key + leaf + (authority if chain == 2 else b""))
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


def test_a_good_one_with_its_ca(tmp_path: Path, cloud: Cloud) -> None:
    with served(tmp_path, cloud) as (port, ca):
        found = look(port, "horizon.regionone.example", ca)
        assert (found["complaint"], found["name_fits"], found["chain"]) == (None, True, 2)
        assert found["names"] == ["horizon.regionone.example", cloud.layout.vip]
        assert (found["subject"], found["issuer"]) == ("CN=horizon.regionone.example", "CN=RegionOne CA")
        end = found["not_after"]
        assert isinstance(end, float)
        assert abs(end - cloud.now() - 30 * 86400) < 60
        assert found["self_signed"] is False


def test_what_a_strict_client_says(tmp_path: Path, cloud: Cloud) -> None:
    with served(tmp_path, cloud) as (port, ca):
        wrong = look(port, "other.example", ca)
        assert (wrong["mismatch"], wrong["name_fits"]) == (True, False)
        strange = look(port, "horizon.regionone.example")
        assert "self-signed certificate in certificate chain" in str(strange["complaint"])
        assert strange["name_fits"] is None
        assert "our CA file" in str(look(port, "horizon.regionone.example", tmp_path / "none.pem")["complaint"])


def test_a_server_that_sends_no_chain(tmp_path: Path, cloud: Cloud) -> None:
    with served(tmp_path, cloud, chain=1) as (port, _):
        found = look(port, "horizon.regionone.example")
        assert (found["chain"], found["complaint"]) == (1, "unable to get local issuer certificate")


def test_addresses_without_a_handshake() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        found = looked_at("127.0.0.1", port, "x", None, 0.5, Deadline(10))
        assert found == {"error": "no TLS handshake within 0.5 s"}
    assert "refused" in str(look(port, "x")["error"]).lower()


def test_the_simulators_certificate_healthy_and_expired(ground: Ground) -> None:
    (row,) = rows_of(ground, "certificates")
    assert (row["id"], row["used_by"]) == (f"{ground.vip}:8443", "the site's own list")
    assert row["days_left"] in (29, 30)
    assert (row["health"], row["trusted"], row["chain"]) == ("ok", True, 2)
    fault = ground.inject("certificate-expired")
    try:
        (row,) = rows_of(ground, "certificates")
        assert (row["health"], row["reason"]) == ("critical", "expired 40 d ago")
    finally:
        ground.ask("undo", id=fault)
    (row,) = rows_of(ground, "certificates")
    assert row["days_left"] in (29, 30)
