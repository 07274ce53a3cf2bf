"""Packets in the simulated network, as ping, arping, tcpdump, nc and ofproto/trace tell of them: with each fault.

What the model drops is what fails here; what is recorded of real hosts is the form of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from runbooks.simulator.faults import Faults
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.network.records import FloatingIp, Port
from tests.simulator.ssh.conftest import Run
from tests.simulator.ssh.test_recorded import recorded


@dataclass(frozen=True)
class Scene:
    """A server with a floating IP, and where its router is active."""

    floating: FloatingIp
    port: Port
    address: str
    router: str
    """The router's namespace."""
    host: str
    waiting: str
    dhcp: str

    @property
    def tap(self) -> str:
        return f"tap{self.port.id[:11]}"

    def inside(self, line: str) -> str:
        return f"ip netns exec {self.router} {line}"


@pytest.fixture
def scene(cloud: Cloud) -> Scene:
    floating = next(one for one in cloud.network.floating_ips.ascending() if one.port_id)
    port = cloud.network.ports.get(str(floating.port_id))
    assert port is not None
    assert floating.router_id is not None
    host = cloud.network.routers.active[floating.router_id]
    waiting = next(one for one in cloud.network.routers.hosts[floating.router_id] if one != host)
    router, dhcp = f"qrouter-{floating.router_id}", f"qdhcp-{port.network_id}"
    return Scene(floating, port, port.fixed_ips[0][1], router, host, waiting, dhcp)


@pytest.fixture
def faults(cloud: Cloud) -> Faults:
    return Faults(cloud)


def lost(run: Run, line: str, host: str) -> int:
    """Percent of the pings that were not answered."""
    found = run(line, host=host, user="root")
    match = re.search(r"(\d+)% packet loss", found.out)
    assert match is not None, found
    assert found.status == (0 if match[1] == "0" else 1)
    return int(match[1])


def test_a_ping_in_the_words_of_a_real_one(run: Run, scene: Scene) -> None:
    found = run(scene.inside(f"ping -c 2 {scene.address}"), host=scene.host, user="root")
    lines = found.out.splitlines()
    assert lines[0] == f"PING {scene.address} ({scene.address}) 56(84) bytes of data."
    pattern = rf"64 bytes from {re.escape(scene.address)}: icmp_seq=\d ttl=64 time=[\d.]+ ms"
    assert all(re.fullmatch(pattern, line) for line in lines[1:3])
    assert lines[3:6] == [
        "", f"--- {scene.address} ping statistics ---",
        "2 packets transmitted, 2 received, 0% packet loss, time 1006ms",
    ]  # fmt: skip
    assert re.fullmatch(r"rtt min/avg/max/mdev = [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms", lines[6])
    assert found.status == 0


def test_what_ping_refuses(run: Run, scene: Scene) -> None:
    assert run("ping").err == "ping: usage error: Destination address required\n"
    assert run("ping -c1 nosuchhost").err == "ping: nosuchhost: Temporary failure in name resolution\n"
    gone = run(scene.inside("ping -c 1 8.8.8.8"), host=scene.waiting, user="root")
    assert (gone.status, gone.err) == (2, "ping: connect: Network is unreachable\n")
    nobody = run(f"ping -c 1 -W 4 {scene.floating.address.rpartition('.')[0]}.250").out
    assert "1 packets transmitted, 0 received" in nobody
    absent = run("ping -c 1 -W 4 127.77.211.250").out
    assert "From 127.77.211.11 icmp_seq=1 Destination Host Unreachable" in absent
    assert "+1 errors, 100% packet loss" in absent


def test_hosts_answer_each_other_while_they_are_up(run: Run, cloud: Cloud, faults: Faults) -> None:
    assert lost(run, "ping -c 1 net02", "ctl01") == 0
    faults.inject("host-down", {"host": "net02"})
    assert lost(run, "ping -c 1 -W 1 net02", "ctl01") == 100


def test_a_floating_ip_answers_from_anywhere_through_its_router(run: Run, scene: Scene) -> None:
    found = run(f"ping -c 1 {scene.floating.address}").out
    assert "ttl=63" in found
    assert lost(run, f"ping -c 1 {scene.floating.address}", "ctl01") == 0


