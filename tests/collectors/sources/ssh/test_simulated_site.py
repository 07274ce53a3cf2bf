"""The SSH source and its kinds on simulated hosts: fan-out, jumps, tunnels, faults, doctor."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.deadline import Deadline
from collectors.errors import Refused, TooLate, Unreachable
from collectors.kinds import hosts, units
from collectors.read import read
from collectors.request import HostCommands
from collectors.site import Site, SiteHost, SshSettings
from collectors.snapshot import Snapshot
from collectors.sources import channels
from collectors.sources.base import Where
from collectors.sources.ssh import SshSource
from tests.ssh_ground import SshGround


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshGround]:
    with SshGround(tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[SshGround]:
    """A ground of its own, for tests that break it."""
    with SshGround(tmp_path) as running:
        yield running


def site(ground: SshGround, **settings: object) -> Site:
    machines = {h.name: SiteHost(h.name, h.machine.address, h.machine.roles) for h in ground.cloud.hosts}
    folder = ground.folder
    told = {"config": ground.config, "known_hosts": folder / "known_hosts", "identity": folder / "id_ed25519"}
    return Site("sim", "RegionOne", hosts=machines, ssh=SshSettings(**(told | settings)))  # type: ignore[arg-type]


@contextmanager
def connected(ground: SshGround, **settings: object) -> Iterator[Connections]:
    connections = Connections(site(ground, **settings))
    try:
        yield connections
    finally:
        connections.close()


def snapshot(kind: object, connections: Connections, **more: object) -> Snapshot:
    return read(kind, connections, clock=time.time, **more)  # type: ignore[arg-type]


def test_hosts_agree_with_the_model(shared: SshGround) -> None:
    with connected(shared) as connections:
        found = snapshot(hosts.KIND, connections)
    assert (found.complete, found.odd) == (True, 0)
    model = {host.name: host for host in shared.cloud.hosts}
    assert set(found.keys) == set(model)
    for row in found.rows:
        assert isinstance(row, hosts.Host)
        host = model[row.name]
        assert (row.boot_id, row.cpus, row.kernel, row.os) == (host.boot_id, host.cpus, host.kernel, host.os_release)
        assert row.booted == int(host.booted)
        assert row.memory_used == round(100 * host.memory_used)
        assert row.disk_used == max(-(-100 * share // 1) for _, _, share in host.disks.values())
        assert (row.load_1, row.address) == (round(host.load[0], 2), host.machine.address)


def test_units_agree_with_the_model(shared: SshGround) -> None:
    with connected(shared) as connections:
        found = snapshot(units.KIND, connections)
    assert (found.complete, found.odd) == (True, 0)
    wanted = {
        f"{host.name}/{unit.engine}/{unit.name}"
        for host in shared.cloud.hosts for unit in host.units.values() if unit.engine != "podman"
    }  # fmt: skip
    assert wanted <= set(found.keys)
    assert {"ceph01/systemd/ceph-mon@ceph01", "ceph01/podman/ceph-mon-ceph01"} <= set(found.keys)
    assert {health.level for health in found.healths} == {"ok"}


def test_faults_show_with_their_reason(ground: SshGround) -> None:
    with connected(ground) as connections:
        before = snapshot(units.KIND, connections)
        ground.change(lambda cloud: cloud.hosts.set_unit("ctl01", "nova_api", "failed", cloud.now() - 240, 137))
        ground.change(lambda cloud: cloud.hosts.set_unit("ctl02", "memcached", "hung", cloud.now() - 60))
        ground.change(lambda cloud: cloud.hosts.set_unit("net01", "chrony", "failed", cloud.now() - 7200, 1))
        after = snapshot(units.KIND, connections, previous=before)
    assert {health.level for health in before.healths} == {"ok"}
    bad = {after.id_at(at): health for at, health in enumerate(after.healths) if health.level != "ok"}
    assert {name: (health.level, health.reason) for name, health in bad.items()} == {
        "ctl01/docker/nova_api": ("critical", "ended 4 min ago with status 137 (KILL)"),
        "ctl02/docker/memcached": ("critical", "its health check fails, up 1 min"),
        "net01/systemd/chrony": ("critical", "failed 2 h ago: exit-code, status 1"),
    }


def test_one_host_that_hangs_delays_no_other(ground: SshGround) -> None:
    quick = replace(hosts.KIND, read=HostCommands(("load",)), deadline=6.0)
    with connected(ground) as connections:
        before = snapshot(quick, connections)
        ground.change(lambda cloud: cloud.hosts.set_unit("net01", "ssh", "hung", cloud.now()))
        ground.change(lambda cloud: cloud.hosts.power_off("cmp03", cloud.now()))
        after = snapshot(quick, connections, previous=before)
    took = {target.target: target.took for target in after.targets}
    errors = {target.target for target in after.targets if target.error is not None}
    assert errors == {"net01", "cmp03"}
    assert max(seconds for name, seconds in took.items() if name not in errors) < 4.0
    health = {name: after.healths[at] for name, at in after.keys.items()}
    assert len(after.rows) == len(before.rows)
    assert health["net01"].level in ("unknown", "critical")
    assert health["ctl01"].level == "ok"


def connecting() -> int:
    """How many connections of this network namespace are not answered yet (SYN_SENT, as Linux tells)."""
    return sum(line.split()[3] == "02" for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:])


def test_closing_does_not_wait_for_a_machine_that_is_off(ground: SshGround) -> None:
    ground.change(lambda cloud: cloud.hosts.power_off("cmp01", cloud.now()))
    began = time.monotonic()
    with connected(ground) as connections:
        source = connections.ssh()
        deadline = connections.deadline(30)

        def attempt() -> None:
            with pytest.raises(TooLate):
                list(source.read(HostCommands(("services",)), "cmp01", deadline, Where()))

        thread = threading.Thread(target=attempt)
        thread.start()
        while thread.is_alive() and not connecting():
            time.sleep(0.01)
    thread.join(3)
    assert not thread.is_alive()
    assert time.monotonic() - began < 3


def test_a_host_that_lost_power_is_critical_and_comes_back_rebooted(ground: SshGround) -> None:
    with connected(ground) as connections:
        ground.change(lambda cloud: cloud.hosts.set_unit("cmp01", "ssh", "stopped", cloud.now()))
        down = snapshot(hosts.KIND, connections)
        index = down.keys["cmp01"]
        assert (down.healths[index].level, down.healths[index].reason) == ("critical", "connection refused")
        assert [type(error) for error in down.errors] == [Unreachable]
        ground.change(lambda cloud: cloud.hosts.power_off("cmp01", cloud.now()))
        ground.change(lambda cloud: cloud.hosts.boot("cmp01", cloud.now(), "00000000-0000-4000-8000-000000000000"))
        up = snapshot(hosts.KIND, connections)
    assert up.complete
    assert (up.healths[index].level, up.healths[index].reason) == ("warning", "rebooted just now")


def test_hosts_behind_a_jump_host(tmp_path: Path) -> None:
    with SshGround(tmp_path, computes=240) as ground:
        far = [host.name for host in ground.cloud.hosts if not host.machine.listens]
        assert len(far) == 10
        with connected(ground) as connections:
            found = snapshot(hosts.KIND, connections, where=Where(targets=tuple(far)))
            assert found.complete
            assert set(found.keys) == set(far)
            assert connections.ssh().hop(far[0]).through is not None


def test_not_more_connections_are_kept_than_allowed(shared: SshGround, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "MOST_OPEN", 5)
    quick = replace(hosts.KIND, read=HostCommands(("load",)))
    with connected(shared, jump="net01") as connections:
        assert snapshot(quick, connections).complete
        assert snapshot(quick, connections, where=Where(targets=("ctl01",))).complete
        ssh = connections.ssh()
        opened = [hop.name for hop in ssh.connections.hops()]
        assert "net01" in opened  # the way to the others stays
        assert len(opened) <= 5 + ssh.workers


def test_a_connection_that_nobody_uses_is_closed(shared: SshGround, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = replace(hosts.KIND, read=HostCommands(("load",)))
    with connected(shared) as connections:
        ssh = connections.ssh()
        snapshot(quick, connections, where=Where(targets=("ctl01", "ctl02")))
        monkeypatch.setattr(channels, "IDLE_SECONDS", -1.0)
        snapshot(quick, connections, where=Where(targets=("ctl03",)))
        assert [hop.name for hop in ssh.connections.hops()] == ["ctl03"]


def test_a_host_whose_turn_did_not_come_is_not_called_dead(shared: SshGround) -> None:
    source = SshSource(site(shared), environment={})
    for _ in range(5):
        pages = source.read(HostCommands(("services",)), "ctl01", Deadline(-1), Where())
        with pytest.raises(TooLate, match="its turn did not come"):
            next(pages)
    assert list(source.read(HostCommands(("services",)), "ctl01", Deadline(10), Where()))
    source.close()


def test_the_sites_jump_host_leads_to_all(shared: SshGround) -> None:
    with connected(shared, jump="net01,net02") as connections:
        ssh = connections.ssh()
        found = snapshot(hosts.KIND, connections, where=Where(targets=("ctl01", "cmp01")))
        assert found.complete
        through = ssh.hop("cmp01").through
        assert through is not None
        assert (through.name, through.through and through.through.name) == ("net02", "net01")


def test_a_dead_jump_connection_is_made_again(shared: SshGround) -> None:
    with connected(shared, jump="net01") as connections:
        ssh = connections.ssh()
        assert snapshot(hosts.KIND, connections, where=Where(targets=("ctl01",))).complete
        with ssh.connections.using(ssh.hop("net01"), Deadline(5)) as (jump, _):
            jump.cut()
        assert snapshot(hosts.KIND, connections, where=Where(targets=("ctl01", "ctl02"))).complete


def test_a_connection_behind_a_host_that_went_away_is_cut_without_a_sound(shared: SshGround) -> None:
    with connected(shared, jump="net01") as connections:
        ssh = connections.ssh()
        with ssh.connections.using(ssh.hop("ctl01"), Deadline(5)) as (behind, _):
            with ssh.connections.using(ssh.hop("net01"), Deadline(5)) as (jump, _):
                jump.cut()
            behind.cut()
            assert not behind.alive


def test_the_agent_proves_who_we_are(shared: SshGround, tmp_path: Path) -> None:
    with agent(tmp_path, shared.folder / "id_ed25519") as path:
        config = tmp_path / "config"
        plain = "Host *\n User kolla\n Port 2222\n"
        for environment, text in (({"SSH_AUTH_SOCK": path}, plain), ({}, f"{plain} IdentityAgent {path}\n")):
            config.write_text(text)
            source = SshSource(site(shared, config=config, identity=None), home=tmp_path, environment=environment)
            (page,) = source.read(HostCommands(("load",)), "ctl01", Deadline(10), Where())
            assert page.items[0]["failed"] == {}
            with source.connections.using(source.hop("ctl01"), Deadline(5)) as (connection, _):
                assert connection.proved_by.startswith("the agent's ")
            source.close()


def test_only_named_keys_of_the_agent_are_offered(shared: SshGround, tmp_path: Path) -> None:
    with agent(tmp_path, shared.folder / "id_ed25519") as path:
        config = tmp_path / "config"
        config.write_text("Host *\n User kolla\n Port 2222\n IdentitiesOnly yes\n IdentityFile /nowhere/key\n")
        told = site(shared, config=config, identity=None)
        source = SshSource(told, home=tmp_path, environment={"SSH_AUTH_SOCK": path})
        refused = pytest.raises(Refused, match="we have no key to offer")
        with refused, source.connections.using(source.hop("ctl01"), Deadline(5)):
            pass
        config.write_text(config.read_text().replace("/nowhere/key", str(shared.folder / "id_ed25519.pub")))
        told = site(shared, config=config, identity=None)
        source = SshSource(told, home=tmp_path, environment={"SSH_AUTH_SOCK": path})
        with source.connections.using(source.hop("ctl01"), Deadline(5)) as (connection, _):
            assert connection.alive
        source.close()


@contextmanager
def agent(folder: Path, key: Path) -> Iterator[str]:
    """OpenSSH's agent with one key; yields its socket."""
    program = shutil.which("ssh-agent")
    assert program, "ssh-agent is needed"
    path = str(folder / "agent")
    process = subprocess.Popen([program, "-D", "-a", path], stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 5
        while not os.path.exists(path) and time.monotonic() < until:
            time.sleep(0.01)
        subprocess.run(["ssh-add", "-q", str(key)], env={**os.environ, "SSH_AUTH_SOCK": path}, check=True, timeout=10)
        yield path
    finally:
        process.terminate()
        process.wait(10)


def test_a_proxy_command_is_run(shared: SshGround, tmp_path: Path) -> None:
    script = tmp_path / "forward.py"
    script.write_text(
        "import os,select,socket,sys\ns=socket.create_connection((sys.argv[1],int(sys.argv[2])))\n"
        "while 1:\n for f in select.select([0,s],[],[])[0]:\n"
        "  d=os.read(0,65536) if f==0 else s.recv(65536)\n  if not d: sys.exit()\n"
        "  s.sendall(d) if f==0 else os.write(1,d)\n"
    )
    config = tmp_path / "config"
    config.write_text(f"Host *\n User kolla\n Port 2222\n ProxyCommand python3 {script} %h %p\n")
    source = SshSource(site(shared, config=config), environment={})
    (page,) = source.read(HostCommands(("load",)), "ctl01", Deadline(10), Where())
    assert page.items[0]["failed"] == {}
    source.close()


def test_other_systems_are_reached_through_a_host(shared: SshGround) -> None:
    with echo_server(shared.address("ctl02")) as port, connected(shared) as connections:
        sock = connections.ssh().open_channel("ctl01", shared.address("ctl02"), port, Deadline(5))
        with sock:
            sock.settimeout(5)
            payload = os.urandom(300_000)
            sender = threading.Thread(target=sock.sendall, args=(payload,))
            sender.start()
            received = b""
            while len(received) < len(payload):
                received += sock.recv(65_536)
            sender.join()
            assert received == payload


def test_a_tunnel_that_ends_there_ends_here(shared: SshGround) -> None:
    with connected(shared) as connections:
        with echo_server(shared.address("ctl02")) as port:
            sock = connections.ssh().open_channel("ctl01", shared.address("ctl02"), port, Deadline(5))
            sock.settimeout(5)
            sock.sendall(b"quit")
            assert sock.recv(100) == b""
        sock.close()


def test_a_tunnel_that_cannot_be_opened(shared: SshGround) -> None:
    with connected(shared) as connections, pytest.raises(Unreachable) as caught:
        connections.ssh().open_channel("ctl01", shared.address("ctl02"), 9, Deadline(5))
    assert (caught.value.what, caught.value.why) == (
        f"{shared.address('ctl02')} port 9", "ctl01 cannot connect to it",
    )  # fmt: skip


@contextmanager
def echo_server(address: str) -> Iterator[int]:
    """Sends back what it gets; hangs up at `quit`."""
    listening = socket.create_server((address, 0))

    def serve() -> None:
        sock, _ = listening.accept()
        with sock:
            while data := sock.recv(65_536):
                if data == b"quit":
                    return
                sock.sendall(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    thread.join(5)
    listening.close()


def test_doctor_says_how_each_host_is_reached(ground: SshGround) -> None:
    ground.change(lambda cloud: cloud.hosts.set_unit("net01", "ssh", "stopped", cloud.now()))
    with connected(ground) as connections:
        facts = {fact.address.split()[0]: fact for fact in connections.ssh().doctor(Deadline(10))}
    assert list(facts) == [host.name for host in ground.cloud.hosts]
    good, bad = facts["ctl01"], facts["net01"]
    assert good.address == f"ctl01 ({ground.address('ctl01')} port 2222)"
    assert (good.level, good.version, good.detail) == (
        "ok",
        "OpenSSH_9.2p1 Debian-2+deb12u3",
        "sudo without a password",
    )
    assert good.identity == f"kolla, {ground.folder / 'id_ed25519'}"
    assert good.round_trip is not None
    assert 0 < good.round_trip < 5
    assert (bad.level, bad.detail.partition(": ")[2]) == ("critical", "connection refused")
    assert bad.next_step


def test_doctor_says_what_we_may_not_do(ground: SshGround) -> None:
    (ground.folder / "guest").write_text(ground.config.read_text().replace("User kolla", "User guest"))
    with connected(ground, config=ground.folder / "guest") as connections:
        fact = next(iter(connections.ssh().doctor(Deadline(10))))
    assert (fact.level, fact.refused) == ("warning", "sudo: a password is required")
    assert "NOPASSWD" in fact.next_step
