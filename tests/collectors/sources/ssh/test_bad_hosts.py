"""Hosts that refuse, hang, drip, reset or are somebody else: a clear error of the right class, in time."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.deadline import Deadline
from collectors.errors import BadConfiguration, CircuitOpen, Refused, SourceError, TooLate, Unreachable
from collectors.request import HostCommands
from collectors.site import Site, SiteHost, SshSettings
from collectors.sources import connection
from collectors.sources.base import Where
from collectors.sources.ssh import SshSource
from runbooks.simulator.ssh.keys import make_key
from tests.scripted_ssh import (
    Behave,
    ScriptedHost,
    bare_server,
    dripping,
    garbage,
    mute,
    resetting,
    scripted_host,
    web_server,
)

LOAD = HostCommands(("load",))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ScriptedHost]:
    with scripted_host(tmp_path) as running:
        yield running


def failure(site: Site, seconds: float = 5.0, request: HostCommands = LOAD) -> SourceError:
    """The error of one read of the site's first host."""
    source = SshSource(site, environment={})
    try:
        with pytest.raises(SourceError) as caught:
            list(source.read(request, next(iter(site.hosts)), Deadline(seconds), Where()))
        return caught.value
    finally:
        source.close()


def bare_site(port: int, folder: Path, address: str = "127.0.0.1") -> Site:
    config = folder / "config"
    config.touch()
    return Site("test", hosts={"ctl01": SiteHost("ctl01", address, port=port)}, ssh=SshSettings(config=config))


def test_a_closed_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = failure(bare_site(port, tmp_path))
    assert type(error) is Unreachable
    assert (error.what, error.why) == (f"ssh ctl01 (127.0.0.1 port {port})", "connection refused")
    assert error.hint


@pytest.mark.parametrize(
    ("behave", "why"),
    [
        (resetting, "the connection was cut"),
        (web_server, "accepts connections, but does not speak SSH"),
        (garbage, None),
    ],
)
def test_something_else_than_sshd(behave: Behave, why: str | None, tmp_path: Path) -> None:
    with bare_server(behave) as port:
        error = failure(bare_site(port, tmp_path))
    assert type(error) is Unreachable
    assert why is None or error.why == why
    assert "Traceback" not in str(error)
    assert str(error).isprintable()


@pytest.mark.parametrize("behave", [mute, dripping])
def test_a_server_that_never_gets_to_the_point_costs_no_more_than_the_deadline(behave: Behave, tmp_path: Path) -> None:
    began = time.monotonic()
    with bare_server(behave) as port:
        error = failure(bare_site(port, tmp_path), seconds=0.6)
    assert isinstance(error, TooLate)
    assert error.why == "did not finish within 0.6 s"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("behave", [mute, dripping])
def test_it_costs_no_more_than_the_time_for_connecting(
    behave: Behave, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.4)
    with bare_server(behave) as port:
        error = failure(bare_site(port, tmp_path), seconds=20)
    assert type(error) is Unreachable
    assert error.why.startswith("accepts connections, but does not")


def test_an_address_that_nobody_knows(tmp_path: Path) -> None:
    error = failure(bare_site(22, tmp_path, "no-such-host.invalid"))
    assert type(error) is Unreachable
    assert error.why.startswith("the name no-such-host.invalid is not known")
    assert "[site.NAME.hosts.ctl01]" in error.hint


def test_an_unknown_host_key(host: ScriptedHost) -> None:
    error = failure(host.site(known=""))
    assert isinstance(error, Refused)
    assert error.what == f"host key of ctl01 (127.0.0.1 port {host.port})"
    assert error.why.startswith("is not known: the host shows ED25519 SHA256:")
    assert f"ssh-keyscan -p {host.port} 127.0.0.1 >>" in error.hint
    assert host.logins == 0


def test_a_changed_host_key(host: ScriptedHost) -> None:
    error = failure(host.site(known=f"[127.0.0.1]:{host.port} {make_key().public}\n"))
    assert isinstance(error, Refused)
    assert error.why.startswith("has changed: ")
    assert host.logins == 0


def test_a_key_that_is_not_accepted(host: ScriptedHost) -> None:
    site = host.site()
    (host.folder / "id_ed25519").write_bytes(make_key().private)
    error = failure(site)
    assert isinstance(error, Refused)
    assert error.what == f"login kolla@ctl01 (127.0.0.1 port {host.port})"
    assert error.why.startswith("none of our keys is accepted (tried ")
    assert "ssh-add" in error.hint


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "does not exist"), (b"not a key\n", "is no usable key"), (b"", "is no usable key")],
)
def test_a_key_file_that_cannot_be_used(host: ScriptedHost, content: bytes | None, words: str) -> None:
    site = host.site()
    path = host.folder / "id_ed25519"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    error = failure(site)
    assert isinstance(error, Refused)
    assert error.why.startswith(f"we have no key to offer; {path} {words}")


def test_a_key_that_needs_a_passphrase(host: ScriptedHost) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    site = host.site()
    locked = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, BestAvailableEncryption(b"secret")
    )
    (host.folder / "id_ed25519").write_bytes(locked)
    error = failure(site)
    assert isinstance(error, Refused)
    assert "needs a passphrase: ssh-add it" in error.why


def test_a_broken_ssh_config(host: ScriptedHost) -> None:
    site = host.site()
    (host.folder / "config").write_text("Host ctl01\n ProxyJump\n")
    error = failure(site)
    assert isinstance(error, BadConfiguration)
    assert error.what == f"{host.folder}/config line 2"


def test_a_jump_host_that_does_not_answer_is_the_one_that_is_named(host: ScriptedHost) -> None:
    site = host.site()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (host.folder / "config").write_text(
        f"Host bastion\n HostName 127.0.0.1\n Port {port}\nHost ctl01\n ProxyJump bastion\n"
    )
    error = failure(site)
    assert (type(error), error.what, error.why) == (
        Unreachable, f"ssh bastion (127.0.0.1 port {port})", "connection refused",
    )  # fmt: skip


def test_a_host_that_fails_three_times_is_left_alone(tmp_path: Path) -> None:
    now = [100.0]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    source = SshSource(bare_site(port, tmp_path), environment={}, clock=lambda: now[0])

    def error() -> SourceError:
        with pytest.raises(SourceError) as caught:
            list(source.read(LOAD, "ctl01", Deadline(5), Where()))
        return caught.value

    assert [type(error()) for _ in range(3)] == [Unreachable] * 3
    resting = error()
    assert isinstance(resting, CircuitOpen)
    assert resting.why.startswith("connection refused (3 times")
    now[0] += 11
    assert type(error()) is Unreachable
    source.close()


def test_facts_of_a_host_that_does_not_answer_are_a_row_that_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    source = SshSource(bare_site(port, tmp_path), environment={})
    pages = source.read(LOAD, "ctl01", Deadline(5), Where())
    assert next(pages).items == [
        {"host": "ctl01", "address": "127.0.0.1", "roles": "", "trouble": "connection refused", "answers": False}
    ]
    with pytest.raises(Unreachable):
        next(pages)
    source.close()


def test_facts_of_a_host_that_refuses_us_say_that_it_answers(host: ScriptedHost) -> None:
    source = SshSource(host.site(known=""), environment={})
    page = next(iter(source.read(LOAD, "ctl01", Deadline(5), Where())))
    assert page.items[0]["answers"] is True
    assert page.items[0]["trouble"].startswith("is not known")
    source.close()