@pytest.mark.parametrize(
    ("fault", "parameters"),
    [
        ("flows-deleted", {"host": "{compute}"}),
        ("tunnel-cut", {"host": "{compute}", "peer": "{network}"}),
        ("host-down", {"host": "{compute}"}),
        ("unit-killed", {"host": "{compute}", "unit": "openvswitch_vswitchd"}),
    ],
)
def test_a_fault_on_the_way_is_a_ping_that_fails(
    run: Run, scene: Scene, faults: Faults, fault: str, parameters: dict[str, str]
) -> None:
    line = scene.inside(f"ping -c 1 -W 1 {scene.address}")
    assert lost(run, line, scene.host) == 0
    given = {name: value.format(compute=scene.port.host, network=scene.host) for name, value in parameters.items()}
    made = faults.inject(fault, given)
    assert lost(run, line, scene.host) == 100
    faults.undo(made.id)
    assert lost(run, line, scene.host) == 0


def test_a_server_on_the_dead_vlan_is_cut_off(run: Run, scene: Scene, cloud: Cloud, faults: Faults) -> None:
    made = faults.inject("tap-dead-vlan", {"host": scene.port.host})
    ((host, port_id),) = cloud.damage.dead_taps
    port = cloud.network.ports.get(port_id)
    assert port is not None
    line = f"ip netns exec qdhcp-{port.network_id} ping -c 1 -W 1 {port.fixed_ips[0][1]}"
    assert (host, lost(run, line, "net01")) == (scene.port.host, 100)
    faults.undo(made.id)
    assert lost(run, line, "net01") == 0


def test_a_narrow_tunnel_lets_only_small_packets_through(run: Run, scene: Scene, faults: Faults) -> None:
    small, full = (scene.inside(f"ping -c 1 -W 1 -M do -s {size} {scene.address}") for size in (56, 1422))
    assert lost(run, full, scene.host) == 0
    faults.inject("tunnel-mtu-low", {"host": scene.port.host})
    assert (lost(run, small, scene.host), lost(run, full, scene.host)) == (0, 100)
    own = run(scene.inside(f"ping -c 1 -M do -s 1423 {scene.address}"), host=scene.host, user="root")
    assert own.err == "ping: local error: message too long, mtu=1450\n"
    assert "0 received, +1 errors, 100% packet loss" in own.out


def test_without_its_rule_a_floating_ip_ends_at_the_router(run: Run, scene: Scene, faults: Faults) -> None:
    """The router itself answers a ping; what listens on the server is not reached."""
    port = f"nc -zv -w 2 {scene.floating.address} 22"
    assert run(port).err == f"Connection to {scene.floating.address} 22 port [tcp/ssh] succeeded!\n"
    faults.inject("floating-address-without-nat", {"host": scene.host})
    assert "ttl=64" in run(f"ping -c 1 {scene.floating.address}", host="ctl01").out
    assert run(port).err == f"nc: connect to {scene.floating.address} port 22 (tcp) failed: Connection refused\n"
    assert "DNAT" not in re.sub("ctstate DNAT", "", run(
        scene.inside("iptables-save -t nat"), host=scene.host, user="root").out)  # fmt: skip


def test_a_router_that_is_active_twice_loses_what_comes_from_outside(
    run: Run, scene: Scene, cloud: Cloud, faults: Faults
) -> None:
    line = f"ping -c 1 -W 1 {scene.floating.address}"
    assert lost(run, line, "ctl01") == 0
    router = str(scene.floating.router_id)
    made = [faults.inject("router-two-active", {"host": scene.waiting})]
    if router not in cloud.damage.second_active:  # the fault takes the first router that waits there
        cloud.damage.second_active[router] = {scene.waiting}
    assert lost(run, line, "ctl01") == 100
    assert lost(run, scene.inside(f"ping -c 1 {scene.address}"), scene.host) == 0
    faults.undo(made[0].id)
    cloud.damage.second_active.pop(router, None)
    assert lost(run, line, "ctl01") == 0


def test_who_is_no_member_of_the_group_is_not_let_in(run: Run, scene: Scene, cloud: Cloud) -> None:
    """The default group lets in its own members; from outside, ping and SSH."""
    ports = cloud.network.ports
    other = next(p for p in ports.on_network(scene.port.network_id) if p.device_owner == "network:dhcp")
    from_dhcp = f"ip netns exec {scene.dhcp} nc -zv -w 1 {scene.address}"
    assert run(f"{from_dhcp} 22", host="net01", user="root").status == 0
    closed = run(f"{from_dhcp} 8080", host="net01", user="root")
    assert "timed out" in closed.err  # no member: dropped
    ports.change(other, security_groups=(scene.port.security_groups[0],))
    refused = run(f"{from_dhcp} 8080", host="net01", user="root")
    assert "Connection refused" in refused.err  # a member: let in, and nobody listens
    flows = run("ovs-ofctl dump-flows br-int table=82", host=scene.port.host, user="root").out
    assert f"nw_src={other.fixed_ips[0][1]} actions=conjunction(" in flows


