"""The SSH servers with real clients: OpenSSH's ssh and paramiko."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from runbooks.simulator.ssh.keys import make_key
from tests.ssh_ground import PORT, SshGround


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshGround]:
    with SshGround(tmp_path_factory.mktemp("state")) as running:
        yield running


def ssh(
    ground: SshGround, host: str, *words: str, options: tuple[str, ...] = (), stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run OpenSSH's client with the state folder's configuration."""
    client = shutil.which("ssh")
    assert client, "the OpenSSH client is needed"
    fed = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
    return subprocess.run(
        [client, "-F", str(ground.config), *options, host, *words],
        text=True, capture_output=True, timeout=60, check=False, **fed,
    )  # fmt: skip


def test_a_command_its_output_and_its_status(ground: SshGround) -> None:
    found = ssh(ground, "ctl01", "hostname; frob; exit 3")
    assert (found.stdout, found.stderr, found.returncode) == ("ctl01\n", "bash: line 1: frob: command not found\n", 3)


def test_every_host_answers_as_itself(ground: SshGround) -> None:
    names = [host.name for host in ground.cloud.hosts]
    assert [ssh(ground, name, "hostname").stdout.strip() for name in names] == names


def test_output_is_the_models(ground: SshGround) -> None:
    host = ground.cloud.hosts["cmp02"]
    assert ssh(ground, "cmp02", "cat /proc/sys/kernel/random/boot_id").stdout.strip() == host.boot_id
    listed = ssh(ground, "cmp02", "docker", "ps", "-a", "--format", "'{{.Names}} {{.State}}'").stdout.split("\n")[:-1]
    assert sorted(listed) == sorted(f"{u.name} running" for u in host.units.values() if u.engine == "docker")


def test_the_server_names_itself_as_openssh(ground: SshGround) -> None:
    with socket.create_connection((ground.address("ctl01"), PORT), 5) as sock:
        assert sock.recv(100).startswith(b"SSH-2.0-OpenSSH_9.2p1 Debian")


def test_another_key_is_refused(ground: SshGround, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(make_key().private)
    other.chmod(0o600)
    known = ground.folder / "known_hosts"
    found = ssh(ground, "ctl01", "true", options=(
        "-F", "none", "-i", str(other), "-l", "kolla", "-p", str(PORT), "-o", f"HostName={ground.address('ctl01')}",
        "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={known}",
    ))  # fmt: skip
    assert found.returncode == 255
    assert "Permission denied (publickey)" in found.stderr


def test_an_unknown_user_is_refused(ground: SshGround) -> None:
    found = ssh(ground, "ctl01", "true", options=("-l", "nobody"))
    assert (found.returncode, "Permission denied (publickey)" in found.stderr) == (255, True)


def test_a_changed_host_key_is_noticed(ground: SshGround, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(f"[{ground.address('ctl01')}]:{PORT} {make_key().public}\n")
    found = ssh(ground, "ctl01", "true", options=("-o", f"UserKnownHostsFile={known}"))
    assert found.returncode == 255
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in found.stderr


def test_input_reaches_a_filter_and_a_shell(ground: SshGround) -> None:
    assert ssh(ground, "net01", "grep", "-v", "b", stdin="a\nb\nc\n").stdout == "a\nc\n"
    found = ssh(ground, "net01", stdin="hostname\nexit 4\necho never\n")
    assert (found.stdout, found.returncode) == ("net01\n", 4)


def test_a_terminal_gives_a_prompt(ground: SshGround) -> None:
    found = ssh(ground, "mon01", options=("-tt",), stdin="hostname\nfrob\nexit 7\n")
    assert found.returncode == 7
    lines = found.stdout.replace("\r", "").split("\n")
    assert [line for line in lines if line.startswith("Linux mon01 6.1.0-28-amd64 #1 SMP")]
    assert "kolla@mon01:~$ " in found.stdout
    assert [line for line in lines if line.endswith("mon01") and "Linux" not in line]
    assert "-bash: frob: command not found" in found.stdout


def test_one_host_is_reached_through_another(ground: SshGround) -> None:
    found = ssh(ground, "ctl02", "hostname", options=("-J", "ctl01"))
    assert (found.stdout, found.returncode) == ("ctl02\n", 0)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("10.1.1.1:22", "No route to host"),
        ("nowhere:22", "Name or service not known"),
        ("ctl02:9", "Connection refused"),
    ],
)
def test_a_channel_that_cannot_be_opened(ground: SshGround, target: str, words: str) -> None:
    found = ssh(ground, "ctl01", options=("-W", target))
    assert found.returncode == 255
    assert f"open failed: connect failed: {words}" in found.stderr


