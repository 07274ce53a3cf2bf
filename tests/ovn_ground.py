"""A real OVN on loopback: NB and SB as raft clusters of three, northd on each, one ovn-controller with its switch.

Nothing is installed and nothing of the machine is touched: programs come from Debian's packages, unpacked into the
test's own folder, and every socket, database and process is in there. The switch has dummy devices instead of the
kernel's. Each member is a "host" of its own (a folder), which tests give to an SSH server that runs real shells.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

PACKAGES = ("ovn-central", "ovn-host", "ovn-common", "openvswitch-common", "openvswitch-switch", "libxdp1")
MEMBERS = ("ctl01", "ctl02", "ctl03")
DATABASES = {"nb": "OVN_Northbound", "sb": "OVN_Southbound"}
SERVER = "5f1c9e70-8f6d-4d0b-9a6c-0e6f4c2a9d11"
PORTS = tuple(f"0d1ae3b2-5b7e-4c9b-8a3d-7a52f6b1c01{number}" for number in (1, 2, 3))
INSIDE, GATEWAY = "0d1ae3b2-5b7e-4c9b-8a3d-7a52f6b1c021", "0d1ae3b2-5b7e-4c9b-8a3d-7a52f6b1c022"
CLIENTS = ("ovn-nbctl", "ovn-sbctl", "ovn-appctl", "ovs-vsctl", "ovs-appctl")


class Unavailable(Exception):  # noqa: N818 - no error: a test skips
    """The packages are not to be had here."""


def unpacked(folder: Path) -> Path:
    """Debian's packages, unpacked below `folder`. Raises `Unavailable`."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise Unavailable("no apt-get here")
    debs, root = folder / "debs", folder / "root"
    debs.mkdir(parents=True)
    got = subprocess.run(["apt-get", "download", "-q", *PACKAGES], cwd=debs, capture_output=True, text=True, timeout=60)
    if got.returncode:
        raise Unavailable(got.stderr.strip().splitlines()[-1] if got.stderr.strip() else "apt-get download failed")
    for deb in debs.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", str(deb), str(root)], check=True, timeout=30)
    return root


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


