"""What state a lab is in, in words: its hosts, who has the virtual address, what does not run."""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.lab import serve
from runbooks.lab.container import memory
from runbooks.lab.lab import Lab
from runbooks.lab.machine import Machine
from runbooks.lab.services import keepalived
from runbooks.lab.shell import LabError


def lines(lab: Lab) -> Iterator[str]:
    """A line about the lab, a table of the hosts, a line about the virtual address."""
    layout = lab.layout
    here = serve.pid_of(lab.state)
    answers = f"control socket answers (process {here})" if here else "nobody answers at the control socket"
    yield f"lab {layout.number}, profile {layout.profile}, {layout.net(0)}, in {lab.state}; {answers}"
    yield f"{'HOST':<7} {'ADDRESS':<13} {'STATE':<10} {'MEMORY':>8}  FAILED UNITS"
    for machine in lab.machines.values():
        state, failed = _state(machine)
        used = f"{memory(layout.namespace(machine.name)) >> 20} MiB" if machine.running else "-"
        yield f"{machine.name:<7} {machine.address:<13} {state:<10} {used:>8}  {failed}".rstrip()
    try:
        yield f"virtual address {layout.vip}: {', '.join(keepalived.holders(lab)) or 'on no host'}"
    except LabError as error:
        yield f"virtual address {layout.vip}: unknown ({error})"


def _state(machine: Machine) -> tuple[str, str]:
    if not machine.running:
        return "off", ""
    try:
        state = machine.run("systemctl", "is-system-running", check=False, seconds=5).out.strip()
        listed = machine.run("systemctl", "--failed", "--plain", "--no-legend", check=False, seconds=5).out
    except LabError:
        return "hangs", ""
    return state or "unknown", " ".join(line.split()[0] for line in listed.splitlines() if line.strip())