def test_hosts_without_an_address_are_reached_through_the_jump(tmp_path: Path) -> None:
    with SshGround(tmp_path, computes=232) as ground:
        far = [host for host in ground.cloud.hosts if not host.machine.listens]
        assert [host.name for host in far] == ["cmp231", "cmp232"]
        assert ssh(ground, "cmp232", "hostname; exit 2").stdout == "cmp232\n"
        assert ssh(ground, "ctl02", "hostname", options=("-J", "cmp232")).stdout == "ctl02\n"
        ground.change(lambda cloud: cloud.hosts.power_off("cmp232", cloud.now()))
        found = ssh(ground, "cmp232", "hostname")
        assert found.returncode == 255
        assert "No route to host" in found.stderr


def test_a_stopped_sshd_refuses_and_comes_back(ground: SshGround) -> None:
    ground.change(lambda cloud: cloud.hosts.set_unit("ceph01", "ssh", "stopped", cloud.now()))
    found = ssh(ground, "ceph01", "true")
    assert found.returncode == 255
    assert "Connection refused" in found.stderr
    ground.change(lambda cloud: cloud.hosts.set_unit("ceph01", "ssh", "running", cloud.now()))
    assert ssh(ground, "ceph01", "true").returncode == 0


def test_a_frozen_sshd_accepts_and_never_answers(ground: SshGround) -> None:
    ground.change(lambda cloud: cloud.hosts.set_unit("ceph02", "ssh", "hung", cloud.now()))
    with socket.create_connection((ground.address("ceph02"), PORT), 5) as sock:
        sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            sock.recv(1)
    ground.change(lambda cloud: cloud.hosts.set_unit("ceph02", "ssh", "running", cloud.now()))
    assert ssh(ground, "ceph02", "true").returncode == 0


def test_a_host_without_power_does_not_even_refuse(ground: SshGround) -> None:
    ground.change(lambda cloud: cloud.hosts.power_off("ceph03", cloud.now()))
    with pytest.raises(TimeoutError):
        socket.create_connection((ground.address("ceph03"), PORT), 0.4)
    ground.change(lambda cloud: cloud.hosts.boot("ceph03", cloud.now(), "00000000-0000-4000-8000-000000000000"))
    assert ssh(ground, "ceph03", "cat /proc/sys/kernel/random/boot_id").stdout.startswith("00000000-")


def test_power_loss_cuts_open_connections(ground: SshGround) -> None:
    client = _client(ground, "cmp03")
    ground.change(lambda cloud: cloud.hosts.power_off("cmp03", cloud.now()))
    transport = client.get_transport()
    assert transport is not None
    transport.join(5)
    assert not transport.is_active()
    client.close()


def test_paramiko_runs_many_commands_on_one_connection(ground: SshGround) -> None:
    client = _client(ground, "ctl03")
    began = time.perf_counter()
    for number in range(10):
        _, out, err = client.exec_command(f"echo {number}; echo oops >&2; exit {number}")
        assert (out.read(), err.read(), out.channel.recv_exit_status()) == (b"%d\n" % number, b"oops\n", number)
    assert time.perf_counter() - began < 5
    client.close()


def test_any_byte_passes_unchanged(ground: SshGround) -> None:
    client = _client(ground, "ctl03")
    _, out, _ = client.exec_command("printf 'a\\000b\\377\\376\\033[31m'")
    assert out.read() == b"a\x00b\xff\xfe\x1b[31m"
    client.close()


def test_rights_are_those_of_the_account(ground: SshGround) -> None:
    found = ssh(ground, "ctl01", "sudo -n true", options=("-l", "guest"))
    assert (found.returncode, found.stderr) == (1, "sudo: a password is required\n")
    assert ssh(ground, "ctl01", "sudo -n whoami").stdout == "root\n"
    assert ssh(ground, "ctl01", "whoami", options=("-l", "root")).stdout == "root\n"


def _client(ground: SshGround, host: str) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.load_host_keys(str(ground.folder / "known_hosts"))
    client.connect(ground.address(host), PORT, "kolla", key_filename=str(ground.folder / "id_ed25519"),
                   allow_agent=False, look_for_keys=False, timeout=10)  # fmt: skip
    return client


def test_a_key_ends_what_lasts_on_a_terminal(ground: SshGround) -> None:
    """`ping` without a number goes on until ^C; what is typed ahead is the next command."""
    client = _client(ground, "ctl01")
    try:
        channel = client.invoke_shell()
        channel.settimeout(20)
        seen = ""

        def until(words: str) -> None:
            nonlocal seen
            while words not in seen:
                seen += channel.recv(4096).decode()

        until("$ ")
        channel.send(b"ping ctl02\n")
        until("icmp_seq=2")
        channel.send(b"\x03")
        until("^C")
        seen = ""
        channel.send(b"echo status $?; ping -c 2 ctl02 >/dev/null\necho ahead\n")
        until("status 130")
        until("$ ahead")
        channel.send(b"exit\n")
    finally:
        client.close()