class OvnGround:
    """The processes, by member and program; `root` is a tree with the packages, `loader` what its programs run with."""

    def __init__(self, folder: Path, root: Path, loader: Sequence[str] = ()) -> None:
        self.folder, self.root, self.loader = folder, root, list(loader)
        self.processes: dict[tuple[str, str], subprocess.Popen[bytes]] = {}
        ports = iter(free_ports(12))
        self.raft = {(member, db): next(ports) for db in DATABASES for member in MEMBERS}
        self.clients = {(member, db): next(ports) for db in DATABASES for member in MEMBERS}

    def __enter__(self) -> OvnGround:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- running --------------------------------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        """What its programs need; without the member's folder."""
        libraries = self.root / "usr/lib/x86_64-linux-gnu"
        return {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": "" if self.loader else str(libraries)}

    def program(self, name: str) -> list[str]:
        """The words that start a program of the packages."""
        places = ("usr/bin", "usr/sbin", "usr/lib/openvswitch-switch")
        path = next(found for place in places if (found := self.root / place / name).exists())
        return [*self.loader, str(path)]

    def home(self, member: str) -> Path:
        """A member's folder."""
        return self.folder / member

    def at(self, member: str) -> dict[str, str]:
        """The environment of a member."""
        home = str(self.home(member))
        names = ("OVN_RUNDIR", "OVS_RUNDIR", "OVN_LOGDIR", "OVS_LOGDIR", "OVN_DBDIR", "OVS_DBDIR")
        return {**self.environment, **dict.fromkeys(names, home)}

    def run(self, member: str, *words: str) -> str:
        """What a client prints there. Raises CalledProcessError."""
        done = subprocess.run(
            [*self.program(words[0]), *words[1:]], env=self.at(member), capture_output=True, text=True, timeout=20
        )
        if done.returncode:
            raise AssertionError(f"{' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def start(self, member: str, name: str, *words: str, label: str = "") -> None:
        """Start a program that stays in the foreground."""
        home = self.home(member)
        with (home / f"{label or name}.out").open("ab") as out:
            command = [*self.program(name), *words, f"--pidfile={home}/{label or name}.pid", "--no-chdir"]
            self.processes[member, label or name] = subprocess.Popen(
                command, env=self.at(member), cwd=home, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def kill(self, member: str, label: str) -> None:
        """End one of its processes, as a crash does."""
        process = self.processes.pop((member, label))
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    def close(self) -> None:
        """End all of them."""
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait(10)
        self.processes.clear()

    def until(self, what: Callable[[], object], seconds: float = 40.0) -> None:
        """Wait until `what` is true. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while not what():
            if time.monotonic() > end:
                raise TimeoutError(what)
            time.sleep(0.1)

    # -- its parts ------------------------------------------------------------------------------------------------

    def remotes(self, db: str) -> str:
        """Where clients find a database."""
        return ",".join(f"tcp:127.0.0.1:{self.clients[member, db]}" for member in MEMBERS)

    def serve(self, member: str, db: str) -> None:
        """A member of a database, whose file is there."""
        home = self.home(member)
        self.start(
            member, "ovsdb-server", f"--remote=punix:{home}/ovn{db}_db.sock",
            f"--remote=ptcp:{self.clients[member, db]}:127.0.0.1", f"--unixctl={home}/ovn{db}_db.ctl",
            f"{home}/ovn{db}.db", label=f"ovn{db}_db",
        )  # fmt: skip
        self.until((home / f"ovn{db}_db.sock").exists)

    def status(self, member: str, db: str) -> str:
        """What a member says of its cluster."""
        return self.run(
            member, "ovn-appctl", "-t", f"{self.home(member)}/ovn{db}_db.ctl", "cluster/status", DATABASES[db]
        )

    def _start(self) -> None:
        for member in MEMBERS:
            self.home(member).mkdir(parents=True)
        for db, name in DATABASES.items():
            schema = self.root / f"usr/share/ovn/ovn-{db}.ovsschema"
            first = f"tcp:127.0.0.1:{self.raft[MEMBERS[0], db]}"
            for member in MEMBERS:
                file, own = str(self.home(member) / f"ovn{db}.db"), f"tcp:127.0.0.1:{self.raft[member, db]}"
                if member == MEMBERS[0]:
                    self.run(member, "ovsdb-tool", "create-cluster", file, str(schema), own)
                else:
                    self.run(member, "ovsdb-tool", "join-cluster", file, name, own, first)
                self.serve(member, db)
        for member in MEMBERS:
            for db in DATABASES:
                self.until(lambda member=member, db=db: "Status: cluster member" in self.status(member, db))  # type: ignore[misc]
        for member in MEMBERS:
            self.northd(member)
        self._switch("cmp01")

    def northd(self, member: str) -> None:
        """Start the member's northd."""
        self.start(member, "ovn-northd", f"--ovnnb-db={self.remotes('nb')}", f"--ovnsb-db={self.remotes('sb')}")

    def _switch(self, host: str) -> None:
        """Open vSwitch without a kernel, and ovn-controller beside it."""
        home = self.home(host)
        home.mkdir()
        schema = self.root / "usr/share/openvswitch/vswitch.ovsschema"
        self.run(host, "ovsdb-tool", "create", str(home / "conf.db"), str(schema))
        self.start(
            host, "ovsdb-server", f"--remote=punix:{home}/db.sock", f"--unixctl={home}/db.ctl", str(home / "conf.db"),
            label="switch_db",
        )  # fmt: skip
        self.until((home / "db.sock").exists)
        self.run(host, "ovs-vsctl", "--no-wait", "init")
        self.run(
            host, "ovs-vsctl", "--no-wait", "set", "Open_vSwitch", ".", f"external-ids:system-id={host}",
            f"external-ids:hostname={host}",
            "external-ids:ovn-encap-type=geneve", "external-ids:ovn-encap-ip=127.0.0.1",
            f'external-ids:ovn-remote="{self.remotes("sb")}"',
            "external-ids:ovn-bridge-datapath-type=dummy", "external-ids:ovn-bridge-mappings=physnet1:br-ex",
            "external-ids:ovn-cms-options=enable-chassis-as-gw", "external-ids:ovn-openflow-probe-interval=0",
        )  # fmt: skip
        self.start(host, "ovs-vswitchd", "--enable-dummy=override", "--disable-system", f"unix:{home}/db.sock")
        self.run(host, "ovs-vsctl", "--timeout=15", "add-br", "br-ex")
        self.controller(host)
        self.until(lambda: host in self.run(MEMBERS[0], "ovn-sbctl", "--no-leader-only", "list", "Chassis"))

    def controller(self, host: str) -> None:
        """Start the host's ovn-controller."""
        self.start(host, "ovn-controller", f"unix:{self.home(host)}/db.sock")

    def populate(self) -> None:
        """As Neutron's OVN driver does: a network with a server's port, a router with a gateway, a provider network."""
        net, out = "neutron-0d1ae3b2-5b7e-4c9b-8a3d-7a52f6b1c001", "neutron-0d1ae3b2-5b7e-4c9b-8a3d-7a52f6b1c002"
        router, gateway = "neutron-0d1ae3b2-5b7e-4c9b-8a3d-7a52f6b1c003", f"lrp-{GATEWAY}"
        for switch, name in ((net, "web"), (out, "public")):
            told = {"network_name": name, "revision_number": "3", "mtu": "1442"}
            settings = [f"external_ids:neutron\\:{key}={value}" for key, value in told.items()]
            self._nb("ls-add", switch, "--", "set", "Logical_Switch", switch, *settings)
        physical = ["lsp-set-options", "provnet-1", "network_name=physnet1"]
        self._nb("lsp-add", out, "provnet-1", "--", "lsp-set-type", "provnet-1", "localnet", "--", *physical)
        for port, wanted in ((PORTS[0], "cmp01"), (PORTS[1], "cmp02"), (PORTS[2], "")):
            words = [
                "lsp-add",
                net,
                port,
                "--",
                "lsp-set-addresses",
                port,
                f"fa:16:3e:00:00:{port[-2:]} 10.0.0.1{port[-1]}",
            ]
            words += ["--", "set", "Logical_Switch_Port", port, f"external_ids:neutron\\:network_name={net}",
                      "external_ids:neutron\\:device_owner=compute:nova", f"external_ids:neutron\\:device_id={SERVER}",
                      f"external_ids:neutron\\:port_name=web-{port[-1]}"]  # fmt: skip
            self._nb(*words, *([f"options:requested-chassis={wanted}"] if wanted else []))
        self._nb("lr-add", router, "--", "set", "Logical_Router", router, "external_ids:neutron\\:router_name=edge")
        for port, switch, mac, address in (
            (f"lrp-{INSIDE}", net, "fa:16:3e:00:01:01", "10.0.0.1/24"),
            (gateway, out, "fa:16:3e:00:01:02", "192.0.2.10/24"),
        ):  # fmt: skip
            peer = port.removeprefix("lrp-")
            self._nb("lrp-add", router, port, mac, address, "--", "lsp-add", switch, peer, "--", "lsp-set-type", peer,
                     "router", "--", "lsp-set-addresses", peer, "router", "--", "lsp-set-options", peer,
                     f"router-port={port}")  # fmt: skip
        self._nb("lrp-set-gateway-chassis", gateway, "cmp01", "2")
        self._nb("lrp-set-gateway-chassis", gateway, "cmp02", "1")
        self._nb("lr-nat-add", router, "snat", "192.0.2.10", "10.0.0.0/24")
        self._nb("lr-nat-add", router, "dnat_and_snat", "192.0.2.11", "10.0.0.11")
        self._nb("lr-route-add", router, "0.0.0.0/0", "192.0.2.1")
        self.run("cmp01", "ovs-vsctl", "--timeout=15", "--", "--may-exist", "add-port", "br-int", "tap1", "--", "set",
                 "Interface", "tap1", "type=dummy", f"external-ids:iface-id={PORTS[0]}")  # fmt: skip
        self.synchronise()

    def synchronise(self) -> None:
        """Wait until the switch does what NB says; also counts nb_cfg up."""
        self._nb("--wait=hv", "sync")

    def _nb(self, *words: str) -> None:
        self.run(self.leader("nb"), "ovn-nbctl", "--timeout=15", *words)

    def leader(self, db: str) -> str:
        """The member that leads a database, once there is one."""
        found: list[str] = []

        def led() -> bool:
            alive = [member for member in MEMBERS if (member, f"ovn{db}_db") in self.processes]
            found[:] = [member for member in alive if "Role: leader" in self.status(member, db)]
            return bool(found)

        self.until(led)
        return found[0]

    def programs(self, member: str, folder: Path) -> None:
        """OVN's clients for a shell that is to be on that member: they know its sockets by their usual paths."""
        folder.mkdir(parents=True, exist_ok=True)
        home = self.home(member)
        settings = " ".join(f"{name}='{value}'" for name, value in self.at(member).items() if name != "PATH")
        for name in CLIENTS:
            words = " ".join(f"'{word}'" for word in self.program(name))
            path = folder / name
            path.write_text(
                f'#!/bin/sh\nfor word; do shift; set -- "$@" "$(printf %s "$word" | '
                f'sed \'s#^/var/run/ovn/#{home}/#\')"; done\nexec env {settings} {words} "$@"\n'
            )
            path.chmod(0o755)
