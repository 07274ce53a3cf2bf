"""The hosts' network against what real hosts printed, and against Neutron's own model: the same ports, ids and tags."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.wires import flows
from tests.simulator.ssh.conftest import Run
from tests.simulator.ssh.test_recorded import recorded


def rows(text: str) -> list[list[dict[str, Any]]]:
    """The tables that `ovs-vsctl --format=json` printed."""
    found = map(json.loads, text.splitlines())
    return [[dict(zip(each["headings"], row, strict=True)) for row in each["data"]] for each in found]


def namespace(run: Run, prefix: str, host: str = "net01") -> str:
    return next(w for w in run("ip netns list", host=host).out.split() if w.startswith(prefix))


def same_shape(mine: Any, real: Any) -> None:
    """The same types, and in mappings keys that the real one has."""
    if isinstance(real, dict):
        assert isinstance(mine, dict)
        assert set(mine) <= set(real), set(mine) - set(real)
        for key in mine:
            if key not in ("info_data", "linkinfo", "stats64"):
                same_shape(mine[key], real[key])
    else:
        assert type(mine) is type(real)


@pytest.mark.parametrize("command", ["ip -j -d -s addr", "ip -j -d link", "ip -j addr"])
def test_interfaces_have_the_recorded_keys_in_their_order(run: Run, command: str) -> None:
    file, host = {"ip -j -d -s addr": ("links", "net02"), "ip -j -d link": ("ip-j-link", "net01"),
                  "ip -j addr": ("ip-j-addr", "net01")}[command]  # fmt: skip
    real = {link["ifname"]: link for link in json.loads(recorded(host, file)[1][0])}
    mine = {link["ifname"]: link for link in json.loads(run(command, host="net01").out)}
    assert mine["lo"].keys() == real["lo"].keys()
    for name in ("eth0", "br-int", "br-tun", "br-ex"):
        only_in_containers = {"link_index", "link_netnsid"}
        master = {"linkinfo"} if name == "eth0" else set()
        assert [key for key in real[name] if key not in only_in_containers | master] == [
            key for key in mine[name] if key != "linkinfo" or name != "eth0"
        ]
        same_shape(mine[name], real[name] | ({"linkinfo": {}} if name == "eth0" else {}))
    assert (mine["br-int"]["operstate"], mine["br-int"]["mtu"]) == (real["br-int"]["operstate"], 1500)


def test_a_bond_and_its_slaves(run: Run) -> None:
    found = {link["ifname"]: link for link in json.loads(run("ip -j -d link", host="net01").out)}
    assert found["bond0"]["linkinfo"]["info_data"]["active_slave"] == "eth2"
    assert [found[name]["master"] for name in ("eth2", "eth3", "bond0")] == ["bond0", "bond0", "ovs-system"]
    assert "bond0" not in json.loads(run("ip -j link", host="ctl01").out)


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("netns-qrouter-addr", "ip -n {} -j addr"),
        ("netns-qrouter-link", "ip -n {} -j -d link"),
        ("netns-qrouter-route", "ip -n {} -j route"),
        ("netns-qrouter-rule", "ip -n {} -j rule"),
        ("netns-qrouter-neigh", "ip -n {} -j neigh"),
        ("netns-qdhcp-addr", "ip -n {} -j addr"),
        ("netns-qdhcp-route", "ip -n {} -j route"),
    ],
)
def test_the_inside_of_namespaces_has_the_recorded_keys(run: Run, file: str, command: str) -> None:
    real = json.loads(recorded("net01", file)[1][0])
    name = namespace(run, file.split("-")[1])
    found = run(command.format(name), host="net01", user="root")
    mine = json.loads(found.out)
    assert mine
    known = {key for each in real for key in each}
    for each in mine:
        assert set(each) <= known
    assert list(mine[-1]) == [key for key in real[-1] if key in mine[-1]]


def test_what_namespaces_refuse(run: Run) -> None:
    gone = 'Cannot open network namespace "nope": No such file or directory\n'
    assert run("ip -n nope addr", host="net01", user="root") == run(
        "ip netns exec nope true", host="net01", user="root"
    )
    assert (run("ip -n nope addr", host="net01").status, run("ip -n nope addr", host="net01").err) == (255, gone)
    name = namespace(run, "qdhcp")
    denied = run(f"ip -n {name} addr", host="net01", user="guest")
    assert (denied.status, denied.err) == (
        255, f'setting the network namespace "{name}" failed: Operation not permitted\n',
    )  # fmt: skip
    assert run("ip netns list", host="ctl01").out == run("ip -j netns list", host="ctl01").out == ""


def test_namespaces_processes_and_inodes_belong_together(run: Run, cloud: Cloud) -> None:
    lines = run("find /run/netns -maxdepth 1 -type f -exec stat -c '%i %n' {} +", host="net01").out.splitlines()
    inodes = {name: inode for inode, _, name in (line.partition(" /run/netns/") for line in lines)}
    names = [each["name"] for each in json.loads(run("ip -j netns list", host="net01").out)]
    assert sorted(inodes) == names
    assert {name.partition("-")[2] for name in names if name.startswith("qdhcp")} <= set(cloud.network.networks)
    ps = [line.split() for line in run("sudo -n ps -eo netns=,pid=,stat=,comm=", host="net01").out.splitlines()]
    for name in names:
        living = {words[3] for words in ps if words[0] == inodes[name]}
        assert "dnsmasq" in living if name.startswith("qdhcp") else living >= {"haproxy"} or "keepalived" in living
        pids = run(f"ip netns pids {name}", host="net01").out.split()
        assert sorted(pids) == sorted(words[1] for words in ps if words[0] == inodes[name])
    assert {line.split()[0] for line in run("ps -eo netns=,pid=", host="net01").out.splitlines()} == {"-"}
    assert run("find /run/netns -maxdepth 1 -type f", host="ctl01").status == 1


@pytest.mark.parametrize("name", ["Bridge", "Port", "Interface"])
def test_open_vswitchs_tables_have_the_recorded_columns_and_types(run: Run, name: str) -> None:
    file = {"Bridge": "ovs-bridges-json", "Port": "ovs-ports-json", "Interface": "ovs-interfaces-json"}[name]
    (real,) = rows("\n".join(recorded("net01", file)[1]))
    (mine,) = rows(run(f"sudo -n ovs-vsctl --format=json list {name}", host="net01").out)
    assert [list(row) for row in mine] == [list(real[0])] * len(mine)
    empty = ["set", []]
    for column in real[0]:
        shapes = {_shape(row[column]) for row in real}
        for row in mine:
            assert row[column] == empty or _shape(row[column]) in shapes | {"uuid", "set"}, (column, row[column])


def _shape(value: Any) -> str:
    return str(value[0]) if isinstance(value, list) else type(value).__name__


def test_ports_of_open_vswitch_are_neutrons(run: Run, cloud: Cloud) -> None:
    for host in ("net01", "cmp01"):
        (found,) = rows(run("ovs-vsctl --format=json list Interface", host=host, user="root").out)
        ids = {dict(row["external_ids"][1])["iface-id"] for row in found if row["external_ids"][1]}
        bound = {p.id for p in cloud.network.ports.on_host(host) if p.status == "ACTIVE"}
        assert bound <= ids
        assert all(cloud.network.ports.get(identity) is not None for identity in ids)


def test_ports_in_namespaces_are_the_switchs(run: Run) -> None:
    listed = set(run("ovs-vsctl list-ports br-int", host="net01", user="root").out.split())
    for name in (w for w in run("ip netns list", host="net01").out.split() if w.startswith("q")):
        inside = json.loads(run(f"ip -n {name} -j link", host="net01", user="root").out)
        assert {link["ifname"] for link in inside} - {"lo"} <= listed


@pytest.mark.parametrize(
    ("line", "status", "err"),
    [
        ("ovs-vsctl get Port nope tag", 1, 'ovs-vsctl: no row "nope" in table Port'),
        ("ovs-vsctl list-ports nope", 1, "ovs-vsctl: no bridge named nope"),
        ("ovs-vsctl frob", 1, "ovs-vsctl: unknown command 'frob'; use --help for help"),
        ("ovs-vsctl --columns=frob list Port", 1,
         'ovs-vsctl: Port does not contain a column whose name matches "frob"'),
        ("ovs-vsctl list Frob", 1, 'ovs-vsctl: unknown table "Frob"'),
        ("ovs-ofctl dump-flows nope", 1, "ovs-ofctl: nope is not a bridge or a socket"),
        ("ovs-ofctl frob", 1, "ovs-ofctl: unknown command 'frob'; use --help for help"),
    ],
)  # fmt: skip
def test_refusals_are_the_recorded_ones(run: Run, line: str, status: int, err: str) -> None:
    found = run(line, host="net01", user="root")
    assert (found.status, found.err) == (status, err + "\n")


def test_only_root_may_ask_the_switch(run: Run) -> None:
    assert run("ovs-vsctl show", host="net01").err == (
        "ovs-vsctl: unix:/var/run/openvswitch/db.sock: database connection failed (Permission denied)\n"
    )
    assert "failed to open socket (Permission denied)" in run("ovs-ofctl dump-flows br-int", host="net01").err
    assert run("iptables-save", host="net01").status == 1
    assert run("ovs-vsctl show", host="ctl01").status == 127


def test_a_dead_switch_or_database(run: Run, cloud: Cloud) -> None:
    cloud.hosts.set_unit("net01", "openvswitch_vswitchd", "failed", cloud.now(), 137)
    assert "br-int is not a bridge or a socket" in run("ovs-ofctl dump-flows br-int", host="net01", user="root").err
    assert "br-int" in run("ovs-vsctl list-br", host="net01", user="root").out
    cloud.hosts.set_unit("net01", "openvswitch_db", "failed", cloud.now(), 137)
    assert run("ovs-vsctl list-br", host="net01", user="root").err == (
        "ovs-vsctl: unix:/var/run/openvswitch/db.sock: database connection failed (No such file or directory)\n"
    )


def _form(line: str) -> str:
    """A flow with its numbers and addresses replaced."""
    line = re.sub(r"^ cookie=\S+ duration=\S+ ", "", line)
    line = re.sub(r"n_packets=\d+, n_bytes=\d+, (reset_counts )?", "", line.replace("reset_counts ", ""))
    line = re.sub(r"cookie=0x[0-9a-f]+", "cookie=C", line)
    line = re.sub(r"([0-9a-f]{2}:){5}[0-9a-f]{2}(?!/)", "MAC", line)
    line = re.sub(r"\d+\.\d+\.\d+\.\d+", "IP", line)
    line = re.sub(r"(in_port|output|dl_vlan|ct_zone)([=:])\d+", r"\1\2N", line)
    line = re.sub(r"(reg5|reg6|tun_id)=0x[0-9a-f]+|set_field:(0x[0-9a-f]+|\d+)", "R", line)
    return re.sub(r"(output:N,?)+", "output:N", line)


@pytest.mark.parametrize("bridge", ["br-int", "br-tun"])
def test_flows_have_the_recorded_forms(run: Run, bridge: str) -> None:
    """Every flow of a compute host is one that a real agent made, but for its numbers and the rules of tenants."""
    _, lines, status = recorded("cmp01", f"flows-{bridge}")
    mine = run(f"ovs-ofctl -O OpenFlow13 dump-flows {bridge}", host="cmp01", user="root")
    assert (mine.status, mine.out.splitlines()[0]) == (status, lines[0])
    real = {_form(line) for line in lines[1:]}
    made = {_form(line) for line in mine.out.splitlines()[1:] if not re.search(r"table=(72|82), .*priority=7", line)}
    assert made - real == set()


def test_flows_in_openflow_10_have_its_own_words(run: Run) -> None:
    lines = run("ovs-ofctl dump-flows br-int", host="cmp01", user="root").out.splitlines()
    assert lines[0] == "NXST_FLOW reply (xid=0x4):"
    assert all("idle_age=" in line and "goto_table" not in line for line in lines[1:])
    count = run("ovs-ofctl dump-aggregate br-int", host="cmp01", user="root").out
    assert count.endswith(f"flow_count={len(lines) - 1}\n")


@pytest.mark.parametrize(("kind", "agent"), [("qrouter", "neutron-l3-agent"), ("qdhcp", "neutron-dhcp-age")])
def test_rules_have_the_recorded_forms(run: Run, kind: str, agent: str) -> None:
    _, lines, _ = recorded("net01", f"netns-{kind}-iptables")
    found = run(f"ip netns exec {namespace(run, kind)} iptables-save -c", host="net01", user="root").out.splitlines()
    assert [line for line in found if line.startswith("*")] == [line for line in lines if line.startswith("*")]
    clean = re.compile(r"\[\d+:\d+\] |qg-\S+|\d+\.\d+\.\d+\.\d+")
    real = {clean.sub("X", line) for line in lines if " -A " in line}
    floating = re.compile(r"-j DNAT --to-destination|float-snat -s")
    assert {clean.sub("X", line) for line in found if " -A " in line and not floating.search(line)} <= real
    assert f":{agent}-PREROUTING - [0:0]" in found


def test_floating_addresses_are_rules_and_addresses_of_their_router(run: Run, cloud: Cloud) -> None:
    seen = set()
    for host in ("net01", "net02"):
        for name in (w for w in run("ip netns list", host=host).out.split() if w.startswith("qrouter")):
            saved = run(f"ip netns exec {name} iptables-save -t nat", host=host, user="root").out
            inside = run(f"ip -n {name} -br addr", host=host, user="root").out
            for floating, fixed in re.findall(r"-A neutron-l3-agent-PREROUTING -d (\S+)/32 -j DNAT .* (\S+)", saved):
                if f"{floating}/32" in inside:
                    seen.add((floating, fixed))
    model = {(f.address, f.fixed_address) for f in cloud.network.floating_ips.ascending() if f.port_id}
    assert seen == model


def test_counting_the_flows_of_large_networks_makes_none_of_them(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every network is large from one port on: the count stays what the list says."""

    def counts() -> tuple[int, int]:
        listed = run("ovs-ofctl dump-flows br-tun", host="net01", user="root").out.splitlines()[1:]
        counted = run("ovs-ofctl dump-aggregate br-tun", host="net01", user="root").out
        return len(listed), int(counted.rpartition("=")[2])

    before = counts()
    monkeypatch.setattr(flows, "LARGE", 1)
    after = counts()
    assert before[0] == before[1] == after[0]
    # a port that is bound nowhere has no flow, but is counted
    assert abs(after[1] - after[0]) <= 2


