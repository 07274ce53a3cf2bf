"""What hosts log, as operators' commands show it: Kolla's files, find, tail, journalctl's matches, chronyc, virsh."""

from __future__ import annotations

import json

from runbooks.simulator.model.cloud import Cloud
from tests.simulator.ssh.conftest import NOW, Run

COMPUTE = "/var/log/kolla/nova/nova-compute.log"


def test_kollas_files_are_roots(run: Run) -> None:
    assert (
        run(f"tail -n 1 {COMPUTE}", host="cmp01").err
        == f"tail: cannot open '{COMPUTE}' for reading: Permission denied\n"
    )
    found = run(f"sudo -n tail -v -n 2 {COMPUTE}", host="cmp01").out.splitlines()
    assert found[0] == f"==> {COMPUTE} <=="
    assert len(found) == 3
    assert "INFO nova.compute.resource_tracker [None req-" in found[1]


def test_find_lists_them_with_their_times(run: Run) -> None:
    line = r"find -L /var/log -maxdepth 3 -type f -name '*.log' -printf '%T@ %s %p\n'"
    refused = run(line)
    assert (refused.status, refused.err) == (1, "find: ‘/var/log/kolla’: Permission denied\n")
    rows = [row.split() for row in run(f"sudo -n {line}").out.splitlines()]
    paths = {path for _, _, path in rows}
    assert {"/var/log/kolla/nova/nova-api.log", "/var/log/kolla/rabbitmq/rabbit@ctl01.log"} <= paths
    assert all(float(at) <= NOW and int(size) >= 0 for at, size, _ in rows)
    assert run("find /nowhere").err == "find: ‘/nowhere’: No such file or directory\n"
    assert run("find /etc -mmin -60").out == ""


def test_a_request_is_in_the_logs_of_who_worked_on_it(run: Run, cloud: Cloud) -> None:
    server = next(s for s in cloud.compute.servers.newest() if s.host)
    assert server.host
    request = "req-00000000-0000-4000-8000-000000000007"
    action = cloud.compute.actions.start("reboot", server, request, "u", "p", NOW - 60)
    action.end(action.begin("compute_reboot_instance", server.host, NOW - 59), NOW - 50, "libvirt is gone")
    took = [
        host
        for host in ("ctl01", "ctl02", "ctl03")
        if run(f"sudo -n grep -c {request} /var/log/kolla/nova/nova-api.log", host=host).status == 0
    ]
    assert len(took) == 1
    lines = run(f"sudo -n grep {request} {COMPUTE}", host=server.host).out.splitlines()
    assert len(lines) == 2
    assert lines[1].endswith(f"[instance: {server.id}] Failed to reboot: libvirt is gone")
    assert " ERROR " in lines[1]


def test_journalctl_matches_fields_and_limits_what_it_prints(run: Run) -> None:
    entries = [
        json.loads(line) for line in run("journalctl -o json --output-fields=MESSAGE,UNIT _PID=1 -n 5").out.splitlines()
    ]
    assert len(entries) == 5
    assert {"MESSAGE", "UNIT", "__REALTIME_TIMESTAMP", "__CURSOR", "_BOOT_ID"} >= set(entries[0]) - {
        "__MONOTONIC_TIMESTAMP"
    }
    assert run("journalctl -o json -g nosuchthing").status == 1
    assert run("journalctl odd").err == "Failed to add match 'odd': Invalid argument\n"


def test_chronyc_steps_what_it_slews(run: Run, cloud: Cloud) -> None:
    host = cloud.hosts["ctl01"]
    assert "501 Not authorised" in run("chronyc makestep").err
    host.clock_offset = 30.0
    assert run("sudo chronyc makestep").out == "200 OK\n", "it knows nothing to correct"
    assert host.clock_error(cloud.now()) == 30.0
    host.clock_slews = cloud.now() - 120
    assert host.clock_error(cloud.now()) == 20.0
    assert "System time     : 20.000000000 seconds fast of NTP time" in run("chronyc tracking").out
    assert float(run("chronyc -c tracking").out.split(",")[4]) == -20.0
    assert run("sudo chronyc makestep").out == "200 OK\n"
    assert host.clock_error(cloud.now()) == 0.0


def test_chronyc_in_words_and_values(run: Run, cloud: Cloud) -> None:
    values = run("chronyc -c tracking").out.strip().split(",")
    assert (len(values), values[1], values[13]) == (14, "192.0.2.10", "Normal")
    assert "Leap status     : Normal" in run("chronyc tracking").out
    cloud.hosts.set_unit("ctl01", "chrony", "stopped", NOW)
    stopped = run("chronyc tracking")
    assert (stopped.status, stopped.err) == (1, "506 Cannot talk to daemon\n")


def test_a_clock_that_is_wrong_shows_in_date(run: Run, cloud: Cloud) -> None:
    cloud.hosts["ctl01"].clock_offset = -90.0
    assert run("date +%s.%N").out == f"{NOW - 90:.9f}\n"
    assert run("chronyc -c tracking").out.strip().endswith("Not synchronised")


def test_virsh_lists_the_models_servers(run: Run, cloud: Cloud) -> None:
    here = [s for s in cloud.compute.servers.newest() if s.host == "cmp01" and s.vm_state == "active"]
    found = run("docker exec nova_libvirt virsh -r list --all", host="cmp01").out.splitlines()
    assert found[0].split() == ["Id", "Name", "State"]
    assert {f"instance-{s.number:08x}" for s in here} <= {line.split()[1] for line in found[2:] if line}
    ids = run("virsh -r list --all --uuid --name", host="cmp01").out.split()
    assert {s.id for s in here} <= set(ids)
    assert run("virsh list", host="ctl01").status == 127


def test_dpkg_query_tells_patterns_without_a_match(run: Run) -> None:
    found = run(r"dpkg-query -W -f '${Package}\t${Version}\n' chrony 'nova-*'")
    assert (found.status, found.out) == (1, "chrony\t4.3-2+deb12u1\n")
    assert found.err == "dpkg-query: no packages found matching nova-*\n"