def test_arping(run: Run, scene: Scene, cloud: Cloud, faults: Faults) -> None:
    links = run(f"ip -n {scene.router} -br link", host=scene.host, user="root").out.split()
    qr = next(word for word in links if word.startswith("qr-"))
    line = scene.inside(f"arping -c 2 -I {qr} {scene.address}")
    found = run(line, host=scene.host, user="root")
    gateway = scene.address.rpartition(".")[0] + ".1"
    lines = found.out.splitlines()
    assert lines[0] == f"ARPING {scene.address} from {gateway} {qr}"
    answer = rf"Unicast reply from {re.escape(scene.address)} \[{scene.port.mac.upper()}\]  0\.\d{{3}}ms"
    assert all(re.fullmatch(answer, each) for each in lines[1:3])
    assert lines[3:] == ["Sent 2 probes (1 broadcast(s))", "Received 2 response(s)"]
    assert run(scene.inside("arping -c 1 -I nope 10.0.0.1"), host=scene.host, user="root").err == (
        "arping: Device nope not available.\n"
    )
    faults.inject("flows-deleted", {"host": scene.port.host})
    silent = run(line, host=scene.host, user="root")
    assert (silent.status, silent.out.splitlines()[-2:]) == (
        1, ["Sent 2 probes (2 broadcast(s))", "Received 0 response(s)"]
    )  # fmt: skip


def test_two_hosts_with_the_virtual_address_answer_both(run: Run, cloud: Cloud, faults: Faults) -> None:
    vip = cloud.layout.vip
    assert run(f"arping -c 1 -I eth0 {vip}", host="mon01", user="root").out.endswith("Received 1 response(s)\n")
    waiting = next(h.name for h in cloud.balancers.hosts if not cloud.balancers.has(h.name))
    faults.inject("vip-duplicated", {"host": waiting})
    assert run(f"arping -c 1 -I eth0 {vip}", host="mon01", user="root").out.endswith("Received 2 response(s)\n")


def dump(run: Run, line: str, host: str) -> list[str]:
    """The packets that tcpdump printed."""
    return run(line, host=host, user="root").out.splitlines()


def test_tcpdump_shows_the_cloud_at_work(run: Run, scene: Scene) -> None:
    links = run(f"ip -n {scene.router} -br link", host=scene.host, user="root").out.split()
    qg, ha = (next(word for word in links if word.startswith(kind)) for kind in ("qg-", "ha-"))
    found = run(
        scene.inside(f"tcpdump -c 2 -ni {qg} icmp and host {scene.floating.address}"), host=scene.host, user="root"
    )
    first, second = found.out.splitlines()
    pattern = r"\d\d:\d\d:\d\d\.\d{6} IP (\S+) > (\S+): ICMP echo (request|reply), id (\d+), seq (\d+), length 64"
    asked, told = re.fullmatch(pattern, first), re.fullmatch(pattern, second)
    assert asked is not None
    assert told is not None
    assert asked.groups() == ("198.18.0.1", scene.floating.address, "request", asked[4], asked[5])
    assert told.groups() == (scene.floating.address, "198.18.0.1", "reply", asked[4], asked[5])
    assert found.err.splitlines() == [
        "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode",
        f"listening on {qg}, link-type EN10MB (Ethernet), snapshot length 262144 bytes",
        "2 packets captured", "2 packets received by filter", "0 packets dropped by kernel",
    ]  # fmt: skip
    (advert,) = dump(run, scene.inside(f"tcpdump -c 1 -ni {ha} proto 112"), scene.host)
    assert "> 224.0.0.18: VRRPv2, Advertisement, vrid 1, prio 50" in advert


def test_tcpdump_of_a_tunnel_and_with_link_layer(run: Run, scene: Scene) -> None:
    lines = dump(run, "tcpdump -c 1 -ni eth1 udp port 4789", scene.host)
    assert re.fullmatch(r"\S+ IP 10\.78\.\S+\.\d+ > 10\.78\.\S+\.4789: VXLAN, flags \[I\] \(0x08\), vni \d+", lines[0])
    assert lines[1].startswith("IP ")
    (packet,) = dump(run, f"tcpdump -c 1 -nei {scene.tap} icmp", scene.port.host)
    assert re.search(rf" > {scene.port.mac}, ethertype IPv4 \(0x0800\), length 98: 198\.18\.0\.1 > ", packet)