def test_a_namespace_of_nobody_comes_and_goes(run: Run) -> None:
    name = "qrouter-11111111-2222-4333-8444-555555555555"
    assert run(f"ip netns add {name}", host="net01", user="root").status == 0
    assert name in run("ip netns list", host="net01").out
    assert [link["ifname"] for link in json.loads(run(f"ip -n {name} -j link", host="net01", user="root").out)] == [
        "lo"
    ]
    again = run(f"ip netns add {name}", host="net01", user="root")
    assert (again.status, again.err) == (1, f'Cannot create namespace file "/run/netns/{name}": File exists\n')
    assert run(f"ip netns delete {name}", host="net01", user="root").status == 0
    gone = run(f"ip netns delete {name}", host="net01", user="root")
    assert gone.err == f'Cannot remove namespace file "/run/netns/{name}": No such file or directory\n'


def test_an_agent_makes_its_own_namespace_anew_when_it_starts(run: Run, cloud: Cloud) -> None:
    name = next(word for word in run("ip netns list", host="net01").out.split() if word.startswith("qdhcp-"))
    run(f"ip netns delete {name}", host="net01", user="root")
    assert name not in run("ip netns list", host="net01").out
    cloud.clock.advance(5)
    run("docker restart neutron_dhcp_agent", host="net01")
    assert name in run("ip netns list", host="net01").out


