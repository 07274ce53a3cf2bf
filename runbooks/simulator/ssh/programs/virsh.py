"""virsh: the domains of a compute, which are the model's servers there."""

from __future__ import annotations

from runbooks.simulator.model.hosts import Host
from runbooks.simulator.ssh.program import Call, program

_STATES = {"active": "running", "paused": "paused", "suspended": "shut off", "stopped": "shut off",
           "rescued": "running", "resized": "running"}  # fmt: skip
"""vm_state → libvirt's word; others have no domain."""


@program("virsh", on=lambda host: _has_libvirt(host))
def _virsh(call: Call) -> int:
    """`virsh [-r] [-c URI] list [--all] [--uuid] [--name]`."""
    words = [word for word in call.args if word not in ("-r", "--readonly")]
    if words[:1] in (["-c"], ["--connect"]):
        words = words[2:]
    if words[:1] != ["list"] or set(words[1:]) - {"--all", "--uuid", "--name"}:
        return call.fail(f"error: unknown command: '{' '.join(words)}'")
    place = call.place
    if place.host.units["nova_libvirt"].state != "running":
        return call.fail(
            "error: failed to connect to the hypervisor\n"
            "error: Failed to connect socket to '/var/run/libvirt/libvirt-sock-ro': Connection refused"
        )
    rows = []
    for server in place.cloud.compute.servers.newest():
        state = _STATES.get(server.vm_state)
        if server.host == place.host.name and state is not None:
            rows.append((f"instance-{server.number:08x}", state, server.id))
    if "--all" not in words:
        rows = [row for row in rows if row[1] != "shut off"]
    if "--uuid" in words or "--name" in words:
        for name, _, identity in sorted(rows):
            call.print(" ".join([identity] * ("--uuid" in words) + [name] * ("--name" in words)))
        call.print("")
        return 0
    shown = [
        (str(n) if state != "shut off" else "-", name, state) for n, (name, state, _) in enumerate(sorted(rows), 1)
    ]
    widths = [max((len(row[at]) for row in [("Id", "Name", "State"), *shown]), default=0) for at in range(3)]
    call.print(f" {'Id':<{widths[0]}}   {'Name':<{widths[1]}}   State")
    call.print("-" * (sum(widths) + 8))
    for number, name, state in shown:
        call.print(f" {number:<{widths[0]}}   {name:<{widths[1]}}   {state}")
    call.print("")
    return 0


def _has_libvirt(host: Host) -> bool:
    return "nova_libvirt" in host.names