def test_tcpdump_shows_where_packets_end(run: Run, scene: Scene, faults: Faults) -> None:
    watch = f"timeout 3 tcpdump -ni {scene.tap} icmp"
    assert dump(run, watch, scene.port.host)
    faults.inject("tunnel-cut", {"host": scene.port.host, "peer": scene.host})
    found = run(watch, host=scene.port.host, user="root")
    assert (found.status, found.out) == (124, "")
    assert found.err.endswith("\n0 packets captured\n0 packets received by filter\n0 packets dropped by kernel\n")
    # it comes out of the other host, and in by the machine's own interface
    for host in (scene.host, scene.port.host):
        assert dump(run, "tcpdump -c 1 -ni eth1 port 4789", host)


def test_somebodys_ping_is_seen_on_its_way(run: Run, scene: Scene) -> None:
    run(scene.inside(f"ping -c 3 {scene.address}"), host=scene.host, user="root")
    gateway = scene.address.rpartition(".")[0] + ".1"
    seen = dump(run, f"timeout 5 tcpdump -ni {scene.tap} icmp and host {gateway}", scene.port.host)
    assert [re.findall(r"echo (\w+), .* seq (\d+)", line)[0] for line in seen] == [
        (way, str(number)) for number in (1, 2, 3) for way in ("request", "reply")
    ]


def test_a_silent_dhcp_server_is_asked_and_says_nothing(run: Run, scene: Scene, faults: Faults) -> None:
    tap = next(w for w in run(f"ip -n {scene.dhcp} -br link", host="net01", user="root").out.split() if w[:3] == "tap")
    line = f"ip netns exec {scene.dhcp} timeout 200 tcpdump -ni {tap} port 67 or port 68"
    words = " ".join(dump(run, line, "net01"))
    assert "BOOTP/DHCP, Request from" in words
    assert "BOOTP/DHCP, Reply" in words
    faults.inject("dhcp-silent", {"host": "net01"})
    words = " ".join(dump(run, line, "net01"))
    assert ("Request" in words, "Reply" in words) == (True, False)


@pytest.mark.parametrize(
    ("line", "user", "err"),
    [
        ("tcpdump -i nope", "root", "tcpdump: nope: No such device exists\n(No such device exists)\n"),
        ("tcpdump -ni eth0 frob", "root", "tcpdump: can't parse filter expression: syntax error\n"),
        ("tcpdump -ni eth0 (icmp", "root", "bash"),
        ("tcpdump -i eth0", "kolla", "tcpdump: eth0: You don't have permission to perform this capture on that device\n"
                                     "(socket: Operation not permitted)\n"),
    ],
)  # fmt: skip
def test_what_tcpdump_refuses(run: Run, line: str, user: str, err: str) -> None:
    found = run(line, user=user)
    assert found.status
    assert found.err.startswith(err) if err == "bash" else found.err == err