def test_a_link_is_switched_off_and_on(run: Run, cloud: Cloud) -> None:
    refused = run("ip link set dev eth3 down", host="net01")
    assert (refused.status, refused.err) == (2, "RTNETLINK answers: Operation not permitted\n")
    assert run("sudo ip link set dev eth9 up", host="net01").err == 'Cannot find device "eth9"\n'
    assert run("sudo ip link set dev eth3 down", host="net01").status == 0
    (leg,) = json.loads(run("ip -j -d addr show dev eth3", host="net01").out)
    assert ("UP" in leg["flags"], leg["operstate"]) == (False, "DOWN")
    assert leg["linkinfo"]["info_slave_data"]["mii_status"] == "DOWN"
    (bond,) = json.loads(run("ip -j -d addr show dev bond0", host="net01").out)
    assert bond["operstate"] == "UP", "the other one is left"
    assert run("sudo ip link set eth3 up", host="net01").status == 0
    (leg,) = json.loads(run("ip -j -d addr show dev eth3", host="net01").out)
    assert ("UP" in leg["flags"], leg["linkinfo"]["info_slave_data"]["mii_status"]) == (True, "UP")


def test_without_its_own_link_a_host_hears_nobody(run: Run, cloud: Cloud) -> None:
    run("sudo ip link set eth0 down", host="net01")
    assert cloud.hosts["net01"].answer("ssh") == "unreachable"