def _form(line: str) -> str:
    """A line of a trace without what differs between clouds."""
    line = re.sub(r"cookie 0x[0-9a-f]+", "cookie C", line)
    line = re.sub(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", "MAC", line)
    line = re.sub(r"\d+\.\d+\.\d+\.\d+", "IP", line)
    line = re.sub(r"(reg5|reg6|tun_id)=0x[0-9a-f]+|set_field:0x[0-9a-f]+->", "R", line)
    line = re.sub(r"(in_port|output|dl_vlan|ct_zone|zone)([=:])\d+", r"\1\2N", line)
    return line


def steps(lines: list[str]) -> list[str]:
    """The steps in br-int up to where the datapaths differ: no bridge below the tunnels here, and no other port."""
    found: list[str] = []
    for line in lines:
        if line.startswith(("Flow:", "Megaflow:", "Datapath")):
            continue
        if "learned" in line:
            break
        found.append(_form(line))
    return found


@pytest.mark.parametrize("name", ["trace-spoofed", "trace-ip-out", "trace-arp"])
def test_a_trace_is_told_as_recorded(run: Run, scene: Scene, name: str) -> None:
    command, lines, _ = recorded("cmp01", name)
    number = run(f"ovs-vsctl get Interface {scene.tap} ofport", host=scene.port.host, user="root").out.strip()
    flow = command.split()[-1].replace("in_port=3", f"in_port={number}")
    flow = flow.replace("fa:16:3e:cc:67:f3", scene.port.mac).replace("192.168.70.136", scene.address)
    mine = run(f"ovs-appctl ofproto/trace br-int {flow}", host=scene.port.host, user="root")
    assert mine.status == 0
    real = [line.replace("fa:16:3e:cc:67:f3", scene.port.mac) for line in lines]
    assert steps(mine.out.splitlines()) == steps(real)
    if name == "trace-spoofed":
        assert mine.out.endswith("Datapath actions: drop\n")


def test_a_trace_ends_where_flows_are_gone(run: Run, scene: Scene, faults: Faults) -> None:
    flow = f"in_port={scene.tap},arp,dl_src={scene.port.mac},dl_dst=ff:ff:ff:ff:ff:ff,arp_spa={scene.address}"
    line = f"ovs-appctl ofproto/trace br-int {flow},arp_tpa=10.0.0.1"
    assert "output to kernel tunnel" in run(line, host=scene.port.host, user="root").out
    faults.inject("flows-deleted", {"host": scene.port.host})
    found = run(line, host=scene.port.host, user="root").out
    assert 'bridge("br-tun")\n----------------\n 0. No match.\n    drop\n' in found


@pytest.mark.parametrize(
    ("line", "err"),
    [
        ("ofproto/trace nope in_port=1", "Unknown bridge nope\n"),
        ("ofproto/trace br-int in_port=999", "Bad openflow flow syntax: in_port=999: 999: invalid or unknown port"),
        ("ofproto/trace br-int frob", "Bad openflow flow syntax: frob: unknown field frob\n"),
        ("ofproto/trace br-int", '"ofproto/trace" command requires at least 2 arguments\n'),
        ("frob", '"frob" is not a valid command (use "list-commands" to see a list of valid commands)\n'),
    ],
)
def test_what_appctl_refuses(run: Run, line: str, err: str) -> None:
    found = run(f"ovs-appctl {line}", host="cmp01", user="root")
    assert found.status == 2
    assert found.err.startswith(err)
    assert found.err.endswith("ovs-appctl: ovs-vswitchd: server returned an error\n")


def test_connections_that_a_router_knows(run: Run, scene: Scene, faults: Faults) -> None:
    found = run(scene.inside("conntrack -L"), host=scene.host, user="root")
    lines = [line for line in found.out.splitlines() if line.startswith("icmp")]
    assert any(f"dst={scene.floating.address} type=8" in line and f"src={scene.address}" in line for line in lines)
    assert f": {len(found.out.splitlines())} flow entries have been shown." in found.err
    faults.inject("flows-deleted", {"host": scene.port.host})
    assert "[UNREPLIED]" in run(scene.inside("conntrack -L -p icmp"), host=scene.host, user="root").out


def test_the_way_that_a_place_would_send(run: Run, scene: Scene) -> None:
    assert run("ip route get 127.0.0.1").out == "local 127.0.0.1 dev lo src 127.0.0.1 uid 1000 \n    cache <local> \n"
    assert run("ip route get 8.8.8.8", user="root").out == (
        "8.8.8.8 via 127.77.211.1 dev eth0 src 127.77.211.11 uid 0 \n    cache \n"
    )
    found = run(f"ip -n {scene.router} route get 8.8.8.8", host=scene.host, user="root").out
    assert re.match(r"8\.8\.8\.8 via 198\.18\.0\.1 dev qg-\S+ src 198\.18\.\S+ uid 0 \n", found)
    waits = run(f"ip -n {scene.router} route get 8.8.8.8", host=scene.waiting, user="root")
    assert (waits.status, waits.err) == (2, "RTNETLINK answers: Network is unreachable\n")


def test_a_router_knows_the_servers_that_answer(run: Run, scene: Scene, faults: Faults) -> None:
    line = f"ip -n {scene.router} neigh"
    known = run(line, host=scene.host, user="root").out
    assert re.search(rf"^{re.escape(scene.address)} dev qr-\S+ lladdr {scene.port.mac} REACHABLE$", known, re.MULTILINE)
    faults.inject("flows-deleted", {"host": scene.port.host})
    lost_now = run(line, host=scene.host, user="root").out
    assert re.search(rf"^{re.escape(scene.address)} dev qr-\S+ FAILED$", lost_now, re.MULTILINE)
